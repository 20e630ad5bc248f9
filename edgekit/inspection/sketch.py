"""The memory plan as a small picture of letters, for a terminal."""

from __future__ import annotations

from edgekit.artifact import BufferInfo
from edgekit.inspection.names import short_name

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
WIDTH, HEIGHT = 68, 12
EMPTY = "·"
_LEGEND = 6  # buffers that are named


def sketch(plan: tuple[BufferInfo, ...], arena_bytes: int, layers: int) -> str:
    """Layers from left to right, the arena from 0 at the bottom; a letter a buffer, the largest
    ones named below. A buffer smaller than a row may not be seen."""
    if not plan or not layers:
        return ""
    ordered = sorted(plan, key=lambda b: (-b.size * (b.last - b.first + 1), b.first, b.offset))
    letters = {id(b): LETTERS[i % len(LETTERS)] for i, b in enumerate(ordered)}
    wide = max(1, WIDTH // layers)
    columns = min(layers, WIDTH)
    lines = []
    for row in reversed(range(HEIGHT)):
        height = (row + 0.5) * arena_bytes / HEIGHT
        cells = [_cell(ordered, letters, height, c * layers // columns) for c in range(columns)]
        top = f"{(row + 1) * arena_bytes // HEIGHT:>9,} "
        lines.append((top if row % 3 == 2 else " " * 10) + "".join(c * wide for c in cells))
    named = [f"{letters[id(b)]} {short_name(b.tensor, 24)} {b.size:,}" for b in ordered[:_LEGEND]]
    return "\n".join([*lines, *_pairs(named)])


def _cell(buffers: list[BufferInfo], letters: dict[int, str], height: float, layer: int) -> str:
    for buffer in reversed(buffers):  # the small ones above the large ones
        alive = buffer.first <= layer <= buffer.last
        if alive and buffer.offset <= height < buffer.offset + buffer.size:
            return letters[id(buffer)]
    return EMPTY


def _pairs(texts: list[str]) -> list[str]:
    """Two texts a line."""
    return [
        f"{'':10}{texts[i]:<35}{texts[i + 1] if i + 1 < len(texts) else ''}".rstrip()
        for i in range(0, len(texts), 2)
    ]
