"""Several models side by side in one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import flatbuffers
from ai_edge_litert import schema_py_generated as schema


def merge(models: Sequence[bytes]) -> bytes:
    """One model with all inputs, ops and outputs of `models`, each apart from the others."""
    whole = schema.ModelT.InitFromPackedBuf(models[0])
    _name(whole.subgraphs[0], 0)
    for number, raw in enumerate(models[1:], 1):
        part = schema.ModelT.InitFromPackedBuf(raw)
        _name(part.subgraphs[0], number)
        _append(whole, part)
    builder = flatbuffers.Builder(1024)
    builder.Finish(whole.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def _name(graph: Any, number: int) -> None:
    for tensor in graph.tensors:
        tensor.name = f"m{number}_{tensor.name.decode()}"


def _append(whole: Any, part: Any) -> None:
    graph, new = whole.subgraphs[0], part.subgraphs[0]
    tensors, buffers, codes = len(graph.tensors), len(whole.buffers), len(whole.operatorCodes)
    for tensor in new.tensors:
        tensor.buffer += buffers
    for op in new.operators:
        op.opcodeIndex += codes
        op.inputs = [i if i < 0 else i + tensors for i in op.inputs]
        op.outputs = [i + tensors for i in op.outputs]
    graph.tensors += new.tensors
    graph.operators += new.operators
    graph.inputs = [*graph.inputs, *(i + tensors for i in new.inputs)]
    graph.outputs = [*graph.outputs, *(i + tensors for i in new.outputs)]
    whole.buffers += part.buffers
    whole.operatorCodes += part.operatorCodes
