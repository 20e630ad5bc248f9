"""`.tflite` bytes to `Graph`, with every claim of the file checked.

Field numbers are those of TFLite's schema (tensorflow/compiler/mlir/lite/schema/schema.fbs,
version 3).
"""

from __future__ import annotations

import importlib
import math
from functools import cache
from types import ModuleType
from typing import cast

import numpy as np
from numpy.typing import NDArray

from edgekit.converters.micro import ops
from edgekit.converters.micro.flatbuffer import DamagedError, Table, root_table
from edgekit.converters.micro.graph import (
    DTYPE_RANGE,
    ITEM_BYTES,
    Graph,
    Op,
    Quantization,
    Tensor,
)
from edgekit.errors import EdgekitError
from edgekit.modules import module_names

DTYPES = {0: "float32", 2: "int32", 3: "uint8", 4: "int64", 7: "int16", 9: "int8"}
OTHER_DTYPES = {1: "float16", 5: "string", 6: "bool", 8: "complex64", 10: "float64", 17: "int4"}
MAX_TENSOR_BYTES = 1 << 28  # far over any microcontroller; keeps a damaged shape from filling RAM


@cache
def op_modules() -> dict[int, ModuleType]:
    """The supported ops by TFLite's builtin operator code."""
    modules = [importlib.import_module(f"{ops.__name__}.{n}") for n in module_names(ops)]
    return {module.CODE: module for module in modules}


def op_kind(module: ModuleType) -> str:
    """The name of an op's module, which is the op's name in lower case."""
    return module.__name__.rpartition(".")[2]


def read_graph(raw: bytes, where: str) -> Graph:
    """The graph of a `.tflite` file's bytes. `where` names the file in errors."""
    try:
        return _read(raw, where)
    except DamagedError as error:
        raise EdgekitError(
            f"not a whole .tflite file ({error})",
            where=where,
            remedy="Export the model again, or copy it again.",
        ) from None


def _read(raw: bytes, where: str) -> Graph:
    model = root_table(raw, b"TFL3")
    if model.integer(0, "u32") != 3:
        raise DamagedError(f"schema version {model.integer(0, 'u32')}, not 3")
    subgraphs = model.tables(2)
    if len(subgraphs) != 1:
        raise EdgekitError(
            f"the model has {len(subgraphs)} subgraphs",
            where=where,
            remedy="Export one function without control flow: edgekit compiles one subgraph.",
        )
    subgraph = subgraphs[0]
    buffers = model.tables(4)
    tensors = tuple(_read_tensor(t, i, buffers, where) for i, t in enumerate(subgraph.tables(0)))
    inputs, outputs = _indices(subgraph, 1), _indices(subgraph, 2)
    codes = model.tables(1)
    operators = tuple(
        _read_op(o, codes, tensors, f"{where}: layer {i}") for i, o in enumerate(subgraph.tables(3))
    )
    graph = Graph(tensors, operators, inputs, outputs)
    _check_order(graph)
    return graph


def _indices(table: Table, slot: int) -> tuple[int, ...]:
    vector = table.vector(slot, "i32")
    return () if vector is None else tuple(int(i) for i in vector)


def _read_tensor(table: Table, index: int, buffers: list[Table], where: str) -> Tensor:
    # A fused layer is named after all it was made of, with semicolons; the first is its output.
    name = table.text(3).split(";")[0] or f"tensor_{index}"
    place = f"{where}: tensor '{name[:60]}'"
    code = table.integer(1, "i8")
    if code not in DTYPES:
        dtype = OTHER_DTYPES.get(code, f"number {code}")
        raise EdgekitError(
            f"its dtype {dtype} is not supported", where=place, remedy="Re-export as int8."
        )
    dtype = DTYPES[code]
    shape = _read_shape(table, dtype, place)
    quantization = _read_quantization(table.table(4), shape, dtype, place)
    number = table.integer(2, "u32")
    if number >= len(buffers):
        raise DamagedError(f"tensor '{name[:60]}' is in buffer {number} of {len(buffers)}")
    data = _read_data(buffers[number], shape, dtype, place)
    return Tensor(name, shape, dtype, quantization, data)


def _read_shape(table: Table, dtype: str, place: str) -> tuple[int, ...]:
    shape, signature = _indices(table, 0), _indices(table, 7)
    dynamic = [d for d in signature[1:] if d < 0] or [d for d in shape if d < 0]
    # A batch of unknown size with shape 1 is what Keras exports; it is compiled for one.
    batch = bool(signature) and signature[0] < 0 and shape[:1] != (1,)
    if dynamic or batch:
        known = list(signature or shape)
        raise EdgekitError(
            f"its shape {known} is dynamic",
            where=place,
            remedy="Export with fixed shapes and a batch of 1.",
        )
    if any(d < 1 for d in shape) or len(shape) > 6:
        raise EdgekitError(
            f"its shape {list(shape)} is not supported", where=place, remedy="Check the export."
        )
    if math.prod(shape) * ITEM_BYTES[dtype] > MAX_TENSOR_BYTES:
        raise EdgekitError(
            f"its shape {list(shape)} takes more than 256 MiB",
            where=place,
            remedy="No microcontroller holds it; check the export.",
        )
    return shape


