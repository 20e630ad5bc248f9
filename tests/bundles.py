"""A bundle small enough to write by hand: a model that negates its input."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Literal

import numpy as np

from edgekit.artifact import Bundle, load_bundle, sha256_file

Kind = Literal["int8", "uint8", "mse", "float", "fault", "overflow", "pair"]

MODEL_H = """\
#ifndef NEGATE_H
#define NEGATE_H
#define negate_ARENA_BYTES {arena}
void *negate_input(int index); /* {ctype} [1,{count}] */
const void *negate_output(int index);
int negate_invoke(void); /* 0 on success */
#endif
"""

# The weights are all -1. The input is overwritten, as a memory plan may do.
MODEL_C = """\
#include "model.h"

#include <stdint.h>
#include <string.h>

static uint8_t negate_arena[negate_ARENA_BYTES] __attribute__((aligned(16)));
static const {ctype} w_negate[{count}] = {{{weights}}};

void *negate_input(int index) {{ return negate_arena + index * {stride}; }}
const void *negate_output(int index) {{
    return negate_arena + {offset} + index * {stride};
}}

static __attribute__((noinline)) void layer_00_negate(void) {{
    {ctype} *in = (void *)negate_arena, *out = (void *)(negate_arena + {offset});
    for (int i = 0; i < {count}; i++) {{
        {product}
        in[i] = 0;
    }}
}}

int negate_invoke(void) {{ layer_00_negate(); return 0; }}
"""

INT8_PRODUCT = "int y = in[i] * w_negate[i]; out[i] = (int8_t)(y > 127 ? 127 : y);"
FAULT_PRODUCT = '__asm volatile("udf #0"); out[i] = in[i] * w_negate[i];'
# Close to the stack's end, a store below it.
OVERFLOW_PRODUCT = """extern unsigned ek_stack_limit[];
        __asm volatile("msr msp, %0\\n push {r0-r7}" : : "r"(ek_stack_limit + 4));
        out[i] = in[i] * w_negate[i];"""
FLOAT_PRODUCT = "out[i] = in[i] * w_negate[i];"
PRODUCTS = {"float": FLOAT_PRODUCT, "fault": FAULT_PRODUCT, "overflow": OVERFLOW_PRODUCT}
SCALE = 0.1  # of input and output where they are int8; the zero point is 0


def negate(values: np.ndarray) -> np.ndarray:
    """What the model gives for `values` (int8 or float32)."""
    if values.dtype == np.int8:
        return np.minimum(-values.astype(np.int32), 127).astype(np.int8)
    return -values


def write_bundle(path: Path, kind: Kind = "int8", count: int = 8) -> Bundle:
    """Write the model that negates `count` numbers to the new folder `path`.

    `kind`: "int8"; "uint8" (the host sends unsigned bytes); "mse" (the host sends floats and
    gets their mean squared error); "float" (float32 throughout); "fault" (stops the processor);
    "overflow" (runs out of stack); "pair" (two int8 inputs and outputs of half the numbers each,
    the second with five times the scale).
    """
    path.mkdir(parents=True)
    is_float = kind == "float"
    width = 4 if is_float else 1
    offset = -(-count * width // 16) * 16
    fields = {
        "arena": offset + count * width,
        "offset": offset,
        "count": count,
        "stride": count // 2 * width,  # of "pair"; the others have index 0 alone
        "ctype": "float" if is_float else "int8_t",
        "product": PRODUCTS.get(kind, INT8_PRODUCT),
        "weights": ",".join(["-1"] * count),
    }
    (path / "model.h").write_text(MODEL_H.format(**fields))
    (path / "model.c").write_text(MODEL_C.format(**fields))
    (path / "model.tflite").write_bytes(b"hand-written")
    dtype = np.float32 if is_float else np.int8
    inputs = np.arange(3 * count).reshape(3, 1, count).astype(dtype)
    parts = np.split(inputs, 2 if kind == "pair" else 1, axis=2)
    golden = {f"input_{i}": part for i, part in enumerate(parts)}
    golden |= {f"output_{i}": negate(part) for i, part in enumerate(parts)}
    np.savez(path / "golden.npz", allow_pickle=False, **golden)
    manifest = _manifest(path, kind, count, offset, width)
    (path / "manifest.json").write_text(json.dumps(manifest))
    return load_bundle(path)


def _manifest(path: Path, kind: Kind, count: int, offset: int, width: int) -> dict[str, Any]:
    quantized = {"dtype": "int8", "scale": SCALE, "zero_point": 0}
    tensor = {"shape": [1, count], **({"dtype": "float32"} if kind == "float" else quantized)}
    tensors = [tensor]
    if kind == "pair":
        half = {**tensor, "shape": [1, count // 2]}
        tensors = [half, {**half, "scale": 5 * SCALE}]
    layer = {"name": "negate", "op": "NEG", "kernel": "negate", "symbol": "layer_00_negate"}
    buffers = {"first": 0, "last": 0, "size": count * width}
    return {
        "schema_version": 1,
        "name": "negate",
        "target": "tflite-micro",
        "board": "mps2-an386",
        "source": "model.tflite",
        "source_sha256": sha256_file(path / "model.tflite"),
        "files": {
            name: sha256_file(path / name)
            for name in ("model.tflite", "model.c", "model.h", "golden.npz")
        },
        "inputs": [{"name": f"x{i}", **t} for i, t in enumerate(tensors)],
        "outputs": [{"name": f"y{i}", **t} for i, t in enumerate(tensors)],
        "layers": [{**layer, "macs": count, "output_shape": [1, count]}],
        "quantization": "none" if kind == "float" else "int8",
        "arena_bytes": offset + count * width,
        "weights_bytes": count * width,
        "plan": [
            {"tensor": "x", "offset": 0, **buffers},
            {"tensor": "y", "offset": offset, **buffers},
        ],
        "dut": {
            "model": "neg01",
            "input": {"uint8": "uint8", "mse": "float32"}.get(kind, "raw"),
            "result": "mse" if kind == "mse" else "outputs",
        },
        "tools": {},
        "command": "written by hand",
    }
