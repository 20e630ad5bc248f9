"""DEPTHWISE_CONV_2D, int8, any depth multiplier."""

from __future__ import annotations

from edgekit.converters.micro.checks import int8_activation, output_shape, products, window
from edgekit.converters.micro.graph import Graph, Op, refuse
from edgekit.converters.micro.layer import Constant, Layer
from edgekit.converters.micro.overlap import lead_bytes
from edgekit.converters.micro.requantize import activation_range
from edgekit.converters.micro.weights import channel_multipliers, int8_weights, int32_bias

CODE = 4
INPUTS = (2, 3)
OPTIONS = {
    "padding": (0, "i8", 0),
    "stride_w": (1, "i32", 0),
    "stride_h": (2, "i32", 0),
    "depth_multiplier": (3, "i32", 0),
    "activation": (4, "i8", 0),
    "dilation_w": (5, "i32", 1),
    "dilation_h": (6, "i32", 1),
}


def lower(op: Op, graph: Graph) -> Layer:
    """Input [n, h, w, c], weights [1, kh, kw, c * m], bias [c * m] -> [n, oh, ow, c * m]."""
    source = int8_activation(op, graph.input(op, 0), rank=4)
    output = int8_activation(op, graph.output(op), rank=4)
    weights = graph.input(op, 1)
    if len(weights.shape) != 4 or weights.shape[0] != 1 or weights.shape[3] % source.shape[3]:
        raise refuse(op, f"weights {list(weights.shape)} do not fit input {list(source.shape)}")
    _, kernel_h, kernel_w, channels = weights.shape
    multiplier = channels // source.shape[3]
    if op.option("depth_multiplier") not in (0, multiplier):
        raise refuse(op, f"depth multiplier {op.option('depth_multiplier')} is not {multiplier}")
    weights = int8_weights(op, graph, 3, channels)
    assert weights.quantization is not None and weights.data is not None
    y = window(op, source.shape[1], kernel_h, "h", op.option("dilation_h"))
    x = window(op, source.shape[2], kernel_w, "w", op.option("dilation_w"))
    output_shape(op, graph, (source.shape[0], y.out, x.out, channels))
    products(op, kernel_h * kernel_w)
    multipliers, shifts = channel_multipliers(op, source, weights.quantization, output, channels)
    low, high = activation_range(op, output, op.option("activation"))
    lead = lead_bytes(source, output, y, x)
    bias = int32_bias(op, graph, source, weights.quantization, channels)
    return Layer(
        op=op,
        kernel="ek_depthwise_conv2d_s8",
        params={
            "batches": source.shape[0], "in_h": source.shape[1], "in_w": source.shape[2],
            "in_c": source.shape[3], "out_h": y.out, "out_w": x.out, "multiplier": multiplier,
            "kernel_h": kernel_h, "kernel_w": kernel_w, "stride_h": y.stride,
            "stride_w": x.stride, "dilation_h": y.dilation, "dilation_w": x.dilation,
            "pad_h": y.pad, "pad_w": x.pad, "in_zero": source.zero_point,
            "out_zero": output.zero_point, "low": low, "high": high,
            "weights": Constant(weights.data, is_weight=True), "bias": Constant(bias, True),
            "multipliers": Constant(multipliers), "shifts": Constant(shifts),
        },
        inputs=(op.inputs[0],),
        output=op.outputs[0],
        macs=output.elements * kernel_h * kernel_w,
        in_place=() if lead is None else (0,),
        lead_bytes=lead or 0,
    )  # fmt: skip
