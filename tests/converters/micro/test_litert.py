"""LiteRT's reference kernels agree with TFLM's on every op but FULLY_CONNECTED.

There LiteRT rounds once, (x * multiplier + half) >> shift, where TFLM rounds after the product
and again after the shift: a step of difference a layer, now and then.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from ai_edge_litert.interpreter import Interpreter, OpResolverType
from hypothesis import HealthCheck, Phase, given, seed, settings
from numpy.typing import NDArray

from edgekit.converters.micro import ops
from edgekit.converters.micro.oracle import run_oracle
from edgekit.modules import module_names
from tests.converters.micro import cases
from tests.converters.micro.test_ops import random_inputs


def run_litert(raw: bytes, inputs: list[NDArray[Any]]) -> NDArray[Any]:
    """The first output of LiteRT's reference kernels, [samples, *shape]."""
    interpreter = Interpreter(
        model_content=raw, experimental_op_resolver_type=OpResolverType.BUILTIN_REF
    )
    interpreter.allocate_tensors()
    outputs = []
    for sample in range(len(inputs[0])):
        for detail, batch in zip(interpreter.get_input_details(), inputs, strict=True):
            interpreter.set_tensor(detail["index"], batch[sample])
        interpreter.invoke()
        outputs.append(interpreter.get_tensor(interpreter.get_output_details()[0]["index"]))
    return np.stack(outputs)


@pytest.mark.parametrize("op", module_names(ops))
def test_litert_agrees_but_for_fully_connected(op: str) -> None:
    differences: list[int] = []

    @seed(2026)
    @settings(
        max_examples=200,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(getattr(cases, op)())
    def compare(raw: bytes) -> None:
        inputs = random_inputs(raw)
        tflm = run_oracle(raw, inputs)[0]
        try:
            litert = run_litert(raw, inputs)
        except RuntimeError as error:
            assert "has_bias" in str(error)  # LiteRT's CONV_2D insists on a bias, TFLM's does not
            return
        differences.append(int(np.abs(litert.astype(np.float64) - tflm.astype(np.float64)).max()))

    compare()
    assert len(differences) > 100
    assert max(differences) == (1 if op == "fully_connected" else 0)
