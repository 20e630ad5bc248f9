"""MEAN over neighbouring axes, int8: global average pooling in most models."""

from __future__ import annotations

import math

from edgekit.converters.micro.checks import int8_activation, output_shape
from edgekit.converters.micro.graph import Graph, Op, refuse
from edgekit.converters.micro.layer import Layer
from edgekit.converters.micro.requantize import checked_multiplier

CODE = 40
INPUTS = (2, 2)
OPTIONS = {"keep_dims": (0, "bool", False)}


def lower(op: Op, graph: Graph) -> Layer:
    """Input seen as [outer, reduced, inner] -> output [outer, inner]."""
    source = int8_activation(op, graph.input(op, 0))
    output = int8_activation(op, graph.output(op))
    axes = _axes(op, graph, len(source.shape))
    outer = math.prod(source.shape[: axes[0]])
    reduced = math.prod(source.shape[axes[0] : axes[-1] + 1])
    inner = math.prod(source.shape[axes[-1] + 1 :])
    kept = tuple(
        1 if i in axes else d
        for i, d in enumerate(source.shape)
        if i not in axes or op.options["keep_dims"]
    )
    output_shape(op, graph, kept)
    if reduced > 1 << 23:
        raise refuse(op, f"a mean over {reduced} values could overflow 32 bits")
    multiplier, shift = _mean_multiplier(op, source.scale / output.scale, reduced)
    return Layer(
        op=op,
        kernel="ek_mean_s8",
        params={
            "outer": outer, "reduced": reduced, "inner": inner, "in_zero": source.zero_point,
            "out_zero": output.zero_point, "multiplier": multiplier, "shift": shift,
        },
        inputs=op.inputs[:1],
        output=op.outputs[0],
    )  # fmt: skip


def _axes(op: Op, graph: Graph, rank: int) -> list[int]:
    data = graph.input(op, 1).data
    if data is None or data.dtype != "int32":
        raise refuse(op, "its axes are not constant int32")
    axes = sorted({int(a) + (rank if a < 0 else 0) for a in data.reshape(-1)})
    if not axes or axes[0] < 0 or axes[-1] >= rank:
        raise refuse(op, f"its axes {axes} are not among {rank} dimensions")
    if axes != list(range(axes[0], axes[-1] + 1)):
        raise refuse(op, f"its axes {axes} are not neighbours")
    return axes


def _mean_multiplier(op: Op, real: float, count: int) -> tuple[int, int]:
    """The scale ratio with the division by `count` worked in, as the reference does it: the
    multiplier is moved left as far as its shift allows and divided, rounding down."""
    multiplier, shift = checked_multiplier(op, real)
    extra = min(count.bit_length() - 1, 32, 31 + shift)
    return (multiplier << extra) // count, shift - extra
