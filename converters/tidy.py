"""Brings `.tflite` models of any age and maker into one form.

Object API of the schema (ai-edge-litert), for bytes whose structure was checked before.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from ai_edge_litert import schema_py_generated as schema
from ai_edge_litert.tools import flatbuffer_utils


def tidy(tflite: bytes, signature: str) -> tuple[bytes, list[str]]:
    """The model written anew with one signature, and the names of its inputs there, in order.

    The bytes must have passed `read_graph`. Older exports have no signature, keep the op's code
    in its deprecated field only (the quantizer then takes a convolution for an ADD), and may hold
    int8 weights for float32 layers ("dynamic range"), which are expanded to float32.
    """
    model = flatbuffer_utils.read_model_from_bytearray(bytearray(tflite))
    graph = model.subgraphs[0]
    for code in model.operatorCodes:
        code.builtinCode = max(code.builtinCode, code.deprecatedBuiltinCode)
    for tensor in graph.tensors:
        _expand_weights(model, tensor)
    _name_apart(graph.tensors)
    names = [f"input_{i}" for i in range(len(graph.inputs))]
    model.signatureDefs = [_signature(graph, signature, names)]
    return bytes(flatbuffer_utils.convert_object_to_bytearray(model)), names


def inline_buffers(tflite: bytes) -> bytes:
    """The model with all weights inside the FlatBuffer. ai-edge-quantizer puts those of all but
    small models behind it, where TFLM does not read them."""
    model = flatbuffer_utils.read_model_from_bytearray(bytearray(tflite))
    return bytes(flatbuffer_utils.convert_object_to_bytearray(model))


def _signature(graph: Any, key: str, names: list[str]) -> Any:
    definition = schema.SignatureDefT()
    definition.signatureKey = key.encode()
    definition.subgraphIndex = 0
    definition.inputs = [_tensor_map(n, i) for n, i in zip(names, graph.inputs, strict=True)]
    definition.outputs = [_tensor_map(f"output_{k}", i) for k, i in enumerate(graph.outputs)]
    return definition


def _tensor_map(name: str, index: int) -> Any:
    entry = schema.TensorMapT()
    entry.name, entry.tensorIndex = name.encode(), int(index)
    return entry


def _name_apart(tensors: list[Any]) -> None:
    """Give tensors of equal names names of their own: the quantizer tells them apart by these."""
    seen: set[bytes] = set()
    for index, tensor in enumerate(tensors):
        name = tensor.name or b"tensor"
        name = name.encode() if isinstance(name, str) else bytes(name)
        while name in seen:
            name += f"_{index}".encode()
        seen.add(name)
        tensor.name = name


def _expand_weights(model: Any, tensor: Any) -> None:
    """real = scale * (q - zero_point), along the quantized dimension."""
    raw, quantization = model.buffers[tensor.buffer].data, tensor.quantization
    if tensor.type != schema.TensorType.INT8 or raw is None or len(raw) == 0:
        return
    if quantization is None or quantization.scale is None or len(quantization.scale) == 0:
        return
    values = np.frombuffer(bytes(raw), np.int8).reshape(tensor.shape).astype(np.float32)
    scale = np.asarray(quantization.scale, np.float32)
    zero = np.asarray(quantization.zeroPoint if quantization.zeroPoint is not None else [0])
    along = [1] * values.ndim
    if len(scale) > 1:
        along[quantization.quantizedDimension] = -1
        values = (values - zero.reshape(along if len(zero) > 1 else [1])) * scale.reshape(along)
    else:
        values = (values - zero[0]) * scale[0]
    buffer = schema.BufferT()
    buffer.data = np.frombuffer(values.astype("<f4").tobytes(), np.uint8)
    model.buffers.append(buffer)
    tensor.buffer, tensor.quantization = len(model.buffers) - 1, None
    tensor.type = schema.TensorType.FLOAT32
