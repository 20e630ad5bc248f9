"""Random small networks with constant channels and channels that nothing reads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.converters.micro.cases import out_length
from tests.tflite_builder import O, T, build

RELU = 1


class Network:
    """Collects layers, each on the tensor that the layer before made; `build` gives the model."""

    def __init__(self, rng: np.random.Generator, shape: Sequence[int], zero: int) -> None:
        self.rng = rng
        self.tensors = [T(tuple(shape), scale=0.05, zero=zero)]
        self.ops: list[O] = []
        self.last = 0

    @property
    def now(self) -> T:
        """The tensor that the next layer reads."""
        return self.tensors[self.last]

    def tensor(self, tensor: T) -> int:
        """The index of a new tensor."""
        self.tensors.append(tensor)
        return len(self.tensors) - 1

    def op(self, code: str, inputs: Sequence[int], output: T, **fields: Any) -> None:
        """A layer with the options table that its code has."""
        index = self.tensor(output)
        self.ops.append(O(code, inputs, [index], OPTIONS[code] if fields else "", fields))
        self.last = index

    def window(
        self, size: int, stride: int, padding: int
    ) -> tuple[tuple[int, int], dict[str, int]]:
        """(output height and width, options) of a window that fits."""
        _, h, w, _ = self.now.shape
        shape = (out_length(h, size, stride, 1, padding), out_length(w, size, stride, 1, padding))
        return shape, {"padding": padding, "strideH": stride, "strideW": stride}

    def sums(
        self, code: str, weights: NDArray[Any], bias: NDArray[Any], out: T, **fields: Any
    ) -> None:
        """A convolution or fully connected layer, scaled by channel."""
        axis = 3 if code == "DEPTHWISE_CONV_2D" else 0
        channels = weights.shape[axis]
        spread = np.sqrt(weights.size / channels) * 73  # of sums, in steps of the input
        scales = np.asarray(self.rng.uniform(0.5, 2, channels) / spread, np.float32)
        w = self.tensor(
            T(weights.shape, scale=scales.tolist(), zero=[0] * channels, axis=axis, data=weights)
        )
        own = self.now.scale
        assert isinstance(own, float)
        product = (np.full(channels, own, np.float32) * scales).tolist()
        b = self.tensor(T((channels,), "int32", scale=product, zero=[0] * channels, data=bias))
        self.op(code, [self.last, w, b], out, **fields)

    def build(self, outputs: Sequence[int] = ()) -> bytes:
        """The model; the last tensor is its first output."""
        ends = [self.last, *(t for t in outputs if t != self.last)]
        return build(self.tensors, self.ops, [0], ends)


OPTIONS = {
    "CONV_2D": "Conv2DOptions", "DEPTHWISE_CONV_2D": "DepthwiseConv2DOptions",
    "FULLY_CONNECTED": "FullyConnectedOptions", "MAX_POOL_2D": "Pool2DOptions",
    "AVERAGE_POOL_2D": "Pool2DOptions", "ADD": "AddOptions", "PAD": "PadOptions",
    "MEAN": "ReducerOptions", "RESHAPE": "ReshapeOptions", "RELU": "", "RELU6": "",
}  # fmt: skip


def random_network(seed: int) -> bytes:
    """Two to six layers, often one more output, and a fully connected layer at the end."""
    rng = np.random.default_rng(seed)
    shape = (1, *(int(d) for d in rng.integers((3, 3, 1), (8, 8, 9))))
    net = Network(rng, shape, int(rng.integers(-128, 128)))
    conv(net)
    made = [net.last]
    for _ in range(rng.integers(1, 6)):
        LAYERS[rng.integers(len(LAYERS))](net)
        made.append(net.last)
    if rng.random() < 0.7:
        conv(net)
    extra = [int(rng.choice(made))] if rng.random() < 0.2 else []
    if rng.random() < 0.6:
        (mean if rng.random() < 0.5 else flatten)(net)
        dense(net)
    return net.build(extra)


def _spoil(rng: np.random.Generator, rows: NDArray[Any], bias: NDArray[Any]) -> None:
    """Some outputs, [o][...][k], that are constant or nearly; some inputs that are not read."""
    kinds = rng.integers(0, 10, len(rows))
    rows[kinds < 2] = 0
    bias[kinds == 2] = -(10**7)
    bias[kinds == 3] = 10**7
    if rng.random() < 0.5:
        rows[..., rng.random(rows.shape[-1]) < 0.3] = 0


def conv(net: Network) -> None:
    """A convolution of 1x1 or up to 3x3, padded or not."""
    rng, (_, h, w, depth) = net.rng, net.now.shape
    size, padding = int(rng.integers(1, min(h, w, 3) + 1)), int(rng.integers(0, 2))
    out, fields = net.window(size, int(rng.integers(1, 3)), padding)
    channels = int(rng.integers(1, 11))
    weights = rng.integers(-127, 128, (channels, size, size, depth)).astype(np.int8)
    bias = rng.integers(-4000, 4000, channels).astype(np.int32)
    _spoil(rng, weights, bias)
    net.sums(
        "CONV_2D", weights, bias, _activation(net, (1, *out, channels)),
        fusedActivationFunction=int(rng.choice([0, RELU])), **fields,
    )  # fmt: skip


def depthwise(net: Network) -> None:
    """A depthwise convolution with a multiplier of 1 or 2."""
    rng, (_, h, w, depth) = net.rng, net.now.shape
    size, padding = int(rng.integers(1, min(h, w, 3) + 1)), int(rng.integers(0, 2))
    out, fields = net.window(size, int(rng.integers(1, 3)), padding)
    multiplier = int(rng.choice([1, 1, 2]))
    channels = depth * multiplier
    weights = rng.integers(-127, 128, (1, size, size, channels)).astype(np.int8)
    bias = rng.integers(-4000, 4000, channels).astype(np.int32)
    _spoil(rng, np.moveaxis(weights, 3, 0), bias)
    net.sums(
        "DEPTHWISE_CONV_2D", weights, bias, _activation(net, (1, *out, channels)),
        fusedActivationFunction=int(rng.choice([0, RELU])), depthMultiplier=multiplier, **fields,
    )  # fmt: skip


def pool(net: Network) -> None:
    """The greatest or the mean of windows."""
    rng, (_, h, w, depth) = net.rng, net.now.shape
    size, padding = int(rng.integers(1, min(h, w, 3) + 1)), int(rng.integers(0, 2))
    out, fields = net.window(size, int(rng.integers(1, 3)), padding)
    code = str(rng.choice(["MAX_POOL_2D", "AVERAGE_POOL_2D"]))
    net.op(
        code,
        [net.last],
        _same(net, (1, *out, depth)),
        filterHeight=size,
        filterWidth=size,
        **fields,
    )


def clamp(net: Network) -> None:
    """RELU or RELU6."""
    code = str(net.rng.choice(["RELU", "RELU6"]))
    out = _same(net, net.now.shape)
    if code == "RELU" and net.rng.random() < 0.5:
        out = _activation(net, net.now.shape)
    net.op(code, [net.last], out)


def pad(net: Network) -> None:
    """A border of zeros."""
    pairs = np.asarray([(0, 0), *net.rng.integers(0, 3, (2, 2)), (0, 0)], np.int32)
    shape = tuple(int(d + p.sum()) for d, p in zip(net.now.shape, pairs, strict=True))
    index = net.tensor(T((4, 2), "int32", data=pairs))
    net.op("PAD", [net.last, index], _same(net, shape))


def residual(net: Network) -> None:
    """A layer's input added to what a depthwise or a pointwise layer makes of it."""
    rng, source, before = net.rng, net.last, net.now
    depth = before.shape[3]
    shape = (depth, 1, 1, depth) if rng.random() < 0.5 else (1, 3, 3, depth)
    weights = rng.integers(-127, 128, shape).astype(np.int8)
    bias = rng.integers(-4000, 4000, depth).astype(np.int32)
    pointwise = shape[1] == 1
    _spoil(rng, weights if pointwise else np.moveaxis(weights, 3, 0), bias)
    fields = {} if pointwise else {"depthMultiplier": 1}
    net.sums(
        "CONV_2D" if pointwise else "DEPTHWISE_CONV_2D", weights, bias,
        _activation(net, before.shape), strideH=1, strideW=1, **fields,
    )  # fmt: skip
    net.op("ADD", [source, net.last], _sum(net, before.shape), fusedActivationFunction=0)


