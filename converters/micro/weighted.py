"""Convolutions and fully connected layers seen alike: sums of weights times bounded inputs."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgekit.converters.micro.layer import Layer, Value
from edgekit.converters.micro.rescale import constant, number

CONV, DEPTHWISE, DENSE = "ek_conv2d_s8", "ek_depthwise_conv2d_s8", "ek_fully_connected_s8"
WEIGHTED = (CONV, DEPTHWISE, DENSE)


@dataclass(frozen=True)
class Weighted:
    """out[o] = bias[o] + the sum over taps t and columns k of weights[o, t, k] * x[t, k].

    x is an input less its zero point, so 0 where a window hangs over the border; `low` and `high`
    bound it. All are int64, x as [1, t, k]. A depthwise layer has one column, the bounds of which
    differ by output: [o, t, 1].
    """

    weights: NDArray[np.int64]
    bias: NDArray[np.int64]
    low: NDArray[np.int64]
    high: NDArray[np.int64]

    def sums(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The least and the greatest sum of each output, not wrapped to 32 bits."""
        up, down = np.maximum(self.weights, 0), np.minimum(self.weights, 0)
        least = (up * self.low + down * self.high).sum((1, 2))
        most = (up * self.high + down * self.low).sum((1, 2))
        return self.bias + least, self.bias + most


def weighted(layer: Layer, low: NDArray[np.int64], high: NDArray[np.int64]) -> Weighted:
    """The layer with one of `WEIGHTED` kernels; `low` and `high` bound its input's channels."""
    params = layer.params
    weights: NDArray[Any] = constant(params, "weights").astype(np.int64)
    bias = constant(params, "bias").astype(np.int64)
    zero = number(params, "in_zero")
    if layer.kernel == DENSE:
        low = regroup(low, weights.shape[1], np.minimum)
        high = regroup(high, weights.shape[1], np.maximum)
        low, high = (end.reshape(1, 1, -1) - zero for end in (low, high))
        return Weighted(weights[:, None], bias, low, high)
    if layer.kernel == DEPTHWISE:
        low, high = (np.repeat(end, number(params, "multiplier")) for end in (low, high))
    least, most = _with_border(params, low - zero, high - zero)
    if layer.kernel == DEPTHWISE:
        taps = weights.reshape(-1, weights.shape[3])
        return Weighted(taps.T[..., None], bias, least.T[..., None], most.T[..., None])
    rows = weights.reshape(weights.shape[0], -1, weights.shape[3])
    return Weighted(rows, bias, least[None], most[None])


def regroup(values: NDArray[Any], count: int, join: np.ufunc) -> NDArray[Any]:
    """Values by channel under another shape with `count` channels: those whose numbers agree modulo
    the greatest common divisor may meet in memory, and are joined."""
    common = math.gcd(len(values), count)
    return np.tile(join.reduce(values.reshape(-1, common), axis=0), count // common)


def _with_border(
    params: Mapping[str, Value], low: NDArray[np.int64], high: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Bounds by channel to bounds by tap and channel, where a tap may hang over the border."""
    inside_h, outside_h = _reach(params, "h")
    inside_w, outside_w = _reach(params, "w")
    inside = (inside_h[:, None] & inside_w).reshape(-1, 1)
    outside = (outside_h[:, None] | outside_w).reshape(-1, 1)
    least, most = np.where(inside, low, 0), np.where(inside, high, 0)
    least = np.where(outside, np.minimum(least, 0), least)
    return least, np.where(outside, np.maximum(most, 0), most)


def _reach(params: Mapping[str, Value], axis: str) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """For each tap along "h" or "w": is it ever inside the input, is it ever outside?"""
    names = ("out", "stride", "pad", "kernel", "dilation", "in")
    out, stride, pad, size, dilation, length = (number(params, f"{n}_{axis}") for n in names)
    at = np.arange(out)[:, None] * stride - pad + np.arange(size) * dilation
    inside: NDArray[np.bool_] = np.greater_equal(at, 0) & np.less(at, length)
    return np.any(inside, axis=0), np.any(~inside, axis=0)
