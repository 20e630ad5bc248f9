"""MLPerf Tiny's models in `balanced` mode against the committed record, and the verb itself."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from edgekit.benchmarks.micro.measure import Case, Measurement, Misfit, measure
from edgekit.benchmarks.micro.models import MODELS, find_model
from edgekit.benchmarks.micro.record import RECORD, changes, load_record, require_no_growth
from edgekit.cli import main
from edgekit.devices.toolchain import find_toolchain
from edgekit.errors import EdgekitError
from tests.tools import needs, shared

BOARD = "mps2-an386"


def assets() -> Path:
    return shared("mlperf-tiny") / "models"


@pytest.mark.parametrize("model", MODELS)
def test_no_figure_grows(model: str) -> None:
    """By more than 2 % over benchmarks/micro/record.json. Where that is meant:
    `python -m edgekit.benchmarks.micro --record`."""
    needs("arm-none-eabi-gcc")
    case = Case(model, BOARD, "balanced")
    entry = load_record().entry(case)
    assert entry is not None, f"{case} is not in {RECORD.name}"
    if str(find_toolchain("gcc")) != entry.compiler:
        pytest.skip(f"the record is of {entry.compiler}, here is {find_toolchain('gcc')}")
    measured = measure(case, assets(), "gcc")
    assert isinstance(measured, Measurement)
    assert measured.golden_checked_by
    require_no_growth(changes(load_record(), [measured]))


def run(*arguments: str, code: int = 0) -> None:
    with pytest.raises(SystemExit) as end:
        main(["bench", "micro", *arguments])
    assert end.value.code == code


def test_tables_json_and_check(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, record = tmp_path / "out.json", tmp_path / "record.json"
    options = ["--models", "ad", "--boards", BOARD, "--optimize", "balanced", "--compiler", "zig"]
    options += ["--assets", str(assets())]
    run(*options, "--json", str(file))
    captured = capsys.readouterr()
    assert captured.out.startswith(f"{BOARD}: zig ")
    assert "measured 1/1 ad balanced" in captured.err
    assert "golden vectors" not in captured.err  # the steps of each case are not shown
    (one,) = json.loads(file.read_text())["measurements"]
    assert one["counted_by"] == "sim"
    assert sum(layer["instructions"] for layer in one["layers"]) < one["instructions"]
    names = (
        "model", "board", "optimize", "compiler", "instructions", "cycles", "cycle_rules",
        "code_bytes", "weights_bytes", "arena_bytes",
    )  # fmt: skip
    entry = {name: one[name] for name in names} | {"arena_bytes": 10}
    record.write_text(json.dumps({"entries": [entry]}))
    run(*options, "--check", str(record), "--json", code=2)
    captured = capsys.readouterr()
    assert json.loads(captured.out)["suite"] == "micro"
    assert "edgekit: more than 2% over the record: ad balanced on mps2-an386: arena" in captured.err


def test_help(capsys: pytest.CaptureFixture[str]) -> None:
    run("--help")
    assert "Example: edgekit bench micro --models kws,vww" in capsys.readouterr().out


def test_a_board_that_is_too_small() -> None:
    answer = measure(Case("vww", "microbit", "balanced"), assets(), None)
    assert isinstance(answer, Misfit)
    assert "of RAM, microbit has 16 KiB" in answer.why


def test_models_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDGEKIT_ASSETS", str(shared("mlperf-tiny").parent))
    assert find_model("kws").name == "kws_ref_model.tflite"
    monkeypatch.setenv("EDGEKIT_ASSETS", str(tmp_path))
    with pytest.raises(EdgekitError, match=r"kws_ref_model\.tflite is not there\. .* --assets"):
        find_model("kws")
    (tmp_path / "kws_ref_model.tflite").write_bytes(b"another")
    with pytest.raises(EdgekitError, match="it is not kws01's reference model"):
        find_model("kws")