def constant_sum(net: Network) -> None:
    """A constant for each channel, or one for all, added to the tensor."""
    rng, depth = net.rng, net.now.shape[3]
    shape = (depth,) if rng.random() < 0.7 else (1,)
    data = rng.integers(-128, 128, shape).astype(np.int8)
    index = net.tensor(T(shape, scale=net.now.scale, zero=int(rng.integers(-128, 128)), data=data))
    operands = [net.last, index] if rng.random() < 0.5 else [index, net.last]
    net.op(
        "ADD",
        operands,
        _sum(net, net.now.shape),
        fusedActivationFunction=int(rng.choice([0, RELU])),
    )


def mean(net: Network) -> None:
    """The mean of each channel."""
    axes = net.tensor(T((2,), "int32", data=np.asarray([1, 2], np.int32)))
    out = _same(net, (1, net.now.shape[3])) if net.rng.random() < 0.5 else None
    out = out or _activation(net, (1, net.now.shape[3]))
    net.op("MEAN", [net.last, axes], out, keepDims=False)


def flatten(net: Network) -> None:
    """All numbers in one row."""
    shape = (1, int(np.prod(net.now.shape)))
    index = net.tensor(T((2,), "int32", data=np.asarray(shape, np.int32)))
    net.op("RESHAPE", [net.last, index], _same(net, shape), newShape=list(shape))


def dense(net: Network) -> None:
    """A fully connected layer, and sometimes one more."""
    rng = net.rng
    for _ in range(rng.integers(1, 3)):
        depth, channels = net.now.shape[-1], int(rng.integers(1, 7))
        weights = rng.integers(-127, 128, (channels, depth)).astype(np.int8)
        bias = rng.integers(-4000, 4000, channels).astype(np.int32)
        _spoil(rng, weights, bias)
        net.sums(
            "FULLY_CONNECTED", weights, bias, _activation(net, (1, channels)),
            fusedActivationFunction=int(rng.choice([0, RELU])),
        )  # fmt: skip


def _activation(net: Network, shape: Sequence[int]) -> T:
    """A tensor of about the scale of the one before, and any zero point."""
    zero = int(net.rng.choice([-128, -128, 0, 40, 127]))
    return T(tuple(shape), scale=_scale(net, 0.7, 1.5), zero=zero)


def _scale(net: Network, low: float, high: float) -> float:
    own = net.now.scale
    assert isinstance(own, float)
    return float(np.float32(own * net.rng.uniform(low, high)))


def _sum(net: Network, shape: Sequence[int]) -> T:
    zero = int(net.rng.integers(-64, 64))
    return T(tuple(shape), scale=_scale(net, 2, 4), zero=zero)


def _same(net: Network, shape: Sequence[int]) -> T:
    return T(tuple(shape), scale=net.now.scale, zero=net.now.zero)


LAYERS = (conv, conv, depthwise, pool, clamp, pad, residual, constant_sum)
