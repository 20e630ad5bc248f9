"""RELU on its own, int8."""

from __future__ import annotations

import numpy as np

from edgekit.converters.micro.checks import int8_activation, output_shape
from edgekit.converters.micro.graph import Graph, Op
from edgekit.converters.micro.layer import Layer
from edgekit.converters.micro.requantize import checked_multiplier

CODE = 19
INPUTS = (1, 1)
OPTIONS: dict[str, tuple[int, str, int]] = {}


def lower(op: Op, graph: Graph) -> Layer:
    """max(x, 0), rescaled to the output's quantization; the scales' ratio is a float32."""
    source = int8_activation(op, graph.input(op, 0))
    output = int8_activation(op, graph.output(op))
    output_shape(op, graph, source.shape)
    ratio = float(np.float32(source.scale) / np.float32(output.scale))
    multiplier, shift = checked_multiplier(op, ratio)
    return Layer(
        op=op,
        kernel="ek_rescale_s8",
        params={
            "count": source.elements, "in_zero": source.zero_point,
            "out_zero": output.zero_point, "multiplier": multiplier, "shift": shift,
            "low": output.zero_point, "high": 127,
        },
        inputs=op.inputs,
        output=op.outputs[0],
        in_place=(0,),
    )  # fmt: skip
