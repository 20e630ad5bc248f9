"""A machine as the background process drives it: in slices, in step with the wall clock."""

from __future__ import annotations

import time
from typing import Any

from edgekit.devices.board import Board
from edgekit.devices.emulators import Program, Step
from edgekit.devices.emulators.sim.counts import last_run
from edgekit.devices.emulators.sim.image import load_image
from edgekit.devices.emulators.sim.machine import Machine

SLICE_S = 0.02  # of the board's time: how soon a busy board sends and hears


class Session:
    """The `Emulator` of the sim."""

    def __init__(self, board: Board, program: Program) -> None:
        image = load_image(program.elf)
        self._machine = Machine(board, image, program.invoke, program.layers)
        self._layers = program.layers
        self._slice = round(SLICE_S * board.clock_hz)
        self._idle_since: float | None = None

    def descriptors(self) -> list[int]:
        """None: it is silent unless it runs."""
        return []

    def step(self, data: bytes) -> Step:
        """Run for a slice, or until the board waits. While it waits its clock follows ours."""
        machine = self._machine
        if self._idle_since is not None:
            machine.idle(time.monotonic() - self._idle_since)
        taken = machine.receive(data)
        busy = machine.run(self._slice)
        self._idle_since = None if busy else time.monotonic()
        return Step(taken, machine.transmitted(), 0 if busy else machine.idle_s())

    def counters(self) -> dict[str, Any] | None:
        """Counts of the last run of the timed loop."""
        return last_run(self._machine, self._layers)

    def close(self) -> None:
        """Give back the memory."""
        self._machine.close()
