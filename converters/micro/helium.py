"""What kernels for Helium share: see `ek_mve.h` and `ek_block_mve.h`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgekit.converters.micro.graph import Tensor
from edgekit.converters.micro.layer import Value
from edgekit.converters.micro.rescale import number

LANES = 4


def up_to(count: int, step: int) -> int:
    """`count` up to a multiple of `step`."""
    return -(-count // step) * step


def ties(params: Mapping[str, Value]) -> int:
    """1 where the rounding of negative halves can be seen: the activation leaves values below the
    zero point."""
    return int(number(params, "low") < number(params, "out_zero"))


def row_lead_bytes(params: Mapping[str, Value], output: Tensor, rows: int) -> int | None:
    """The `lead_bytes` of a layer of as many channels as its input that reads all that `rows` rows
    of outputs need before it writes them, channels apart; None where that saves nothing."""
    if number(params, "batches") != 1:
        return None
    _, out_h, out_w, channels = output.shape
    lead = 0
    for y in range(0, out_h, rows):
        end = min(y + rows, out_h) * out_w
        first_read = max(0, y * number(params, "stride_h") - number(params, "pad_h"))
        lead = max(lead, (end - first_read * number(params, "in_w")) * channels)
    lead = up_to(lead, 4)
    return lead if lead < output.bytes else None


def in_fours(values: NDArray[Any]) -> NDArray[np.int32]:
    """As int32, with zeros up to a multiple of four items."""
    full = np.zeros(up_to(len(values), LANES), np.int32)
    full[: len(values)] = values
    return full


def pack_block(
    rows: NDArray[np.int8], bias: NDArray[Any], multipliers: NDArray[Any], shifts: NDArray[Any]
) -> NDArray[np.int32]:
    """[o][k] weights as `ek_block_mve` takes them: for each four channels the biases, the weights
    [k / 16][4][16] as bytes, the multipliers and the shifts. What is missing is zero."""
    channels, taps = rows.shape
    full = np.zeros((up_to(channels, LANES), up_to(taps, 16)), np.int8)
    full[:channels, :taps] = rows
    fours = len(full) // LANES
    blocks = full.reshape(fours, LANES, -1, 16).transpose(0, 2, 1, 3)
    words = np.ascontiguousarray(blocks).reshape(fours, -1).view("<i4")
    parts = [in_fours(v).reshape(fours, LANES) for v in (bias, multipliers, shifts)]
    return np.concatenate([parts[0], words, *parts[1:]], axis=1).astype(np.int32)
