"""Edits a `.tflite` model in memory, by the schema's object API (ai-edge-litert)."""

from __future__ import annotations

from typing import Any

import numpy as np
from ai_edge_litert import schema_py_generated as schema
from ai_edge_litert.tools import flatbuffer_utils
from numpy.typing import NDArray

CODES: dict[str, int] = {k: v for k, v in vars(schema.BuiltinOperator).items() if k.isupper()}
NAMES = {code: name for name, code in CODES.items()}
TYPES = {schema.TensorType.FLOAT32: "<f4", schema.TensorType.INT32: "<i4"}


class Editor:
    """A model of one subgraph that is being changed. Tensors are indices, operators objects."""

    def __init__(self, tflite: bytes) -> None:
        self.model: Any = flatbuffer_utils.read_model_from_bytearray(bytearray(tflite))
        self.graph = self.model.subgraphs[0]

    @property
    def operators(self) -> list[Any]:
        """The operators in the order they run; change it in place."""
        operators: list[Any] = self.graph.operators
        return operators

    def kind(self, operator: Any) -> str:
        """The operator's name in the schema, such as CONV_2D."""
        code = self.model.operatorCodes[operator.opcodeIndex]
        return NAMES.get(max(code.builtinCode, code.deprecatedBuiltinCode), "CUSTOM")

    def shape(self, tensor: int) -> tuple[int, ...]:
        """A tensor's shape."""
        shape = self.graph.tensors[tensor].shape
        return () if shape is None else tuple(int(d) for d in shape)

    def constant(self, tensor: int) -> NDArray[Any] | None:
        """A float32 or int32 constant's values, None for any other tensor."""
        record = self.graph.tensors[tensor]
        raw = self.model.buffers[record.buffer].data
        if raw is None or len(raw) == 0 or record.type not in TYPES:
            return None
        return np.frombuffer(bytes(raw), TYPES[record.type]).reshape(self.shape(tensor))

    def users(self, tensor: int) -> list[Any]:
        """The operators that read a tensor, each once."""
        return [o for o in self.operators if tensor in [int(i) for i in o.inputs]]

    def is_output(self, tensor: int) -> bool:
        """True if the tensor is an output of the model."""
        return tensor in [int(i) for i in self.graph.outputs]

    def add_constant(self, values: NDArray[Any]) -> int:
        """A new constant of float32 or int32."""
        buffer = schema.BufferT()
        is_float = values.dtype.kind == "f"
        raw = values.astype("<f4" if is_float else "<i4").tobytes()
        buffer.data = np.frombuffer(raw, np.uint8)
        self.model.buffers.append(buffer)
        kind = schema.TensorType.FLOAT32 if is_float else schema.TensorType.INT32
        return self._add_tensor(values.shape, kind, len(self.model.buffers) - 1)

    def add_value(self, shape: tuple[int, ...]) -> int:
        """A new float32 tensor that an operator is to write."""
        return self._add_tensor(shape, schema.TensorType.FLOAT32, 0)

    def _add_tensor(self, shape: tuple[int, ...], kind: int, buffer: int) -> int:
        tensor = schema.TensorT()
        index = len(self.graph.tensors)
        tensor.name, tensor.type, tensor.buffer = f"edgekit_{index}".encode(), kind, buffer
        tensor.shape = np.array(shape, np.int32)
        self.graph.tensors.append(tensor)
        return index

    def new_operator(self, kind: str, inputs: list[int], output: int) -> Any:
        """An operator without options that is not yet in the graph."""
        operator = schema.OperatorT()
        operator.opcodeIndex = self._code(kind)
        operator.inputs, operator.outputs = np.array(inputs), np.array([output])
        return operator

    def _code(self, kind: str) -> int:
        for index, code in enumerate(self.model.operatorCodes):
            if max(code.builtinCode, code.deprecatedBuiltinCode) == CODES[kind]:
                return index
        code = schema.OperatorCodeT()
        code.builtinCode, code.version = CODES[kind], 1
        code.deprecatedBuiltinCode = min(CODES[kind], 127)  # an int8 field, kept for old readers
        self.model.operatorCodes.append(code)
        return len(self.model.operatorCodes) - 1

    def replace_input(self, operator: Any, old: int, new: int) -> None:
        """Let an operator read the tensor `new` where it read `old`."""
        operator.inputs = np.array([new if int(i) == old else int(i) for i in operator.inputs])

    def to_bytes(self) -> bytes:
        """The model, without the tensors that nothing reads or writes any more."""
        ends = [*self.graph.inputs, *self.graph.outputs]
        used = {int(i) for o in self.operators for i in (*o.inputs, *o.outputs)}
        kept = sorted((used | {int(i) for i in ends}) - {-1})
        new = {old: index for index, old in enumerate(kept)} | {-1: -1}
        self.graph.tensors = [self.graph.tensors[i] for i in kept]
        for item in (self.graph, *self.operators):
            item.inputs = np.array([new[int(i)] for i in item.inputs], np.int32)
            item.outputs = np.array([new[int(i)] for i in item.outputs], np.int32)
        for signature in self.model.signatureDefs or ():
            for entry in (*signature.inputs, *signature.outputs):
                entry.tensorIndex = new[int(entry.tensorIndex)]
        return bytes(flatbuffer_utils.convert_object_to_bytearray(self.model))
