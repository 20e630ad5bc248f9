"""What a virtual board's emulator counted in the last timed loop."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from edgekit.devices import control
from edgekit.devices.registry import Device

ICOUNT_PER_US = 1000  # under `qemu -icount shift=0` an instruction takes one nanosecond


@dataclass(frozen=True)
class Count:
    """Exact instructions, and cycles estimated at zero wait states by the rules named beside."""

    instructions: int
    cycles_estimated: int


@dataclass(frozen=True)
class Counters:
    """Counts over all `invocations` of the last timed loop, interrupts left out.

    `instructions` and `cycles_estimated` are those of the model: its invoke function and all it
    calls, which is the sum of `invoke` (the function itself) and `layers` (by symbol, with what
    each calls). `functions` splits the whole loop by function, `loop` being the loop itself and
    what it calls besides the model.
    """

    rules: str
    invocations: int
    instructions: int
    cycles_estimated: int
    invoke: Count
    loop: Count
    interrupts: Count
    layers: dict[str, Count]
    functions: dict[str, Count]


def _count(raw: dict[str, int]) -> Count:
    return Count(raw["instructions"], raw["cycles"])


def _counts(raw: dict[str, dict[str, int]]) -> dict[str, Count]:
    return {name: _count(count) for name, count in raw.items()}


def parse_counters(raw: dict[str, Any]) -> Counters:
    """The counts as an emulator gives them."""
    layers, invoke = _counts(raw["layers"]), _count(raw["invoke"])
    parts = [invoke, *layers.values()]
    return Counters(
        rules=raw["rules"],
        invocations=raw["invocations"],
        instructions=sum(p.instructions for p in parts),
        cycles_estimated=sum(p.cycles_estimated for p in parts),
        invoke=invoke,
        loop=_count(raw["loop"]),
        interrupts=_count(raw["interrupts"]),
        layers=layers,
        functions=_counts(raw["functions"]),
    )


def read_counters(device: Device) -> Counters | None:
    """The counts of the last timed loop; None for a device that counts nothing, before the first
    loop, and where the emulator is gone."""
    if device.folder is None:
        return None
    try:
        raw = control.ask(device.folder)
    except OSError:
        return None
    return parse_counters(raw) if raw else None


def instructions_by_clock(device: Device, lap_us: int) -> int | None:
    """Instructions in `lap_us` of the device's clock, where that clock counts instructions
    (qemu with `--icount`), good to the clock's resolution; else None."""
    return lap_us * ICOUNT_PER_US if device.icount else None
