"""Strands: channels of several tensors that can only be taken out of a model together.

A depthwise layer, a clamp, a pool or a sum makes each channel from the channels of the same
number; a convolution makes each from all, so that its two ends are in strands of their own.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from edgekit.converters.micro.graph import Graph
from edgekit.converters.micro.layer import Layer
from edgekit.converters.micro.ranges import averages_channels, channel_count
from edgekit.converters.micro.rescale import constant, number
from edgekit.converters.micro.weighted import CONV, DENSE, DEPTHWISE

# Labels by channel of some tensors of a layer: channels with the same label are tied.
Ties = list[tuple[int, NDArray[np.intp]]]


def layer_ties(layer: Layer, graph: Graph) -> Ties | None:
    """What the layer ties; None for one that takes and makes whole tensors only."""
    rule = RULES.get(layer.kernel or layer.op.kind)
    return None if rule is None else rule(layer, graph)


def find_strands(graph: Graph, ties: Sequence[Ties | None]) -> list[NDArray[np.intp]]:
    """For each tensor the strand of each channel; strands are numbers below the sum of channels."""
    counts = [channel_count(tensor) for tensor in graph.tensors]
    ends = np.cumsum(counts)
    strands = [np.arange(end - count, end) for end, count in zip(ends, counts, strict=True)]
    changed = True
    while changed:
        changed = False
        for tied in ties:
            labels = 1 + max((int(label.max()) for _, label in tied or ()), default=-1)
            least = np.full(labels, ends[-1])
            for tensor, label in tied or ():
                np.minimum.at(least, label, strands[tensor])
            for tensor, label in tied or ():
                changed |= bool((strands[tensor] != least[label]).any())
                strands[tensor] = least[label]
    return strands


def _none(layer: Layer, graph: Graph) -> Ties:
    return []


def _alike(layer: Layer, graph: Graph) -> Ties:
    """Each channel from its own; an operand with one channel for all is not tied, nor constants."""
    count = channel_count(graph.tensors[layer.output])
    ends = [t for t in (*layer.inputs, layer.output) if graph.tensors[t].data is None]
    return [(t, np.arange(count)) for t in ends if channel_count(graph.tensors[t]) == count]


def _depthwise(layer: Layer, graph: Graph) -> Ties:
    outputs = np.arange(channel_count(graph.tensors[layer.output]))
    multiplier = number(layer.params, "multiplier")
    inputs = np.arange(len(outputs) // multiplier)
    return [(layer.inputs[0], inputs), (layer.output, outputs // multiplier)]


def _flattened(layer: Layer, graph: Graph) -> Ties:
    """A fully connected layer's input may have other channels than the layer has columns."""
    count = channel_count(graph.tensors[layer.inputs[0]])
    columns = constant(layer.params, "weights").shape[1]
    return [(layer.inputs[0], np.arange(count) % math.gcd(count, columns))]


def _reshape(layer: Layer, graph: Graph) -> Ties:
    ends = layer.inputs[0], layer.output
    counts = [channel_count(graph.tensors[t]) for t in ends]
    common = math.gcd(*counts)
    return [(t, np.arange(count) % common) for t, count in zip(ends, counts, strict=True)]


def _pad(layer: Layer, graph: Graph) -> Ties | None:
    padded = number(layer.params, "before3") or number(layer.params, "after3")
    return None if padded else _alike(layer, graph)


def _mean(layer: Layer, graph: Graph) -> Ties | None:
    return None if averages_channels(layer, graph) else _alike(layer, graph)


RULES: dict[str, Callable[[Layer, Graph], Ties | None]] = {
    CONV: _none,
    DENSE: _flattened,
    DEPTHWISE: _depthwise,
    "ek_rescale_s8": _alike,
    "ek_clip_s8": _alike,
    "ek_max_pool2d_s8": _alike,
    "ek_average_pool2d_s8": _alike,
    "ek_add_s8": _alike,
    "ek_mean_s8": _mean,
    "ek_pad_s8": _pad,
    "reshape": _reshape,
}
