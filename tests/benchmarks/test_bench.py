"""The keyword spotter on a virtual board, and a board with another firmware."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from edgekit.artifact import load_bundle
from edgekit.benchmarks.bench import bench
from edgekit.cli import main
from edgekit.converters.convert import convert
from edgekit.converters.micro.oracle import run_oracle_apart
from edgekit.devices.flash import flash
from edgekit.devices.registry import Device, stop_device
from edgekit.errors import EdgekitError
from tests.benchmarks.foreign import LAP_US, ForeignBoard, attached
from tests.tools import shared

LAYERS = 12


@pytest.fixture(scope="module")
def board(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Device]:
    """A virtual board that runs the keyword spotter."""
    folder = tmp_path_factory.mktemp("bench")
    before = os.environ.get("EDGEKIT_HOME")
    os.environ["EDGEKIT_HOME"] = str(folder / "home")
    try:
        model = shared("mlperf-tiny/models/kws_ref_model.tflite")
        bundle = convert(str(model), target="tflite-micro", out=folder / "kws")
        device = flash(bundle.path, "mps2-an386", emulator="sim")
        yield device
        stop_device(device.id)
    finally:
        if before is None:
            del os.environ["EDGEKIT_HOME"]
        else:
            os.environ["EDGEKIT_HOME"] = before


def oracle_outputs(files: list[Any]) -> Any:
    """What TFLM's interpreter gives for the samples of these names, (samples, 1, 12)."""
    model = shared("mlperf-tiny/models/kws_ref_model.tflite").read_bytes()
    folder = shared("mlperf-tiny/kws01")
    raw = [np.frombuffer((folder / str(name)).read_bytes(), np.int8) for name in files]
    (outputs,) = run_oracle_apart(model, [np.stack(raw).reshape(-1, 1, 49, 10, 1)])
    return outputs


def run_and_compare(board: Device, outputs: Path, limit: int | None) -> Any:
    folder = shared("mlperf-tiny/kws01")
    result = bench("kws01", board.id, data=folder, limit=limit, outputs=outputs)
    with np.load(outputs) as file:
        np.testing.assert_array_equal(file["outputs"], oracle_outputs(list(file["files"])))
        assert (file["outputs"].reshape(-1, 12).argmax(1) == file["labels"]).mean() == (
            result.accuracy.top1 if result.accuracy else None
        )
    return result


def test_outputs_equal_the_oracles_bit_for_bit(board: Device, tmp_path: Path) -> None:
    result = run_and_compare(board, tmp_path / "outputs.npz", 8)
    assert (
        result.accuracy.labels == (7, 2, 6, 6, 8, 2, 2, 9)[:8] or len(result.accuracy.labels) == 8
    )
    assert result.suite.name == "kws01" and result.engine == "edgekit"


@pytest.mark.slow
def test_the_accuracy_over_all_samples_is_the_references(board: Device, tmp_path: Path) -> None:
    result = run_and_compare(board, tmp_path / "outputs.npz", None)
    assert len(result.accuracy.labels) == 699
    assert round(result.accuracy.top1, 4) == 0.8984
    assert result.latency_us["p99"] >= result.latency_us["p90"] > 0


