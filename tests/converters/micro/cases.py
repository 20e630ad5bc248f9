"""Random models of one op each, drawn by hypothesis: shapes, quantization and options."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.tflite_builder import O, T, build

Draw = Callable[[st.SearchStrategy[Any]], Any]

PADDING = st.sampled_from([0, 1])
ACTIVATION = st.sampled_from([0, 0, 1, 2, 3])
ZERO = st.one_of(st.just(-128), st.just(127), st.integers(-128, 127))
EXTREME = st.sampled_from(["full", "full", "small", "edge"])


def scale(draw: Draw, low: float = -8.0, high: float = 2.0) -> float:
    """A scale between 2**low and 2**high, as float32."""
    return float(np.float32(2.0 ** draw(st.floats(low, high))))


def numbers(draw: Draw, shape: tuple[int, ...], dtype: str = "int8") -> NDArray[Any]:
    """Random contents; sometimes only extremes or small values."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    kind = draw(EXTREME)
    limits = np.iinfo(dtype)
    if kind == "edge":
        return rng.choice(np.asarray([limits.min, limits.max], dtype), shape)
    bounds = (-4, 4) if kind == "small" and dtype != "uint8" else (limits.min, limits.max)
    return rng.integers(bounds[0], bounds[1] + 1, shape).astype(dtype)


def activation(draw: Draw, shape: tuple[int, ...]) -> T:
    """A quantized int8 activation."""
    return T(shape, scale=scale(draw), zero=draw(ZERO))


