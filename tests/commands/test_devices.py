"""`edgekit flash` and `edgekit devices` from the shell."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from edgekit.artifact import Bundle
from edgekit.devices.links.dut import Dut
from tests.bundles import write_bundle


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    return write_bundle(tmp_path_factory.mktemp("bundle") / "negate")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("EDGEKIT_HOME", str(tmp_path / "home"))
    yield tmp_path / "home"
    edgekit("devices", "stop", "all")


def edgekit(*arguments: object, status: int = 0) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "edgekit", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == status, done.stderr
    return done


def test_flash_lists_and_stops(home: Path, bundle: Bundle) -> None:
    flashed = json.loads(edgekit("flash", bundle.path, "--board", "mps2-an386", "--json").stdout)
    assert flashed["device"] == "mps2-an386-sim"
    with Dut.open(flashed["port"]) as dut:
        assert dut.model() == "neg01"
    listed = json.loads(edgekit("devices", "--json").stdout)["devices"]
    (board,) = [d for d in listed if d["kind"] == "virtual"]
    assert board["id"] == "mps2-an386-sim"
    assert board["board"] == "mps2-an386"
    assert board["port"] == flashed["port"]
    table = edgekit("devices").stdout
    assert f"mps2-an386-sim  virtual  mps2-an386     {flashed['port']}" in table
    stopped = json.loads(edgekit("devices", "stop", "mps2-an386-sim", "--json").stdout)["devices"]
    assert [d["id"] for d in stopped] == ["mps2-an386-sim"]
    assert "mps2-an386-sim" not in edgekit("devices").stdout


def test_flash_tells_people_the_port_and_how_to_stop_it(home: Path, bundle: Bundle) -> None:
    said = edgekit("flash", bundle.path, "--board", "mps2-an386").stdout
    assert said.splitlines() == [
        f"mps2-an386-sim runs {bundle.path}; "
        f"its serial port is {home / 'devices' / 'mps2-an386-sim' / 'port'}",
        "Stop it with 'edgekit devices stop mps2-an386-sim'.",
    ]


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (("flash", "nowhere", "--board", "mps2-an386"), "nowhere: not a bundle"),
        (("devices", "stop", "x"), "unknown device 'x'; known: "),
        (("devices", "stop"), "edgekit devices stop: no device was named. Give its id"),
        (("devices", "start"), "unknown action 'start'; known: stop"),
    ],
)
def test_mistakes_are_one_line_and_status_2(
    arguments: tuple[str, ...], text: str, home: Path
) -> None:
    done = edgekit(*arguments, status=2)
    assert done.stdout == ""
    lines = [line for line in done.stderr.splitlines() if line.startswith("edgekit: ")]
    assert len(lines) == 1
    assert text in lines[0]
    assert "Traceback" not in done.stderr
