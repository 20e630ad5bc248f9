"""What kernels for the DSP extension share: folded biases and the short rescaling."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgekit.converters.micro.layer import Constant, Value

SHORT_SHIFT = 12  # EK_SHORT_SHIFT in ek_rescale_dsp.h


def constant(params: Mapping[str, Value], name: str) -> NDArray[Any]:
    """The array of a layer's parameter."""
    value = params[name]
    assert isinstance(value, Constant)
    return value.values


def number(params: Mapping[str, Value], name: str) -> int:
    """A parameter that is a whole number."""
    value = params[name]
    assert isinstance(value, int)
    return value


def folded_bias(rows: NDArray[Any], bias: NDArray[Any], in_zero: int) -> NDArray[np.int32] | None:
    """bias - zero point * sum of weights, so that inputs need no offset; rows are [o][k]. None
    where that does not fit 32 bits."""
    folded = bias.astype(np.int64) - rows.astype(np.int64).sum(1) * in_zero
    return None if np.abs(folded).max() >= 1 << 31 else folded.astype(np.int32)


def rescale_shifts(
    params: Mapping[str, Value], rows: NDArray[Any], bias: NDArray[Any]
) -> NDArray[np.int8] | None:
    """For each channel the shift that `ek_channel_rescale` takes: with TFLite's right shift n and
    s = 13 - n, s for the short way, -32 - s for the signed one, else TFLite's own (-n).

    Both ways need s >= 2 and sums that stay in 32 bits when shifted left by s; the short one also
    the output's zero point as the activation's least value and the full int8 range above it. None
    where TFLite's own shift would have to be above 0.
    """
    shifts = constant(params, "shifts").astype(np.int64)
    left = SHORT_SHIFT + 1 + shifts
    in_zero = number(params, "in_zero")
    reach = max(127 - in_zero, in_zero + 128)
    largest = np.abs(rows.astype(np.int64)).sum(1) * reach + np.abs(bias.astype(np.int64))
    exact = (left >= 2) & (left < 31) & (largest << np.clip(left, 0, 30) < 1 << 31)
    if (shifts[~exact] > 0).any():
        return None
    positive = params["low"] == params["out_zero"] == -128 and params["high"] == 127
    return np.where(exact, left if positive else -32 - left, shifts).astype(np.int8)
