"""TRANSPOSE goes, the outputs stay: every model runs before and after."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgekit.converters.transposes import remove_transposes
from tests.converters.float_chain import Chain, kinds, run

TO_NCHW, TO_NHWC = (0, 3, 1, 2), (0, 2, 3, 1)


def moved(chain: Chain, *outputs: int) -> list[str]:
    """The ops after the pass, whose outputs must be those before it."""
    before = chain.build(*outputs)
    after = remove_transposes(before)
    for one, two in zip(run(before), run(after), strict=True):
        np.testing.assert_allclose(one, two, rtol=1e-5, atol=1e-6)
    assert remove_transposes(after) == after, "nothing is left to do"
    return kinds(after)


def test_two_that_undo_each_other_go() -> None:
    chain = Chain(1, 3, 4, 5)
    chain.relu()
    chain.transpose(*TO_NCHW)
    chain.transpose(*TO_NHWC)
    chain.relu()
    assert moved(chain) == ["RELU", "RELU"]


def test_two_become_one() -> None:
    chain = Chain(1, 3, 4, 5)
    chain.transpose(*TO_NCHW)
    chain.transpose(*TO_NCHW)
    chain.relu()
    assert moved(chain) == ["RELU", "TRANSPOSE"]


def test_padding_in_between_changes_its_axes() -> None:
    chain = Chain(1, 3, 4, 5)
    chain.transpose(*TO_NCHW)
    chain.pad((0, 0), (0, 0), (1, 2), (3, 4))
    chain.relu()
    chain.transpose(*TO_NHWC)
    chain.relu()
    assert moved(chain) == ["PAD", "RELU", "RELU"]


@pytest.mark.parametrize("axes", [(2, 3), (-1, -2), (3, 2)])
def test_a_mean_over_the_plane_takes_the_other_axes(axes: tuple[int, ...]) -> None:
    chain = Chain(1, 3, 4, 5)
    chain.transpose(*TO_NCHW)
    chain.mean(*axes)
    chain.dense(4)
    assert moved(chain) == ["MEAN", "FULLY_CONNECTED"]


def test_a_mean_that_keeps_its_dimensions_needs_no_transpose() -> None:
    chain = Chain(1, 3, 4, 5)
    chain.transpose(*TO_NCHW)
    chain.mean(2, 3, keep=True)
    chain.reshape(1, 5)
    chain.dense(4)
    assert "TRANSPOSE" not in moved(chain)


def test_flattening_reorders_the_weights() -> None:
    chain = Chain(1, 3, 4, 5)
    chain.transpose(*TO_NCHW)
    chain.reshape(1, 60)
    chain.dense(7)
    assert moved(chain) == ["RESHAPE", "FULLY_CONNECTED"]


def test_a_sum_of_two_transposed_alike() -> None:
    chain = Chain(1, 3, 4, 5)
    left = chain.transpose(*TO_NCHW, source=0)
    chain.last = 0
    right = chain.transpose(*TO_NCHW, source=chain.relu())
    chain.add(left, right)
    chain.transpose(*TO_NHWC)
    chain.relu()
    assert sorted(moved(chain)) == ["ADD", "RELU", "RELU"]


def test_several_readers_each_get_their_own() -> None:
    chain = Chain(1, 3, 4, 5)
    shared = chain.transpose(*TO_NCHW)
    first = chain.mean(2, 3)
    chain.last = shared
    chain.reshape(1, 60)
    second = chain.dense(3)
    assert sorted(moved(chain, first, second)) == ["FULLY_CONNECTED", "MEAN", "RESHAPE"]


def test_axes_of_length_one_are_a_reshape() -> None:
    chain = Chain(1, 1, 1, 6)
    chain.relu()
    chain.transpose(*TO_NCHW)
    chain.reshape(6, 1)
    assert moved(chain) == ["RELU", "RESHAPE", "RESHAPE"]


def test_what_must_be_transposed_stays() -> None:
    chain = Chain(1, 3, 4, 5)
    chain.transpose(*TO_NCHW)
    assert moved(chain) == ["TRANSPOSE"]
    chain = Chain(1, 3, 4, 5)
    chain.transpose(*TO_NCHW)
    chain.reshape(1, 5, 12)
    chain.relu()
    assert moved(chain) == ["TRANSPOSE", "RESHAPE", "RELU"]


STEPS = st.sampled_from(["transpose", "relu", "pad", "mean", "branch"])


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.lists(STEPS, min_size=1, max_size=7), st.data())
def test_any_chain_keeps_its_outputs(steps: list[str], data: st.DataObject) -> None:
    chain = Chain(1, *data.draw(st.tuples(*[st.integers(1, 4)] * 3)))
    outputs = []
    for step in steps:
        rank = len(chain.shape())
        if step == "transpose" and rank > 1:
            chain.transpose(*data.draw(st.permutations(range(rank))))
        elif step == "pad":
            chain.pad(*data.draw(st.tuples(*[st.tuples(*[st.integers(0, 2)] * 2)] * rank)))
        elif step == "mean" and rank > 2:
            axes = data.draw(st.sets(st.integers(0, rank - 1), min_size=1, max_size=rank - 2))
            chain.mean(*axes, keep=data.draw(st.booleans()))
        elif step == "branch":
            outputs.append(chain.last) if chain.last else None
            chain.relu()
        else:
            chain.relu()
    flat = data.draw(st.booleans()) and chain.shape()[0] == 1
    if flat:
        chain.reshape(1, int(np.prod(chain.shape())))
        chain.dense(3)
    moved(chain, *dict.fromkeys([*outputs, chain.last]))
