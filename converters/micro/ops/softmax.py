"""SOFTMAX over the last axis, int8."""

from __future__ import annotations

import math

import numpy as np

from edgekit.converters.micro.checks import int8_activation, output_shape
from edgekit.converters.micro.fixed_point import exp_negative, high_mul
from edgekit.converters.micro.graph import Graph, Op, refuse
from edgekit.converters.micro.layer import Constant, Layer
from edgekit.converters.micro.requantize import quantize_multiplier

CODE = 25
INPUTS = (1, 1)
OPTIONS = {"beta": (0, "f32", 0.0)}

INTEGER_BITS = 5  # of the exponent's argument
MAX_DEPTH = 1 << 12  # the sum of exponentials has 12 integer bits


def lower(op: Op, graph: Graph) -> Layer:
    """Input [..., k] seen as [rows, k] -> output of the same shape, scale 1/256, zero -128."""
    source = int8_activation(op, graph.input(op, 0))
    output = int8_activation(op, graph.output(op))
    output_shape(op, graph, source.shape)
    if (output.scale, output.zero_point) != (1 / 256, -128):
        raise refuse(op, "its output is not scaled by 1/256 from -128", "Quantize it again.")
    depth = source.shape[-1] if source.shape else 1
    if depth >= MAX_DEPTH:
        raise refuse(op, f"it has {depth} classes, the kernel takes up to {MAX_DEPTH - 1}")
    table = exponentials(op, source.scale, float(op.options["beta"]))
    return Layer(
        op=op,
        kernel="ek_softmax_s8",
        params={
            "rows": source.elements // depth,
            "depth": depth,
            "entries": len(table),
            "exponentials": Constant(np.asarray(table, np.int32)),
        },
        inputs=op.inputs,
        output=op.outputs[0],
        in_place=(0,),
    )


def exponentials(op: Op, scale: float, beta: float) -> list[int]:
    """exp(-d * scale * beta) for d = 0, 1, ... up to 255, with 0 integer bits; it ends where
    the reference takes the rest as zero."""
    real = min(beta * scale * (1 << (31 - INTEGER_BITS)), float((1 << 31) - 1))
    multiplier, shift = quantize_multiplier(real) if math.isfinite(real) and real > 1 else (0, -1)
    if shift < 0:
        raise refuse(op, f"beta * scale = {beta * scale:g} is outside its range")
    reach = math.floor(((1 << INTEGER_BITS) - 1) * (1 << (31 - INTEGER_BITS)) / (1 << shift))
    count = min(255, reach) + 1
    return [exp_negative(high_mul(-(d << shift), multiplier)) for d in range(count)]
