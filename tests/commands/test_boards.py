"""`edgekit boards`."""

from __future__ import annotations

import json

import pytest

from edgekit.cli import main
from edgekit.devices.board import board_ids


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    with pytest.raises(SystemExit) as end:
        main(list(arguments))
    assert end.value.code == 0
    return capsys.readouterr().out


def test_table_fits_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    lines = run(capsys, "boards").splitlines()
    assert [line.split()[0] for line in lines] == ["id", *board_ids()]
    assert max(map(len, lines)) <= 80
    microbit = next(line for line in lines if line.startswith("microbit"))
    assert "256 KiB  16 KiB" in microbit
    assert microbit.endswith("emulated")


def test_json(capsys: pytest.CaptureFixture[str]) -> None:
    records = json.loads(run(capsys, "boards", "--json"))["boards"]
    assert [record["id"] for record in records] == board_ids()
    an386 = next(record for record in records if record["id"] == "mps2-an386")
    assert an386["clock_hz"] == 25_000_000
    assert an386["emulators"] == ["qemu", "sim"]


def test_help_has_an_example(capsys: pytest.CaptureFixture[str]) -> None:
    assert "Example: edgekit boards" in run(capsys, "boards", "--help")
