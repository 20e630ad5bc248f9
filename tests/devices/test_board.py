"""Board files."""

from __future__ import annotations

from pathlib import Path

import pytest

from edgekit.devices import board as module
from edgekit.devices.application import PORTS_DIR
from edgekit.devices.board import BOARDS_DIR, board_ids, load_board
from edgekit.errors import EdgekitError


@pytest.mark.parametrize("board_id", board_ids())
def test_every_board_is_complete(board_id: str) -> None:
    board = load_board(board_id)
    assert (PORTS_DIR / board.port / "port.c").is_file()
    assert board.stack_bytes % 8 == 0
    assert board.stack_bytes < board.ram.size
    assert board.status != "emulated" or any(how is not None for _, how in board.emulators)


def test_the_boards_of_the_readme_are_there() -> None:
    assert {"mps2-an385", "mps2-an386", "mps2-an500", "mps2-an505"} < set(board_ids())
    assert {"microbit", "netduinoplus2"} < set(board_ids())
    assert load_board("microbit").ram.size == 16 * 1024
    assert load_board("microbit").flash.size == 256 * 1024


def test_unknown_board_lists_the_known() -> None:
    with pytest.raises(EdgekitError, match=r"unknown board 'esp32'; known: microbit, mps2-an38"):
        load_board("esp32")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (('status = "emulated"', 'status = "emulated"\ncolour = "red"'), "colour"),
        (('id = "microbit"', 'id = "macrobit"'), "id is 'macrobit'"),
        (('cpu = "cortex-m0"', 'cpu = "6502"'), "cortex-m0"),
        (("clock_hz = ", "clock_hz = ?"), "Invalid value"),
    ],
)
def test_bad_files_name_the_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: tuple[str, str], message: str
) -> None:
    text = (BOARDS_DIR / "microbit.toml").read_text()
    assert change[0] in text
    (tmp_path / "microbit.toml").write_text(text.replace(*change))
    monkeypatch.setattr(module, "BOARDS_DIR", tmp_path)
    with pytest.raises(EdgekitError, match=message) as error:
        load_board("microbit")
    assert "microbit.toml" in str(error.value)
    assert "\n" not in str(error.value)
