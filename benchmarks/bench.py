"""`edgekit bench`: a suite's figures from a device, through its serial port."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from edgekit.benchmarks.accuracy import Accuracy, measure_accuracy, write_outputs
from edgekit.benchmarks.performance import Performance, measure_performance
from edgekit.benchmarks.samples import Sample, load_samples
from edgekit.benchmarks.suite import Suite, load_suite
from edgekit.benchmarks.target import Target, open_target
from edgekit.devices.links.dut import Dut
from edgekit.devices.registry import Device, find_device
from edgekit.errors import EdgekitError

MANY = 100  # single inferences, from which a 99th percentile can be told


@dataclass(frozen=True)
class Result:
    """What a run of a suite found. Sizes in bytes; None is what the device cannot know."""

    suite: Suite
    device: Device
    engine: str
    board: str | None
    performance: Performance
    accuracy: Accuracy | None
    flash_bytes: int | None
    arena_bytes: int | None
    ram_bytes: int | None
    stack_bytes: int | None

    @property
    def peak_ram_bytes(self) -> int | None:
        """Static RAM and the most stack that was in use."""
        if self.ram_bytes is None or self.stack_bytes is None:
            return None
        return self.ram_bytes + self.stack_bytes

    @property
    def latency_us(self) -> dict[str, float | None]:
        """Of the windows: `mean` and `p50`, the median that is the suite's figure. Of single
        inferences over at least 100 samples: `p90` and `p99`."""
        windows = self.performance.windows_us
        laps = self.accuracy.laps_us if self.accuracy and windows else ()
        tail = np.percentile(laps, (90, 99)).tolist() if len(laps) >= MANY else (None, None)
        mean = round(float(np.mean(windows)), 3) if windows else None
        return {"mean": mean, "p50": self.performance.latency_us, "p90": tail[0], "p99": tail[1]}

    def to_json(self) -> dict[str, Any]:
        """The answer of `edgekit bench --json`."""
        speed, median = self.performance, self.performance.latency_us
        top1 = None if self.accuracy is None else self.accuracy.top1
        target = self.suite.quality.target
        return {
            "suite": self.suite.name,
            "device": self.device.id,
            "board": self.board,
            "emulator": self.device.emulator,
            "engine": self.engine,
            "samples": 0 if self.accuracy is None else len(self.accuracy.labels),
            "accuracy": top1,
            "metric": self.suite.quality.metric,
            "quality_target": target,
            "quality_reached": None if top1 is None else top1 >= target,
            "throughput_per_s": round(1e6 / median, 3) if median else None,
            "latency_us": self.latency_us,
            "latency_is": speed.latency_is,
            "windows_us": list(speed.windows_us),
            "instructions": speed.instructions,
            "cycles": speed.cycles,
            "cycles_are": speed.cycles_are,
            "cycle_rules": speed.rules,
            "energy_uj": None,
            "energy_is": None,
            "flash_bytes": self.flash_bytes,
            "arena_bytes": self.arena_bytes,
            "ram_bytes": self.ram_bytes,
            "stack_bytes": self.stack_bytes,
            "peak_ram_bytes": self.peak_ram_bytes,
            "layers": [asdict(layer) for layer in speed.layers],
        }


def bench(
    suite_name: str,
    device_id: str,
    *,
    data: Path | None = None,
    limit: int | None = None,
    outputs: Path | None = None,
    bundle: Path | None = None,
) -> Result:
    """Run the suite on a device (an id or a serial port): performance, and with `data`, a folder
    of samples, accuracy. `outputs` is an .npz to keep every raw output vector in."""
    suite = load_suite(suite_name)
    samples = _samples(suite, data, limit, outputs)
    device = find_device(device_id)
    if not device.port:
        what = device.fault or "its firmware stopped"
        raise EdgekitError(what, where=device.id, remedy="Flash it again with 'edgekit flash'.")
    with Dut.open(device.port) as dut:
        _check_model(suite, dut, device)
        target = open_target(device, dut, bundle)
        performance = measure_performance(target, suite, samples[0].read() if samples else None)
        accuracy = measure_accuracy(target, samples) if samples else None
        if accuracy and outputs:
            write_outputs(outputs, accuracy)
        return Result(
            suite=suite,
            device=device,
            engine=target.firmware,
            board=target.board.id if target.board else None,
            performance=performance,
            accuracy=accuracy,
            flash_bytes=target.flash_bytes,
            arena_bytes=target.arena_bytes,
            ram_bytes=target.ram_bytes,
            stack_bytes=_stack(target),
        )


def _samples(
    suite: Suite, data: Path | None, limit: int | None, outputs: Path | None
) -> tuple[Sample, ...]:
    """The samples, checked before the device is touched."""
    if data is None:
        if limit is not None or outputs is not None:
            raise EdgekitError("--limit and --outputs need samples", remedy="Give --data DIR.")
        return ()
    if suite.quality.metric != "top1":
        raise EdgekitError(
            f"this version does not measure {suite.name}'s quality ({suite.quality.metric})",
            remedy="Leave --data out to measure its performance alone.",
        )
    if outputs is not None and not outputs.absolute().parent.is_dir():
        raise EdgekitError("there is no such folder", where=str(outputs.parent))
    return load_samples(data, suite, limit)


def _check_model(suite: Suite, dut: Dut, device: Device) -> None:
    model = dut.model()
    if model != suite.name:
        raise EdgekitError(
            f"it runs '{model}', not {suite.name}",
            where=device.id,
            remedy=f"Convert the model with --suite {suite.name} and flash it.",
        )


def _stack(target: Target) -> int | None:
    return target.dut.stack_bytes() if target.firmware == "edgekit" else None
