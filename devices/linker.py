"""The linker script of a board."""

from __future__ import annotations

from edgekit.devices.application import RUNTIME_DIR
from edgekit.devices.board import Board


def linker_script(board: Board) -> str:
    """firmware/runtime/link.ld with the board's memories filled in."""
    return (
        (RUNTIME_DIR / "link.ld")
        .read_text()
        .replace("@FLASH_ORIGIN@", f"{board.flash.origin:#010x}")
        .replace("@RAM_ORIGIN@", f"{board.ram.origin:#010x}")
        .replace("@STACK_BYTES@", str(board.stack_bytes))
    )
