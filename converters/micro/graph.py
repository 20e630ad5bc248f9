"""The compiler's view of a model: tensors, ops and quantization, all frozen."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from numpy.typing import NDArray

from edgekit.errors import EdgekitError

ITEM_BYTES = {"int8": 1, "uint8": 1, "int16": 2, "int32": 4, "int64": 8, "float32": 4}
DTYPE_RANGE = {"int8": (-128, 127), "uint8": (0, 255)}


@dataclass(frozen=True)
class Quantization:
    """real = scale * (q - zero_point), one pair a tensor or one for each index of `axis`.

    Scales are float32 in the file and kept as Python floats of the same value.
    """

    scale: tuple[float, ...]
    zero_point: tuple[int, ...]
    axis: int = 0


@dataclass(frozen=True)
class Tensor:
    """A tensor. `data` is set for a constant, with the tensor's shape."""

    name: str
    shape: tuple[int, ...]
    dtype: str
    quantization: Quantization | None = None
    data: NDArray[Any] | None = field(default=None, compare=False, repr=False)

    @property
    def elements(self) -> int:
        """How many numbers it holds."""
        return math.prod(self.shape)

    @property
    def bytes(self) -> int:
        """Its size in memory."""
        return self.elements * ITEM_BYTES[self.dtype]

    @property
    def scale(self) -> float:
        """The scale of a tensor quantized as a whole."""
        assert self.quantization is not None
        return self.quantization.scale[0]

    @property
    def zero_point(self) -> int:
        """The zero point of a tensor quantized as a whole."""
        assert self.quantization is not None
        return self.quantization.zero_point[0]


@dataclass(frozen=True)
class Op:
    """One op. `kind` names its file in `ops/`; tensors are indices into `Graph.tensors`,
    -1 for an optional input that is not given; `name` is its first output's name."""

    kind: str
    name: str
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    options: Mapping[str, int | float | bool]

    def option(self, name: str) -> int:
        """An option that is a whole number."""
        return int(self.options[name])


@dataclass(frozen=True)
class Graph:
    """A model: `ops` in the order they run; `inputs` and `outputs` are tensor indices."""

    tensors: tuple[Tensor, ...]
    ops: tuple[Op, ...]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]

    def input(self, op: Op, index: int) -> Tensor:
        """The op's input number `index`."""
        return self.tensors[op.inputs[index]]

    def optional(self, op: Op, index: int) -> Tensor | None:
        """The op's input number `index`, or None where it is not given."""
        if index >= len(op.inputs) or op.inputs[index] < 0:
            return None
        return self.tensors[op.inputs[index]]

    def output(self, op: Op) -> Tensor:
        """The op's only output."""
        return self.tensors[op.outputs[0]]


def refuse(
    op: Op, what: str, remedy: str = "See 'edgekit ops' for what is supported."
) -> EdgekitError:
    """The error for an op that the compiler cannot take, naming the layer."""
    return EdgekitError(f"{op.kind.upper()}: {what}", where=op.name, remedy=remedy)
