"""MAX_POOL_2D by four channels on the DSP extension: see `ek_max_pool2d_s8_dsp.c`."""

from __future__ import annotations

from dataclasses import replace

from edgekit.converters.micro.graph import Graph
from edgekit.converters.micro.layer import Layer
from edgekit.converters.micro.rescale import number

BASE = "ek_max_pool2d_s8"
ISA = ("dsp",)


def specialise(layer: Layer, graph: Graph, optimize: str) -> Layer | None:
    """The same layer; None where its channels are no multiple of four."""
    if number(layer.params, "channels") % 4:
        return None
    return replace(layer, kernel="ek_max_pool2d_s8_dsp")
