"""What runs a board's ELF on this machine: one file or folder an emulator, with a `start`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from edgekit.devices.board import Board


@dataclass(frozen=True)
class Program:
    """What to run: an ELF, and the symbols of the model's entry and of its layers."""

    elf: Path
    invoke: str = ""
    layers: tuple[str, ...] = ()
    icount: bool = False


@dataclass(frozen=True)
class Step:
    """What a step of an emulator did: how many bytes it took, what it sent, and how long it may
    be left alone (0 = it has work, None = until bytes come)."""

    taken: int
    sent: bytes
    wait_s: float | None


class Emulator(Protocol):
    """A running board whose serial port is driven by `step`."""

    def descriptors(self) -> list[int]:
        """File descriptors that are readable when the board has something to say."""

    def step(self, data: bytes) -> Step:
        """Give the board bytes and let it run for some milliseconds. Raises FirmwareError."""

    def counters(self) -> dict[str, Any] | None:
        """Counts of the last run of the timed loop, None where none is known."""

    def close(self) -> None:
        """End it."""


class Starter(Protocol):
    """A module of this package."""

    def start(self, board: Board, program: Program) -> Emulator:
        """Start the board. Raises EdgekitError."""


class FirmwareError(Exception):
    """The firmware stopped; the text names what it did, where, and who called."""
