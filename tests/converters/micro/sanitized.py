"""Runs compiled models as host C under -fsanitize=address,undefined, many in one program."""

from __future__ import annotations

import functools
import subprocess
import tempfile
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgekit.converters.micro.compiler import compile_graph
from edgekit.converters.micro.emit import Program, emit_header, emit_source
from edgekit.converters.micro.kernels import KERNELS_DIR
from edgekit.converters.micro.reader import read_graph

FLAGS = [
    "-std=c99", "-O1", "-g", "-Wall", "-Wextra", "-Werror", "-ffp-contract=off",
    "-fsanitize=address,undefined", "-fno-sanitize-recover=all",
]  # fmt: skip

MAIN = """
#include <stdio.h>
#include <stdlib.h>
typedef struct { void *(*in)(int); const void *(*out)(int); int (*invoke)(void);
                 int inputs, outputs; const int *sizes; } model;
%(externs)s
static const model models[] = {%(rows)s};
int main(void) {
    int id, samples;
    while (fread(&id, 4, 1, stdin) == 1 && fread(&samples, 4, 1, stdin) == 1) {
        const model *m = &models[id];
        for (int s = 0; s < samples; s++) {
            for (int i = 0; i < m->inputs; i++) {
                if (fread(m->in(i), 1, (size_t)m->sizes[i], stdin) != (size_t)m->sizes[i]) abort();
            }
            if (m->invoke()) abort();
            for (int o = 0; o < m->outputs; o++) {
                fwrite(m->out(o), 1, (size_t)m->sizes[m->inputs + o], stdout);
            }
        }
    }
    return 0;
}
"""


@functools.cache
def kernel_archive() -> Path:
    """All kernels compiled once with sanitizers."""
    home = Path(tempfile.mkdtemp(prefix="edgekit-kernels-"))
    sources = sorted(str(path) for path in KERNELS_DIR.glob("*.c"))
    subprocess.run(["cc", *FLAGS, f"-I{KERNELS_DIR}", "-c", *sources], cwd=home, check=True)
    objects = sorted(str(path) for path in home.glob("*.o"))
    archive = home / "kernels.a"
    subprocess.run(["ar", "rc", str(archive), *objects], check=True)
    return archive


def compile_all(
    models: Sequence[bytes], isa: Collection[str] = (), optimize: str = "balanced"
) -> list[Program]:
    """The models' programs, with the kernels that `isa` allows."""
    return [
        compile_graph(read_graph(raw, "test.tflite"), f"m{i}", isa, optimize)
        for i, raw in enumerate(models)
    ]


def run_sanitized(
    models: Sequence[bytes], inputs: Sequence[Sequence[NDArray[Any]]]
) -> list[list[NDArray[Any]]]:
    """Outputs of each model for its inputs, [samples, *shape] each; any fault raises."""
    return run_programs(compile_all(models), inputs)


def run_programs(
    programs: Sequence[Program], inputs: Sequence[Sequence[NDArray[Any]]]
) -> list[list[NDArray[Any]]]:
    """As `run_sanitized`, for models that are compiled to C already."""
    with tempfile.TemporaryDirectory(prefix="edgekit-sanitized-") as home:
        binary = _build(Path(home), programs)
        stream = b"".join(_request(i, arrays) for i, arrays in enumerate(inputs))
        done = subprocess.run([str(binary)], input=stream, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr.decode()[:2000]
    return _answers(programs, inputs, done.stdout)


def _build(home: Path, programs: Sequence[Program]) -> Path:
    externs, rows, files = [], [], []
    for program in programs:
        folder = home / program.name
        folder.mkdir()
        (folder / "model.h").write_text(emit_header(program, ""))
        (folder / "model.c").write_text(emit_source(program, ""))
        files.append(str(folder / "model.c"))
        name, graph = program.name, program.graph
        sizes = [graph.tensors[t].bytes for t in graph.inputs + graph.outputs]
        externs.append(
            f"void *{name}_input(int); const void *{name}_output(int); int {name}_invoke(void);"
            f"static const int sizes_{name}[] = {{{', '.join(map(str, sizes))}}};"
        )
        rows.append(
            f"{{{name}_input, {name}_output, {name}_invoke, {len(graph.inputs)}, "
            f"{len(graph.outputs)}, sizes_{name}}}"
        )
    (home / "main.c").write_text(MAIN % {"externs": "\n".join(externs), "rows": ",".join(rows)})
    binary = home / "run"
    command = ["cc", *FLAGS, f"-I{KERNELS_DIR}", "-o", str(binary), str(home / "main.c"), *files]
    subprocess.run([*command, str(kernel_archive())], check=True)
    return binary


def _request(index: int, arrays: Sequence[NDArray[Any]]) -> bytes:
    head = np.asarray([index, len(arrays[0])], np.int32).tobytes()
    return head + b"".join(
        np.ascontiguousarray(array[s]).tobytes() for s in range(len(arrays[0])) for array in arrays
    )


def _answers(
    programs: Sequence[Program], inputs: Sequence[Sequence[NDArray[Any]]], raw: bytes
) -> list[list[NDArray[Any]]]:
    at = 0
    answers: list[list[NDArray[Any]]] = []
    for program, arrays in zip(programs, inputs, strict=True):
        tensors = [program.graph.tensors[t] for t in program.graph.outputs]
        columns: list[list[NDArray[Any]]] = [[] for _ in tensors]
        for _ in range(len(arrays[0])):
            for column, tensor in zip(columns, tensors, strict=True):
                piece = raw[at : at + tensor.bytes]
                column.append(np.frombuffer(piece, tensor.dtype).reshape(tensor.shape))
                at += tensor.bytes
        answers.append([np.stack(column) for column in columns])
    assert at == len(raw)
    return answers
