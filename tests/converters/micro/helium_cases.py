"""Random layers for the kernels that want vectors: more channels, and windows of up to 16 rows."""

from __future__ import annotations

from hypothesis import strategies as st

from tests.converters.micro import cases
from tests.tflite_builder import T


@st.composite
def depthwise(draw: cases.Draw) -> bytes:
    """Windows of at most four words of four rows; sometimes an image of one column."""
    column = draw(st.booleans())
    kernel_h = draw(st.integers(1, 16 if column else 8))
    kernel_w = 1 if column else draw(st.integers(1, 4 // -(-kernel_h // 4)))
    h = draw(st.integers(kernel_h, kernel_h + 9))
    w = 1 if column else draw(st.integers(kernel_w, kernel_w + 7))
    n, channels = draw(st.integers(1, 2)), draw(st.integers(4, 37))
    strides = [draw(st.integers(1, 3)) for _ in range(2)]
    dilations = [
        draw(st.integers(1, max(1, min(2, (size - 1) // max(1, kernel - 1)))))
        for size, kernel in ((h, kernel_h), (w, kernel_w))
    ]
    padding = draw(cases.PADDING)
    source = cases.activation(draw, (n, h, w, channels))
    shape = (1, kernel_h, kernel_w, channels)
    weights, bias = cases.weights_and_bias(draw, shape, 3, source, kernel_h * kernel_w)
    sizes = (
        cases.out_length(size, kernel, stride, dilation, padding)
        for size, kernel, stride, dilation in zip(
            (h, w), (kernel_h, kernel_w), strides, dilations, strict=True
        )
    )
    out = cases.activation(draw, (n, *sizes, channels))
    if draw(st.booleans()):
        out = T(out.shape, scale=out.scale, zero=-128)
    fields = {
        "padding": padding, "strideH": strides[0], "strideW": strides[1],
        "dilationHFactor": dilations[0], "dilationWFactor": dilations[1],
        "fusedActivationFunction": draw(cases.ACTIVATION), "depthMultiplier": 1,
    }  # fmt: skip
    options = "DepthwiseConv2DOptions"
    return cases._layer("DEPTHWISE_CONV_2D", options, fields, source, weights, bias, out)
