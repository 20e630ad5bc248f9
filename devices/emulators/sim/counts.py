"""Counts of the last run of the timed loop, by layer and by function."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from edgekit.devices.emulators.sim import native
from edgekit.devices.emulators.sim.blocks import table
from edgekit.devices.emulators.sim.machine import Machine


def _functions(machine: Machine) -> dict[str, dict[str, int]]:
    """Instructions and cycles of each function that ran, the largest first."""
    found: dict[int, list[int]] = {}
    for block in table(machine.state):
        if block.key and block.count:
            sums = found.setdefault(block.function, [0, 0])
            sums[0] += block.count * block.instructions
            sums[1] += block.count * block.cycles + block.taken * block.taken_cycles
    names = [f.name for f in machine.image.functions] + ["?"]
    ordered = sorted(found.items(), key=lambda item: (-item[1][0], item[0]))
    return {
        names[index]: {"instructions": instructions, "cycles": cycles}
        for index, (instructions, cycles) in ordered
    }


def last_run(machine: Machine, layers: Sequence[str]) -> dict[str, Any] | None:
    """The counts of the last finished run of the timed loop over all its invocations; None
    before the first. `invoke` is the model's own function without its layers, `loop` what calls
    it; interrupts are counted apart, so that the other figures repeat exactly."""
    state = machine.state
    if not state.finished_runs or state.counting:
        return None
    run = state.run

    def bucket(index: int) -> dict[str, int]:
        return {"instructions": run.instructions[index], "cycles": run.cycles[index]}

    by_layer = {
        symbol: bucket(native.FIRST_LAYER + i)
        for i, symbol in enumerate(layers)
        if machine.image.function(symbol)
    }
    return {
        "rules": machine.rules.name,
        "invocations": run.invocations,
        "invoke": bucket(native.INVOKE),
        "loop": bucket(native.LOOP),
        "interrupts": {
            "instructions": run.interrupt_instructions,
            "cycles": run.interrupt_cycles,
        },
        "layers": by_layer,
        "functions": _functions(machine),
    }
