from __future__ import annotations

import numpy as np
import pytest

from edgekit.converters.pool_pads import pad_max_pools_with_zero
from tests.converters.float_chain import Chain, kinds, run

ONE = ((0, 0), (1, 1), (1, 1), (0, 0))


def padded_pool(value: float, *, relu: bool, pool: bool = True) -> bytes:
    chain = Chain(1, 4, 4, 3)
    if relu:
        chain.relu()
        chain.max_pool(1)
    chain.pad(*ONE, value=value)
    if pool:
        chain.max_pool(3)
    return chain.build()


@pytest.mark.parametrize("value", [-np.inf, float(np.finfo(np.float32).min)])
def test_behind_a_relu_zero_gives_the_same_maximum(value: float) -> None:
    before = padded_pool(value, relu=True)
    after = pad_max_pools_with_zero(before)
    assert kinds(after) == ["RELU", "MAX_POOL_2D", "PAD", "MAX_POOL_2D"]
    np.testing.assert_array_equal(run(before), run(after))


@pytest.mark.parametrize(
    "model",
    [
        padded_pool(-np.inf, relu=False),
        padded_pool(-1.0, relu=True),
        padded_pool(-np.inf, relu=True, pool=False),
    ],
)
def test_elsewhere_it_stays(model: bytes) -> None:
    assert "PADV2" in kinds(pad_max_pools_with_zero(model))


def test_a_fused_activation_counts() -> None:
    chain = Chain(1, 4, 4, 3)
    chain.max_pool(1, activation=1)
    chain.pad(*ONE, value=-np.inf)
    chain.max_pool(3)
    before = chain.build()
    after = pad_max_pools_with_zero(before)
    assert kinds(after) == ["MAX_POOL_2D", "PAD", "MAX_POOL_2D"]
    np.testing.assert_array_equal(run(before), run(after))
