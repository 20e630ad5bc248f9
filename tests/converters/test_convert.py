"""`edgekit convert` as a user meets it: the bundle, its determinism, and bad input."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from edgekit.artifact import load_bundle
from edgekit.converters.convert import convert
from edgekit.converters.golden import read_golden
from edgekit.converters.micro.host import HostModel
from edgekit.converters.micro.oracle import run_oracle
from edgekit.errors import EdgekitError
from tests.tflite_builder import O, T, build
from tests.tools import needs, shared


def kws() -> str:
    return str(shared("mlperf-tiny") / "models" / "kws_ref_model.tflite")


def relu_model(dtype: str = "int8", op: str = "RELU") -> bytes:
    same = T((1, 8), dtype, scale=0.5)
    return build([same, same], [O(op, [0], [1])], [0], [1])


def cli(*words: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "edgekit", *words]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=cwd)


def test_bundle_is_whole_and_exact(tmp_path: Path) -> None:
    out = tmp_path / "kws"
    bundle = convert(kws(), target="tflite-micro", out=out)
    manifest = bundle.manifest
    assert manifest.name == "kws_ref_model"
    assert manifest.dut.model == "kws01"  # recognised by its SHA-256
    assert manifest.arena_bytes == 10_124
    assert manifest.golden_checked_by is not None
    assert set(manifest.files) == {p.name for p in out.iterdir()} - {"manifest.json"}
    inputs, outputs = read_golden(out / "golden.npz", 1, 1)
    expected = run_oracle((out / "model.tflite").read_bytes(), inputs)
    np.testing.assert_array_equal(outputs[0], expected[0])
    with HostModel.build(out) as twin:
        np.testing.assert_array_equal(twin.run(inputs)[0], outputs[0])


def test_sources_compile_alone(tmp_path: Path) -> None:
    out = tmp_path / "kws"
    convert(kws(), target="tflite-micro", out=out)
    strict = ["cc", "-std=c99", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-c", "-I", str(out)]
    sources = sorted(str(p) for p in out.glob("*.c"))
    subprocess.run([*strict, *sources], check=True, cwd=tmp_path)


def test_same_model_gives_the_same_bytes(tmp_path: Path) -> None:
    contents = []
    for folder in ("a", "b/c"):
        out = tmp_path / folder / "kws"
        convert(kws(), target="tflite-micro", out=out)
        contents.append({p.name: p.read_bytes() for p in sorted(out.iterdir())})
    assert contents[0] == contents[1]


def test_a_bundle_is_replaced_and_other_folders_are_not(tmp_path: Path) -> None:
    model = tmp_path / "m.tflite"
    model.write_bytes(relu_model())
    out = tmp_path / "out"
    convert(str(model), target="tflite-micro", out=out)
    convert(str(model), target="tflite-micro", out=out, name="second")
    assert load_bundle(out).manifest.name == "second"
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "thesis.txt").write_text("years of work")
    with pytest.raises(EdgekitError, match="exists and is not a bundle"):
        convert(str(model), target="tflite-micro", out=mine)
    assert [p.name for p in mine.iterdir()] == ["thesis.txt"]


def test_a_changed_bundle_is_noticed(tmp_path: Path) -> None:
    model = tmp_path / "m.tflite"
    model.write_bytes(relu_model())
    out = tmp_path / "out"
    convert(str(model), target="tflite-micro", out=out)
    (out / "model.c").write_text("int x;")
    with pytest.raises(EdgekitError, match=r"model\.c was changed"):
        load_bundle(out)


BAD = {
    "empty.tflite": (b"", "empty"),
    "random.tflite": (bytes(range(256)) * 4, "not"),
    "text.tflite": (b"hello, world, this is no model", "not"),
    "cut.tflite": (relu_model()[:200], "not a whole .tflite"),
    "op.tflite": (relu_model(op="ELU"), "the op ELU is not supported"),
    "dtype.tflite": (relu_model(dtype="int16"), "int16"),
    "image.png": (b"\x89PNG\r\n\x1a\n" + bytes(64), "not a model that edgekit reads"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_models_are_one_line_and_status_2(name: str, tmp_path: Path) -> None:
    content, expected = BAD[name]
    (tmp_path / name).write_bytes(content)
    done = cli("convert", name, "-o", "out", cwd=tmp_path)
    error = [x for x in done.stderr.splitlines() if not x.startswith("✓")]
    assert done.returncode == 2
    assert done.stdout == ""
    assert len(error) == 1 and error[0].startswith("edgekit: ") and expected in error[0], error
    assert [p.name for p in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--target", "toaster"], "unknown target 'toaster'; known: tflite-micro"),
        (["--board", "abacus"], "unknown board 'abacus'; known: microbit"),
        (["--name", "9 lives"], "not a C identifier"),
        (["--suite", "kws99"], "unknown suite 'kws99'; known: ad01"),
    ],
)
def test_unknown_names_list_the_known(words: list[str], expected: str, tmp_path: Path) -> None:
    (tmp_path / "m.tflite").write_bytes(relu_model())
    done = cli("convert", "m.tflite", "-o", "out", *words, cwd=tmp_path)
    assert done.returncode == 2
    assert expected in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out").exists()


def test_subgraphs_and_dynamic_shapes_are_refused(tmp_path: Path) -> None:
    from edgekit.converters.micro.reader import read_graph

    dynamic = T((1, -1), scale=0.5)
    raw = build([dynamic, dynamic], [O("RELU", [0], [1])], [0], [1])
    with pytest.raises(EdgekitError, match=r"its shape \[1, -1\] is dynamic"):
        read_graph(raw, "m.tflite")
    import flatbuffers
    from ai_edge_litert import schema_py_generated as schema

    model = schema.ModelT.InitFromPackedBuf(relu_model())
    model.subgraphs.append(model.subgraphs[0])
    builder = flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), b"TFL3")
    with pytest.raises(EdgekitError, match="2 subgraphs"):
        read_graph(bytes(builder.Output()), "m.tflite")


def test_what_does_not_fit_names_the_largest_tensor(tmp_path: Path) -> None:
    needs("arm-none-eabi-gcc")
    model = str(shared("mlperf-tiny") / "models" / "vww_96_int8.tflite")
    with pytest.raises(EdgekitError, match=r"KiB of RAM, microbit has 16 KiB; largest tensor: m"):
        convert(model, target="tflite-micro", out=tmp_path / "out", board="microbit")
    assert list(tmp_path.iterdir()) == []


def test_convert_is_fast_and_imports_no_framework(tmp_path: Path) -> None:
    needs("arm-none-eabi-gcc")
    code = (
        "import sys\n"
        "from edgekit.cli import main\n"
        f"try: main(['convert', {kws()!r}, '--board', 'mps2-an386', '-o', 'kws', '--json'])\n"
        "except SystemExit as e: assert not e.code, e.code\n"
        "heavy = {'torch', 'tensorflow', 'jax', 'litert_torch', 'ai_edge_quantizer'}\n"
        "print('HEAVY', sorted(heavy & set(sys.modules)), file=sys.stderr)"
    )
    start = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=tmp_path
    )
    seconds = time.monotonic() - start
    assert done.returncode == 0, done.stderr
    assert "HEAVY []" in done.stderr
    answer = json.loads(done.stdout)
    assert 0 < answer["arena_bytes"] <= 16_000
    assert 0 < answer["code_bytes"] < answer["flash_bytes"]
    # The goal is 5 s on two free cores; here other tests run beside it.
    assert seconds < (15 if os.environ.get("PYTEST_XDIST_WORKER") else 5)
