"""DEPTHWISE_CONV_2D on Helium: see `ek_depthwise_conv2d_s8_mve.c`."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from edgekit.converters.micro.graph import Graph, Tensor
from edgekit.converters.micro.helium import LANES, row_lead_bytes, ties, up_to
from edgekit.converters.micro.layer import Constant, Layer, Value
from edgekit.converters.micro.rescale import constant, folded_bias, number

BASE = "ek_depthwise_conv2d_s8"
ISA = ("dsp", "mve")

COLUMN_BYTES = 64  # 16 channels of 4 rows
WORDS = 4  # of a window, each four rows of a column


def specialise(layer: Layer, graph: Graph, optimize: str) -> Layer | None:
    """The layer on strips; None for a depth multiplier, fewer than four channels, a window of more
    than four words or a left shift."""
    params = layer.params
    get = {k: number(params, k) for k, v in params.items() if not isinstance(v, Constant)}
    weights, shifts = constant(params, "weights"), constant(params, "shifts")
    _, kernel_h, kernel_w, channels = weights.shape
    fours = up_to(kernel_h, 4) // 4
    folded = folded_bias(weights.reshape(-1, channels).T, constant(params, "bias"), get["in_zero"])
    small = channels >= LANES and fours * kernel_w <= WORDS
    if get["multiplier"] != 1 or not small or folded is None or shifts.max() > 0:
        return None
    own = _strip(get)
    if own["columns"] <= 0:
        return None
    table = np.stack([folded, constant(params, "multipliers"), shifts]).astype(np.int32)
    in_place, lead = _overlap(params, graph.tensors[layer.output], own)
    new: dict[str, Value] = {
        **{k: v for k, v in get.items() if k not in ("multiplier", "in_w")},
        "ties": ties(params),
        **own,
        "weights": Constant(_pack(weights[0], table), True),
    }
    return Layer(
        op=layer.op,
        kernel="ek_depthwise_conv2d_s8_mve",
        params=new,
        inputs=layer.inputs,
        output=layer.output,
        macs=layer.macs,
        in_place=in_place,
        lead_bytes=lead,
        scratch_bytes=fours * own["strip_w"] * COLUMN_BYTES + 16,
    )


def _strip(get: Mapping[str, int]) -> dict[str, int]:
    """How the kernel walks: as it stands, or an image of one column turned into one row, where each
    column of the strip is the rows of a window."""
    if _is_column(get):
        return {
            "row_bytes": get["in_c"],
            "column_bytes": get["stride_h"] * get["in_c"],
            "out_h": 1,
            "out_w": get["out_h"],
            "stride_w": 1,
            "rows": 1,
            "strip_w": get["out_h"],
            "columns": get["out_h"],
        }
    reach = (get["out_w"] - 1) * get["stride_w"] + (get["kernel_w"] - 1) * get["dilation_w"] + 1
    return {
        "row_bytes": get["in_w"] * get["in_c"],
        "column_bytes": get["in_c"],
        "rows": 2 if get["kernel_h"] < 4 and get["stride_h"] == get["dilation_h"] == 1 else 1,
        "strip_w": reach,
        "columns": min(get["in_w"], reach - get["pad_w"]),
    }


def _is_column(get: Mapping[str, int]) -> bool:
    """Whether the image is one column and the window never leaves it."""
    reach = (get["out_h"] - 1) * get["stride_h"] + (get["kernel_h"] - 1) * get["dilation_h"] + 1
    narrow = get["in_w"] == get["kernel_w"] == get["out_w"] == 1
    return narrow and get["pad_h"] == get["pad_w"] == 0 and reach <= get["in_h"]


def _overlap(
    params: Mapping[str, Value], output: Tensor, own: Mapping[str, int]
) -> tuple[tuple[int, ...], int | None]:
    """A layer's `in_place` and `lead_bytes`."""
    if "out_h" in own:
        # Channels are done one after the other, each from its own inputs, unless some at the end
        # are done twice.
        alone = params["batches"] == 1 and output.shape[3] % LANES == 0
        return ((0,) if alone else ()), None
    lead = row_lead_bytes(params, output, own["rows"])
    return (() if lead is None else (0,)), lead


def _pack(weights: NDArray[np.int8], table: NDArray[np.int32]) -> NDArray[np.int32]:
    """[kh][kw][c] weights and [bias, multiplier, shift][c]: for each four channels, the last four
    at the end, the table's and then the weights [4][word][4 rows] as bytes."""
    kernel_h, kernel_w, channels = weights.shape
    tall = np.zeros((up_to(kernel_h, 4), kernel_w, channels), np.int8)
    tall[:kernel_h] = weights
    words = tall.reshape(-1, 4, kernel_w, channels).transpose(3, 0, 2, 1).reshape(channels, -1, 4)
    full = np.zeros((channels, WORDS, 4), np.int8)
    full[:, : words.shape[1]] = words
    starts = [min(c, channels - LANES) for c in range(0, channels, LANES)]
    parts = [
        part
        for c in starts
        for part in (
            table[:, c : c + LANES].reshape(-1),
            full[c : c + LANES].reshape(-1).view("<i4").astype(np.int32),
        )
    ]
    return np.concatenate(parts)