def test_performance_alone_fills_every_key(
    board: Device, capsys: pytest.CaptureFixture[str]
) -> None:
    main_without_exit(["bench", "kws01", "--device", board.id, "--json"])
    answer = json.loads(capsys.readouterr().out)
    assert answer["samples"] == 0 and answer["accuracy"] is None
    assert answer["latency_is"] == answer["cycles_are"] == "estimated"
    assert len(answer["windows_us"]) == 5
    assert answer["latency_us"]["p50"] == sorted(answer["windows_us"])[2]
    assert answer["latency_us"]["p90"] is None and answer["energy_uj"] is None
    assert answer["throughput_per_s"] == pytest.approx(1e6 / answer["latency_us"]["p50"], rel=1e-3)
    # Time is the estimate of cycles at 25 MHz; the loop around the model adds a little.
    assert answer["cycles"] / 25 == pytest.approx(answer["latency_us"]["p50"], rel=0.01)
    assert 0 < answer["stack_bytes"] < 4096
    assert answer["peak_ram_bytes"] == answer["ram_bytes"] + answer["stack_bytes"]
    assert answer["flash_bytes"] > 24_368 and answer["ram_bytes"] > answer["arena_bytes"]
    layers = answer["layers"]
    assert len(layers) == LAYERS and sum(layer["macs"] for layer in layers) == 2_656_768
    inside = sum(layer["instructions"] for layer in layers)
    assert 0.99 < inside / answer["instructions"] <= 1
    assert layers[0]["latency_us"] == pytest.approx(layers[0]["cycles"] / 25, abs=0.001)


def main_without_exit(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 0


def test_the_table_fits_eighty_columns(
    board: Device, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    data = str(shared("mlperf-tiny/kws01"))
    main_without_exit(["bench", "kws01", "--device", board.id, "--data", data, "--limit", "2"])
    text = capsys.readouterr().out
    assert "top-1 accuracy" in text and "ek_depthwise" in text
    assert max(len(line) for line in text.splitlines()) <= 80


def test_another_suite_is_refused(board: Device) -> None:
    with pytest.raises(EdgekitError, match=r"it runs 'kws01', not ic01.*--suite ic01"):
        bench("ic01", board.id)


def test_a_bundle_that_the_board_does_not_run_is_refused(board: Device, tmp_path: Path) -> None:
    assert board.bundle is not None
    model = str(load_bundle(board.bundle).file("model.tflite"))
    other = convert(model, target="tflite-micro", out=tmp_path / "other", name="other")
    with pytest.raises(EdgekitError, match="the device was not flashed from this bundle"):
        bench("kws01", board.id, bundle=other.path)


def test_options_are_checked_before_the_device(tmp_path: Path) -> None:
    with pytest.raises(EdgekitError, match="--limit and --outputs need samples"):
        bench("kws01", "none", limit=3)
    with pytest.raises(EdgekitError, match=r"does not measure ad01's quality \(auc\)"):
        bench("ad01", "none", data=tmp_path)
    with pytest.raises(EdgekitError, match="there is no such folder"):
        bench("kws01", "none", data=tmp_path, outputs=tmp_path / "no" / "file.npz")
    with pytest.raises(EdgekitError, match="unknown device 'none'"):
        bench("kws01", "none")


def brightest(data: bytes) -> list[float]:
    """Class 0 or 1 by the first byte."""
    return [1.0, 0.0] if data[0] < 128 else [0.0, 1.0]


def test_another_firmware_is_measured_by_the_suites_commands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EDGEKIT_HOME", str(tmp_path / "home"))
    samples = tmp_path / "samples"
    samples.mkdir()
    for name, first in {"a_0": 5, "b_1": 200, "c_1": 7}.items():
        (samples / f"{name}.bin").write_bytes(bytes([first]) * 27_648)
    board = ForeignBoard("vww01", brightest)
    with attached(board) as port:
        result = bench("vww01", port, data=samples)
        with pytest.raises(EdgekitError, match="this firmware gives no raw outputs"):
            bench("vww01", port, data=samples, limit=1, outputs=tmp_path / "o.npz")
    assert result.accuracy is not None and result.accuracy.found == (0, 1, 0)
    assert result.accuracy.top1 == pytest.approx(2 / 3)
    assert result.engine == "other"
    # On hardware the suite's own counts apply: five windows of 20 after 5.
    assert board.commands.count("infer 20 5") == 10 and result.performance.latency_us == LAP_US
    answer = result.to_json()
    assert answer["latency_is"] == "measured" and answer["layers"] == []
    unknown = ("instructions", "cycles", "cycles_are", "flash_bytes", "arena_bytes", "stack_bytes")
    assert {key: answer[key] for key in unknown} == dict.fromkeys(unknown)
