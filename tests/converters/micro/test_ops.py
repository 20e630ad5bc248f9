"""Every op against the oracle: random shapes and quantization, equal to the last bit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from edgekit.converters.micro import ops
from edgekit.converters.micro.oracle import run_oracle
from edgekit.converters.micro.reader import read_graph
from edgekit.errors import EdgekitError
from edgekit.modules import module_names
from tests.converters.micro import cases
from tests.converters.micro.sanitized import run_sanitized

BATCHES, BATCH = 11, 20  # 220 cases an op
SAMPLES = 3


def random_inputs(raw: bytes) -> list[NDArray[Any]]:
    graph = read_graph(raw, "test.tflite")
    rng = np.random.default_rng(7)
    arrays: list[NDArray[Any]] = []
    for index in graph.inputs:
        tensor = graph.tensors[index]
        shape = (SAMPLES, *tensor.shape)
        if tensor.dtype == "float32":
            arrays.append((rng.standard_normal(shape) * 8).astype(np.float32))
        else:
            limits = np.iinfo(tensor.dtype)
            arrays.append(rng.integers(limits.min, limits.max + 1, shape).astype(tensor.dtype))
    return arrays


def one_example(strategy: st.SearchStrategy[bytes]) -> bytes:
    """One model that `strategy` draws, always the same."""
    found: list[bytes] = []

    @seed(1)
    @settings(max_examples=2, deadline=None, database=None, phases=[Phase.generate])
    @given(strategy)
    def take(raw: bytes) -> None:
        found.append(raw)

    take()
    return found[-1]


@pytest.mark.parametrize("op", module_names(ops))
def test_op_equals_the_oracle(op: str) -> None:
    checked = 0

    @seed(2026)
    @settings(
        max_examples=BATCHES,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.lists(getattr(cases, op)(), min_size=BATCH, max_size=BATCH))
    def check(models: list[bytes]) -> None:
        nonlocal checked
        inputs = [random_inputs(raw) for raw in models]
        for raw, given_, made in zip(models, inputs, run_sanitized(models, inputs), strict=True):
            expected = run_oracle(raw, given_)
            for ours, theirs in zip(made, expected, strict=True):
                np.testing.assert_array_equal(ours, theirs)
            checked += 1

    check()
    assert checked >= 200


def test_every_op_has_cases() -> None:
    assert {n for n in module_names(ops) if not hasattr(cases, n)} == set()


def test_unsupported_op_is_named() -> None:
    from tests.tflite_builder import O, T, build

    same = T((2, 2), scale=0.5)
    raw = build([same, same, same], [O("BATCH_MATMUL", [0, 1], [2])], [0, 1], [2])
    with pytest.raises(EdgekitError, match="BATCH_MATMUL is not supported; supported: ADD"):
        read_graph(raw, "m.tflite")


def test_fully_connected_with_rows_across_axes_is_refused() -> None:
    """Two rows of three in an axis of six: with keep_num_dims there is no output shape for it."""
    from edgekit.converters.micro.compiler import compile_graph
    from tests.tflite_builder import O, T, build

    tensors = [
        T((1, 2, 6), scale=0.5),
        T((5, 3), scale=0.5, data=np.ones((5, 3), np.int8)),
        T((1, 2, 5), scale=0.5),
    ]
    op = O("FULLY_CONNECTED", [0, 1], [2], "FullyConnectedOptions", {"keepNumDims": True})
    graph = read_graph(build(tensors, [op], [0], [2]), "m.tflite")
    with pytest.raises(EdgekitError, match=r"not the last axis of its input \[1, 2, 6\]"):
        compile_graph(graph, "m")
