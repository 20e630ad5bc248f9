"""MLPerf Tiny's models on every board and emulator: golden vectors equal, bit for bit.

`flash` sends each golden vector through the board's serial port and compares the raw output with
what the oracle gave when the bundle was made; a difference raises.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from edgekit.artifact import load_bundle
from edgekit.converters.convert import convert
from edgekit.devices.flash import flash
from edgekit.devices.registry import stop_device
from edgekit.errors import EdgekitError
from tests.tools import needs, shared

KWS, SWW = "kws_ref_model", "str_ww_ref_model"
OTHERS = ("vww_96_int8", "pretrainedResnet_quant", "ad01_int8", SWW)
MPS2 = ("mps2-an385", "mps2-an386", "mps2-an500", "mps2-an505")
RUNS = [
    *((model, "mps2-an386", emulator) for model in OTHERS for emulator in ("sim", "qemu")),
    *((KWS, board, emulator) for board in MPS2 for emulator in ("sim", "qemu")),
    *((model, "mps3-an547", "qemu") for model in (KWS, *OTHERS)),
    (KWS, "netduinoplus2", "qemu"),
    (SWW, "microbit", "qemu"),
]


def make_bundle(model: str, folder: Path) -> Path:
    out = folder / model
    path = shared("mlperf-tiny") / "models" / f"{model}.tflite"
    assert convert(str(path), target="tflite-micro", out=out).manifest.golden_checked_by
    return out


@pytest.mark.parametrize(("model", "board", "emulator"), RUNS)
def test_golden_vectors(model: str, board: str, emulator: str, tmp_path: Path, home: Path) -> None:
    if emulator == "qemu":
        needs("qemu-system-arm")
    needs("arm-none-eabi-gcc")
    device = flash(make_bundle(model, tmp_path), board, emulator, compiler="gcc")
    stop_device(device.id)


@pytest.mark.parametrize("board", MPS2)
def test_golden_vectors_with_zig(board: str, tmp_path: Path, home: Path) -> None:
    device = flash(make_bundle(KWS, tmp_path), board, "sim", compiler="zig")
    stop_device(device.id)


def test_a_wrong_output_is_noticed(tmp_path: Path, home: Path) -> None:
    """A bundle whose golden file promises something else does not pass."""
    import hashlib
    import json

    import numpy as np

    needs("arm-none-eabi-gcc")
    out = make_bundle(KWS, tmp_path)
    with np.load(out / "golden.npz") as archive:
        arrays = {name: archive[name].copy() for name in archive.files}
    arrays["output_0"][1, 0, 3] ^= 1
    np.savez(out / "golden.npz", **arrays)
    manifest = json.loads((out / "manifest.json").read_text())
    digest = hashlib.sha256((out / "golden.npz").read_bytes()).hexdigest()
    manifest["files"]["golden.npz"] = digest
    (out / "manifest.json").write_text(json.dumps(manifest))
    load_bundle(out)
    with pytest.raises(EdgekitError, match="output 0 of golden vector 1 differs from byte 3 on"):
        flash(out, "mps2-an386", "sim")
