"""Which source kind reads what, and how everything else is refused."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from edgekit.artifact import sha256_file
from edgekit.converters import extras, tidy
from edgekit.converters.ptq import quantize_file
from edgekit.converters.source import c_identifier, load_source
from edgekit.errors import EdgekitError
from tests.tools import shared

ONNX = b"\x08\x08\x12\x07pytorch" + bytes(200)


def refusal(model: str, folder: Path) -> str:
    with pytest.raises(EdgekitError) as raised:
        load_source(model, None, folder)
    text = str(raised.value)
    assert model in text and "\n" not in text
    return text


def test_an_int8_file_is_taken_as_it_is(tmp_path: Path) -> None:
    path = shared("mlperf-tiny/models/kws_ref_model.tflite")
    source = load_source(str(path), None, tmp_path)
    assert source.tflite == path.read_bytes() and source.float_tflite is None
    assert source.name == "kws_ref_model" and source.quantization == "int8 (from the file)"
    assert source.sha256 == sha256_file(path)


def test_data_that_is_not_needed_is_noted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = shared("mlperf-tiny/models/kws_ref_model.tflite")
    load_source(str(path), tmp_path / "none.npz", tmp_path)
    assert "kws_ref_model.tflite is int8 already; --data is not used" in capsys.readouterr().err


def test_a_float_file_without_data_is_told_what_to_give(tmp_path: Path) -> None:
    path = shared("mlperf-tiny/models/kws_ref_model_float32.tflite")
    text = refusal(str(path), tmp_path)
    assert "--data FILE.npz" in text
    assert "'input_1' of shape (samples, 49, 10, 1) and dtype float32" in text


@pytest.mark.parametrize(
    ("name", "raw", "said"),
    [
        ("empty.tflite", b"", "the file is empty"),
        ("short.tflite", b"TFL", "not a whole .tflite file"),
        ("random.tflite", bytes(np.random.default_rng(0).bytes(4096)), "not a whole .tflite file"),
        ("onnx.tflite", ONNX, "not a whole .tflite file"),
        ("model.onnx", ONNX, "a .onnx file is not a model that edgekit reads"),
        ("model.h5", b"\x89HDF", "a .h5 file is not a model that edgekit reads"),
        ("model", b"1234", "a file without a suffix is not a model that edgekit reads"),
        ("model.factory", b"1234", "a .factory file is not a model that edgekit reads"),
        ("model.pt", b"PK", "a pickle, which can run any code, and is never loaded"),
        ("model.PTH", b"PK", "torch.export.save"),
        ("model.pt2", b"PK", "not a PyTorch program"),
        ("empty.pt2", b"", "the file is empty"),
    ],
)
def test_another_file_is_refused(tmp_path: Path, name: str, raw: bytes, said: str) -> None:
    path = tmp_path / name
    path.write_bytes(raw)
    assert said in refusal(str(path), tmp_path)


def test_a_cut_model_is_refused_wherever_it_is_cut(tmp_path: Path) -> None:
    raw = shared("mlperf-tiny/models/kws_ref_model.tflite").read_bytes()
    path = tmp_path / "cut.tflite"
    for length in range(8, len(raw) - 8, 1999):
        path.write_bytes(raw[:length])
        refusal(str(path), tmp_path)


def test_a_folder_and_a_missing_file_are_refused(tmp_path: Path) -> None:
    folder = tmp_path / "net.tflite"
    folder.mkdir()
    assert "it is a folder, not a model" in refusal(str(folder), tmp_path)
    text = refusal(str(tmp_path / "none.tflite"), tmp_path)
    assert "no such model. It reads .tflite, PyTorch .pt2" in text


@pytest.mark.slow
@pytest.mark.parametrize(
    ("model", "said"),
    [
        ("no_such_package.net:make", "there is no module 'no_such_package'"),
        ("tests.converters.small_cnn:none", "has no function 'none'"),
        ("tests.converters.small_cnn:samples", "the factory failed (TypeError"),
        ("tests.tools:repository", "returned PosixPath, not (module, example_inputs)"),
    ],
)
def test_a_bad_factory_is_one_line(tmp_path: Path, model: str, said: str) -> None:
    assert said in refusal(model, tmp_path)


def test_a_missing_extra_is_one_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(extras, "find_spec", lambda name: None)
    text = refusal("package.module:factory", tmp_path)
    assert "a PyTorch model needs torch, litert_torch, ai_edge_quantizer" in text
    assert "pip install 'edgekit[torch]'" in text


@pytest.mark.parametrize(
    ("given", "name"),
    [("kws-01 (v2)", "kws_01__v2_"), ("9lives", "model_9lives"), ("__x", "x"), ("é", "model")],
)
def test_names_are_c_identifiers(given: str, name: str) -> None:
    assert c_identifier(given) == name


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_weights_behind_the_flatbuffer_are_taken_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, data = shared("mlperf-tiny/models/ad01_fp32.tflite"), tmp_path / "d.npz"
    np.savez(data, input_0=np.ones((2, 640), np.float32))
    inside, outside = tmp_path / "inside.tflite", tmp_path / "outside.tflite"
    quantize_file(str(model), str(data), str(inside))
    monkeypatch.setattr(tidy, "inline_buffers", lambda raw: raw)
    quantize_file(str(model), str(data), str(outside))
    monkeypatch.undo()
    source = load_source(str(outside), None, tmp_path)
    assert source.tflite == inside.read_bytes() != outside.read_bytes()
    assert source.sha256 == sha256_file(outside)
    outside.write_bytes(outside.read_bytes()[:-50_000])
    assert "not a whole .tflite file" in refusal(str(outside), tmp_path)


def test_an_int8_file_imports_no_framework(tmp_path: Path) -> None:
    path = shared("mlperf-tiny/models/kws_ref_model.tflite")
    code = (
        "import sys; from pathlib import Path; from edgekit.converters.source import load_source;"
        f"load_source({str(path)!r}, None, Path({str(tmp_path)!r}));"
        "print([m for m in ('torch', 'tensorflow', 'jax', 'ai_edge_quantizer')"
        " if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
