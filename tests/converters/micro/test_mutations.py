"""Damaged models: refused with one clear error, or compiled to what the oracle computes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from edgekit.converters.micro.compiler import compile_graph
from edgekit.converters.micro.graph import Graph
from edgekit.converters.micro.oracle import OracleRefusedError, run_oracle_apart
from edgekit.converters.micro.reader import read_graph
from edgekit.errors import EdgekitError
from tests.converters.micro.sanitized import run_sanitized
from tests.tools import shared

COUNT = 520
BATCH = 26
MODELS = ("kws_ref_model.tflite", "str_ww_ref_model.tflite")


def mutate(raw: bytes, rng: np.random.Generator) -> bytes:
    """A few bytes changed, a block moved or zeroed, or the end cut off."""
    data = np.frombuffer(raw, np.uint8).copy()
    kind = rng.integers(0, 10)
    if kind == 0:
        return bytes(data[: rng.integers(0, len(data))])
    # The tables stand at both ends of the file, the weights between them.
    edge = rng.random() < 0.8
    size = 12_000 if edge else len(data)
    start = int(rng.choice([0, len(data) - size]))
    for _ in range(rng.integers(1, 9)):
        at = start + int(rng.integers(0, size))
        if kind < 7:
            data[at] = rng.integers(0, 256)
        elif kind == 7:
            data[at] ^= 1 << rng.integers(0, 8)
        else:
            length = min(int(rng.integers(1, 65)), len(data) - at)
            source = int(rng.integers(0, len(data) - length))
            data[at : at + length] = data[source : source + length] if kind == 8 else 0
    return bytes(data)


def accepted(raw: bytes) -> Graph | None:
    try:
        graph = read_graph(raw, "damaged.tflite")
        compile_graph(graph, "model")
    except EdgekitError as error:
        assert "\n" not in str(error)
        assert str(error)
        return None
    return graph


def samples(graph: Graph, rng: np.random.Generator) -> list[NDArray[Any]]:
    return [
        rng.integers(-128, 128, (1, *graph.tensors[i].shape)).astype(graph.tensors[i].dtype)
        for i in graph.inputs
    ]


@pytest.mark.slow
@pytest.mark.parametrize("name", MODELS)
def test_mutations_never_mislead(name: str) -> None:
    rng = np.random.default_rng(20261120)
    raw = (shared("mlperf-tiny") / "models" / name).read_bytes()
    compared = refused = 0
    pending: list[tuple[bytes, Graph]] = []
    for _ in range(COUNT // len(MODELS)):
        damaged = mutate(raw, rng)
        graph = accepted(damaged)
        if graph is None:
            refused += 1
        elif all(graph.tensors[i].dtype == "int8" for i in graph.inputs):
            pending.append((damaged, graph))
    for start in range(0, len(pending), BATCH):
        batch = pending[start : start + BATCH]
        inputs = [samples(graph, rng) for _, graph in batch]
        made = run_sanitized([damaged for damaged, _ in batch], inputs)
        for (damaged, graph), given, ours in zip(batch, inputs, made, strict=True):
            try:
                expected = run_oracle_apart(damaged, given, len(graph.outputs))
            except OracleRefusedError:
                continue
            compared += 1
            for a, b in zip(ours, expected, strict=True):
                np.testing.assert_array_equal(a, b, err_msg=f"seen in mutation of {name}")
    assert refused > 20
    assert compared > 50


def test_cut_anywhere_is_refused(tmp_path: Path) -> None:
    from tests.converters.micro.cases import conv_2d
    from tests.converters.micro.test_ops import one_example

    raw = one_example(conv_2d())
    for length in range(len(raw)):
        graph = accepted(raw[:length])
        assert graph is None or length > len(raw) - 8, length
