"""Constant and unread channels: gone from the program, and not one bit of an output moves."""

from __future__ import annotations

import ctypes
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from edgekit.converters.micro.compiler import compile_graph
from edgekit.converters.micro.emit import Program
from edgekit.converters.micro.graph import Graph
from edgekit.converters.micro.kernels import KERNELS_DIR
from edgekit.converters.micro.lower import lower_graph
from edgekit.converters.micro.oracle import run_oracle
from edgekit.converters.micro.passes.constant_channels import remove_constant_channels
from edgekit.converters.micro.ranges import channel_ranges
from edgekit.converters.micro.reader import read_graph
from edgekit.converters.micro.requantize import requantize
from tests.converters.micro.networks import RELU, Network, random_network
from tests.converters.micro.sanitized import compile_all, run_programs
from tests.converters.micro.test_models import MODELS, model_bytes
from tests.converters.micro.test_ops import BATCH, random_inputs
from tests.tflite_builder import T

SAME, VALID = 0, 1


def smaller(raw: bytes) -> Graph:
    return remove_constant_channels(read_graph(raw, "test.tflite"), (), "balanced")


def macs(program: Program) -> int:
    return sum(layer.macs for layer in program.layers)


def check(models: list[bytes], isa: tuple[str, ...] = (), optimize: str = "balanced") -> None:
    """Every output of every model is the oracle's for the model as it was."""
    inputs = [random_inputs(raw) for raw in models]
    programs = compile_all(models, isa, optimize)
    for raw, given_, made in zip(models, inputs, run_programs(programs, inputs), strict=True):
        for ours, theirs in zip(made, run_oracle(raw, given_, len(made)), strict=True):
            np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize("isa", [(), ("dsp",)], ids=["plain", "dsp"])
def test_random_networks_equal_the_oracle(isa: tuple[str, ...]) -> None:
    fewer = total = 0

    @seed(2026)
    @settings(
        max_examples=6,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.lists(st.integers(0, 2**32 - 1), min_size=BATCH, max_size=BATCH))
    def compare(seeds: list[int]) -> None:
        nonlocal fewer, total
        models = [random_network(number) for number in seeds]
        check(models, isa)
        for raw in models:
            graph = read_graph(raw, "test.tflite")
            total += 1
            fewer += macs(compile_graph(graph, "m", isa)) < sum(x.macs for x in lower_graph(graph))

    compare()
    assert total >= 100
    assert fewer > total / 2


def chain(size: int, padding: int, depthwise: bool = False) -> bytes:
    """A pointwise layer of six channels and one of `size` by `size` behind it. Of the six, number
    1 is constantly the zero point, number 2 constantly 20 above it, and number 4 is not read."""
    net = Network(np.random.default_rng(5), (1, 6, 6, 3), 7)
    weights = net.rng.integers(-127, 128, (6, 1, 1, 3)).astype(np.int8)
    weights[1:3] = 0
    bias = net.rng.integers(-300, 300, 6).astype(np.int32)
    _, fields = net.window(1, 1, VALID)
    out = T((1, 6, 6, 6), scale=0.05, zero=-100)
    bias[1], bias[2] = 0, 20 * 73 * np.sqrt(3) / 1.25  # the scale of a channel is drawn: about 20
    net.sums("CONV_2D", weights, bias, out, **fields)
    shape, fields = net.window(size, 1, padding)
    if depthwise:
        weights = net.rng.integers(-127, 128, (1, size, size, 6)).astype(np.int8)
        zeros = np.zeros(6, np.int32)
        out = T((1, *shape, 6), scale=0.05, zero=-30)
        net.sums("DEPTHWISE_CONV_2D", weights, zeros, out, depthMultiplier=1, **fields)
        size, padding = 1, VALID
        shape, fields = net.window(size, 1, padding)
    weights = net.rng.integers(-127, 128, (4, size, size, 6)).astype(np.int8)
    weights[..., 4] = 0
    bias = net.rng.integers(-300, 300, 4).astype(np.int32)
    net.sums("CONV_2D", weights, bias, T((1, *shape, 4), scale=0.05, zero=3), **fields)
    return net.build()


@pytest.mark.parametrize("depthwise", [False, True], ids=["conv", "depthwise"])
@pytest.mark.parametrize(("size", "padding", "left"), [(1, SAME, 3), (3, VALID, 3), (3, SAME, 4)])
def test_border(size: int, padding: int, left: int, depthwise: bool) -> None:
    """A constant that is not the zero point is none where a window hangs over the border."""
    raw = chain(size, padding, depthwise)
    graph = read_graph(raw, "test.tflite")
    ranges = channel_ranges(graph, lower_graph(graph))
    first = ranges[graph.ops[0].outputs[0]]
    assert list(first.constant) == [False, True, True, False, False, False]
    assert first.low[1] == -100 != first.low[2]
    made = smaller(raw)
    assert made.output(made.ops[0]).shape == (1, 6, 6, left)
    assert made.input(made.ops[-1], 1).shape[3] == left
    assert made.output(made.ops[-1]) == graph.output(graph.ops[-1])
    check([raw])
    check([raw], ("dsp",))


