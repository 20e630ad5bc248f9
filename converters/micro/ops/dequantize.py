"""DEQUANTIZE: int8 or uint8 to float32."""

from __future__ import annotations

from edgekit.converters.micro.checks import output_shape
from edgekit.converters.micro.graph import Graph, Op, refuse
from edgekit.converters.micro.layer import Layer

CODE = 6
INPUTS = (1, 1)
OPTIONS: dict[str, tuple[int, str, int]] = {}

KERNELS = {"int8": "ek_dequantize_s8_f32", "uint8": "ek_dequantize_u8_f32"}


def lower(op: Op, graph: Graph) -> Layer:
    """scale * (q - zero point), rounded once to float32."""
    source, output = graph.input(op, 0), graph.output(op)
    output_shape(op, graph, source.shape)
    if source.dtype not in KERNELS or output.dtype != "float32":
        raise refuse(op, f"{source.dtype} to {output.dtype} is not supported")
    if source.quantization is None or len(source.quantization.scale) != 1:
        raise refuse(op, "its input has no single scale", "Quantize it again.")
    return Layer(
        op=op,
        kernel=KERNELS[source.dtype],
        params={"count": source.elements, "scale": source.scale, "zero": source.zero_point},
        inputs=op.inputs,
        output=op.outputs[0],
    )
