"""Every faster kernel against the oracle, as portable C under sanitizers.

The kernels' few instructions of a core have the same in portable C (`ek_dsp.h`), so that all else
is tested here; the instructions themselves in `tests/devices/test_variants_on_boards.py`.
"""

from __future__ import annotations

from collections import Counter
from types import ModuleType

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from edgekit.converters.micro.choose import OPTIMIZE, variant_modules
from edgekit.converters.micro.oracle import run_oracle
from tests.converters.micro import cases, helium_cases
from tests.converters.micro.sanitized import compile_all, run_programs
from tests.converters.micro.test_models import MODELS, model_bytes
from tests.converters.micro.test_ops import BATCH, random_inputs

CASES = {
    "ek_conv2d_s8": cases.conv_2d,
    "ek_depthwise_conv2d_s8": cases.depthwise_conv_2d,
    "ek_fully_connected_s8": cases.fully_connected,
    "ek_add_s8": cases.add,
    "ek_average_pool2d_s8": cases.average_pool_2d,
    "ek_max_pool2d_s8": cases.max_pool_2d,
    "ek_mean_s8": cases.mean,
}
# By the variant's name, for those that fit few of their op's layers.
SPECIAL_CASES = {
    "add_s8_dsp": cases.add_same,
    "add_s8_mve": cases.add_same,
    "depthwise_3x3_s8_dsp": cases.depthwise_3x3,
    "depthwise_conv2d_s8_mve": helium_cases.depthwise,
}


@pytest.mark.parametrize("optimize", OPTIMIZE)
@pytest.mark.parametrize("variant", variant_modules(), ids=lambda m: m.__name__.split(".")[-1])
def test_variant_equals_the_oracle(variant: ModuleType, optimize: str) -> None:
    used: Counter[str] = Counter()
    name = variant.__name__.rpartition(".")[2]
    case = SPECIAL_CASES.get(name) or CASES[variant.BASE]

    @seed(2026)
    @settings(
        max_examples=4,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.lists(case(), min_size=BATCH, max_size=BATCH))
    def check(models: list[bytes]) -> None:
        programs = compile_all(models, variant.ISA, optimize)
        used.update(layer.kernel or "" for program in programs for layer in program.layers)
        inputs = [random_inputs(raw) for raw in models]
        for raw, given_, made in zip(models, inputs, run_programs(programs, inputs), strict=True):
            for ours, theirs in zip(made, run_oracle(raw, given_), strict=True):
                np.testing.assert_array_equal(ours, theirs)

    check()
    assert used["ek_" + name] >= 20, used


@pytest.mark.parametrize("optimize", OPTIMIZE)
@pytest.mark.parametrize("name", MODELS)
def test_models_with_dsp_kernels(name: str, optimize: str) -> None:
    raw = model_bytes(name)
    inputs = random_inputs(raw)
    made = run_programs(compile_all([raw], ("dsp",), optimize), [inputs])[0]
    np.testing.assert_array_equal(made[0], run_oracle(raw, inputs)[0])
