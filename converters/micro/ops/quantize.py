"""QUANTIZE: float32 to int8, and between int8 and uint8 of any scales."""

from __future__ import annotations

from edgekit.converters.micro.checks import output_shape
from edgekit.converters.micro.graph import DTYPE_RANGE, Graph, Op, refuse
from edgekit.converters.micro.layer import Layer
from edgekit.converters.micro.requantize import checked_multiplier

CODE = 114
INPUTS = (1, 1)
OPTIONS: dict[str, tuple[int, str, int]] = {}

KERNELS = {
    ("float32", "int8"): "ek_quantize_f32_s8",
    ("int8", "int8"): "ek_rescale_s8",
    ("uint8", "int8"): "ek_rescale_u8_s8",
    ("int8", "uint8"): "ek_rescale_s8_u8",
}


def lower(op: Op, graph: Graph) -> Layer:
    """Every element by itself: x / scale + zero point, or one scale's steps in another's."""
    source, output = graph.input(op, 0), graph.output(op)
    output_shape(op, graph, source.shape)
    kernel = KERNELS.get((source.dtype, output.dtype))
    if kernel is None:
        raise refuse(op, f"{source.dtype} to {output.dtype} is not supported")
    for tensor in (source, output):
        if tensor.dtype != "float32" and (
            tensor.quantization is None or len(tensor.quantization.scale) != 1
        ):
            raise refuse(op, f"'{tensor.name[:60]}' has no single scale", "Quantize it again.")
    params: dict[str, int | float] = {"count": source.elements}
    if source.dtype == "float32":
        params |= {"scale": output.scale, "zero": output.zero_point}
    else:
        multiplier, shift = checked_multiplier(op, source.scale / output.scale)
        low, high = DTYPE_RANGE[output.dtype]
        params |= {
            "in_zero": source.zero_point, "out_zero": output.zero_point,
            "multiplier": multiplier, "shift": shift, "low": low, "high": high,
        }  # fmt: skip
    return Layer(op, kernel, params, op.inputs, op.outputs[0], in_place=(0,))
