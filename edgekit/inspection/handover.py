"""Where a layer's output takes the memory of its input while that is still read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from edgekit.artifact import BufferInfo


@dataclass(frozen=True)
class Handover:
    """Bytes [low, high) of the arena that pass from one buffer to the next within a layer."""

    low: int
    high: int


def taken(buffer: BufferInfo, plan: Sequence[BufferInfo]) -> list[Handover]:
    """What `buffer` takes over in its first layer, by address."""
    return _shared(buffer, [other for other in plan if _precedes(other, buffer)])


def given(buffer: BufferInfo, plan: Sequence[BufferInfo]) -> list[Handover]:
    """What `buffer` gives away in its last layer, by address."""
    return _shared(buffer, [other for other in plan if _precedes(buffer, other)])


def _precedes(one: BufferInfo, other: BufferInfo) -> bool:
    return one.last == other.first and (one.first, one.last) < (other.first, other.last)


def _shared(buffer: BufferInfo, others: Sequence[BufferInfo]) -> list[Handover]:
    end = buffer.offset + buffer.size
    spans = [(max(buffer.offset, o.offset), min(end, o.offset + o.size)) for o in others]
    return [Handover(low, high) for low, high in sorted(spans) if low < high]
