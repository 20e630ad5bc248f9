from __future__ import annotations

from pathlib import Path

import pytest

from edgekit.benchmarks.samples import load_samples
from edgekit.benchmarks.suite import load_suite
from edgekit.errors import EdgekitError
from tests.tools import shared

KWS = load_suite("kws01")
GOOD = bytes(490)


def fill(folder: Path, **files: bytes) -> Path:
    for name, raw in files.items():
        (folder / f"{name}.bin").write_bytes(raw)
    return folder


def labels(folder: Path, text: str) -> Path:
    (folder / "y_labels.csv").write_text(text)
    return folder


def test_the_class_is_after_the_last_underscore(tmp_path: Path) -> None:
    found = load_samples(fill(tmp_path, b_Up_8=b"\1" * 490, a_x_11=GOOD), KWS)
    assert [(s.path.name, s.label) for s in found] == [("a_x_11.bin", 11), ("b_Up_8.bin", 8)]
    assert found[1].read() == b"\1" * 490


def test_labels_come_from_the_csv_in_its_order(tmp_path: Path) -> None:
    fill(tmp_path, one=GOOD, two=GOOD, three_3=GOOD)
    labels(tmp_path, "two.bin, 12, 5\n\none.bin,12,0\n")
    assert [(s.path.name, s.label) for s in load_samples(tmp_path, KWS)] == [
        ("two.bin", 5),
        ("one.bin", 0),
    ]


def test_a_limit_takes_the_first(tmp_path: Path) -> None:
    fill(tmp_path, a_1=GOOD, b_2=GOOD, c_3=GOOD)
    assert [s.label for s in load_samples(tmp_path, KWS, limit=2)] == [1, 2]
    with pytest.raises(EdgekitError, match="limit of 0 samples"):
        load_samples(tmp_path, KWS, limit=0)


def test_the_real_keyword_samples() -> None:
    samples = load_samples(shared("mlperf-tiny/kws01"), KWS)
    assert len(samples) == 699
    assert {s.label for s in samples} == set(range(12))


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({}, "it holds no .bin files"),
        ({"noclass": GOOD}, "its name has no class"),
        ({"a_Stop": GOOD}, "its class 'Stop' is not a number from 0 to 11"),
        ({"a_12": GOOD}, "its class '12' is not a number from 0 to 11"),
        ({"a_-1": GOOD}, "its class '-1'"),
        ({"a_²": GOOD}, "its class '²'"),
        ({"a_1": GOOD[:-1]}, "it has 489 bytes, not 490"),
        ({"a_1": b""}, "it has 0 bytes, not 490"),
    ],
)
def test_a_bad_sample_is_named(tmp_path: Path, files: dict[str, bytes], said: str) -> None:
    with pytest.raises(EdgekitError) as raised:
        load_samples(fill(tmp_path, **files), KWS)
    text = str(raised.value)
    assert said in text and "kws01 wants a folder of .bin files of 490 bytes" in text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a_1.bin,12\n", "line 1 is not 'file, classes, class'"),
        ("a_1.bin,12,1\nnone.bin,12,1\n", "line 2: there is no file 'none.bin'"),
        ("../a_1.bin,12,1\n", "line 1: there is no file '../a_1.bin'"),
        ("a_1.bin,12,twelve\n", "its class 'twelve'"),
        ("\n", "it holds no .bin files"),
    ],
)
def test_a_bad_label_file_names_the_line(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(EdgekitError, match=said.replace("(", r"\(")):
        load_samples(labels(fill(tmp_path, a_1=GOOD), text), KWS)


def test_a_label_file_that_is_not_text_is_refused(tmp_path: Path) -> None:
    (fill(tmp_path, a_1=GOOD) / "y_labels.csv").write_bytes(b"\xff\xfe\0\0")
    with pytest.raises(EdgekitError, match="cannot be read"):
        load_samples(tmp_path, KWS)


def test_no_folder(tmp_path: Path) -> None:
    with pytest.raises(EdgekitError, match="there is no such folder"):
        load_samples(tmp_path / "none", KWS)
    file = fill(tmp_path, a_1=GOOD) / "a_1.bin"
    with pytest.raises(EdgekitError, match="it is a file"):
        load_samples(file, KWS)
