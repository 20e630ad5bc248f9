"""A bundle's golden vectors in the bytes that the serial protocol carries."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edgekit.artifact import Bundle, TensorInfo
from edgekit.converters.golden import read_golden
from edgekit.errors import EdgekitError

GOLDEN_NAME = "golden.npz"


@dataclass(frozen=True)
class Vector:
    """One golden vector: the bytes of `db`, and the raw bytes that each output must have."""

    sent: bytes
    outputs: tuple[bytes, ...]


def host_bytes(values: NDArray[np.generic], tensor: TensorInfo, mode: str) -> bytes:
    """The bytes that the host sends for an input tensor, by the manifest's `dut.input`: as they
    are, as unsigned bytes (the device subtracts 128), or as the floats that quantize to them."""
    if mode == "uint8":
        return (values.view(np.uint8) ^ 0x80).tobytes()
    if mode == "float32" and tensor.scale is not None:
        zero_point = tensor.zero_point or 0
        return ((values.astype(np.float64) - zero_point) * tensor.scale).astype("<f4").tobytes()
    return values.astype(values.dtype.newbyteorder("<")).tobytes()


def load_vectors(bundle: Bundle) -> list[Vector]:
    """The bundle's golden vectors."""
    manifest = bundle.manifest
    try:
        inputs, outputs = read_golden(
            bundle.file(GOLDEN_NAME), len(manifest.inputs), len(manifest.outputs)
        )
    except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise EdgekitError(
            f"cannot be read ({error})",
            where=str(bundle.file(GOLDEN_NAME)),
            remedy="Convert the model again.",
        ) from None
    mode = manifest.dut.input
    return [
        Vector(
            sent=b"".join(
                host_bytes(values[n], tensor, mode)
                for values, tensor in zip(inputs, manifest.inputs, strict=True)
            ),
            outputs=tuple(values[n].tobytes() for values in outputs),
        )
        for n in range(len(inputs[0]))
    ]
