"""C from layers and their memory plan: `model.h` and `model.c`, as text.

The same model gives the same bytes. Fixed C is in `firmware/kernels/`; here come the tables, the
arena and one small function a layer, so that a profiler sees layers as symbols.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edgekit.converters.micro.graph import Graph, Tensor
from edgekit.converters.micro.layer import Constant, Layer
from edgekit.converters.micro.plan import Plan

C_TYPES = {
    "int8": "int8_t", "uint8": "uint8_t", "int16": "int16_t", "int32": "int32_t",
    "uint32": "uint32_t", "float32": "float",
}  # fmt: skip
COLUMNS = 100


@dataclass(frozen=True)
class Program:
    """A compiled model: `layers` are those that have a kernel, `symbols` their C functions,
    `positions` their places in the memory plan, which counts reshapes too."""

    name: str
    graph: Graph
    layers: tuple[Layer, ...]
    symbols: tuple[str, ...]
    positions: tuple[int, ...]
    plan: Plan

    @property
    def kernels(self) -> tuple[str, ...]:
        """The kernels used, sorted."""
        return tuple(sorted({str(layer.kernel) for layer in self.layers}))

    @property
    def weights_bytes(self) -> int:
        """Bytes of weights and biases, constant operands included."""
        graph = self.graph
        own = [
            v.values.nbytes
            for layer in self.layers
            for v in layer.params.values()
            if isinstance(v, Constant) and v.is_weight
        ]
        read = {t for layer in self.layers for t in layer.inputs}
        return sum(own) + sum(graph.tensors[t].bytes for t in read if _is_constant(graph, t))


def layer_symbols(layers: Sequence[Layer]) -> tuple[str, ...]:
    """`layer_03_conv_2d` for the fourth layer, a convolution."""
    return tuple(f"layer_{i:02d}_{layer.op.kind}" for i, layer in enumerate(layers))


def _is_constant(graph: Graph, tensor: int) -> bool:
    return graph.tensors[tensor].data is not None


def emit_header(program: Program, banner: str) -> str:
    """`model.h`: the arena's size and the three functions of the model."""
    name, upper = program.name, program.name.upper()
    graph = program.graph
    lines = [
        banner,
        f"#ifndef {upper}_MODEL_H",
        f"#define {upper}_MODEL_H",
        "",
        "/* Static RAM for activations, in bytes. */",
        f"#define {name}_ARENA_BYTES {program.plan.arena_bytes}",
        "",
        "/* Where to write input `index` before each invoke; 0 for an index that is not there.",
        *(f" *   {_describe(i, graph.tensors[t])}" for i, t in enumerate(graph.inputs)),
        " * Its memory may be used for other values while the model runs. */",
        f"void *{name}_input(int index);",
        "",
        "/* Output `index`, valid after an invoke until the next one.",
        *(f" *   {_describe(i, graph.tensors[t])}" for i, t in enumerate(graph.outputs)),
        " */",
        f"const void *{name}_output(int index);",
        "",
        "/* Runs the model once; 0 on success. */",
        f"int {name}_invoke(void);",
        "",
        "#endif",
        "",
    ]
    return "\n".join(lines)


def _describe(index: int, tensor: Tensor) -> str:
    shape = "".join(f"[{d}]" for d in tensor.shape)
    text = f"{index}: {C_TYPES[tensor.dtype]} {shape}"
    if tensor.quantization is not None and tensor.dtype != "float32":
        text += f", real = {tensor.scale!r} * (q - {tensor.zero_point})"
    return text.replace("- -", "+ ")


