"""AVERAGE_POOL_2D, int8."""

from __future__ import annotations

from edgekit.converters.micro.graph import Graph, Op
from edgekit.converters.micro.layer import Layer
from edgekit.converters.micro.pool import POOL_OPTIONS, lower_pool

CODE = 1
INPUTS = (1, 1)
OPTIONS = POOL_OPTIONS


def lower(op: Op, graph: Graph) -> Layer:
    """Input [n, h, w, c] -> output [n, oh, ow, c]."""
    return lower_pool(op, graph, "ek_average_pool2d_s8")
