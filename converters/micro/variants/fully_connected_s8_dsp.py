"""FULLY_CONNECTED on the DSP extension: see `ek_fully_connected_s8_dsp.c`."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from edgekit.converters.micro.graph import Graph
from edgekit.converters.micro.layer import Constant, Layer, Value
from edgekit.converters.micro.rescale import constant, folded_bias, number, rescale_shifts

BASE = "ek_fully_connected_s8"
ISA = ("dsp",)


def specialise(layer: Layer, graph: Graph, optimize: str) -> Layer | None:
    """The layer with its weights packed; None where they would grow by more than a quarter."""
    params = layer.params
    weights = constant(params, "weights")
    packed = pack_fours(weights)
    folded = folded_bias(weights, constant(params, "bias"), number(params, "in_zero"))
    shifts = _shifts(params, weights)
    if folded is None or shifts is None or packed.nbytes * 4 > weights.size * 5 + 64:
        return None
    bias = np.zeros(-(-len(folded) // 4) * 4, np.int32)
    bias[: len(folded)] = folded
    new: dict[str, Value] = {
        **params,
        "weights": Constant(packed, True),
        "bias": Constant(bias, True),
        "shifts": Constant(shifts),
    }
    return Layer(
        op=layer.op,
        kernel="ek_fully_connected_s8_dsp",
        params=new,
        inputs=layer.inputs,
        output=layer.output,
        macs=layer.macs,
    )


def _shifts(params: Mapping[str, Value], weights: NDArray[np.int8]) -> NDArray[np.int8] | None:
    """As `rescale_shifts`; one for all where the weights are scaled as a whole."""
    own = constant(params, "shifts")
    each = np.broadcast_to(own, len(weights))
    shifts = rescale_shifts({**params, "shifts": Constant(each)}, weights, constant(params, "bias"))
    if shifts is None or params["per_channel"]:
        return shifts
    return shifts[:1] if (shifts == shifts[0]).all() else own.astype(np.int8)


def pack_fours(weights: NDArray[np.int8]) -> NDArray[np.uint32]:
    """[o][k] to [o / 4][k / 4][2 of inputs (0, 2), (1, 3)][2 of channels (0, 1), (2, 3)] words:
    each is a0 + 128, b0, a1 + 128, b1 for channels a, b and the pair's inputs 0, 1. Missing
    channels and inputs weigh nothing."""
    channels, depth = weights.shape
    full = np.zeros((-(-channels // 4) * 4, -(-depth // 4) * 4), np.int8)
    full[:channels, :depth] = weights
    # o4, (01 | 23), (a | b), k4, (high: inputs 0 1 | 2 3), (low: even | odd of the word)
    split = full.reshape(full.shape[0] // 4, 2, 2, full.shape[1] // 4, 2, 2)
    order = split.transpose(0, 3, 5, 1, 4, 2)  # o4, k4, even | odd, 01 | 23, 0 | 1, a | b
    words = np.ascontiguousarray(order).view(np.uint8)
    words = words.copy()
    words[..., 0] ^= 0x80
    return words.reshape(-1).view(np.uint32)
