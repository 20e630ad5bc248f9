"""CONV_2D on the DSP extension (Cortex-M4, M7, M33): see `ek_conv2d_s8_dsp.c`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from edgekit.converters.micro.graph import Graph
from edgekit.converters.micro.layer import Constant, Layer, Value
from edgekit.converters.micro.overlap import lead_bytes, windows
from edgekit.converters.micro.rescale import constant, folded_bias, number, rescale_shifts

BASE = "ek_conv2d_s8"
ISA = ("dsp",)

WIDE_LIMIT = {"time": 1 << 30, "balanced": 10_000, "ram": 0, "flash": 0}  # weights of a layer
COLUMN_BYTES = {"time": 8192, "balanced": 1536, "ram": 512, "flash": 4096}


def specialise(layer: Layer, graph: Graph, optimize: str) -> Layer | None:
    """The layer with weights in the order of the block kernel, wide where flash allows."""
    params = layer.params
    get = {k: number(params, k) for k, v in params.items() if not isinstance(v, Constant)}
    weights, bias = constant(params, "weights"), constant(params, "bias")
    channels = weights.shape[0]
    rows = weights.reshape(channels, -1)
    taps = rows.shape[1]
    depth = -(-taps // 4) * 4
    padded = np.zeros((channels, depth), np.int8)
    padded[:, :taps] = rows
    folded = folded_bias(rows, bias, get["in_zero"])
    if folded is None:
        return None
    wide = channels * depth <= WIDE_LIMIT[optimize]
    shifts = rescale_shifts(params, rows, bias)
    if shifts is None:
        return None
    pointwise = depth == taps == get["in_c"] and get["stride_h"] == get["stride_w"] == 1
    blocks = _blocks(get["out_h"] * get["out_w"], depth, wide, optimize)
    source, output = graph.tensors[layer.inputs[0]], graph.tensors[layer.output]
    lead = lead_bytes(source, output, *windows(params), tile=4 * blocks)
    rows_bytes = 0 if pointwise else depth + get["kernel_w"] * get["in_c"]
    new: dict[str, Value] = {
        **get,
        "depth": depth,
        "blocks": blocks,
        "wide": Constant(pack_wide(padded), True) if wide else 0,
        "weights": 0 if wide else Constant(padded, True),
        "bias": Constant(folded, True),
        "multipliers": params["multipliers"],
        "shifts": Constant(shifts),
    }
    return Layer(
        op=layer.op,
        kernel="ek_conv2d_s8_dsp",
        params=new,
        inputs=layer.inputs,
        output=layer.output,
        macs=layer.macs,
        in_place=() if lead is None else (0,),
        lead_bytes=lead or 0,
        scratch_bytes=blocks * depth * 8 + (0 if wide else depth * 4) + rows_bytes,
    )


def grow(layer: Layer, graph: Graph, room: int) -> Iterator[Layer]:
    """The layer with as many blocks a tile as `room` bytes of scratch hold, then half as many."""
    get = {k: v for k, v in layer.params.items() if isinstance(v, int)}
    source, output = graph.tensors[layer.inputs[0]], graph.tensors[layer.output]
    column_bytes = get["depth"] * 8
    fixed = layer.scratch_bytes - get["blocks"] * column_bytes
    blocks = min(-(-get["out_h"] * get["out_w"] // 4), (room - fixed) // column_bytes)
    while blocks > get["blocks"]:
        lead = lead_bytes(source, output, *windows(layer.params), tile=4 * blocks)
        yield replace(
            layer,
            params={**layer.params, "blocks": blocks},
            scratch_bytes=fixed + blocks * column_bytes,
            in_place=() if lead is None else (0,),
            lead_bytes=lead,
        )
        blocks //= 2


def _blocks(pixels: int, depth: int, wide: bool, optimize: str) -> int:
    """Blocks of four pixels a tile: many share one widening of the weights."""
    room = COLUMN_BYTES[optimize] * (1 if wide else 2) // (depth * 8)
    return max(1, min(-(-pixels // 4), room))


def pack_wide(rows: NDArray[np.int8]) -> NDArray[np.uint32]:
    """[o][k] int8 to [o / 2][k / 2 pairs][2 channels] words of two int16.

    The pairs of each four inputs are (0, 2) and (1, 3), as SXTB16 takes them from a word; an odd
    last channel stands twice.
    """
    even = rows if len(rows) % 2 == 0 else np.concatenate([rows, rows[-1:]])
    count, depth = even.shape
    fours = even.reshape(count // 2, 2, depth // 4, 2, 2)  # pair, channel, four, high, low
    pairs = fours.transpose(0, 2, 4, 1, 3)  # pair, four, low, channel, high
    return np.ascontiguousarray(pairs.reshape(-1)).astype("<i2").view(np.uint32)
