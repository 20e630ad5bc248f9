"""The fixed-point exponential of TFLite's softmax, worked out once at compile time.

A value with `i` integer bits is an int32 that stands for raw / 2**(31 - i). Method: split
-x into a part in [-1/4, 0), for which a Taylor series about -1/8 serves, and powers of two from
1/4 to 16, each a tabled factor exp(-2**k) (the gemmlowp fixed-point library's scheme).
"""

from __future__ import annotations

import math

INT32_MAX = (1 << 31) - 1
INT32_MIN = -(1 << 31)


def high_mul(a: int, b: int) -> int:
    """round(a * b / 2**31), saturated."""
    return INT32_MAX if a == b == INT32_MIN else (a * b + (1 << 30)) >> 31


def shift_round(x: int, n: int) -> int:
    """round(x / 2**n), halves away from zero."""
    if n == 0:
        return x
    half = 1 << (n - 1)
    return (x + half) >> n if x >= 0 else -((-x + half) >> n)


def _shift_left(x: int, n: int) -> int:
    return min(max(x << n, INT32_MIN), INT32_MAX)


def _q31(real: float) -> int:
    return min(math.floor(real * (1 << 31) + 0.5), INT32_MAX)


EXP_MINUS_EIGHTH = _q31(math.exp(-1 / 8))
ONE_THIRD = _q31(1 / 3)
FACTORS = {k: _q31(math.exp(-(2.0**k))) for k in range(-2, 5)}


def _exp_near_zero(a: int) -> int:
    """exp of a in [-1/4, 0), both with 0 integer bits: a series in x = a + 1/8."""
    x = a + (1 << 28)
    x2 = high_mul(x, x)
    x3, x4 = high_mul(x2, x), high_mul(x2, x2)
    tail = shift_round(high_mul(shift_round(x4, 2) + x3, ONE_THIRD) + x2, 1)
    return EXP_MINUS_EIGHTH + high_mul(EXP_MINUS_EIGHTH, x + tail)


def exp_negative(a: int) -> int:
    """exp of a <= 0 with 5 integer bits, as a number with 0 integer bits."""
    if a == 0:
        return INT32_MAX
    quarter = 1 << 24
    near = (a & (quarter - 1)) - quarter
    result = _exp_near_zero(_shift_left(near, 5))
    rest = near - a
    for power, factor in FACTORS.items():
        if rest & (1 << (26 + power)):
            result = high_mul(result, factor)
    return result
