"""Lowers every op of a graph to a call of a plain C kernel."""

from __future__ import annotations

from edgekit.converters.micro.graph import Graph
from edgekit.converters.micro.layer import Layer
from edgekit.converters.micro.reader import op_kind, op_modules


def lower_graph(graph: Graph) -> list[Layer]:
    """One layer an op, in their order; refuses what the kernels cannot take."""
    modules = {op_kind(module): module for module in op_modules().values()}
    return [modules[op.kind].lower(op, graph) for op in graph.ops]
