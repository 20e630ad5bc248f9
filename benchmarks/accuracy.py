"""Accuracy of a device over a folder of samples, sent through its serial port one by one."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgekit.atomic import write_file
from edgekit.benchmarks.samples import Sample
from edgekit.benchmarks.target import Target
from edgekit.errors import EdgekitError
from edgekit.progress import Counter


@dataclass(frozen=True)
class Accuracy:
    """Of every sample: its file's name, its class, the class found, the microseconds that its
    inference took by the device's clock; `outputs` are the raw output vectors (samples, ...), or
    None where the firmware does not give them."""

    files: tuple[str, ...]
    labels: tuple[int, ...]
    found: tuple[int, ...]
    laps_us: tuple[int, ...]
    outputs: NDArray[Any] | None

    @property
    def top1(self) -> float:
        """The share of samples whose class was found."""
        right = sum(a == b for a, b in zip(self.labels, self.found, strict=True))
        return right / len(self.labels)


def measure_accuracy(target: Target, samples: tuple[Sample, ...]) -> Accuracy:
    """Send each sample, run it once and take the class of the largest output, the first of equal
    ones. edgekit's firmware gives the raw output; of another, the printed results are taken."""
    found, laps, outputs = [], [], []
    counter, right = Counter("samples", len(samples)), 0
    for number, sample in enumerate(samples, 1):
        target.dut.load(sample.read())
        inference = target.dut.infer(1, 0)
        vector = _raw_output(target) if target.firmware == "edgekit" else None
        if vector is not None:
            outputs.append(vector)
        found.append(int(np.argmax(inference.results if vector is None else vector)))
        laps.append(inference.lap_us)
        right += found[-1] == sample.label
        counter.advance(f"top-1 {right / number:.4f}")
    return Accuracy(
        files=tuple(s.path.name for s in samples),
        labels=tuple(s.label for s in samples),
        found=tuple(found),
        laps_us=tuple(laps),
        outputs=np.stack(outputs) if outputs else None,
    )


def _raw_output(target: Target) -> NDArray[Any]:
    raw = target.dut.output(0)
    if target.manifest is None:
        return np.frombuffer(raw, np.int8)  # as the suites' reference models have it
    tensor = target.manifest.outputs[0]
    return np.frombuffer(raw, np.dtype(tensor.dtype).newbyteorder("<")).reshape(tensor.shape)


def write_outputs(path: Path, accuracy: Accuracy) -> None:
    """Write the raw outputs to an .npz: `outputs`, `labels`, `files`."""
    if accuracy.outputs is None:
        raise EdgekitError("this firmware gives no raw outputs", remedy="Leave --outputs out.")
    target = io.BytesIO()
    files = np.array(accuracy.files)
    np.savez(target, outputs=accuracy.outputs, labels=np.array(accuracy.labels), files=files)
    write_file(path, target.getvalue())
