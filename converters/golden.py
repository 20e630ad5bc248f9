"""Golden vectors: a few inputs with the outputs that every device must give, bit for bit."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgekit.artifact import TensorInfo

COUNT = 4


def golden_inputs(inputs: Sequence[TensorInfo], model: bytes) -> list[NDArray[Any]]:
    """COUNT random vectors for each input, [COUNT, *shape], the same ones for the same model.

    Integers cover the dtype's whole range; floats are normal with a standard deviation that
    grows from vector to vector, so that small and saturating values both occur.
    """
    seed = int.from_bytes(hashlib.sha256(model).digest()[:8], "little")
    rng = np.random.default_rng(seed)
    arrays: list[NDArray[Any]] = []
    for info in inputs:
        shape = (COUNT, *info.shape)
        if info.dtype == "float32":
            spread = np.geomspace(0.25, 16.0, COUNT).reshape(-1, *[1] * len(info.shape))
            arrays.append((rng.standard_normal(shape) * spread).astype(np.float32))
        else:
            limits = np.iinfo(info.dtype)
            arrays.append(rng.integers(limits.min, limits.max + 1, shape).astype(info.dtype))
    return arrays


def write_golden(
    path: Path, inputs: Sequence[NDArray[Any]], outputs: Sequence[NDArray[Any]]
) -> None:
    """Write `input_0`…, `output_0`… as an .npz with no dates in it."""
    names = {f"input_{i}": a for i, a in enumerate(inputs)}
    names |= {f"output_{i}": a for i, a in enumerate(outputs)}
    np.savez(path, **names)  # type: ignore[arg-type]  # numpy's stub takes no dict


def read_golden(
    path: Path, inputs: int, outputs: int
) -> tuple[list[NDArray[Any]], list[NDArray[Any]]]:
    """(inputs, outputs) of a golden file, so many arrays [vectors, *shape] each.

    A file that is damaged raises what numpy and zipfile raise, a missing array KeyError.
    """
    with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
        return (
            [arrays[f"input_{i}"] for i in range(inputs)],
            [arrays[f"output_{i}"] for i in range(outputs)],
        )
