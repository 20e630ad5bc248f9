"""Emulated boards inside this process."""

from __future__ import annotations

from pathlib import Path

import pytest

from edgekit.artifact import Bundle
from edgekit.devices.board import load_board
from edgekit.devices.counters import read_counters
from edgekit.devices.firmware import build_firmware, read_model
from edgekit.devices.flash import flash, verify_dut
from edgekit.devices.in_process import run_here
from edgekit.devices.inference import count_inference
from edgekit.devices.links.dut import Dut
from edgekit.errors import EdgekitError
from tests.bundles import write_bundle
from tests.tools import needs

BOARD = load_board("mps2-an386")


def test_golden_vectors_and_counts(negate: Bundle, tmp_path: Path) -> None:
    firmware = build_firmware(negate, BOARD, tmp_path / "fw")
    with run_here(negate, BOARD, firmware.elf, "sim") as local:
        assert local.counters() is None
        assert verify_dut(local.dut, negate, local.name) == 3
        assert local.counters() is not None
    assert local.name == "mps2-an386 (sim)"


def test_counts_are_those_of_the_serial_port(negate: Bundle, tmp_path: Path, home: Path) -> None:
    cost = count_inference(negate, BOARD, build_firmware(negate, BOARD, tmp_path / "fw", "gcc").elf)
    device = flash(negate.path, BOARD.id, "sim", compiler="gcc")
    with Dut.open(device.port) as dut:
        dut.infer(1, 0)
    counters = read_counters(device)
    assert counters is not None
    assert (cost.emulator, cost.rules) == ("sim", counters.rules)
    assert (cost.instructions, cost.cycles) == (counters.instructions, counters.cycles_estimated)
    assert cost.layers == counters.layers


def test_qemu_counts_by_its_clock(negate: Bundle, tmp_path: Path) -> None:
    """Without `sim`, the counts are near those that it gives; cycles are not known."""
    needs("qemu-system-arm")
    elf = build_firmware(negate, BOARD, tmp_path / "fw").elf
    emulators = BOARD.emulators.model_copy(update={"sim": None})
    by_qemu = count_inference(negate, BOARD.model_copy(update={"emulators": emulators}), elf)
    by_sim = count_inference(negate, BOARD, elf)
    assert by_qemu.emulator == "qemu"
    assert abs(by_qemu.instructions - by_sim.instructions) < 1000
    assert (by_qemu.cycles, by_qemu.rules, by_qemu.layers) == (None, None, {})


def test_a_fault_is_one_line(tmp_path: Path) -> None:
    bundle = write_bundle(tmp_path / "b", "fault")
    elf = build_firmware(bundle, BOARD, tmp_path / "fw").elf
    text = r"mps2-an386 \(sim\): the firmware stopped: undefined instruction at pc"
    with pytest.raises(EdgekitError, match=text):
        count_inference(bundle, BOARD, elf)


def test_a_wrong_output_is_noticed(negate: Bundle, tmp_path: Path) -> None:
    """The firmware of a bundle whose weights are others'."""
    other = write_bundle(tmp_path / "b")
    source = other.file("model.c")
    source.write_text(source.read_text().replace("{-1,", "{-2,"))
    elf = build_firmware(other, BOARD, tmp_path / "fw").elf
    with pytest.raises(EdgekitError, match="output 0 of golden vector 1 differs from byte 0 on"):
        count_inference(other, BOARD, elf)


def test_a_silent_board_is_given_up(negate: Bundle, tmp_path: Path) -> None:
    elf = build_firmware(negate, BOARD, tmp_path / "fw").elf
    with run_here(negate, BOARD, elf, "sim") as local:
        assert local.dut._line.read_line(0.05) is None


def test_the_model_alone_is_code_and_weights(negate: Bundle, tmp_path: Path) -> None:
    sizes = build_firmware(negate, BOARD, tmp_path / "fw").sizes
    image = read_model(negate, BOARD)
    assert image.flash_bytes == sizes.code_bytes + sizes.weights_bytes
    assert {"negate_invoke", "layer_00_negate", "w_negate"} <= {s.name for s in image.symbols}
