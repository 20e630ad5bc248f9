"""What one inference of a bundle costs on an emulated board."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from edgekit.artifact import Bundle, LayerInfo
from edgekit.devices.board import Board
from edgekit.devices.counters import ICOUNT_PER_US, Count
from edgekit.devices.flash import choose_emulator, verify_dut
from edgekit.devices.in_process import run_here

QEMU_ITERATIONS = 10  # its clock is read in microseconds, a thousand instructions each


@dataclass(frozen=True)
class LayerCost:
    """A layer's share of an inference; None is what the emulator does not know."""

    layer: LayerInfo
    instructions: int | None
    cycles: int | None

    @property
    def instructions_per_mac(self) -> float | None:
        """None for a layer that multiplies nothing."""
        if self.instructions is None or not self.layer.macs:
            return None
        return self.instructions / self.layer.macs


@dataclass(frozen=True)
class InferenceCost:
    """Of one inference, on the last golden vector.

    On `sim`: exact instructions of the model alone, estimated cycles by `rules`, and both by
    layer (by symbol). On `qemu`: instructions by its clock, with the copy of the inputs, good to
    about 100; cycles are not known and `layers` is empty.
    """

    emulator: str
    instructions: int
    cycles: int | None
    rules: str | None
    layers: dict[str, Count]

    def of(self, layer: LayerInfo) -> LayerCost:
        """What this layer took."""
        count = self.layers.get(layer.symbol)
        if count is None:
            return LayerCost(layer, None, None)
        return LayerCost(layer, count.instructions, count.cycles_estimated)


def count_inference(bundle: Bundle, board: Board, elf: Path) -> InferenceCost:
    """Run the firmware in this process: golden vectors first, then one counted inference.

    Raises EdgekitError where an output differs from its golden vector.
    """
    emulator = choose_emulator(board, None)
    with run_here(bundle, board, elf, emulator) as local:
        verify_dut(local.dut, bundle, local.name)
        if emulator == "qemu":
            lap_us = local.dut.infer(QEMU_ITERATIONS, 0).lap_us
            instructions = lap_us * ICOUNT_PER_US // QEMU_ITERATIONS
            return InferenceCost(emulator, instructions, None, None, {})
        local.dut.infer(1, 0)
        counters = local.counters()
    assert counters is not None and counters.invocations == 1
    return InferenceCost(
        emulator=emulator,
        instructions=counters.instructions,
        cycles=counters.cycles_estimated,
        rules=counters.rules,
        layers=counters.layers,
    )
