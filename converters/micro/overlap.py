"""How far an output may overlap its layer's input in memory.

A window that slides down an image leaves rows behind that nobody reads again. An output that
starts `lead` bytes before the input may be written over them.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from edgekit.converters.micro.checks import Window
from edgekit.converters.micro.graph import Tensor
from edgekit.converters.micro.layer import Value
from edgekit.converters.micro.rescale import number

_FIELDS = ("kernel", "stride", "dilation", "pad", "out")  # of a Window, as layers name them


def windows(params: Mapping[str, Value]) -> tuple[Window, Window]:
    """A convolution's windows down and across."""
    down, across = (
        Window(*(number(params, f"{field}_{axis}") for field in _FIELDS)) for axis in "hw"
    )
    return down, across


def lead_bytes(source: Tensor, output: Tensor, y: Window, x: Window, tile: int = 0) -> int | None:
    """The least number of bytes by which `output` [1, oh, ow, oc] must start before `source`
    [1, h, w, c], both int8, None where that saves nothing.

    Output pixels are made in order. A kernel with `tile` > 0 has read the inputs of `tile` pixels
    before it writes them; one with 0 reads and writes pixel by pixel, its own inputs to the last.
    """
    if source.shape[0] != 1:
        return None
    rows = np.maximum(np.arange(y.out) * y.stride - y.pad, 0) * source.shape[2]
    columns = np.maximum(np.arange(x.out) * x.stride - x.pad, 0)
    first_read = ((rows[:, None] + columns[None, :]) * source.shape[3]).reshape(-1)
    still_read = np.minimum.accumulate(first_read[::-1])[::-1]  # by this pixel or a later one
    depth = output.shape[3]
    if tile:
        ends = np.arange(tile, len(still_read), tile)
        behind = ends * depth - still_read[ends]
    else:
        behind = (np.arange(len(still_read)) + 1) * depth - still_read
    lead = max(0, int(behind.max(initial=0)))
    lead = -(-lead // 4) * 4
    return lead if lead < output.bytes else None
