"""Latency, instructions and cycles of a device, in total and by layer."""

from __future__ import annotations

import statistics
from dataclasses import dataclass

import numpy as np

from edgekit.artifact import LayerInfo
from edgekit.benchmarks.suite import Performance as Windows
from edgekit.benchmarks.suite import Suite
from edgekit.benchmarks.target import Target
from edgekit.devices.counters import Counters, instructions_by_clock, read_counters
from edgekit.progress import Counter

EMULATED = (2, 1)  # iterations and warm-ups: an emulator repeats itself to the instruction


@dataclass(frozen=True)
class LayerResult:
    """One layer's share of an inference; None is what the device cannot know."""

    name: str
    op: str
    kernel: str
    macs: int
    instructions: int | None
    cycles: int | None
    latency_us: float | None


@dataclass(frozen=True)
class Performance:
    """Of one inference. `windows_us` holds the mean of each window, empty where the device's
    clock is not the board's; `cycles_are` and `latency_is` are `measured`, `estimated` or None;
    `rules` names what the estimate goes by."""

    windows_us: tuple[float, ...]
    latency_is: str | None
    instructions: int | None
    cycles: int | None
    cycles_are: str | None
    rules: str | None
    layers: tuple[LayerResult, ...]

    @property
    def latency_us(self) -> float | None:
        """The median of the windows, which is the suite's figure."""
        return statistics.median(self.windows_us) if self.windows_us else None


def measure_performance(target: Target, suite: Suite, sample: bytes | None) -> Performance:
    """Run the suite's windows on `sample`, or on fixed random bytes where there is none."""
    windows = suite.performance
    iterations, warmup = EMULATED if target.is_virtual else (windows.iterations, windows.warmup)
    laps = _run_windows(target, windows, iterations, warmup, sample or _random_input(suite))
    counters = read_counters(target.device)
    cycles, cycles_are, rules = _cycles(target, counters, iterations)
    return Performance(
        windows_us=tuple(lap / iterations for lap in laps) if target.clock else (),
        latency_is=target.clock,
        instructions=_instructions(target, counters, laps[-1], iterations),
        cycles=cycles,
        cycles_are=cycles_are,
        rules=rules,
        layers=tuple(_layer(target, counters, layer) for layer in _layers(target)),
    )


def _run_windows(
    target: Target, windows: Windows, iterations: int, warmup: int, sample: bytes
) -> list[int]:
    """Microseconds of each window by the device's clock."""
    laps = []
    counter = Counter("latency, window", windows.windows)
    for _ in range(windows.windows):
        target.dut.load(sample)
        laps.append(target.dut.infer(iterations, warmup).lap_us)
        counter.advance()
    return laps


def _random_input(suite: Suite) -> bytes:
    generator = np.random.default_rng(0)
    if suite.dut.input == "float32":
        return generator.normal(size=suite.sample.bytes // 4).astype("<f4").tobytes()
    return generator.bytes(suite.sample.bytes)


def _instructions(
    target: Target, counters: Counters | None, lap_us: int, iterations: int
) -> int | None:
    if counters is not None:
        return round(counters.instructions / counters.invocations)
    counted = instructions_by_clock(target.device, lap_us)
    return None if counted is None else round(counted / iterations)


def _cycles(
    target: Target, counters: Counters | None, iterations: int
) -> tuple[int | None, str | None, str | None]:
    """(cycles of an inference, measured or estimated, the estimate's rules)."""
    if counters is not None:
        cycles = round(counters.cycles_estimated / counters.invocations)
        return cycles, "estimated", counters.rules
    if target.is_virtual or target.firmware != "edgekit":
        return None, None, None
    counted = target.dut.cycles()
    return (
        (None, None, None) if counted is None else (round(counted / iterations), "measured", None)
    )


def _layers(target: Target) -> tuple[LayerInfo, ...]:
    return target.manifest.layers if target.manifest else ()


def _layer(target: Target, counters: Counters | None, layer: LayerInfo) -> LayerResult:
    count = counters.layers.get(layer.symbol) if counters else None
    instructions = cycles = latency_us = None
    if counters is not None and count is not None:
        instructions = round(count.instructions / counters.invocations)
        cycles = round(count.cycles_estimated / counters.invocations)
        latency_us = round(cycles / target.board.clock_hz * 1e6, 3) if target.board else None
    return LayerResult(
        layer.name, layer.op, layer.kernel, layer.macs, instructions, cycles, latency_us
    )
