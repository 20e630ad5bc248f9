"""A layer: one op lowered to one call of a C kernel."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edgekit.converters.micro.graph import Op


@dataclass(frozen=True)
class Constant:
    """An array that the generated C defines. Weights count apart from code and tables."""

    values: NDArray[np.generic]
    is_weight: bool = False


Value = int | float | Constant


@dataclass(frozen=True)
class Layer:
    """`kernel(&params, inputs..., output)`; the kernel's header defines `<kernel>_params`.

    `inputs` are tensor indices in the order of the kernel's arguments, `output` one tensor.
    `in_place` are positions in `inputs` that the output may overlap in memory if it starts at least
    `lead_bytes` before them, 0 for element over element; None asks for the very same start.
    A kernel with `scratch_bytes` is handed that much memory, aligned to 4, as its last argument.
    A layer without a kernel moves nothing: its output is its input under another shape.
    """

    op: Op
    kernel: str | None
    params: Mapping[str, Value]
    inputs: tuple[int, ...]
    output: int
    macs: int = 0
    in_place: tuple[int, ...] = ()
    scratch_bytes: int = 0
    lead_bytes: int | None = 0
