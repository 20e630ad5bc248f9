"""Hands memory of the arena that nobody uses to layers that run faster with more scratch.

The arena's size is set by its fullest layer; at others much of it is free. A variant that can use
more has `grow(layer, graph, room)`, which yields itself with larger tiles, the largest first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from edgekit.converters.micro.choose import variant_of
from edgekit.converters.micro.graph import Graph
from edgekit.converters.micro.layer import Layer
from edgekit.converters.micro.plan import Buffer, Plan


def use_spare_memory(graph: Graph, layers: Sequence[Layer], plan: Plan) -> tuple[list[Layer], Plan]:
    """The layers with larger tiles where the plan leaves room, and the plan with their scratch
    moved there; the arena and all tensors stay where they are."""
    grown = list(layers)
    buffers = list(plan.buffers)
    for i, layer in enumerate(layers):
        module = variant_of(layer)
        if module is None or not hasattr(module, "grow"):
            continue
        start, room = _largest_gap(buffers, i, plan.arena_bytes)
        for candidate in module.grow(layer, graph, room):
            if candidate.scratch_bytes <= room and _still_apart(candidate, plan):
                grown[i] = candidate
                own = next(k for k, b in enumerate(buffers) if not b.tensors and b.first == i)
                buffers[own] = Buffer((), candidate.scratch_bytes, i, i, start)
                break
    return grown, replace(plan, buffers=tuple(buffers))


def _largest_gap(buffers: Sequence[Buffer], layer: int, end: int) -> tuple[int, int]:
    """(start, bytes) of the largest part of the arena that no tensor uses at this layer."""
    alive = [b for b in buffers if b.tensors and b.first <= layer <= b.last]
    edges = [0, *(-(-(b.offset + b.size) // 4) * 4 for b in alive)]
    gaps = [
        (start, min([end, *(b.offset for b in alive if b.offset >= start)]) - start)
        for start in edges
        if not any(b.offset <= start < b.offset + b.size for b in alive)
    ]
    return max(gaps, key=lambda gap: gap[1], default=(0, 0))


def _still_apart(layer: Layer, plan: Plan) -> bool:
    """True if the output, where it overlaps an input, starts far enough before it still."""
    output = next(b for b in plan.buffers if layer.output in b.tensors)
    for tensor in layer.inputs:
        source = next((b for b in plan.buffers if tensor in b.tensors), None)
        if source is None or source.clear_of(output):
            continue
        if layer.lead_bytes is None or output.offset + layer.lead_bytes > source.offset:
            return False
    return True