def window(draw: Draw, length: int, dilated: bool = True) -> tuple[int, int, int, int]:
    """(kernel, stride, dilation, padding) that give at least one output."""
    padding = draw(PADDING)
    kernel = draw(st.integers(1, 5))
    dilation = draw(st.integers(1, 3)) if dilated else 1
    if padding == 1:
        kernel = min(kernel, length)
        dilation = min(dilation, (length - 1) // max(1, kernel - 1)) if kernel > 1 else dilation
    return kernel, draw(st.integers(1, 4)), max(1, dilation), padding


def out_length(length: int, kernel: int, stride: int, dilation: int, padding: int) -> int:
    """TFLite's output length of a window."""
    reach = (kernel - 1) * dilation + 1
    return -(-length // stride) if padding == 0 else -(-(length - reach + 1) // stride)


def weights_and_bias(
    draw: Draw, shape: tuple[int, ...], axis: int, source: T, output_scale_hint: int
) -> tuple[T, T | None]:
    """Weights by tensor or channel, bias sometimes absent, scale product as TFLite asks."""
    channels = shape[axis]
    per_channel = draw(st.booleans()) and channels > 1
    count = channels if per_channel else 1
    scales = [scale(draw, -10, -2) for _ in range(count)]
    weights = T(shape, scale=scales, zero=[0] * count, axis=axis, data=numbers(draw, shape))
    if draw(st.integers(0, 4)) == 0:
        return weights, None
    assert isinstance(source.scale, float)
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    bias = rng.integers(-(2**14), 2**14, channels).astype(np.int32)
    product = [float(np.float32(source.scale) * np.float32(s)) for s in scales]
    return weights, T((channels,), "int32", scale=product, zero=[0] * count, data=bias)


def _layer(
    code: str, options: str, fields: dict[str, Any], source: T, weights: T, bias: T | None, out: T
) -> bytes:
    tensors = [source, weights, out] + ([] if bias is None else [bias])
    inputs = [0, 1] + ([] if bias is None else [3])
    return build(tensors, [O(code, inputs, [2], options, fields)], [0], [2])


@st.composite
def conv_2d(draw: Draw) -> bytes:
    n, h, w = draw(st.integers(1, 2)), draw(st.integers(1, 9)), draw(st.integers(1, 9))
    depth, channels = draw(st.integers(1, 9)), draw(st.integers(1, 7))
    kh, sh, dh, padding = window(draw, h)
    kw, sw, dw, _ = window(draw, w)
    if padding == 1:
        kw = min(kw, w)
        dw = max(1, min(dw, (w - 1) // (kw - 1))) if kw > 1 else dw
    source = activation(draw, (n, h, w, depth))
    weights, bias = weights_and_bias(draw, (channels, kh, kw, depth), 0, source, kh * kw * depth)
    shape = (n, out_length(h, kh, sh, dh, padding), out_length(w, kw, sw, dw, padding), channels)
    fields = {
        "padding": padding, "strideH": sh, "strideW": sw, "dilationHFactor": dh,
        "dilationWFactor": dw, "fusedActivationFunction": draw(ACTIVATION),
    }  # fmt: skip
    return _layer(
        "CONV_2D", "Conv2DOptions", fields, source, weights, bias, activation(draw, shape)
    )


@st.composite
def depthwise_conv_2d(draw: Draw) -> bytes:
    n, h, w = draw(st.integers(1, 2)), draw(st.integers(1, 9)), draw(st.integers(1, 9))
    depth, multiplier = draw(st.integers(1, 9)), draw(st.integers(1, 3))
    kh, sh, dh, padding = window(draw, h)
    kw, sw, dw, _ = window(draw, w)
    if padding == 1:
        kw = min(kw, w)
        dw = max(1, min(dw, (w - 1) // (kw - 1))) if kw > 1 else dw
    source = activation(draw, (n, h, w, depth))
    channels = depth * multiplier
    weights, bias = weights_and_bias(draw, (1, kh, kw, channels), 3, source, kh * kw)
    shape = (n, out_length(h, kh, sh, dh, padding), out_length(w, kw, sw, dw, padding), channels)
    fields = {
        "padding": padding, "strideH": sh, "strideW": sw, "dilationHFactor": dh,
        "dilationWFactor": dw, "fusedActivationFunction": draw(ACTIVATION),
        "depthMultiplier": multiplier,
    }  # fmt: skip
    options = "DepthwiseConv2DOptions"
    return _layer(
        "DEPTHWISE_CONV_2D", options, fields, source, weights, bias, activation(draw, shape)
    )


@st.composite
def depthwise_3x3(draw: Draw) -> bytes:
    """What has a kernel of its own: stride 1 or 2, channels by fours."""
    n, h, w = draw(st.integers(1, 2)), draw(st.integers(3, 11)), draw(st.integers(3, 11))
    channels, stride = draw(st.sampled_from([4, 8, 12])), draw(st.integers(1, 2))
    padding = draw(PADDING)
    source = activation(draw, (n, h, w, channels))
    weights, bias = weights_and_bias(draw, (1, 3, 3, channels), 3, source, 9)
    shape = (n, *(out_length(size, 3, stride, 1, padding) for size in (h, w)), channels)
    out = activation(draw, shape)
    if draw(st.booleans()):
        out = T(shape, scale=out.scale, zero=-128)
    fields = {
        "padding": padding, "strideH": stride, "strideW": stride, "dilationHFactor": 1,
        "dilationWFactor": 1, "fusedActivationFunction": draw(ACTIVATION), "depthMultiplier": 1,
    }  # fmt: skip
    options = "DepthwiseConv2DOptions"
    return _layer("DEPTHWISE_CONV_2D", options, fields, source, weights, bias, out)


@st.composite
def fully_connected(draw: Draw) -> bytes:
    rows, depth, channels = (
        draw(st.integers(1, 3)),
        draw(st.integers(1, 40)),
        draw(st.integers(1, 9)),
    )
    keep = draw(st.booleans())
    source = activation(draw, (1, rows, depth) if keep else (rows, depth))
    weights, bias = weights_and_bias(draw, (channels, depth), 0, source, depth)
    out = activation(draw, (1, rows, channels) if keep else (rows, channels))
    fields = {"fusedActivationFunction": draw(ACTIVATION), "keepNumDims": keep}
    return _layer("FULLY_CONNECTED", "FullyConnectedOptions", fields, source, weights, bias, out)


@st.composite
def add(draw: Draw) -> bytes:
    shape = tuple(draw(st.lists(st.integers(1, 5), min_size=1, max_size=4)))
    kinds = draw(st.sampled_from(["same", "same", "right", "left", "mixed", "scalar"]))
    mask = [draw(st.booleans()) for _ in shape]
    shrunk = tuple(1 if m else d for m, d in zip(mask, shape, strict=True))
    rest = tuple(d if m else 1 for m, d in zip(mask, shape, strict=True))
    a, b = {
        "same": (shape, shape), "right": (shape, shrunk), "left": (shrunk, shape),
        "mixed": (shrunk, rest), "scalar": (shape, (1,)),
    }[kinds]  # fmt: skip
    out = tuple(np.broadcast_shapes(a, b))
    left, right = activation(draw, a), activation(draw, b)
    constant = draw(st.booleans())
    if constant:
        right = T(b, scale=right.scale, zero=right.zero, data=numbers(draw, b))
    op = O("ADD", [0, 1], [2], "AddOptions", {"fusedActivationFunction": draw(ACTIVATION)})
    return build([left, right, activation(draw, out)], [op], [0] if constant else [0, 1], [2])


@st.composite
def add_same(draw: Draw) -> bytes:
    """What tables are worth it for."""
    shape = (draw(st.integers(1, 2)), draw(st.integers(16, 20)), draw(st.integers(16, 20)))
    tensors = [activation(draw, shape) for _ in range(3)]
    op = O("ADD", [0, 1], [2], "AddOptions", {"fusedActivationFunction": draw(ACTIVATION)})
    return build(tensors, [op], [0, 1], [2])


def _pool(draw: Draw, code: str) -> bytes:
    n, h, w = (draw(st.integers(1, m)) for m in (2, 9, 9))
    depth = draw(st.sampled_from([1, 3, 4, 4, 8, 9]))
    kh, sh, _, padding = window(draw, h, dilated=False)
    kw, sw, _, _ = window(draw, w, dilated=False)
    kw = min(kw, w) if padding == 1 else kw
    source = activation(draw, (n, h, w, depth))
    shape = (n, out_length(h, kh, sh, 1, padding), out_length(w, kw, sw, 1, padding), depth)
    out = T(shape, scale=source.scale, zero=source.zero)
    fields = {
        "padding": padding, "strideH": sh, "strideW": sw, "filterHeight": kh, "filterWidth": kw,
        "fusedActivationFunction": draw(ACTIVATION),
    }  # fmt: skip
    return build([source, out], [O(code, [0], [1], "Pool2DOptions", fields)], [0], [1])


@st.composite
def average_pool_2d(draw: Draw) -> bytes:
    return _pool(draw, "AVERAGE_POOL_2D")


@st.composite
def max_pool_2d(draw: Draw) -> bytes:
    return _pool(draw, "MAX_POOL_2D")


@st.composite
def mean(draw: Draw) -> bytes:
    n, h, w = (draw(st.integers(1, m)) for m in (2, 20, 20))
    depth = draw(st.sampled_from([1, 3, 4, 4, 8, 9]))
    axes = draw(st.sampled_from([[1, 2], [2, 1], [1], [2], [-3, -2], [1, 2, 3]]))
    keep = draw(st.booleans())
    source = activation(draw, (n, h, w, depth))
    gone = {a % 4 for a in axes}
    shape = tuple(
        1 if i in gone else d for i, d in enumerate(source.shape) if keep or i not in gone
    )
    same = draw(st.booleans())
    out = T(shape, scale=source.scale, zero=source.zero) if same else activation(draw, shape)
    axis = T((len(axes),), "int32", data=np.asarray(axes, np.int32))
    op = O("MEAN", [0, 1], [2], "ReducerOptions", {"keepDims": keep})
    return build([source, axis, out], [op], [0], [2])


@st.composite
def pad(draw: Draw) -> bytes:
    shape = tuple(draw(st.lists(st.integers(1, 5), min_size=1, max_size=4)))
    pairs = [(draw(st.integers(0, 3)), draw(st.integers(0, 3))) for _ in shape]
    source = activation(draw, shape)
    bigger = tuple(d + b + a for d, (b, a) in zip(shape, pairs, strict=True))
    paddings = T((len(shape), 2), "int32", data=np.asarray(pairs, np.int32))
    out = T(bigger, scale=source.scale, zero=source.zero)
    return build([source, paddings, out], [O("PAD", [0, 1], [2], "PadOptions")], [0], [2])


@st.composite
def reshape(draw: Draw) -> bytes:
    a, b, c = (draw(st.integers(1, 5)) for _ in range(3))
    source = activation(draw, (a, b, c))
    target = draw(st.sampled_from([(a * b, c), (a, b * c), (a * b * c,), (1, c, b, a)]))
    shape = T((len(target),), "int32", data=np.asarray(target, np.int32))
    out = T(target, scale=source.scale, zero=source.zero)
    fields = {"newShape": list(target)}
    op = O("RESHAPE", [0, 1], [2], "ReshapeOptions", fields)
    # A reshape alone computes nothing: a clamp stands behind it.
    relu = O("RELU", [2], [3])
    return build([source, shape, out, out], [op, relu], [0], [3])


@st.composite
def softmax(draw: Draw) -> bytes:
    shape = (*tuple(draw(st.lists(st.integers(1, 4), max_size=3))), draw(st.integers(1, 40)))
    source = T(shape, scale=scale(draw, -12, 3), zero=draw(ZERO))
    out = T(shape, scale=1 / 256, zero=-128)
    fields = {"beta": draw(st.sampled_from([1.0, 1.0, 0.5, 3.0]))}
    return build([source, out], [O("SOFTMAX", [0], [1], "SoftmaxOptions", fields)], [0], [1])


@st.composite
def relu(draw: Draw) -> bytes:
    shape = tuple(draw(st.lists(st.integers(1, 6), min_size=1, max_size=4)))
    source = activation(draw, shape)
    same = draw(st.booleans())
    out = T(shape, scale=source.scale, zero=source.zero) if same else activation(draw, shape)
    return build([source, out], [O("RELU", [0], [1])], [0], [1])


@st.composite
def relu6(draw: Draw) -> bytes:
    shape = tuple(draw(st.lists(st.integers(1, 6), min_size=1, max_size=4)))
    source = activation(draw, shape)
    out = T(shape, scale=source.scale, zero=source.zero)
    return build([source, out], [O("RELU6", [0], [1])], [0], [1])


@st.composite
def quantize(draw: Draw) -> bytes:
    shape = tuple(draw(st.lists(st.integers(1, 6), min_size=1, max_size=4)))
    kinds = [("float32", "int8"), ("int8", "int8"), ("uint8", "int8"), ("int8", "uint8")]
    before, after = draw(st.sampled_from(kinds))
    source = T(shape, before) if before == "float32" else _typed(draw, shape, before)
    out = _typed(draw, shape, after)
    return build([source, out], [O("QUANTIZE", [0], [1], "QuantizeOptions")], [0], [1])


@st.composite
def dequantize(draw: Draw) -> bytes:
    shape = tuple(draw(st.lists(st.integers(1, 6), min_size=1, max_size=4)))
    source = _typed(draw, shape, draw(st.sampled_from(["int8", "int8", "uint8"])))
    out = T(shape, "float32")
    return build([source, out], [O("DEQUANTIZE", [0], [1], "DequantizeOptions")], [0], [1])


def _typed(draw: Draw, shape: tuple[int, ...], dtype: str) -> T:
    offset = 128 if dtype == "uint8" else 0
    return T(shape, dtype, scale=scale(draw), zero=draw(ZERO) + offset)
