from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from edgekit.converters.calibration import InputSpec, data_needed, describe, load_calibration
from edgekit.errors import EdgekitError

IMAGE = InputSpec("image", (1, 3, 8, 8))
EXTRA = InputSpec("extra", (1, 4))


def save(path: Path, **arrays: Any) -> Path:
    np.savez(path, **arrays)
    return path


def zeros(*shape: int) -> np.ndarray[Any, Any]:
    return np.zeros(shape, np.float32)


def test_arrays_come_back_in_the_order_of_the_inputs(tmp_path: Path) -> None:
    path = save(tmp_path / "d.npz", extra=zeros(5, 4), image=zeros(5, 3, 8, 8) + 1)
    image, extra = load_calibration(path, (IMAGE, EXTRA))
    assert image.shape == (5, 3, 8, 8) and extra.shape == (5, 4)
    assert image.min() == 1


def test_one_input_takes_one_array_of_any_name(tmp_path: Path) -> None:
    (found,) = load_calibration(save(tmp_path / "d.npz", arr_0=zeros(2, 4)), (EXTRA,))
    assert found.shape == (2, 4)


def test_describe_names_array_shape_and_dtype() -> None:
    assert describe((IMAGE,)) == (
        "an .npz file with the array 'image' of shape (samples, 3, 8, 8) and dtype float32"
    )


def test_without_data_the_error_says_what_to_give() -> None:
    text = str(data_needed("net.tflite", (IMAGE, EXTRA)))
    assert text.startswith("net.tflite: a float model needs calibration data")
    assert "--data FILE.npz" in text and "'extra' of shape (samples, 4)" in text


@pytest.mark.parametrize(
    ("arrays", "said"),
    [
        ({"image": zeros(2, 3, 8, 8)}, "its arrays are 'image'"),
        ({"image": zeros(2, 3, 8, 8), "other": zeros(2, 4)}, "its arrays are 'image', 'other'"),
        ({}, "its arrays are none"),
        ({"image": zeros(2, 8, 8, 3), "extra": zeros(2, 4)}, "'image' has shape (2, 8, 8, 3)"),
        ({"image": zeros(3, 8, 8), "extra": zeros(2, 4)}, "'image' has shape (3, 8, 8)"),
        ({"image": zeros(2, 3, 8, 8).astype("u1"), "extra": zeros(2, 4)}, "has dtype uint8"),
        ({"image": zeros(2, 3, 8, 8), "extra": zeros(2, 4).astype("f8")}, "has dtype float64"),
        ({"image": zeros(2, 3, 8, 8), "extra": zeros(3, 4)}, "2 of 'image', 3 of 'extra'"),
        ({"image": zeros(0, 3, 8, 8), "extra": zeros(0, 4)}, "'image' has no samples"),
        ({"image": zeros(2, 3, 8, 8), "extra": zeros(2, 4) * np.nan}, "'extra' holds NaN"),
        ({"image": zeros(2, 3, 8, 8) + np.inf, "extra": zeros(2, 4)}, "'image' holds NaN or inf"),
    ],
)
def test_wrong_data_is_one_line(tmp_path: Path, arrays: dict[str, Any], said: str) -> None:
    path = save(tmp_path / "d.npz", **arrays)
    with pytest.raises(EdgekitError) as raised:
        load_calibration(path, (IMAGE, EXTRA))
    text = str(raised.value)
    assert said in text and str(path) in text and "\n" not in text
    assert "Expected: an .npz file with the array 'image'" in text


def test_the_first_bad_sample_is_named(tmp_path: Path) -> None:
    values = zeros(9, 4)
    values[6, 1] = np.nan
    with pytest.raises(EdgekitError, match="first in sample 6"):
        load_calibration(save(tmp_path / "d.npz", x=values), (EXTRA,))


def test_a_file_that_is_no_npz_is_refused(tmp_path: Path) -> None:
    whole = save(tmp_path / "whole.npz", extra=zeros(50, 4)).read_bytes()
    cases = {"empty": b"", "random": b"\x93random", "cut": whole[:-30], "text": b"hello" * 99}
    for name, raw in cases.items():
        path = tmp_path / name
        path.write_bytes(raw)
        with pytest.raises(EdgekitError, match=r"not a whole \.npz|single array"):
            load_calibration(path, (EXTRA,))


def test_a_lone_array_is_refused(tmp_path: Path) -> None:
    np.save(tmp_path / "d.npy", zeros(2, 4))
    with pytest.raises(EdgekitError, match="a single array"):
        load_calibration(tmp_path / "d.npy", (EXTRA,))


def test_objects_are_never_unpickled(tmp_path: Path) -> None:
    class Trap:
        def __reduce__(self) -> tuple[Any, ...]:
            return (Path.touch, (tmp_path / "ran",))

    path = save(tmp_path / "d.npz", extra=np.array([Trap()], dtype=object))
    with pytest.raises(EdgekitError, match="never loaded"):
        load_calibration(path, (EXTRA,))
    assert not (tmp_path / "ran").exists()


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(EdgekitError, match="does not exist"):
        load_calibration(tmp_path / "none.npz", (EXTRA,))
    with pytest.raises(EdgekitError, match="is a folder"):
        load_calibration(tmp_path, (EXTRA,))
