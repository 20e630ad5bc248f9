"""The memory plan: overlaps are right, and damage to them is noticed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, seed, settings
from hypothesis import strategies as st

from edgekit.converters.micro.checks import Window
from edgekit.converters.micro.choose import choose_kernels
from edgekit.converters.micro.compiler import compile_graph
from edgekit.converters.micro.graph import Tensor
from edgekit.converters.micro.lower import lower_graph
from edgekit.converters.micro.overlap import lead_bytes
from edgekit.converters.micro.plan import Buffer, Overlaps, Plan, check_plan, plan_memory
from edgekit.converters.micro.reader import read_graph
from edgekit.converters.micro.spare import use_spare_memory
from tests.converters.micro.cases import out_length
from tests.converters.micro.test_models import MODELS, model_bytes


def simulate(source: Tensor, output: Tensor, y: Window, x: Window, tile: int, lead: int) -> bool:
    """True if no input is overwritten before its last reader has read it, cell by cell."""
    _, height, width, depth = source.shape
    memory = np.full(lead + max(source.bytes, output.bytes), -1)
    memory[lead : lead + source.bytes] = np.arange(source.bytes)
    out_depth = output.shape[3]
    pixels = [(py, px) for py in range(y.out) for px in range(x.out)]
    step = tile or 1
    for start in range(0, len(pixels), step):
        some = pixels[start : start + step]
        if not tile:  # writes one channel while it still reads for the next
            memory[start * out_depth : (start + 1) * out_depth] = -2
        for py, px in some:
            for row in range(py * y.stride - y.pad, py * y.stride - y.pad + y.size):
                for column in range(px * x.stride - x.pad, px * x.stride - x.pad + x.size):
                    if 0 <= row < height and 0 <= column < width:
                        cell = (row * width + column) * depth
                        if memory[lead + cell] != cell:
                            return False
        memory[start * out_depth : (start + len(some)) * out_depth] = -2
    return True


@seed(5)
@settings(max_examples=150, deadline=None, database=None)
@given(
    st.integers(1, 8), st.integers(1, 8), st.integers(1, 6), st.integers(1, 6),
    st.integers(1, 3), st.integers(1, 3), st.integers(1, 3), st.integers(0, 1),
    st.sampled_from([0, 4, 8]),
)  # fmt: skip
def test_lead_is_enough_and_no_more(
    h: int, w: int, depth: int, out_depth: int, kh: int, kw: int, stride: int, same: int, tile: int
) -> None:
    windows = []
    for length, size in ((h, kh), (w, kw)):
        size = min(size, length)
        out = out_length(length, size, stride, 1, 0 if same else 1)
        pad = max(0, (out - 1) * stride + size - length) // 2
        windows.append(Window(size, stride, 1, pad, out))
    y, x = windows
    source = Tensor("in", (1, h, w, depth), "int8")
    output = Tensor("out", (1, y.out, x.out, out_depth), "int8")
    lead = lead_bytes(source, output, y, x, tile)
    if lead is None:
        return
    assert simulate(source, output, y, x, tile, lead)


def test_too_little_lead_is_wrong() -> None:
    window = Window(3, 1, 1, 1, 8)
    tensor = Tensor("t", (1, 8, 8, 4), "int8")
    lead = lead_bytes(tensor, tensor, window, window)
    assert lead is not None and lead > 4
    assert simulate(tensor, tensor, window, window, 0, lead)
    assert not simulate(tensor, tensor, window, window, 0, lead - 4)


@pytest.mark.parametrize("isa", [(), ("dsp",)])
@pytest.mark.parametrize("name", MODELS)
def test_damaged_plans_are_noticed(name: str, isa: tuple[str, ...]) -> None:
    program = compile_graph(read_graph(model_bytes(name), name), "net", isa)
    first = program.plan.buffers[0]
    second = next(b for b in program.plan.buffers[1:] if b.meets(first))
    clash = replace(second, offset=first.offset)
    with pytest.raises(AssertionError):
        check_plan(Plan(program.plan.arena_bytes, (first, clash)), Overlaps({}))
    outside = replace(first, offset=program.plan.arena_bytes)
    with pytest.raises(AssertionError):
        check_plan(Plan(program.plan.arena_bytes, (outside,)), Overlaps({}))


def test_overlap_rules() -> None:
    source, output = Buffer((0,), 64, 0, 1, 16), Buffer((1,), 64, 1, 2, 0)
    assert Overlaps({(0, 1): 16}).fit(source, output)
    assert not Overlaps({(0, 1): 20}).fit(source, output)
    assert not Overlaps({(0, 1): None}).fit(source, output)
    assert Overlaps({(0, 1): None}).fit(source, replace(output, offset=16))
    assert not Overlaps({}).fit(source, output)
    read_later = replace(source, last=2)
    assert not Overlaps({(0, 1): 16}).fit(read_later, output)


def test_spare_memory_makes_larger_tiles_and_no_larger_arena() -> None:
    name = "pretrainedResnet_quant"
    graph = read_graph(model_bytes(name), name)
    small = choose_kernels(lower_graph(graph), graph, ("dsp",), "balanced")
    plan = plan_memory(graph, small)
    grown, new = use_spare_memory(graph, small, plan)
    pairs = [(a.scratch_bytes, b.scratch_bytes) for a, b in zip(small, grown, strict=True)]
    assert sum(b > 2 * a for a, b in pairs) >= 3
    assert all(b >= a for a, b in pairs)
    assert new.arena_bytes == plan.arena_bytes
    for i, layer in enumerate(grown):
        if layer.scratch_bytes:
            scratch = next(b for b in new.buffers if not b.tensors and b.first == i)
            assert scratch.size == layer.scratch_bytes
            assert scratch.offset + scratch.size <= new.arena_bytes
            assert all(scratch.clear_of(b) for b in new.buffers if b.tensors and b.meets(scratch))


def test_an_output_of_the_model_is_never_overwritten() -> None:
    """The model's first output is read by its last layer, which could work in place."""
    from tests.converters.micro.sanitized import run_sanitized
    from tests.tflite_builder import O, T, build

    same = T((1, 8), scale=0.5)
    ops = [O("RELU", [0], [1]), O("RELU6", [1], [2])]
    raw = build([same, same, same], ops, [0], [1, 2])
    given_ = [np.arange(-40, 40, 10, dtype=np.int8).reshape(1, 1, 8)]
    first, second = run_sanitized([raw], [given_])[0]
    np.testing.assert_array_equal(first, np.maximum(given_[0], 0))
    np.testing.assert_array_equal(second, np.clip(given_[0], 0, 12))
