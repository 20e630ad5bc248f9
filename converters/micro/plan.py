"""The memory plan: where in the arena each tensor lives, and when.

Tensors that share memory (a reshape's two ends, an elementwise op done in place) form one
buffer. Buffers alive at the same time must not overlap; several orders of first-fit placement
are tried and the smallest arena is kept. Source: Pisarchyk and Lee, "Efficient Memory
Management for Deep Neural Net Inference", 2020 (greedy by size), with further orders.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from edgekit.converters.micro.graph import Graph
from edgekit.converters.micro.layer import Layer

ALIGNMENT = 4  # float32 tensors, and word loads of int8 ones


@dataclass(frozen=True)
class Buffer:
    """`size` bytes at `offset`, holding `tensors` from layer `first` to layer `last` inclusive.

    The model's inputs live from layer 0, its outputs to the last layer. A buffer of no tensors
    is a layer's scratch memory.
    """

    tensors: tuple[int, ...]
    size: int
    first: int
    last: int
    offset: int = 0

    def meets(self, other: Buffer) -> bool:
        """True if both are alive at some layer."""
        return self.first <= other.last and other.first <= self.last


@dataclass(frozen=True)
class Plan:
    """The arena: its size in bytes and its buffers."""

    arena_bytes: int
    buffers: tuple[Buffer, ...]

    def offset(self, tensor: int) -> int:
        """Where `tensor` starts in the arena."""
        return next(b.offset for b in self.buffers if tensor in b.tensors)

    def scratch(self, layer: int) -> int:
        """Where the scratch memory of layer number `layer` starts."""
        return next(b.offset for b in self.buffers if not b.tensors and b.first == layer)


def plan_memory(graph: Graph, layers: Sequence[Layer]) -> Plan:
    """The smallest arena found for these layers."""
    buffers = _buffers(graph, layers)
    orders: list[Callable[[Buffer], tuple[int, ...]]] = [
        lambda b: (-b.size, b.first),
        lambda b: (b.first, -b.size),
        lambda b: (b.first - b.last, -b.size),
        lambda b: (-b.size * (b.last - b.first + 1), b.first),
    ]
    plans = [_place(sorted(buffers, key=order)) for order in orders]
    best = min(plans, key=lambda plan: plan.arena_bytes)
    check_plan(best)
    return best


def check_plan(plan: Plan) -> None:
    """Two buffers alive at once never overlap, and all lie inside the arena."""
    for i, a in enumerate(plan.buffers):
        assert a.offset % ALIGNMENT == 0 and a.offset + a.size <= plan.arena_bytes
        for b in plan.buffers[:i]:
            apart = a.offset + a.size <= b.offset or b.offset + b.size <= a.offset
            assert apart or not a.meets(b), (a, b)


def _buffers(graph: Graph, layers: Sequence[Layer]) -> list[Buffer]:
    """One buffer for each set of tensors that share memory."""
    written = {layer.output: i for i, layer in enumerate(layers)}
    last_read = {t: i for i, layer in enumerate(layers) for t in layer.inputs}
    last_read |= dict.fromkeys(graph.outputs, len(layers) - 1)
    group = {t: [t] for t in graph.inputs}
    first = dict.fromkeys(graph.inputs, 0)
    for i, layer in enumerate(layers):
        out = layer.output
        home = _in_place_input(graph, layer, i, group, last_read)
        if home is None:
            group[out], first[out] = [out], i
        else:
            group[home].append(out)
            group[out], first[out] = group[home], first[home]
    unique = {id(members): members for members in group.values()}
    return [
        Buffer(
            tensors=tuple(members),
            size=max(graph.tensors[t].bytes for t in members),
            first=min(first[t] for t in members),
            last=max(max(last_read.get(t, 0), written.get(t, 0)) for t in members),
        )
        for members in unique.values()
    ] + [
        Buffer((), layer.scratch_bytes, i, i)
        for i, layer in enumerate(layers)
        if layer.scratch_bytes
    ]


def _in_place_input(
    graph: Graph,
    layer: Layer,
    index: int,
    group: dict[int, list[int]],
    last_read: dict[int, int],
) -> int | None:
    """The input whose memory this layer's output takes, or None.

    A reshape always shares. An elementwise layer does where nobody reads that memory later.
    """
    for position in layer.in_place:
        source = layer.inputs[position]
        if source not in group:
            continue  # a constant
        if layer.kernel is None:
            return source
        busy = any(last_read.get(t, -1) > index or t in graph.outputs for t in group[source])
        fits = graph.tensors[layer.output].bytes <= graph.tensors[source].bytes
        if fits and not busy:
            return source
    return None


def _place(buffers: Sequence[Buffer]) -> Plan:
    """Each buffer in turn at the lowest offset where it meets no placed one."""
    placed: list[Buffer] = []
    for buffer in buffers:
        offset = 0
        for other in sorted((b for b in placed if b.meets(buffer)), key=lambda b: b.offset):
            if offset + buffer.size <= other.offset:
                break
            offset = max(offset, _aligned(other.offset + other.size))
        placed.append(Buffer(buffer.tensors, buffer.size, buffer.first, buffer.last, offset))
    end = max(b.offset + b.size for b in placed)
    return Plan(_aligned(end), tuple(sorted(placed, key=lambda b: (b.first, b.offset))))


def _aligned(size: int) -> int:
    return -(-size // ALIGNMENT) * ALIGNMENT