def emit_source(program: Program, banner: str) -> str:
    """`model.c`: constants, the arena, a function a layer, and the model's functions."""
    name = program.name
    parts = [banner, '#include "model.h"', "", "#include <stddef.h>", "#include <stdint.h>", ""]
    parts += [f'#include "{kernel}.h"' for kernel in program.kernels]
    parts += [
        "",
        "#if defined(__GNUC__)",
        "#define EK_LAYER static __attribute__((noinline)) void",
        "#else",
        "#define EK_LAYER static void",
        "#endif",
        "",
        "static union {",
        f"    uint8_t bytes[{name}_ARENA_BYTES];",
        "    int64_t align;",
        "} arena;",
        "",
    ]
    for tensor in _constant_inputs(program):
        data = program.graph.tensors[tensor].data
        assert data is not None
        parts.append(_array(f"w_tensor_{tensor}", data))
    for i, (layer, symbol) in enumerate(zip(program.layers, program.symbols, strict=True)):
        parts.append(_layer(program, i, layer, symbol))
    parts += [
        _accessor(program, f"void *{name}_input", program.graph.inputs),
        _accessor(program, f"const void *{name}_output", program.graph.outputs),
        f"int {name}_invoke(void) {{",
        *(f"    {symbol}();" for symbol in program.symbols),
        "    return 0;",
        "}",
        "",
    ]
    return "\n".join(parts)


def _constant_inputs(program: Program) -> list[int]:
    read = {t for layer in program.layers for t in layer.inputs}
    return sorted(t for t in read if _is_constant(program.graph, t))


def _layer(program: Program, index: int, layer: Layer, symbol: str) -> str:
    graph = program.graph
    output = graph.tensors[layer.output]
    shape = "x".join(str(d) for d in output.shape)
    parts = [f"/* {index}: {_comment(layer.op.name)} -> {shape} */"]
    fields = []
    for field, value in layer.params.items():
        if isinstance(value, Constant):
            prefix = "w" if value.is_weight else "t"
            array = f"{prefix}_{index:02d}_{field}"
            parts.append(_array(array, value.values))
            fields.append(f".{field} = {array}")
        else:
            fields.append(f".{field} = {_number(value)}")
    parts.append(f"static const {layer.kernel}_params p_{index:02d} = {{")
    parts.append(_wrap(fields) + "\n};")
    arguments = [f"&p_{index:02d}", *(_pointer(program, t, True) for t in layer.inputs)]
    arguments.append(_pointer(program, layer.output, False))
    if layer.scratch_bytes:
        place = program.plan.scratch(program.positions[index])
        arguments.append(f"arena.bytes + {place}")
    call = ",\n        ".join(arguments)
    parts.append(f"EK_LAYER {symbol}(void) {{\n    {layer.kernel}({call});\n}}\n")
    return "\n".join(parts)


def _pointer(program: Program, tensor: int, read: bool) -> str:
    kind = C_TYPES[program.graph.tensors[tensor].dtype]
    if _is_constant(program.graph, tensor):
        return f"w_tensor_{tensor}"
    const = "const " if read else ""
    return f"({const}{kind} *)(void *)(arena.bytes + {program.plan.offset(tensor)})"


def _accessor(program: Program, signature: str, tensors: Sequence[int]) -> str:
    cases = [
        f"    if (index == {i}) {{\n        return arena.bytes + {program.plan.offset(t)};\n    }}"
        for i, t in enumerate(tensors)
    ]
    return f"{signature}(int index) {{\n" + "\n".join(cases) + "\n    return NULL;\n}\n"


def _number(value: int | float) -> str:
    if isinstance(value, float):
        return f"{float(np.float32(value)).hex()}f"
    if value > (1 << 31) - 1:
        return f"{value}u"
    return "INT32_MIN" if value == -(1 << 31) else str(value)


def _array(name: str, values: NDArray[np.generic]) -> str:
    flat = values.reshape(-1)
    head = f"static const {C_TYPES[flat.dtype.name]} {name}[{flat.size}] = {{\n"
    if flat.dtype.name == "float32":
        return head + _wrap([_number(float(v)) for v in flat.tolist()]) + "\n};"
    return head + _wrap([_number(int(v)) for v in flat.tolist()]) + "\n};"


def _wrap(items: list[str]) -> str:
    """The items with commas, in lines of about COLUMNS characters."""
    width = max(map(len, items), default=0) + 2
    per_line = max(1, (COLUMNS - 4) // width)
    rows = [", ".join(items[i : i + per_line]) for i in range(0, len(items), per_line)]
    return ",\n".join("    " + row for row in rows)


def _comment(text: str) -> str:
    """A name from the model, safe inside a C comment."""
    kept = "".join(c if 32 <= ord(c) < 127 else "?" for c in text.replace("*/", "* /"))
    return kept.replace("/*", "/ *")[:80]
