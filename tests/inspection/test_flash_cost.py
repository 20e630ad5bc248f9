"""What layers and kernels cost in flash."""

from __future__ import annotations

from pathlib import Path

import pytest

from edgekit.artifact import Bundle, LayerInfo
from edgekit.converters.convert import convert
from edgekit.devices.board import load_board
from edgekit.devices.elf import Image, Section, Symbol
from edgekit.devices.firmware import build_firmware, read_model
from edgekit.inspection.flash_cost import LayerFlash, flash_cost
from tests.bundles import write_bundle
from tests.tools import needs, shared

BOARD = load_board("mps2-an386")


def layer(number: int, op: str) -> LayerInfo:
    return LayerInfo(
        name=op, op=op.upper(), kernel=f"ek_{op}", symbol=f"layer_{number:02d}_{op}",
        macs=0, output_shape=(1, 8),
    )  # fmt: skip


def function(name: str, address: int, size: int, file: str = "") -> Symbol:
    return Symbol(name, address, size, "STT_FUNC", ".text", file)


def table(name: str, address: int, size: int) -> Symbol:
    return Symbol(name, address, size, "STT_OBJECT", ".rodata", "model.c")


def test_symbols_are_given_to_layers_and_kernels() -> None:
    sections = (
        Section(".text", 0, 400, False, b"\0" * 400),
        Section(".rodata", 1000, 300, False, b"\0" * 300),
        Section(".bss", 9000, 64, True, None),
    )
    symbols = (
        function("layer_00_conv", 0, 20, "model.c"),
        function("layer_01_pool.constprop.0", 20, 30, "model.c"),
        function("net_invoke", 50, 8),
        function("ek_conv", 60, 100),
        function("dot.part.0", 160, 40, "ek_conv.c"),
        function("memcpy", 200, 50),
        function("__aeabi_memcpy", 200, 50),  # the same function by another name
        table("w_00_weights", 1000, 128),
        table("w_00_bias", 1128, 16),
        table("t_00_shifts", 1144, 8),
        table("p_01", 1152, 12),
        table("w_tensor_3", 1164, 4),
        Symbol("arena", 9000, 64, "STT_OBJECT", ".bss", "model.c"),
    )
    cost = flash_cost(Image(0, sections, symbols), (layer(0, "conv"), layer(1, "pool")))
    assert cost.layers == (LayerFlash(144, 8, 20), LayerFlash(0, 12, 30))
    assert list(cost.kernels.items()) == [("ek_conv", 140), ("memcpy", 50)]
    assert (cost.model_bytes, cost.total_bytes) == (12, 700)
    assert cost.rest_bytes == 700 - 144 - 8 - 20 - 12 - 30 - 190 - 12


def check_sum(bundle: Bundle, folder: Path, compiler: str) -> None:
    sizes = build_firmware(bundle, BOARD, folder, compiler).sizes
    cost = flash_cost(read_model(bundle, BOARD, compiler), bundle.manifest.layers)
    assert cost.total_bytes == sizes.code_bytes + sizes.weights_bytes
    assert sum(c.weights_bytes for c in cost.layers) == sizes.weights_bytes
    assert all(c.code_bytes for c in cost.layers)
    assert 0 <= cost.rest_bytes < 300
    assert {layer.kernel for layer in bundle.manifest.layers} <= set(cost.kernels)


@pytest.mark.parametrize("compiler", ["gcc", "zig"])
def test_a_real_model_adds_up(compiler: str, tmp_path: Path) -> None:
    if compiler == "gcc":
        needs("arm-none-eabi-gcc")
    model = shared("mlperf-tiny") / "models" / "str_ww_ref_model.tflite"
    bundle = convert(
        str(model), target="tflite-micro", out=tmp_path / "b", board=BOARD.id, compiler=compiler
    )
    check_sum(bundle, tmp_path / "fw", compiler)


def test_names_that_are_nobodys(tmp_path: Path) -> None:
    bundle = write_bundle(tmp_path / "b")
    cost = flash_cost(read_model(bundle, BOARD), bundle.manifest.layers)
    assert cost.layers[0].code_bytes > 0
    assert cost.model_bytes >= 8  # w_negate has no layer's number
    assert cost.kernels == {}
