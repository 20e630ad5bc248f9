"""MLPerf Tiny's five models as sanitized host C: equal to the oracle on random inputs."""

from __future__ import annotations

import numpy as np
import pytest

from edgekit.converters.micro.compiler import compile_graph
from edgekit.converters.micro.oracle import run_oracle
from edgekit.converters.micro.reader import read_graph
from tests.converters.micro.sanitized import run_sanitized
from tests.converters.micro.test_litert import run_litert
from tests.tools import shared

MODELS = {
    "kws_ref_model": 10_124,
    "vww_96_int8": 36_888,
    "pretrainedResnet_quant": 33_312,
    "ad01_int8": 768,
    "str_ww_ref_model": 4_136,
}


def model_bytes(name: str) -> bytes:
    return (shared("mlperf-tiny") / "models" / f"{name}.tflite").read_bytes()


@pytest.mark.parametrize("name", MODELS)
def test_model_equals_the_oracle(name: str) -> None:
    raw = model_bytes(name)
    graph = read_graph(raw, name)
    rng = np.random.default_rng(3)
    shapes = [graph.tensors[i].shape for i in graph.inputs]
    inputs = [rng.integers(-128, 128, (8, *s)).astype(np.int8) for s in shapes]
    made = run_sanitized([raw], [inputs])[0]
    np.testing.assert_array_equal(made[0], run_oracle(raw, inputs)[0])
    steps = np.abs(run_litert(raw, inputs).astype(int) - made[0]).max()
    assert steps <= (3 if name == "ad01_int8" else 1)  # ten fully connected layers in a row


@pytest.mark.parametrize("name", MODELS)
def test_arena_is_known(name: str) -> None:
    program = compile_graph(read_graph(model_bytes(name), name), "net")
    assert program.plan.arena_bytes == MODELS[name]
