"""Float formatting equals printf's, over all floats."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.firmware.host_builds import float_printer, run

EDGES = [
    0.0, -0.0, 0.0005, -0.0005, 0.0004999999, 0.0625, 0.1875, 0.3125, 0.9995, 0.99951, 1.5, 2.0005,
    999.9995, 16777215.0, 16777216.0, 1e9, 1e10, 4294967296.0, 1e18, 1e19, 3.4028234e38,
    -3.4028234e38, 1e-45, 1.1754944e-38, float("inf"), float("-inf"), float("nan"),
]  # fmt: skip


def check(values: np.ndarray) -> None:
    lines = run(float_printer(), values.astype("<f4").tobytes()).decode().splitlines()
    assert lines == [f"{value:.3f}" for value in values.tolist()]


def test_edges() -> None:
    check(np.array(EDGES, np.float32))


def test_ties_go_to_even() -> None:
    """The eighths and sixteenths of a thousandth's scale are the only exact ties."""
    check(np.arange(-4096, 4096, dtype=np.float32) / np.float32(16))


def test_every_exponent() -> None:
    rng = np.random.default_rng(7)
    bits = rng.integers(0, 2**23, (256, 64), dtype=np.uint32)
    bits |= np.arange(256, dtype=np.uint32)[:, None] << np.uint32(23)
    check(bits.reshape(-1).view(np.float32))


@settings(max_examples=100, deadline=None)
@given(st.lists(st.floats(width=32), min_size=50, max_size=200))
def test_any_float(values: list[float]) -> None:
    check(np.array(values, np.float32))
