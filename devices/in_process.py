"""An emulated board inside this process, without a background process and a serial port."""

from __future__ import annotations

import select
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from edgekit.artifact import Bundle
from edgekit.devices import emulators
from edgekit.devices.board import Board
from edgekit.devices.counters import Counters, parse_counters
from edgekit.devices.emulators import Emulator, FirmwareError, Program, Starter
from edgekit.devices.links.dut import Dut
from edgekit.errors import EdgekitError
from edgekit.modules import load_module


class EmulatorLine:
    """Lines to and from an emulator, which runs only while it is read from."""

    def __init__(self, emulator: Emulator, port: str) -> None:
        self.port = port
        self._emulator = emulator
        self._inbox = b""
        self._heard = bytearray()

    def close(self) -> None:
        """End the emulator."""
        self._emulator.close()

    def write(self, data: bytes) -> None:
        """Queue bytes for the board."""
        self._inbox += data

    def read_line(self, timeout_s: float) -> str | None:
        """The next line without its end; None after `timeout_s` in which the board did nothing.
        Raises EdgekitError where the firmware stopped."""
        quiet_since = time.monotonic()
        while (end := self._heard.find(b"\n")) < 0:
            busy, wait_s = self._step()
            now = time.monotonic()
            if busy:
                quiet_since = now
            elif (left_s := quiet_since + timeout_s - now) <= 0:
                return None
            else:
                wait_s = left_s if wait_s is None else min(wait_s, left_s)
                select.select(self._emulator.descriptors(), [], [], wait_s)
        line = self._heard[:end].rstrip(b"\r").decode("ascii", "replace")
        del self._heard[: end + 1]
        return line

    def _step(self) -> tuple[bool, float | None]:
        """(whether the board did or has something to do, how long it may be left alone)."""
        try:
            step = self._emulator.step(self._inbox)
        except FirmwareError as error:
            raise EdgekitError(f"the firmware stopped: {error}", where=self.port) from None
        self._inbox = self._inbox[step.taken :]
        self._heard += step.sent
        return bool(step.taken or step.sent or step.wait_s == 0), step.wait_s


@dataclass(frozen=True)
class LocalBoard:
    """An emulated board that runs a bundle's firmware here; `name` is for people."""

    name: str
    dut: Dut
    emulator: Emulator

    def counters(self) -> Counters | None:
        """Counts of the last timed loop; None where the emulator counts nothing."""
        raw = self.emulator.counters()
        return parse_counters(raw) if raw else None


@contextmanager
def run_here(bundle: Bundle, board: Board, elf: Path, emulator: str) -> Iterator[LocalBoard]:
    """The board, booted, until the block ends. Under qemu its clock counts instructions."""
    starter: Starter = load_module(emulators, emulator, "emulator")
    layers = tuple(layer.symbol for layer in bundle.manifest.layers)
    program = Program(elf, f"{bundle.manifest.name}_invoke", layers, icount=emulator == "qemu")
    running = starter.start(board, program)
    name = f"{board.id} ({emulator})"
    with Dut.over(EmulatorLine(running, name)) as dut:
        yield LocalBoard(name, dut, running)
