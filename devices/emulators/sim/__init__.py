"""edgekit's own emulator of Cortex-M boards: Unicorn for the instructions, C hooks for the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from edgekit.devices.board import Board
    from edgekit.devices.emulators import Emulator, Program


def start(board: Board, program: Program) -> Emulator:
    """The board on this emulator."""
    from edgekit.devices.emulators.sim.session import Session

    return Session(board, program)
