"""The memory plan as SVG: a shape a buffer, layers from left to right, bytes upwards.

A slanted edge is a handover: as the layer runs, its output takes the bytes of its input.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from edgekit.artifact import BufferInfo, LayerInfo
from edgekit.inspection.handover import Handover, given, taken
from edgekit.inspection.names import short_name

FILLS = (
    "#cfe3ff", "#d8f0d0", "#ffe6b0", "#ffd9d6", "#e6dcff", "#cdeeee", "#f6d8ee", "#eceacb",
)  # fmt: skip
SCRATCH_FILL = "#ececec"
HEIGHT = 340
LEFT, TOP, BOTTOM = 62, 12, 40
ROOM = 1070  # for the columns, where they are few
NARROWEST, WIDEST = 46, 110
LETTER = 6.6  # width of a letter of the labels


def draw_plan(plan: tuple[BufferInfo, ...], arena_bytes: int, layers: tuple[LayerInfo, ...]) -> str:
    """An `<svg>` element, with a tooltip on each buffer and on each layer's number."""
    column = _column(len(layers))
    width = LEFT + column * len(layers) + 8
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {TOP + HEIGHT + BOTTOM}" '
        f'width="{width}" height="{TOP + HEIGHT + BOTTOM}" role="img" '
        f'aria-label="Memory plan: {arena_bytes:,} bytes over {len(layers)} layers">'
    ]
    parts += _axes(arena_bytes, layers, column)
    largest_first = sorted(plan, key=lambda b: (-b.size, b.first, b.offset))
    fills = _fills(plan)
    for buffer in largest_first:
        text = escape(describe(buffer, layers), quote=True)
        parts.append(
            f'<g class="buffer" tabindex="0" data-text="{text}"><title>{text}</title>'
            f"{_shape(buffer, plan, fills[id(buffer)], arena_bytes, column)}</g>"
        )
    return "\n".join([*parts, "</svg>"])


def describe(buffer: BufferInfo, layers: tuple[LayerInfo, ...]) -> str:
    """A buffer in words, for its tooltip."""
    first, last = buffer.first, buffer.last
    life = f"layer {first}" if first == last else f"layers {first} to {last}"
    ops = " → ".join(dict.fromkeys(layers[i].op for i in (first, last) if i < len(layers)))
    end = buffer.offset + buffer.size
    return (
        f"{short_name(buffer.tensor, 60)}: {buffer.size:,} bytes at {buffer.offset:,} to "
        f"{end:,}, {life} ({ops})"
    )


def _column(layers: int) -> int:
    """The width of a layer's column."""
    return min(WIDEST, max(NARROWEST, ROOM // max(1, layers)))


def _fills(plan: tuple[BufferInfo, ...]) -> dict[int, str]:
    """Colours in the order of time, so that neighbours differ; scratch memory is grey."""
    named = [b for b in sorted(plan, key=lambda b: (b.first, b.offset)) if b.tensor != "scratch"]
    fills = {id(b): FILLS[i % len(FILLS)] for i, b in enumerate(named)}
    return {id(b): fills.get(id(b), SCRATCH_FILL) for b in plan}


def _y(offset: float, arena_bytes: int) -> float:
    return TOP + HEIGHT * (1 - offset / max(1, arena_bytes))


def _axes(arena_bytes: int, layers: tuple[LayerInfo, ...], column: int) -> list[str]:
    """Lines at quarters of the arena with their bytes, and the layers' numbers."""
    right = LEFT + column * len(layers)
    parts = []
    for quarter in range(5):
        offset = arena_bytes * quarter // 4
        y = _y(offset, arena_bytes)
        parts.append(f'<line class="grid" x1="{LEFT}" y1="{y:.1f}" x2="{right}" y2="{y:.1f}"/>')
        parts.append(
            f'<text class="tick" x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{offset:,}</text>'
        )
    for number, layer in enumerate(layers):
        x = LEFT + column * (number + 0.5)
        parts.append(
            f'<text class="tick" x="{x:.1f}" y="{TOP + HEIGHT + 16}" text-anchor="middle">'
            f"{number}<title>{escape(f'{number}: {layer.op}, {layer.kernel}')}</title></text>"
        )
    caption = f'x="{LEFT}" y="{TOP + HEIGHT + 33}"'
    return [*parts, f'<text class="tick" {caption}>layer, in the order they run</text>']


def _shape(
    buffer: BufferInfo, plan: Sequence[BufferInfo], fill: str, arena_bytes: int, column: int
) -> str:
    left, right = LEFT + column * buffer.first, LEFT + column * (buffer.last + 1)
    before, after = taken(buffer, plan), given(buffer, plan)
    edge = [
        *_edge(buffer, before, left, left, column),
        *reversed(_edge(buffer, after, right, right - column, column)),
    ]
    points = " ".join(f"{x:.1f},{_y(offset, arena_bytes):.1f}" for x, offset in edge)
    # Where the shape is slanted, its middle lies between the middles of its edges.
    left += column // 2 if before else 0
    right -= column // 2 if after else 0
    shape = f'<polygon points="{points}" fill="{fill}"/>'
    return shape + _label(buffer, left, right, arena_bytes)


def _edge(
    buffer: BufferInfo, handovers: Sequence[Handover], straight: float, start: float, column: int
) -> list[tuple[float, int]]:
    """(x, offset) along one edge from the bottom to the top: at `straight`, but across the column
    that begins at `start` where bytes are handed over."""
    points: list[tuple[float, int]] = []
    done, end = buffer.offset, buffer.offset + buffer.size
    for handover in handovers:
        if handover.low > done:
            points += [(straight, done), (straight, handover.low)]
        points += [(start, handover.low), (start + column, handover.high)]
        done = handover.high
    return points if done == end else [*points, (straight, done), (straight, end)]


def _label(buffer: BufferInfo, left: float, right: float, arena_bytes: int) -> str:
    """The size, and the name where there is room for it."""
    size = f"{buffer.size:,}"
    top, bottom = _y(buffer.offset + buffer.size, arena_bytes), _y(buffer.offset, arena_bytes)
    if bottom - top < 14 or right - left < LETTER * len(size) + 4:
        return ""
    lines = [size]
    room = int((right - left - 8) / LETTER)
    if bottom - top >= 32 and room >= 8:
        lines.insert(0, short_name(buffer.tensor, room))
    first = (top + bottom) / 2 + 4 - 7 * (len(lines) - 1)
    return "".join(
        f'<text x="{(left + right) / 2:.1f}" y="{first + 15 * i:.1f}" text-anchor="middle">'
        f"{escape(line)}</text>"
        for i, line in enumerate(lines)
    )
