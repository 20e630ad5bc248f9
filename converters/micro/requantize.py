"""The fixed-point arithmetic of TFLite's quantized kernels, on the compiler's side.

Sources: Jacob et al., "Quantization and Training of Neural Networks for Efficient
Integer-Arithmetic-Only Inference", 2018, section 2.2, and the TFLite 8-bit quantization
specification. The C side is `firmware/kernels/ek_requantize.h`.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from edgekit.converters.micro.graph import DTYPE_RANGE, Op, Tensor, refuse

ACTIVATIONS = {0: "none", 1: "relu", 2: "relu_n1_to_1", 3: "relu6", 4: "tanh", 5: "sign_bit"}


def quantize_multiplier(real: float) -> tuple[int, int]:
    """(m, shift) with real = m * 2**(shift - 31), 2**30 <= m < 2**31; (0, 0) for zero and for
    what is below 2**-32. `real` is a double, not negative."""
    if real == 0.0:
        return 0, 0
    fraction, shift = math.frexp(real)
    multiplier = math.floor(fraction * (1 << 31) + 0.5)
    if multiplier == 1 << 31:
        multiplier, shift = multiplier // 2, shift + 1
    return (0, 0) if shift < -31 else (multiplier, shift)


def checked_multiplier(op: Op, real: float) -> tuple[int, int]:
    """As `quantize_multiplier`; refuses a scale ratio that the kernels' shift cannot express."""
    multiplier, shift = quantize_multiplier(real)
    if shift > 30:
        raise refuse(op, f"the ratio of its scales is {real:g}, over 2^30", "Check its scales.")
    return multiplier, shift


def requantize(
    x: NDArray[np.int64], multiplier: NDArray[np.int32] | int, shift: NDArray[np.int8] | int
) -> NDArray[np.int64]:
    """x * multiplier * 2**(shift - 31), rounded twice as `ek_requantize` does: halves up after the
    product, away from zero after the shift. `x << shift` must fit 32 bits: here nothing wraps."""
    left, right = (np.maximum(s, 0).astype(np.int64) for s in (shift, -np.asarray(shift, int)))
    product = ((x << left) * np.asarray(multiplier, np.int64) + (1 << 30)) >> 31
    rounded: NDArray[np.int64] = (np.abs(product) + ((1 << right) >> 1)) >> right
    return np.where(product < 0, -rounded, rounded)


def round_away(value: float) -> int:
    """The nearest whole number, halves away from zero, as C's round()."""
    return math.floor(value + 0.5) if value >= 0 else math.ceil(value - 0.5)


def quantize_float32(value: float, tensor: Tensor) -> int:
    """`value` in the tensor's quantization, not clamped; the division is in float32."""
    with np.errstate(over="ignore"):
        ratio = float(np.float32(value) / np.float32(tensor.scale))
    limit = float(1 << 31)  # a scale so small that the range is not limited at all
    return tensor.zero_point + round_away(min(max(ratio, -limit), limit))


def activation_range(op: Op, output: Tensor, code: int) -> tuple[int, int]:
    """(low, high) that a fused activation leaves of the output's range."""
    low, high = DTYPE_RANGE[output.dtype]
    name = ACTIVATIONS.get(code, str(code))
    if name == "none":
        return low, high
    bounds = {"relu": (0.0, None), "relu6": (0.0, 6.0), "relu_n1_to_1": (-1.0, 1.0)}
    if name not in bounds:
        raise refuse(op, f"the fused activation {name} is not supported")
    bottom, top = bounds[name]
    low = max(low, quantize_float32(bottom, output))
    if top is not None:
        high = min(high, quantize_float32(top, output))
    if low > high:
        raise refuse(op, f"its {name} leaves nothing of the output's range", "Check its scales.")
    return low, high
