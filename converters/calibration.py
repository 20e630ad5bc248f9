"""Calibration data: an `.npz` file with one array per input, whose first axis is the samples."""

from __future__ import annotations

import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgekit.errors import EdgekitError

Samples = tuple[NDArray[np.float32], ...]


@dataclass(frozen=True)
class InputSpec:
    """An input as the user's source has it: its shape with a batch of 1 (PyTorch: NCHW)."""

    name: str
    shape: tuple[int, ...]
    dtype: str = "float32"

    @property
    def expected(self) -> str:
        """What its array must be, in words."""
        sizes = ", ".join(["samples", *(str(d) for d in self.shape[1:])])
        return f"'{self.name}' of shape ({sizes}) and dtype {self.dtype}"


def describe(specs: tuple[InputSpec, ...]) -> str:
    """What a file of calibration data for these inputs must hold."""
    return "an .npz file with the array " + " and the array ".join(s.expected for s in specs)


def data_needed(where: str, specs: tuple[InputSpec, ...]) -> EdgekitError:
    """The error for a float model that came without calibration data."""
    return EdgekitError(
        "a float model needs calibration data to become int8",
        where=where,
        remedy=f"Give --data FILE.npz: {describe(specs)}; 100 to 500 typical samples are enough.",
    )


def load_calibration(path: Path, specs: tuple[InputSpec, ...]) -> Samples:
    """The arrays of `path` in the order of `specs`, each (samples, ...) in the source's layout.

    Where the model has one input and the file one array, the array may have any name.
    """
    arrays = _read(path, specs)
    if len(specs) == 1 and len(arrays) == 1:
        arrays = {specs[0].name: next(iter(arrays.values()))}
    names = [s.name for s in specs]
    if sorted(arrays) != sorted(names):
        found = ", ".join(f"'{n}'" for n in arrays) or "none"
        raise _refuse(path, specs, f"its arrays are {found}")
    samples = tuple(_check(path, specs, s, arrays[s.name]) for s in specs)
    if len({len(a) for a in samples}) > 1:
        counts = ", ".join(f"{len(a)} of '{s.name}'" for s, a in zip(specs, samples, strict=True))
        raise _refuse(path, specs, f"the inputs have different numbers of samples ({counts})")
    return samples


def _refuse(path: Path, specs: tuple[InputSpec, ...], what: str) -> EdgekitError:
    return EdgekitError(what, where=str(path), remedy=f"Expected: {describe(specs)}.")


def _read(path: Path, specs: tuple[InputSpec, ...]) -> dict[str, NDArray[Any]]:
    if not path.is_file():
        kind = "is a folder" if path.is_dir() else "does not exist"
        raise _refuse(path, specs, f"the calibration data {kind}")
    try:
        with path.open("rb") as handle:
            file = np.load(handle, allow_pickle=False)
            if not isinstance(file, np.lib.npyio.NpzFile):
                raise _refuse(path, specs, "it is a single array, not an .npz file")
            return {name: file[name] for name in file.files}
    except (OSError, EOFError, ValueError, zipfile.BadZipFile, zlib.error, NotImplementedError):
        what = "it is not a whole .npz file of numbers (pickled objects are never loaded)"
        raise _refuse(path, specs, what) from None
    except (MemoryError, OverflowError):
        raise _refuse(path, specs, "an array in it does not fit in memory") from None


def _check(
    path: Path, specs: tuple[InputSpec, ...], spec: InputSpec, array: NDArray[Any]
) -> NDArray[np.float32]:
    if array.dtype != np.dtype(spec.dtype):
        raise _refuse(path, specs, f"the array '{spec.name}' has dtype {array.dtype}")
    if array.ndim != len(spec.shape) or array.shape[1:] != spec.shape[1:]:
        raise _refuse(path, specs, f"the array '{spec.name}' has shape {array.shape}")
    if len(array) == 0:
        raise _refuse(path, specs, f"the array '{spec.name}' has no samples")
    bad = np.flatnonzero(~np.isfinite(array).reshape(len(array), -1).all(axis=1))
    if len(bad):
        what = f"the array '{spec.name}' holds NaN or infinity (first in sample {bad[0]})"
        raise _refuse(path, specs, what)
    return np.ascontiguousarray(array, dtype=np.float32)
