"""Small float `.tflite` models, one op after another, and LiteRT to run them."""

from __future__ import annotations

from typing import Any

import numpy as np
from ai_edge_litert import schema_py_generated as schema
from numpy.typing import NDArray

from edgekit.converters.tflite_editor import Editor
from tests.tflite_builder import O, T, build


class Chain:
    """Each method appends an op that reads the last tensor, or `source`, and returns the index of
    what it writes."""

    def __init__(self, *shape: int) -> None:
        self.tensors, self.last = [T(shape, "float32")], 0
        self.ops: list[O] = []

    def _constant(self, values: NDArray[Any]) -> int:
        self.tensors.append(T(values.shape, values.dtype.name, data=values))
        return len(self.tensors) - 1

    def op(
        self, code: str, inputs: list[int], shape: tuple[int, ...], options: str = "", **fields: Any
    ) -> int:
        self.tensors.append(T(shape, "float32"))
        self.last = len(self.tensors) - 1
        self.ops.append(O(code, inputs, [self.last], options, fields))
        return self.last

    def shape(self, source: int | None = None) -> tuple[int, ...]:
        return tuple(self.tensors[self.last if source is None else source].shape)

    def transpose(self, *order: int, source: int | None = None) -> int:
        source = self.last if source is None else source
        shape = tuple(self.shape(source)[axis] for axis in order)
        return self.op(
            "TRANSPOSE",
            [source, self._constant(np.array(order, np.int32))],
            shape,
            "TransposeOptions",
        )

    def relu(self) -> int:
        return self.op("RELU", [self.last], self.shape())

    def pad(self, *pads: tuple[int, int], value: float | None = None) -> int:
        source, constant = self.last, self._constant(np.array(pads, np.int32))
        shape = tuple(d + a + b for d, (a, b) in zip(self.shape(), pads, strict=True))
        if value is None:
            return self.op("PAD", [source, constant], shape, "PadOptions")
        low = self._constant(np.array([value], np.float32))
        return self.op("PADV2", [source, constant, low], shape, "PadV2Options")

    def mean(self, *axes: int, keep: bool = False) -> int:
        source, constant = self.last, self._constant(np.array(axes, np.int32))
        rank = len(self.shape())
        gone = {axis % rank for axis in axes}
        shape = tuple(
            1 if i in gone else d for i, d in enumerate(self.shape()) if keep or i not in gone
        )
        return self.op("MEAN", [source, constant], shape, "ReducerOptions", keepDims=keep)

    def add(self, one: int, two: int) -> int:
        return self.op("ADD", [one, two], self.shape(one), "AddOptions")

    def reshape(self, *shape: int) -> int:
        constant = self._constant(np.array(shape, np.int32))
        return self.op("RESHAPE", [self.last, constant], shape, "ReshapeOptions", newShape=shape)

    def dense(self, outputs: int) -> int:
        source, count = self.last, self.shape()[-1]
        weights = np.random.default_rng(outputs).normal(size=(outputs, count)).astype(np.float32)
        constants = [self._constant(weights), self._constant(np.ones(outputs, np.float32))]
        shape = (*self.shape()[:-1], outputs)
        return self.op("FULLY_CONNECTED", [source, *constants], shape, "FullyConnectedOptions")

    def max_pool(self, size: int, activation: int = 0) -> int:
        batch, height, width, channels = self.shape()
        shape = (batch, height // size, width // size, channels)
        sizes = {"filterHeight": size, "filterWidth": size, "strideH": size, "strideW": size}
        padding = schema.Padding.VALID
        return self.op(
            "MAX_POOL_2D",
            [self.last],
            shape,
            "Pool2DOptions",
            padding=padding,
            fusedActivationFunction=activation,
            **sizes,
        )

    def build(self, *outputs: int) -> bytes:
        return build(self.tensors, self.ops, [0], list(outputs) or [self.last])


def run(tflite: bytes, seed: int = 0) -> list[NDArray[Any]]:
    """The outputs for a random input."""
    from ai_edge_litert.interpreter import Interpreter, OpResolverType

    interpreter = Interpreter(
        model_content=tflite, experimental_op_resolver_type=OpResolverType.BUILTIN_REF
    )
    interpreter.allocate_tensors()
    (given,) = interpreter.get_input_details()
    value = np.random.default_rng(seed).normal(size=given["shape"]).astype(np.float32)
    interpreter.set_tensor(given["index"], value)
    interpreter.invoke()
    return [interpreter.get_tensor(o["index"]) for o in interpreter.get_output_details()]


def kinds(tflite: bytes) -> list[str]:
    """The names of the ops in their order."""
    editor = Editor(tflite)
    return [editor.kind(operator) for operator in editor.operators]
