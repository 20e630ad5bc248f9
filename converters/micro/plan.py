"""The memory plan: where in the arena each tensor lives, and when.

Two values that are alive at the same layer lie apart, except for a layer's input and output where
its kernel allows them to overlap: it reads on ahead of what it writes. Values are placed one after
another at the lowest offset that fits (Pisarchyk and Lee, "Efficient Memory Management for Deep
Neural Net Inference", 2020), in several orders; the smallest arena is kept.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from edgekit.converters.micro.graph import Graph
from edgekit.converters.micro.layer import Layer

ALIGNMENT = 4  # float32 tensors, and word loads of int8 ones
SHUFFLES = 100  # random orders tried beside the systematic ones, always the same


@dataclass(frozen=True)
class Buffer:
    """`size` bytes at `offset`, holding `tensors` from layer `first` to layer `last` inclusive.

    Several tensors are one value under several shapes. The model's inputs live from layer 0, its
    outputs to the last layer. A buffer of no tensors is a layer's scratch memory.
    """

    tensors: tuple[int, ...]
    size: int
    first: int
    last: int
    offset: int = 0

    def meets(self, other: Buffer) -> bool:
        """True if both are alive at some layer."""
        return self.first <= other.last and other.first <= self.last

    def clear_of(self, other: Buffer) -> bool:
        """True if no byte is in both."""
        return self.offset + self.size <= other.offset or other.offset + other.size <= self.offset


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


@dataclass(frozen=True)
class Overlaps:
    """Which outputs may lie over which inputs: (first tensor of the input's buffer, of the
    output's) -> how many bytes the output must start before the input, None for the same start."""

    leads: dict[tuple[int, int], int | None]

    def allow(self, a: Buffer, b: Buffer) -> bool:
        """True if the two buffers may share bytes as they are placed."""
        if not a.tensors or not b.tensors:
            return False
        for source, output in ((a, b), (b, a)):
            key = source.tensors[0], output.tensors[0]
            if key in self.leads and source.last == output.first:
                lead = self.leads[key]
                if lead is None:
                    return output.offset == source.offset
                return output.offset + lead <= source.offset
        return False

    def fit(self, a: Buffer, b: Buffer) -> bool:
        """True if the two may be placed as they are."""
        return not a.meets(b) or a.clear_of(b) or self.allow(a, b)

    def starts(self, new: Buffer, placed: Buffer) -> Iterator[int]:
        """Where `new` might start with regard to `placed`."""
        yield _aligned(placed.offset + placed.size)
        if new.tensors and placed.tensors:
            as_input = self.leads.get((new.tensors[0], placed.tensors[0]), -1)
            as_output = self.leads.get((placed.tensors[0], new.tensors[0]), -1)
            if as_input != -1:
                yield placed.offset + (as_input or 0)
            if as_output != -1 and placed.offset >= (as_output or 0):
                yield placed.offset - (as_output or 0)


def plan_memory(graph: Graph, layers: Sequence[Layer]) -> Plan:
    """The smallest arena found for these layers."""
    buffers = _buffers(graph, layers)
    overlaps = _overlaps(graph, layers, buffers)
    best = min(
        (_place(order, overlaps) for order in _orders(buffers)), key=lambda plan: plan.arena_bytes
    )
    check_plan(best, overlaps)
    return best


def check_plan(plan: Plan, overlaps: Overlaps) -> None:
    """Buffers alive at once are apart, or overlap as a kernel allows; all lie inside the arena."""
    for i, a in enumerate(plan.buffers):
        assert a.offset % ALIGNMENT == 0 and 0 <= a.offset <= plan.arena_bytes - a.size
        for b in plan.buffers[:i]:
            assert overlaps.fit(a, b), (a, b)


def _buffers(graph: Graph, layers: Sequence[Layer]) -> list[Buffer]:
    """One buffer for each value, whatever its shapes, and one for each scratch memory."""
    written = dict.fromkeys(graph.inputs, 0) | {x.output: i for i, x in enumerate(layers)}
    last_read = {t: i for i, layer in enumerate(layers) for t in layer.inputs}
    last_read |= dict.fromkeys(graph.outputs, len(layers) - 1)
    values: dict[int, list[int]] = {t: [t] for t in graph.inputs}
    for layer in layers:
        same = values[layer.inputs[0]] if layer.kernel is None else []
        same.append(layer.output)
        values[layer.output] = same
    buffers = [
        Buffer(
            tensors=tuple(tensors),
            size=graph.tensors[tensors[0]].bytes,
            first=min(written[t] for t in tensors),
            last=max(max(written[t], last_read.get(t, 0)) for t in tensors),
        )
        for tensors in {id(v): v for v in values.values()}.values()
    ]
    scratch = enumerate(layer.scratch_bytes for layer in layers)
    return buffers + [Buffer((), size, i, i) for i, size in scratch if size]


def _overlaps(graph: Graph, layers: Sequence[Layer], buffers: Sequence[Buffer]) -> Overlaps:
    home = {t: buffer for buffer in buffers for t in buffer.tensors}
    leads: dict[tuple[int, int], int | None] = {}
    for i, layer in enumerate(layers):
        for position in layer.in_place if layer.kernel else ():
            source = home.get(layer.inputs[position])
            if source is None or not set(source.tensors).isdisjoint(graph.outputs):
                continue  # a constant, or a value that is still wanted after the last layer
            if source.last == i:
                leads[source.tensors[0], home[layer.output].tensors[0]] = layer.lead_bytes
    return Overlaps(leads)


def _orders(buffers: Sequence[Buffer]) -> Iterator[list[Buffer]]:
    """Orders of placement: by size, by time forwards and backwards, then at random."""
    yield sorted(buffers, key=lambda b: (-b.size, b.first))
    yield sorted(buffers, key=lambda b: (b.first, -b.size))
    yield sorted(buffers, key=lambda b: (-b.last, -b.size))
    yield sorted(buffers, key=lambda b: (-b.size * (b.last - b.first + 1), b.first))
    rng = random.Random(0)
    for _ in range(SHUFFLES):
        weights = {id(b): b.size * (0.5 + rng.random()) for b in buffers}
        yield sorted(buffers, key=lambda b: -weights[id(b)])


def _place(buffers: Sequence[Buffer], overlaps: Overlaps) -> Plan:
    """Each buffer in turn at the lowest offset that fits with those already placed."""
    placed: list[Buffer] = []
    for buffer in buffers:
        others = [p for p in placed if p.meets(buffer)]
        starts = {0} | {s for p in others for s in overlaps.starts(buffer, p)}
        tried = (replace(buffer, offset=start) for start in sorted(starts))
        placed.append(next(b for b in tried if all(overlaps.fit(b, p) for p in others)))
    end = max(b.offset + b.size for b in placed)
    return Plan(_aligned(end), tuple(sorted(placed, key=lambda b: (b.first, b.offset))))


def _aligned(size: int) -> int:
    return -(-size // ALIGNMENT) * ALIGNMENT
