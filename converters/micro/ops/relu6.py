"""RELU6 on its own, int8."""

from __future__ import annotations

from edgekit.converters.micro.checks import int8_activation, output_shape, same_quantization
from edgekit.converters.micro.graph import Graph, Op
from edgekit.converters.micro.layer import Layer
from edgekit.converters.micro.requantize import quantize_float32

CODE = 21
INPUTS = (1, 1)
OPTIONS: dict[str, tuple[int, str, int]] = {}


def lower(op: Op, graph: Graph) -> Layer:
    """min(max(x, 0), 6), input and output in one quantization: a clamp."""
    source = int8_activation(op, graph.input(op, 0))
    output = int8_activation(op, graph.output(op))
    output_shape(op, graph, source.shape)
    same_quantization(op, source, output)
    six = min(quantize_float32(6.0, source), 127)
    return Layer(
        op=op,
        kernel="ek_clip_s8",
        params={"count": source.elements, "low": source.zero_point, "high": six},
        inputs=op.inputs,
        output=op.outputs[0],
        in_place=(0,),
    )
