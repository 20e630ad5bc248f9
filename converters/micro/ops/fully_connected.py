"""FULLY_CONNECTED, int8, weights scaled as a whole or by output channel."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from edgekit.converters.micro.checks import int8_activation, output_shape, products
from edgekit.converters.micro.graph import Graph, Op, Quantization, Tensor, refuse
from edgekit.converters.micro.layer import Constant, Layer
from edgekit.converters.micro.requantize import activation_range, checked_multiplier
from edgekit.converters.micro.weights import channel_multipliers, int8_weights, int32_bias

CODE = 9
INPUTS = (2, 3)
OPTIONS = {
    "activation": (0, "i8", 0),
    "weights_format": (1, "i8", 0),
    "keep_num_dims": (2, "bool", False),
}


def lower(op: Op, graph: Graph) -> Layer:
    """Input [..., k] seen as [rows, k], weights [o, k], bias [o] -> output [rows, o]."""
    source = int8_activation(op, graph.input(op, 0))
    output = int8_activation(op, graph.output(op))
    weights = graph.input(op, 1)
    if op.option("weights_format") != 0:
        raise refuse(op, "its weights are shuffled", "Export for the default CPU.")
    if len(weights.shape) != 2 or source.elements % weights.shape[1]:
        raise refuse(op, f"weights {list(weights.shape)} do not fit input {list(source.shape)}")
    channels, depth = weights.shape
    rows = source.elements // depth
    weights = int8_weights(op, graph, 0, channels)
    assert weights.quantization is not None and weights.data is not None
    _check_shape(op, graph, source, output, rows, channels)
    products(op, depth)
    multipliers, shifts = _multipliers(op, source, weights.quantization, output, channels)
    low, high = activation_range(op, output, op.option("activation"))
    bias = int32_bias(op, graph, source, weights.quantization, channels)
    return Layer(
        op=op,
        kernel="ek_fully_connected_s8",
        params={
            "rows": rows, "depth": depth, "channels": channels,
            "per_channel": int(len(weights.quantization.scale) > 1),
            "in_zero": source.zero_point, "out_zero": output.zero_point, "low": low, "high": high,
            "weights": Constant(weights.data, is_weight=True), "bias": Constant(bias, True),
            "multipliers": Constant(multipliers), "shifts": Constant(shifts),
        },
        inputs=(op.inputs[0],),
        output=op.outputs[0],
        macs=rows * depth * channels,
    )  # fmt: skip


def _check_shape(
    op: Op, graph: Graph, source: Tensor, output: Tensor, rows: int, channels: int
) -> None:
    if op.options["keep_num_dims"]:
        if output.elements != rows * channels:
            raise refuse(op, f"its rows are not the last axis of its input {list(source.shape)}")
        output_shape(op, graph, (*source.shape[:-1], channels))
    elif output.elements != rows * channels or output.shape[-1] != channels:
        output_shape(op, graph, (rows, channels))


def _multipliers(
    op: Op, source: Tensor, weights: Quantization, output: Tensor, channels: int
) -> tuple[NDArray[np.int32], NDArray[np.int8]]:
    """By channel as a convolution; as a whole, input scale * weight scale in float32 first."""
    if len(weights.scale) > 1:
        return channel_multipliers(op, source, weights, output, channels)
    product = float(np.float32(source.scale) * np.float32(weights.scale[0]))
    multiplier, shift = checked_multiplier(op, product / output.scale)
    return np.asarray([multiplier], np.int32), np.asarray([shift], np.int8)
