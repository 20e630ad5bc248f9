"""A memory plan made up for tests: three layers, the second in place, the third with scratch."""

from __future__ import annotations

from edgekit.artifact import BufferInfo, LayerInfo

ARENA = 400


def buffer(tensor: str, offset: int, size: int, first: int, last: int) -> BufferInfo:
    return BufferInfo(tensor=tensor, offset=offset, size=size, first=first, last=last)


INPUT = buffer("serving<input>:0", 300, 100, 0, 0)
FIRST = buffer("net/a;net/a&Relu", 0, 300, 0, 1)
SECOND = buffer("net/b", 0, 200, 1, 2)
SCRATCH = buffer("scratch", 200, 40, 2, 2)
LAST = buffer("net/c", 300, 10, 2, 2)
PLAN = (INPUT, FIRST, SECOND, SCRATCH, LAST)
LAYERS = tuple(
    LayerInfo(
        name=f"net/{op}", op=op, kernel=f"ek_{op.lower()}_s8", symbol=f"layer_{i:02d}",
        macs=10 * i, output_shape=(1, 10),
    )
    for i, op in enumerate(("CONV_2D", "RELU", "SOFTMAX"))
)  # fmt: skip
