"""RESHAPE: the same numbers under another shape; no code runs."""

from __future__ import annotations

from edgekit.converters.micro.graph import Graph, Op, refuse
from edgekit.converters.micro.layer import Layer

CODE = 22
INPUTS = (1, 2)
OPTIONS: dict[str, tuple[int, str, int]] = {}


def lower(op: Op, graph: Graph) -> Layer:
    """Input and output share their memory; the file's own output shape is the new one."""
    source, output = graph.input(op, 0), graph.output(op)
    if source.elements != output.elements or source.dtype != output.dtype:
        raise refuse(op, f"{list(source.shape)} does not reshape to {list(output.shape)}")
    if source.quantization != output.quantization:
        raise refuse(op, "its input and output have different scales", "Quantize it again.")
    if source.data is not None:
        raise refuse(op, "it reshapes a constant", "Fold constants before export.")
    shape = graph.optional(op, 1)
    if shape is not None and shape.data is None:
        raise refuse(op, "its shape is computed, not constant", "Export with fixed shapes.")
    return Layer(op, None, {}, op.inputs[:1], op.outputs[0], in_place=(0,))