def test_kept_constant_is_not_computed() -> None:
    """At a border a constant channel stays, but what only it was made from goes."""
    net = Network(np.random.default_rng(1), (1, 4, 4, 2), 0)
    weights = net.rng.integers(-127, 128, (5, 1, 1, 2)).astype(np.int8)
    _, fields = net.window(1, 1, VALID)
    out = T((1, 4, 4, 5), scale=0.05, zero=0)
    net.sums("CONV_2D", weights, np.zeros(5, np.int32), out, **fields)
    weights = np.zeros((3, 1, 1, 5), np.int8)
    weights[0, 0, 0, 1:3] = 100
    weights[1, 0, 0, 3:] = 1  # too little to leave its bias
    bias = np.asarray([0, 10**7, 0], np.int32)
    out = T((1, 4, 4, 3), scale=0.05, zero=0)
    net.sums("CONV_2D", weights, bias, out, fusedActivationFunction=RELU, **fields)
    weights = net.rng.integers(-127, 128, (2, 3, 3, 3)).astype(np.int8)
    shape, fields = net.window(3, 1, SAME)
    out = T((1, *shape, 2), scale=0.3, zero=0)
    net.sums("CONV_2D", weights, np.zeros(2, np.int32), out, **fields)
    made = smaller(net.build())
    assert [made.output(op).shape[3] for op in made.ops] == [2, 2, 2]
    check([net.build()])


def test_bias_that_would_overflow() -> None:
    net = Network(np.random.default_rng(2), (1, 3, 3, 2), 0)
    weights = net.rng.integers(-127, 128, (4, 1, 1, 2)).astype(np.int8)
    weights[1] = 0
    bias = np.asarray([0, 10**7, 0, 0], np.int32)
    _, fields = net.window(1, 1, VALID)
    net.sums("CONV_2D", weights, bias, T((1, 3, 3, 4), scale=0.05, zero=0), **fields)
    weights = np.full((2, 1, 1, 4), 3, np.int8)
    weights[..., 1] = 127
    bias = np.asarray([2**31 - 2000, 0], np.int32)  # wraps with the constant of channel 1
    net.sums("CONV_2D", weights, bias, T((1, 3, 3, 2), scale=0.05, zero=0), **fields)
    made = smaller(net.build())
    assert made.output(made.ops[0]).shape[3] == 4
    check([net.build()])


def dense_chain(channels: int) -> bytes:
    """Two fully connected layers; of the first one's outputs the last is read."""
    net = Network(np.random.default_rng(3), (1, 5), 0)
    weights = net.rng.integers(-127, 128, (channels, 5)).astype(np.int8)
    out = T((1, channels), scale=0.05, zero=0)
    net.sums("FULLY_CONNECTED", weights, np.zeros(channels, np.int32), out)
    weights = np.zeros((3, channels), np.int8)
    weights[:, -1] = 90
    bias = np.zeros(3, np.int32)
    net.sums("FULLY_CONNECTED", weights, bias, T((1, 3), scale=0.05, zero=0))
    return net.build()


def test_fully_connected_keeps_scales_by_channel() -> None:
    """With one scale left the reference would multiply scales as float32."""
    raw = dense_chain(9)
    made = smaller(raw)
    assert made.output(made.ops[0]).shape == (1, 2)
    check([raw])


def test_multiples_for_kernels_that_take_four() -> None:
    graph = read_graph(dense_chain(9), "test.tflite")
    for optimize, left in (("balanced", 4), ("time", 4), ("ram", 2), ("flash", 2)):
        made = remove_constant_channels(graph, ("dsp",), optimize)
        assert made.output(made.ops[0]).shape == (1, left)


def test_everything_constant() -> None:
    net = Network(np.random.default_rng(4), (1, 4, 4, 2), 0)
    _, fields = net.window(1, 1, VALID)
    for channels in (6, 3):
        weights = np.zeros((channels, 1, 1, net.now.shape[3]), np.int8)
        bias = np.arange(channels, dtype=np.int32) * 20
        out = T((1, 4, 4, channels), scale=0.05, zero=0)
        net.sums("CONV_2D", weights, bias, out, **fields)
    made = smaller(net.build())
    assert [made.output(op).shape[3] for op in made.ops] == [1, 3]
    check([net.build()])


def test_vww_loses_half_of_its_macs() -> None:
    graph = read_graph(model_bytes("vww_96_int8"), "vww")
    full = compile_graph(graph, "net")
    assert sum(layer.macs for layer in lower_graph(graph)) == 7_489_664
    assert macs(full) == 3_727_313
    assert full.weights_bytes < 34_000
    assert [layer.op.name for layer in full.layers] == [
        layer.op.name for layer in lower_graph(graph) if layer.kernel is not None
    ]


@pytest.mark.parametrize("name", [name for name in MODELS if name != "vww_96_int8"])
def test_other_models_are_left_alone(name: str) -> None:
    graph = read_graph(model_bytes(name), name)
    assert remove_constant_channels(graph, (), "balanced") is graph


def test_requantize_is_the_kernels(tmp_path: Path) -> None:
    """Python's arithmetic of the bounds against the C that computes."""
    source = '#include "ek_requantize.h"\nint32_t f(int32_t x, int32_t m, int32_t s);\n'
    source += "int32_t f(int32_t x, int32_t m, int32_t s) { return ek_requantize(x, m, s); }\n"
    (tmp_path / "f.c").write_text(source)
    library = tmp_path / "f.so"
    flags = ["-shared", "-fPIC", f"-I{KERNELS_DIR}", "-o", str(library)]
    subprocess.run(["cc", *flags, str(tmp_path / "f.c")], check=True)
    function = ctypes.CDLL(str(library)).f
    rng = np.random.default_rng(6)
    count = 20_000
    shift = rng.integers(-31, 31, count)
    bits = np.minimum(31 - np.maximum(shift, 0), rng.integers(1, 32, count))
    x = (rng.uniform(-1, 1, count) * 2.0**bits).astype(np.int64)
    multiplier = rng.integers(0, 1 << 31, count)
    made: NDArray[Any] = requantize(x, multiplier.astype(np.int32), shift.astype(np.int8))
    rows = zip(x.tolist(), multiplier.tolist(), shift.tolist(), strict=True)
    assert made.tolist() == [function(*row) for row in rows]
