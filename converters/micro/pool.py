"""AVERAGE_POOL_2D and MAX_POOL_2D differ in their kernel alone."""

from __future__ import annotations

from edgekit.converters.micro.checks import (
    Window,
    int8_activation,
    output_shape,
    same_quantization,
    window,
)
from edgekit.converters.micro.graph import Graph, Op
from edgekit.converters.micro.layer import Layer
from edgekit.converters.micro.overlap import lead_bytes
from edgekit.converters.micro.requantize import activation_range

POOL_OPTIONS = {
    "padding": (0, "i8", 0),
    "stride_w": (1, "i32", 0),
    "stride_h": (2, "i32", 0),
    "filter_w": (3, "i32", 0),
    "filter_h": (4, "i32", 0),
    "activation": (5, "i8", 0),
}


def lower_pool(op: Op, graph: Graph, kernel: str) -> Layer:
    """Input [n, h, w, c] -> output [n, oh, ow, c]; cells outside the input do not count."""
    source = int8_activation(op, graph.input(op, 0), rank=4)
    output = int8_activation(op, graph.output(op), rank=4)
    same_quantization(op, source, output)
    batches, height, width, channels = source.shape
    y: Window = window(op, height, op.option("filter_h"), "h")
    x: Window = window(op, width, op.option("filter_w"), "w")
    output_shape(op, graph, (batches, y.out, x.out, channels))
    low, high = activation_range(op, output, op.option("activation"))
    lead = lead_bytes(source, output, y, x)
    return Layer(
        op=op,
        kernel=kernel,
        params={
            "batches": batches, "in_h": height, "in_w": width, "channels": channels,
            "out_h": y.out, "out_w": x.out, "kernel_h": y.size, "kernel_w": x.size,
            "stride_h": y.stride, "stride_w": x.stride, "pad_h": y.pad, "pad_w": x.pad,
            "low": low, "high": high,
        },
        inputs=op.inputs,
        output=op.outputs[0],
        in_place=() if lead is None else (0,),
        lead_bytes=lead or 0,
    )  # fmt: skip
