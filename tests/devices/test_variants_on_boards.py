"""The faster kernels' real instructions: random layers and the five models, bit for bit.

`tests/converters/micro/test_variants.py` tests all else of them as portable C.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from edgekit.artifact import load_bundle
from edgekit.converters.convert import convert
from edgekit.devices.board import load_board
from edgekit.devices.firmware import build_firmware
from edgekit.devices.flash import verify_dut
from edgekit.devices.in_process import run_here
from tests.converters.micro import cases, helium_cases
from tests.converters.micro.merged import merge
from tests.devices.test_models_on_boards import KWS, OTHERS
from tests.tools import needs, shared

LAYERS = 30  # of one kind in one model
BOARDS = [("mps2-an386", "sim"), ("mps3-an547", "qemu")]
KINDS = {
    "conv2d": cases.conv_2d,
    "depthwise_conv2d": cases.depthwise_conv_2d,
    "depthwise_3x3": cases.depthwise_3x3,
    "depthwise_strips": helium_cases.depthwise,
    "fully_connected": cases.fully_connected,
    "add": cases.add_same,
    "average_pool2d": cases.average_pool_2d,
}


def run(model: Path, board_id: str, emulator: str, compiler: str) -> set[str]:
    """Convert `model` for the board and run its golden vectors there; the kernels used."""
    needs("arm-none-eabi-gcc" if compiler == "gcc" else "cc")
    if emulator == "qemu":
        needs("qemu-system-arm")
    board = load_board(board_id)
    with tempfile.TemporaryDirectory(prefix="edgekit-variants-") as name:
        folder = Path(name)
        out = folder / "bundle"
        convert(str(model), target="tflite-micro", out=out, board=board_id, compiler=compiler)
        bundle = load_bundle(out)
        elf = build_firmware(bundle, board, folder / "firmware", compiler).elf
        with run_here(bundle, board, elf, emulator) as local:
            verify_dut(local.dut, bundle, local.name)
    return {layer.kernel for layer in bundle.manifest.layers}


def draw_models(strategy: st.SearchStrategy[bytes]) -> list[bytes]:
    """Some models, always the same."""
    models: list[bytes] = []

    @seed(2026)
    @settings(
        max_examples=LAYERS,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def keep(model: bytes) -> None:
        models.append(model)

    keep()
    return models


@pytest.mark.parametrize("compiler", ["gcc", "zig"])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("board", "emulator"), BOARDS)
def test_random_layers(board: str, emulator: str, kind: str, compiler: str, tmp_path: Path) -> None:
    path = tmp_path / "random.tflite"
    path.write_bytes(merge(draw_models(KINDS[kind]())))
    kernels = run(path, board, emulator, compiler)
    special = ("_dsp", "_mve") if "mve" in load_board(board).isa else ("_dsp",)
    assert any(kernel.endswith(special) for kernel in kernels), kernels


@pytest.mark.parametrize("model", [KWS, *OTHERS])
@pytest.mark.parametrize(("board", "emulator"), BOARDS)
def test_models(board: str, emulator: str, model: str) -> None:
    run(shared("mlperf-tiny") / "models" / f"{model}.tflite", board, emulator, "gcc")


def test_helium_with_zig() -> None:
    for model in (KWS, *OTHERS):
        run(shared("mlperf-tiny") / "models" / f"{model}.tflite", "mps3-an547", "qemu", "zig")
