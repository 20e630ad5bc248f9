"""Weights, biases and their scales, alike for convolutions and fully connected layers."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from edgekit.converters.micro.graph import Graph, Op, Quantization, Tensor, refuse
from edgekit.converters.micro.requantize import checked_multiplier


def int8_weights(op: Op, graph: Graph, axis: int, channels: int) -> Tensor:
    """The op's second input: constant int8 weights, scaled as a whole or by `axis`."""
    weights = graph.input(op, 1)
    if weights.data is None:
        raise refuse(op, "its weights are computed, not constant", "Freeze them before export.")
    if weights.dtype != "int8" or weights.quantization is None:
        raise refuse(op, f"its weights are {weights.dtype}, the kernels take int8")
    quantization = weights.quantization
    if any(quantization.zero_point):
        raise refuse(op, "its weights' zero point is not 0", "Quantize weights symmetrically.")
    if len(quantization.scale) > 1 and (
        quantization.axis != axis or len(quantization.scale) != channels
    ):
        raise refuse(op, f"its weights are scaled along axis {quantization.axis}, not {axis}")
    return weights


def int32_bias(
    op: Op, graph: Graph, source: Tensor, weights: Quantization, channels: int
) -> NDArray[np.int32]:
    """The op's third input, or zeros: `channels` int32 in units of input times weight scale."""
    bias = graph.optional(op, 2)
    if bias is None:
        return np.zeros(channels, np.int32)
    if bias.data is None or bias.dtype != "int32" or bias.elements != channels:
        raise refuse(op, f"its bias is not {channels} constant int32", "Quantize the model again.")
    if bias.quantization is not None:
        expected = source.scale * np.asarray(weights.scale)
        found = np.asarray(bias.quantization.scale)
        if not np.allclose(found, expected, rtol=0.02, atol=0) and np.any(bias.data):
            raise refuse(
                op, "its bias scale is not input scale times weight scale", "Quantize it again."
            )
    return np.asarray(bias.data.reshape(-1), np.int32)


def channel_multipliers(
    op: Op, source: Tensor, weights: Quantization, output: Tensor, channels: int
) -> tuple[NDArray[np.int32], NDArray[np.int8]]:
    """(multipliers, shifts) of each output channel: input scale * weight scale / output scale,
    the product in double precision, as TFLite computes it for every convolution."""
    scales = weights.scale if len(weights.scale) > 1 else weights.scale * channels
    pairs = [checked_multiplier(op, source.scale * s / output.scale) for s in scales]
    multipliers, shifts = zip(*pairs, strict=True)
    return np.asarray(multipliers, np.int32), np.asarray(shifts, np.int8)
