"""DEPTHWISE_CONV_2D of 3x3 on the DSP extension: see `ek_depthwise_3x3_s8_dsp.c`."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from edgekit.converters.micro.graph import Graph
from edgekit.converters.micro.layer import Constant, Layer, Value
from edgekit.converters.micro.rescale import constant, folded_bias, number, rescale_shifts

BASE = "ek_depthwise_conv2d_s8"
ISA = ("dsp",)

FIXED = {"kernel_h": 3, "kernel_w": 3, "dilation_h": 1, "dilation_w": 1, "multiplier": 1}
MOST_COLUMNS = 1 << 15  # a count of 16 bits


def specialise(layer: Layer, graph: Graph, optimize: str) -> Layer | None:
    """The layer in strips; None for another kernel than 3x3 with stride 1 or 2, or channels that
    are no multiple of four."""
    params = layer.params
    get = {k: number(params, k) for k, v in params.items() if not isinstance(v, Constant)}
    weights, bias = constant(params, "weights"), constant(params, "bias")
    channels = weights.shape[3]
    if any(get[name] != value for name, value in FIXED.items()) or channels % 4:
        return None
    if get["stride_h"] != get["stride_w"] or get["stride_h"] > 2 or _padding(get) > 1:
        return None
    if max(get["out_h"], get["out_w"]) > MOST_COLUMNS:
        return None
    rows = weights.reshape(-1, channels).T
    folded = folded_bias(rows, bias, get["in_zero"])
    shifts = rescale_shifts(params, rows, bias)
    if folded is None or shifts is None:
        return None
    # The short way takes its shift into the weights: where they would leave 16 bits, the signed.
    largest = np.abs(rows.astype(np.int64)).max(1)
    narrow = largest << np.maximum(shifts, 0).astype(np.int64) < 1 << 15
    shifts = np.where(narrow | (shifts <= 0), shifts, -32 - shifts).astype(np.int8)
    sides = _sides(get, channels)
    width = (sides["out_cols"] - 1) * get["stride_h"] + 3
    new: dict[str, Value] = {
        **{k: get[k] for k in ("batches", "in_zero", "out_zero", "low", "high")},
        **sides,
        "channels": channels,
        "stride": get["stride_h"],
        "weights": params["weights"],
        "bias": Constant(folded, True),
        "multipliers": params["multipliers"],
        "shifts": Constant(shifts),
    }
    source, output = graph.tensors[layer.inputs[0]], graph.tensors[layer.output]
    # Four channels of what is overwritten have been read, where both are walked through alike.
    alike = source.shape == output.shape or sides["in_col"] == channels
    return Layer(
        op=layer.op,
        kernel="ek_depthwise_3x3_s8_dsp",
        params=new,
        inputs=layer.inputs,
        output=layer.output,
        macs=layer.macs,
        in_place=(0,) if alike and get["batches"] == 1 else (),
        lead_bytes=None,
        scratch_bytes=32 * width + 8 * sides["in_cols"],
    )


def _padding(get: Mapping[str, int]) -> int:
    return max(get["pad_h"], get["pad_w"])


def _sides(get: Mapping[str, int], channels: int) -> dict[str, int]:
    """The kernel's rows and columns: whichever way round is estimated to take less time."""
    both = []
    for row, col in ("hw", "wh"):
        steps = {
            "in_h": get["in_w"] * channels, "in_w": channels,
            "out_h": get["out_w"] * channels, "out_w": channels,
            "weight_h": 3 * channels, "weight_w": channels,
        }  # fmt: skip
        sides = {f"{end}_{side}s": get[f"{end}_{key}"] for end in ("in", "out")
                 for side, key in (("row", row), ("col", col))}  # fmt: skip
        sides |= {f"{end}_{side}": steps[f"{end}_{key}"] for end in ("in", "out", "weight")
                  for side, key in (("row", row), ("col", col))}  # fmt: skip
        both.append(sides | {"pad_row": get[f"pad_{row}"], "pad_col": get[f"pad_{col}"]})
    return min(both, key=lambda sides: _estimate(sides, get["stride_h"]))


def _estimate(sides: Mapping[str, int], stride: int) -> int:
    """Instructions a channel."""
    rows, cols = sides["out_rows"], sides["out_cols"]
    pairs, single = divmod(rows, 2) if stride == 1 else (0, rows)
    strips = (pairs + single) * (6 * sides["in_cols"] + 20)
    return strips + pairs * (25 * cols + 40) + single * (15 * cols + 40)
