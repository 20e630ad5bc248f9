"""The linker script holds the board's memories."""

from __future__ import annotations

import pytest

from edgekit.devices.board import board_ids, load_board
from edgekit.devices.linker import linker_script


@pytest.mark.parametrize("board_id", board_ids())
def test_every_place_is_filled_in(board_id: str) -> None:
    board = load_board(board_id)
    body = linker_script(board).split("*/", 1)[1]
    assert "@" not in body
    assert f"FLASH (rx) : ORIGIN = {board.flash.origin:#010x}" in body
    assert f"RAM (rw) : ORIGIN = {board.ram.origin:#010x}" in body
    assert f". += {board.stack_bytes};" in body