def _read_quantization(
    table: Table | None, shape: tuple[int, ...], dtype: str, place: str
) -> Quantization | None:
    if table is None or table.vector(2, "f32") is None:
        return None
    scales = cast(NDArray[np.float32], table.vector(2, "f32"))
    zeros = table.vector(3, "i64")
    if len(scales) == 0:
        return None
    zero_points = [0] * len(scales) if zeros is None else [int(z) for z in zeros]
    if len(zero_points) == 1:
        zero_points *= len(scales)
    axis = table.integer(6)
    low, high = DTYPE_RANGE.get(dtype, (-(1 << 31), (1 << 31) - 1))
    good = bool(np.all(np.isfinite(scales)) and np.all(scales > 0)) or dtype == "int32"
    if not good or any(not low <= z <= high for z in zero_points):
        raise EdgekitError(
            "a scale is not a positive number or a zero point is out of range",
            where=place,
            remedy="Quantize the model again.",
        )
    per_axis = len(scales) > 1
    if len(zero_points) != len(scales) or (
        per_axis and (not 0 <= axis < len(shape) or len(scales) != shape[axis])
    ):
        raise DamagedError(f"{place}: {len(scales)} scales do not fit shape {list(shape)}")
    return Quantization(tuple(float(s) for s in scales), tuple(zero_points), axis)


def _read_data(
    buffer: Table, shape: tuple[int, ...], dtype: str, place: str
) -> NDArray[np.generic] | None:
    raw = buffer.vector(0, "u8")
    if buffer.field(1) and buffer.integer(1, "u64") > 1:
        raise EdgekitError(
            "its weights lie outside the FlatBuffer (a model over 2 GiB)",
            where=place,
            remedy="No microcontroller holds it.",
        )
    if raw is None or len(raw) == 0:
        return None
    expected = math.prod(shape) * ITEM_BYTES[dtype]
    if len(raw) != expected:
        raise DamagedError(f"{place} holds {len(raw)} bytes, its shape needs {expected}")
    return np.frombuffer(raw.tobytes(), np.dtype(dtype).newbyteorder("<")).reshape(shape)


def _builtin_name(code: int) -> str:
    from ai_edge_litert.schema_py_generated import BuiltinOperator

    names = {v: k for k, v in vars(BuiltinOperator).items() if isinstance(v, int)}
    return str(names.get(code, f"number {code}"))


def _read_op(table: Table, codes: list[Table], tensors: tuple[Tensor, ...], place: str) -> Op:
    number = table.integer(0, "u32")
    if number >= len(codes):
        raise DamagedError(f"operator code {number} of {len(codes)}")
    code = max(codes[number].integer(3), codes[number].integer(0, "i8"))
    inputs, outputs = _indices(table, 1), _indices(table, 2)
    if any(not -1 <= i < len(tensors) for i in inputs) or any(
        not 0 <= i < len(tensors) for i in outputs
    ):
        raise DamagedError(f"{place} uses a tensor that does not exist")
    name = tensors[outputs[0]].name if outputs else place
    module = op_modules().get(code)
    if module is None:
        known = ", ".join(sorted(op_kind(m).upper() for m in op_modules().values()))
        raise EdgekitError(
            f"the op {_builtin_name(code)} is not supported; supported: {known}",
            where=f"{place} ({name[:60]})",
            remedy="Replace the layer, or export it differently.",
        )
    low, high = module.INPUTS
    if not low <= len(inputs) <= high or len(outputs) != 1 or min(inputs[:low]) < 0:
        raise DamagedError(f"{place} ({op_kind(module)}) has a wrong number of inputs or outputs")
    options = table.table(4)
    values = {
        key: default if options is None else options.scalar(slot, kind, default)
        for key, (slot, kind, default) in module.OPTIONS.items()
    }
    return Op(op_kind(module), name, inputs, outputs, values)


def _check_order(graph: Graph) -> None:
    """Every value is written once, before it is read."""
    count = len(graph.tensors)
    ends = graph.inputs + graph.outputs
    if not graph.inputs or not graph.outputs or not graph.ops:
        raise DamagedError("the model has no inputs, no outputs or no layers")
    if any(not 0 <= i < count for i in ends) or len(set(graph.inputs)) < len(graph.inputs):
        raise DamagedError("an input or output of the model does not exist or is given twice")
    constant = {i for i, t in enumerate(graph.tensors) if t.data is not None}
    known = constant | set(graph.inputs)
    if constant & set(graph.inputs):
        raise DamagedError("an input of the model is a constant")
    for op in graph.ops:
        missing = [i for i in op.inputs if i >= 0 and i not in known]
        if missing or any(i in known for i in op.outputs):
            raise DamagedError(
                f"layer '{op.name[:60]}' reads a value not yet made or makes one twice"
            )
        known.update(op.outputs)
    if not set(graph.outputs) <= known - constant:
        raise DamagedError("an output of the model is never computed")
