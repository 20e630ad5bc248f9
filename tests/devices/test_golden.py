"""Golden vectors in the bytes that the serial protocol carries."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from edgekit.artifact import Bundle, TensorInfo
from edgekit.devices.golden import host_bytes, load_vectors
from edgekit.errors import EdgekitError

EVERY = np.arange(-128, 128, dtype=np.int8)


def tensor(dtype: str = "int8", scale: float | None = None, zero_point: int = 0) -> TensorInfo:
    return TensorInfo.model_validate(
        {"name": "x", "shape": (256,), "dtype": dtype, "scale": scale, "zero_point": zero_point}
    )


def test_raw_bytes_are_sent_as_they_are() -> None:
    assert host_bytes(EVERY, tensor(), "raw") == EVERY.tobytes()
    floats = np.array([1.5, -2.25], dtype=">f4")
    assert host_bytes(floats, tensor("float32"), "raw") == floats.astype("<f4").tobytes()


def test_unsigned_bytes_are_128_more() -> None:
    assert host_bytes(EVERY, tensor(), "uint8") == bytes(range(256))


@pytest.mark.parametrize(("scale", "zero_point"), [(0.1, 0), (0.3910152, 89), (1e-6, -128)])
def test_floats_quantize_back_to_the_same(scale: float, zero_point: int) -> None:
    sent = np.frombuffer(host_bytes(EVERY, tensor("int8", scale, zero_point), "float32"), "<f4")
    back = np.round(sent / np.float32(scale)).astype(int) + zero_point
    assert (back == EVERY).all()


def test_a_vector_has_each_output(negate: Bundle) -> None:
    vectors = load_vectors(negate)
    assert [v.sent for v in vectors] == [bytes(range(i, i + 8)) for i in (0, 8, 16)]
    assert vectors[1].outputs == (bytes(-i & 0xFF for i in range(8, 16)),)


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04 and then nothing", b"x" * 100])
def test_a_damaged_file_is_one_line(data: bytes, negate: Bundle, tmp_path: Path) -> None:
    shutil.copytree(negate.path, tmp_path / "b")
    (tmp_path / "b" / "golden.npz").write_bytes(data)
    damaged = negate.model_copy(update={"path": tmp_path / "b"})
    with pytest.raises(EdgekitError, match=r"golden\.npz: cannot be read"):
        load_vectors(damaged)
