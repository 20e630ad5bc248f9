"""`edgekit inspect`."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from edgekit.cli import main
from edgekit.converters.convert import convert
from tests.bundles import write_bundle
from tests.tflite_builder import O, T, build
from tests.tools import shared


def run(*arguments: str, code: int = 0) -> None:
    with pytest.raises(SystemExit) as end:
        main(["inspect", *arguments])
    assert end.value.code == code


@pytest.fixture(scope="module")
def kws(tmp_path_factory: pytest.TempPathFactory) -> Path:
    model = shared("mlperf-tiny") / "models" / "kws_ref_model.tflite"
    out = tmp_path_factory.mktemp("inspect") / "kws"
    convert(str(model), target="tflite-micro", out=out, board="mps2-an386", name="kws")
    return out


class Reader(HTMLParser):
    """Counts tags, checks that they close, and keeps what a page would fetch."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.count: dict[str, int] = {}
        self.fetched: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.count[tag] = self.count.get(tag, 0) + 1
        self.fetched += [v for k, v in attrs if k in ("src", "href", "data", "action") and v]
        if tag not in ("meta", "br", "line", "polygon"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in ("line", "polygon"):
            assert self.open.pop() == tag


def test_page_table_and_json_agree(
    kws: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "kws.html"
    run(str(kws), "--html", str(page), "--json")
    answer = json.loads(capsys.readouterr().out)
    layers = answer["layers"]
    assert answer["cycles_are"] == "estimated"
    assert 0 <= answer["instructions"] - sum(x["instructions"] for x in layers) < 1000
    assert layers[0]["instructions_per_mac"] == pytest.approx(
        layers[0]["instructions"] / layers[0]["macs"], abs=1e-4
    )
    assert layers[-1]["instructions_per_mac"] is None  # softmax
    parts = sum(x["flash_bytes"] for x in layers)
    parts += sum(kernel["flash_bytes"] for kernel in answer["kernels"])
    parts += answer["model_bytes"] + answer["rest_bytes"]
    assert parts == answer["code_bytes"] + answer["weights_bytes"]
    text = page.read_text()
    reader = Reader()
    reader.feed(text)
    assert reader.open == []
    assert reader.fetched == []
    assert "http" not in re.sub(r'xmlns="[^"]*"', "", text)
    assert reader.count["polygon"] == len(answer["plan"])
    assert "width=device-width" in text
    for layer in layers:
        assert f"{layer['instructions']:,}</td>" in text
    assert f"{answer['arena_bytes']:,} B" in text


def test_table_fits_a_terminal(
    kws: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    run(str(kws))
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "kws on mps2-an386, balanced"
    assert lines[1].split() == ["#", "kernel", "output", "MACs", "instr.", "a", "MAC", "flash"]
    assert max(map(len, lines)) <= 80
    assert any(line.startswith("Memory plan, ") for line in lines)


def test_a_board_that_sim_does_not_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Sizes are known, instructions are not."""
    write_bundle(tmp_path / "b")
    run(str(tmp_path / "b"), "--board", "microbit", "--json")
    answer = json.loads(capsys.readouterr().out)
    assert answer["board"] == "microbit"
    assert answer["instructions"] is answer["cycles"] is answer["cycles_are"] is None
    assert answer["layers"][0]["instructions"] is None
    assert answer["layers"][0]["code_bytes"] > 0


def test_no_board_at_all(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bundle = write_bundle(tmp_path / "b")
    manifest = bundle.manifest.model_copy(update={"board": None})
    (bundle.path / "manifest.json").write_text(manifest.to_json())
    page = tmp_path / "page.html"
    run(str(bundle.path), "--html", str(page))
    assert capsys.readouterr().out.startswith("negate, balanced\n")
    assert "Code that layers share" not in page.read_text()
    run(str(bundle.path), "--json")
    answer = json.loads(capsys.readouterr().out)
    assert answer["code_bytes"] is answer["kernels"] is answer["compiler"] is None
    assert answer["layers"][0]["macs"] == 8


def test_the_plan_counts_the_layers_of_the_manifest(tmp_path: Path) -> None:
    """Reshapes, which run nothing, are no layers there."""
    same, flat = T((1, 2, 4), scale=0.5), T((1, 8), scale=0.5)
    shape = T((2,), "int32", data=np.array([1, 8], np.int32))
    ops = [O("RESHAPE", [0, 3], [1]), O("RELU", [1], [2])]
    (tmp_path / "m.tflite").write_bytes(build([same, flat, flat, shape], ops, [0], [2]))
    bundle = convert(str(tmp_path / "m.tflite"), target="tflite-micro", out=tmp_path / "b")
    assert len(bundle.manifest.layers) == 1
    assert {(b.first, b.last) for b in bundle.manifest.plan} == {(0, 0)}


def test_bad_input_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(str(tmp_path), code=2)
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith(f"edgekit: {tmp_path}: not a bundle")


def test_help_has_an_example(capsys: pytest.CaptureFixture[str]) -> None:
    run("--help")
    assert "Example: edgekit inspect kws --html kws.html" in capsys.readouterr().out
