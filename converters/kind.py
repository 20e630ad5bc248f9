"""Is a `.tflite` model int8 or float? Decided from what its layers read and write."""

from __future__ import annotations

from typing import Literal

from edgekit.converters.micro.graph import Graph, Op
from edgekit.errors import EdgekitError

ENDS = ("quantize", "dequantize")


def model_kind(graph: Graph, where: str) -> Literal["int8", "float32"]:
    """ "int8" if no layer computes in float32 (float32 between QUANTIZE or DEQUANTIZE and the ends
    is allowed), "float32" if every layer does, with float32 or int8 weights.

    A model that is half of each raises EdgekitError.
    """
    layers = [op for op in graph.ops if op.kind not in ENDS]
    floats = [op for op in layers if "float32" in _activations(graph, op)]
    if not floats:
        return "int8"
    others = [op for op in graph.ops if _activations(graph, op) != {"float32"}]
    if others:
        raise EdgekitError(
            f"layer '{floats[0].name[:60]}' computes in float32, "
            f"layer '{others[0].name[:60]}' does not",
            where=where,
            remedy="Give the float32 model with --data, or one that is int8 throughout.",
        )
    return "float32"


def _activations(graph: Graph, op: Op) -> set[str]:
    """The dtypes of the values, not constants, that an op reads and writes."""
    tensors = [graph.tensors[i] for i in (*op.inputs, *op.outputs) if i >= 0]
    return {t.dtype for t in tensors if t.data is None}
