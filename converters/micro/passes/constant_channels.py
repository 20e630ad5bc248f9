"""Takes out channels that hold one value whatever the input, and channels that nothing needs.

What a constant channel adds to a layer behind it goes into that layer's bias. At a border padded
with zeros a window reads the zero point instead of the constant, so there only a channel that is
constantly the zero point adds the same everywhere; another one stays.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgekit.converters.micro.graph import Graph, Op, Quantization, Tensor
from edgekit.converters.micro.layer import Layer
from edgekit.converters.micro.lower import lower_graph
from edgekit.converters.micro.ranges import INT32, Range, channel_count, channel_ranges
from edgekit.converters.micro.strands import Ties, find_strands, layer_ties
from edgekit.converters.micro.weighted import DEPTHWISE, WEIGHTED, Weighted, regroup, weighted

Flags = NDArray[np.bool_]

# Kernels that take several channels at once are faster where their number is a multiple of this: a
# few that could go stay to make it up.
MULTIPLE = {"time": 4, "balanced": 4, "ram": 1, "flash": 1}


@dataclass(frozen=True)
class Network:
    """A graph with what is known of it: `ranges`, `needed` and `keep` are by tensor, the last two
    with a flag a channel: does its value matter, does it stay?"""

    graph: Graph
    layers: Sequence[Layer]
    ties: Sequence[Ties | None]
    ranges: Sequence[Range]
    needed: Sequence[Flags]
    keep: Sequence[Flags]


def remove_constant_channels(graph: Graph, isa: Collection[str], optimize: str) -> Graph:
    """The graph with fewer channels, or itself; inputs and outputs keep their shapes."""
    multiple = MULTIPLE[optimize] if "dsp" in isa else 1
    layers = lower_graph(graph)
    ties = [layer_ties(layer, graph) for layer in layers]
    flags = [np.zeros(channel_count(tensor), np.bool_) for tensor in graph.tensors]
    network = Network(graph, layers, ties, channel_ranges(graph, layers), flags, flags)
    network = replace(network, needed=_needed(network))
    network = replace(network, keep=_keep(network, multiple))
    return graph if all(keep.all() for keep in network.keep) else _without(network)


def _live(network: Network, layer: Layer) -> Flags:
    """The outputs that have to be computed: needed, and not known beforehand."""
    live: Flags = network.needed[layer.output] & ~network.ranges[layer.output].constant
    return live


def _view(network: Network, layer: Layer) -> Weighted:
    source = network.ranges[layer.inputs[0]]
    return weighted(layer, source.low, source.high)


def _read(view: Weighted, live: Flags, depthwise: bool) -> Flags:
    """The columns (depthwise: the rows) of inputs that the live outputs depend on, as flags that
    broadcast to the weights. What all others add is one number for each output."""
    added = np.abs(view.weights * np.maximum(np.abs(view.low), np.abs(view.high))).sum((1, 2))
    fits = bool((np.abs(view.bias) + added < INT32[1]).all())
    varies = (view.low != view.high) | ((view.low != 0) & (not fits))
    read: Flags = (view.weights != 0) & live[:, None, None] & varies
    some: Flags = np.any(read, axis=(1, 2) if depthwise else (0, 1), keepdims=True)
    return some


def _needed(network: Network) -> list[Flags]:
    """Backwards from the outputs: which channels does anything depend on?"""
    needed = list(network.needed)
    for output in network.graph.outputs:
        needed[output] = np.ones_like(needed[output])
    network = replace(network, needed=needed)
    for layer, ties in zip(reversed(network.layers), reversed(network.ties), strict=True):
        tied = dict(ties or ())
        for tensor in layer.inputs:
            if layer.kernel in WEIGHTED:
                found = _needed_by_sums(network, layer)
            elif tensor in tied and layer.output in tied:
                labels = tied[layer.output][needed[layer.output]]
                found = np.isin(tied[tensor], labels)
            else:
                found = np.ones_like(needed[tensor])
            needed[tensor] = needed[tensor] | found
    return needed


def _needed_by_sums(network: Network, layer: Layer) -> Flags:
    count = channel_count(network.graph.tensors[layer.inputs[0]])
    depthwise = layer.kernel == DEPTHWISE
    read: Flags = _read(_view(network, layer), _live(network, layer), depthwise).reshape(-1)
    if not depthwise:
        return regroup(read, count, np.logical_or)
    # The outputs of one input stand side by side.
    found: Flags = np.logical_or.reduce(read.reshape(count, -1), axis=1)
    return found


def _keep(network: Network, multiple: int) -> list[Flags]:
    """The channels that stay: strands that are needed or cannot go, and what fills up a tensor to
    its least number of channels and to a multiple of them."""
    graph, strands = network.graph, find_strands(network.graph, network.ties)
    keep = np.zeros(sum(map(len, strands)), np.bool_)
    fixed = {*graph.inputs, *graph.outputs}
    fixed |= {i for i, tensor in enumerate(graph.tensors) if tensor.data is not None}
    fixed |= {la.output for la, t in zip(network.layers, network.ties, strict=True) if t is None}
    for index, (strand, needed) in enumerate(zip(strands, network.needed, strict=True)):
        keep[strand if index in fixed else strand[needed]] = True
    least = {layer.output: _least(layer) for layer in network.layers}
    for index, strand in enumerate(strands):
        count = max(int(keep[strand].sum()), least.get(index, 1))
        full = -(-count // multiple) * multiple
        for spare in strand[~keep[strand]]:
            if keep[strand].sum() < (full if full <= len(strand) else count):
                keep[spare] = True
    return [keep[strand] for strand in strands]


def _least(layer: Layer) -> int:
    """Fully connected layers compute their scale otherwise where they have only one."""
    values = layer.params.get("per_channel", 0)
    return 2 if values == 1 else 1


def _without(network: Network) -> Graph:
    """The graph with only the channels to keep."""
    tensors = [
        replace(tensor, shape=(*tensor.shape[:-1], int(keep.sum()))) if not keep.all() else tensor
        for tensor, keep in zip(network.graph.tensors, network.keep, strict=True)
    ]
    ops = []
    for layer in network.layers:
        op, added = _rewrite(network, layer, len(tensors))
        ops.append(op)
        tensors += added
    return replace(network.graph, tensors=tuple(tensors), ops=tuple(ops))


def _rewrite(network: Network, layer: Layer, next_index: int) -> tuple[Op, list[Tensor]]:
    """The op on fewer channels, and the constants it needs, which get indices from `next_index`."""
    op, graph = layer.op, network.graph
    if layer.kernel in WEIGHTED:
        added = list(_rewrite_sums(network, layer))
        return replace(op, inputs=(op.inputs[0], next_index, next_index + 1)), added
    keep = network.keep[layer.output]
    inputs, added = list(op.inputs), []
    for position, index in enumerate(layer.inputs):
        tensor = graph.tensors[index]
        if tensor.data is not None and channel_count(tensor) == len(keep) and not keep.all():
            inputs[position] = next_index + len(added)
            added.append(_constant(tensor, tensor.data[..., keep]))
    return replace(op, inputs=tuple(inputs)), added


def _rewrite_sums(network: Network, layer: Layer) -> tuple[Tensor, Tensor]:
    """(weights, bias) that do not read what is constant or goes, of the outputs to keep."""
    graph, op = network.graph, layer.op
    view, live = _view(network, layer), _live(network, layer)
    source, keep = network.keep[layer.inputs[0]], network.keep[layer.output]
    read = _read(view, live, layer.kernel == DEPTHWISE)
    bias = view.bias + (view.weights * view.low * ~read).sum((1, 2))
    # An output that is constant is so for any sum it can have: without inputs, the least one.
    known = np.where(network.ranges[layer.output].constant, view.sums()[0], 0)
    bias = np.where(live, bias, np.clip(known, *INT32))[keep]
    rows = np.where(live[:, None, None] & read, view.weights, 0)[keep]
    weights = graph.input(op, 1)
    assert weights.quantization is not None
    if layer.kernel == DEPTHWISE:
        data = rows[..., 0].T.reshape(*weights.shape[:3], -1)
    else:
        columns = regroup(source, rows.shape[2], np.logical_and)
        data = rows[..., columns].reshape(len(rows), *weights.shape[1:-1], -1)
    old = graph.optional(op, 2)
    name = f"{op.name}/bias" if old is None else old.name
    return (
        replace(
            _constant(weights, data.astype(np.int8)),
            quantization=_sliced(weights.quantization, keep),
        ),
        # Its scale is that of the sums; a bias that was zero may have come with any.
        Tensor(name, bias.shape, "int32", None, bias.astype(np.int32)),
    )


def _constant(tensor: Tensor, data: NDArray[Any]) -> Tensor:
    return replace(tensor, shape=data.shape, data=data)


def _sliced(quantization: Quantization, keep: Flags) -> Quantization:
    """The scales of the outputs to keep, where each has its own."""
    if len(quantization.scale) == 1:
        return quantization
    pairs = zip(quantization.scale, quantization.zero_point, keep, strict=True)
    scales, zeros = zip(*[(s, z) for s, z, stays in pairs if stays], strict=True)
    return replace(quantization, scale=scales, zero_point=zeros)
