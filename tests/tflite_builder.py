"""Builds small `.tflite` files for tests with TFLite's own generated schema."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema
from numpy.typing import NDArray

DTYPES = {"float32": 0, "int32": 2, "uint8": 3, "int64": 4, "int16": 7, "int8": 9}


@dataclass(frozen=True)
class T:
    """A tensor: quantized where `scale` is given, constant where `data` is."""

    shape: Sequence[int]
    dtype: str = "int8"
    scale: float | Sequence[float] | None = None
    zero: int | Sequence[int] = 0
    axis: int = 0
    data: NDArray[Any] | None = None


@dataclass(frozen=True)
class O:  # noqa: E742
    """An op: `options` names the options table and its fields."""

    code: str
    inputs: Sequence[int]
    outputs: Sequence[int]
    options: str = ""
    fields: Mapping[str, Any] | None = None


def build(
    tensors: Sequence[T], ops: Sequence[O], inputs: Sequence[int], outputs: Sequence[int]
) -> bytes:
    """The bytes of a model with one subgraph."""
    model = schema.ModelT()
    model.version = 3
    model.description = "test"
    model.buffers = [schema.BufferT()]
    codes = sorted({op.code for op in ops})
    model.operatorCodes = [_code(name) for name in codes]
    graph = schema.SubGraphT()
    graph.tensors = [_tensor(model, i, t) for i, t in enumerate(tensors)]
    graph.operators = [_operator(op, codes) for op in ops]
    graph.inputs, graph.outputs = list(inputs), list(outputs)
    graph.name = "main"
    model.subgraphs = [graph]
    builder = flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def _code(name: str) -> Any:
    code = schema.OperatorCodeT()
    code.builtinCode = getattr(schema.BuiltinOperator, name)
    code.deprecatedBuiltinCode = min(code.builtinCode, 127)
    code.version = 1
    return code


def _tensor(model: Any, index: int, spec: T) -> Any:
    tensor = schema.TensorT()
    tensor.name = f"t{index}"
    tensor.shape = list(spec.shape)
    tensor.type = DTYPES[spec.dtype]
    tensor.buffer = 0
    if spec.data is not None:
        buffer = schema.BufferT()
        buffer.data = np.frombuffer(np.ascontiguousarray(spec.data).tobytes(), np.uint8)
        model.buffers.append(buffer)
        tensor.buffer = len(model.buffers) - 1
    if spec.scale is not None:
        scales = [spec.scale] if isinstance(spec.scale, float) else list(spec.scale)
        zeros = [spec.zero] * len(scales) if isinstance(spec.zero, int) else list(spec.zero)
        tensor.quantization = schema.QuantizationParametersT()
        tensor.quantization.scale = scales
        tensor.quantization.zeroPoint = zeros
        tensor.quantization.quantizedDimension = spec.axis
    return tensor


def _operator(op: O, codes: Sequence[str]) -> Any:
    operator = schema.OperatorT()
    operator.opcodeIndex = codes.index(op.code)
    operator.inputs, operator.outputs = list(op.inputs), list(op.outputs)
    if op.options:
        operator.builtinOptionsType = getattr(schema.BuiltinOptions, op.options)
        options = getattr(schema, op.options + "T")()
        for field, value in (op.fields or {}).items():
            assert hasattr(options, field), field
            setattr(options, field, value)
        operator.builtinOptions = options
    return operator
