"""Quantization of the host's floats: TFLite's rule, half away from zero, saturated."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.firmware.host_builds import quantizer, run


def expected(values: np.ndarray, scale: np.float32, zero_point: int, dtype: str) -> np.ndarray:
    low = -128 if dtype == "int8" else 0
    with np.errstate(over="ignore"):
        ratio = (values / scale).astype(np.float64)
    rounded = np.where(ratio < 0, np.ceil(ratio - 0.5), np.floor(ratio + 0.5))
    rounded = np.nan_to_num(rounded, nan=0, posinf=1e6, neginf=-1e6)
    clipped: np.ndarray = np.clip(np.clip(rounded, -1e6, 1e6) + zero_point, low, low + 255)
    return clipped.astype(dtype)


def check(values: np.ndarray, scale: np.float32, zero_point: int, dtype: str) -> None:
    arguments = (float(scale).hex(), str(zero_point), dtype)
    raw = run(quantizer(), values.astype("<f4").tobytes(), *arguments)
    np.testing.assert_array_equal(
        np.frombuffer(raw, dtype), expected(values, scale, zero_point, dtype)
    )


@pytest.mark.parametrize("dtype", ["int8", "uint8"])
def test_halves_and_extremes(dtype: str) -> None:
    halves = np.arange(-300, 300, dtype=np.float32) / np.float32(2)
    extremes = np.array([1e30, -1e30, np.inf, -np.inf, np.nan, 0.49999997], np.float32)
    check(np.concatenate([halves, extremes]), np.float32(1), 3, dtype)


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.floats(width=32), min_size=1, max_size=200),
    st.floats(2**-20, 1024, width=32),
    st.integers(-128, 127),
)
def test_any_float(values: list[float], scale: float, zero_point: int) -> None:
    check(np.array(values, np.float32), np.float32(scale), zero_point, "int8")
