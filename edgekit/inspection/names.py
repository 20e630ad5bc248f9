"""Names short enough to read."""

from __future__ import annotations


def short_name(name: str, width: int = 28) -> str:
    """The last of the names that a converter joined with ';' when it fused layers, its end where
    it is longer than `width`."""
    last = name.split(";")[-1]
    return last if len(last) <= width else "…" + last[-(width - 1) :]


def short_kernel(kernel: str) -> str:
    """A kernel without the prefix that all have."""
    return kernel.removeprefix("ek_")


def shape_text(shape: tuple[int, ...]) -> str:
    """`25x5x64`: the shape without a leading batch of one."""
    inner = shape[1:] if len(shape) > 1 and shape[0] == 1 else shape
    return "x".join(str(size) for size in inner)
