"""flash: build, start, and the golden vectors over the serial port."""

from __future__ import annotations

import json
import shutil
import time
from pathlib import Path

import numpy as np
import pytest

from edgekit.artifact import Bundle, load_bundle, sha256_file
from edgekit.devices.board import board_ids, load_board
from edgekit.devices.flash import built_firmware, choose_emulator, firmware_folder, flash, verify
from edgekit.devices.links.dut import Dut
from edgekit.devices.registry import Device, list_devices
from edgekit.errors import EdgekitError
from tests.bundles import Kind, write_bundle
from tests.devices.probe import BOARDS, needs_qemu


def copy_of(bundle: Bundle, path: Path) -> Bundle:
    shutil.copytree(bundle.path, path)
    return load_bundle(path)


@pytest.mark.parametrize("kind", ["uint8", "mse", "float"])
def test_each_way_to_send_an_input(kind: Kind, home: Path, tmp_path: Path) -> None:
    bundle = write_bundle(tmp_path / "bundle", kind)
    device = flash(bundle.path, "mps2-an386")
    assert verify(device, bundle) == 3


@pytest.mark.parametrize("board_id", board_ids())
def test_sim_and_qemu_give_the_same(board_id: str, home: Path, negate: Bundle) -> None:
    needs_qemu()
    board, answers = load_board(board_id), []
    names = [n for n in ("sim", "qemu") if getattr(board.emulators, n) is not None]
    for name in names:
        device = flash(negate.path, board_id, name)
        assert device.id == f"{board_id}-{name}"
        with Dut.open(device.port) as dut:
            dut.load(bytes([0, 1, 127, 128, 129, 200, 254, 255]))
            inference = dut.infer()
            info = dut.info()
            answers.append((dut.output(), inference.results, dut.stack_bytes(), info))
    assert all(answer == answers[0] for answer in answers)


def test_the_mps2_boards_have_both_emulators() -> None:
    for board_id in BOARDS:
        board = load_board(board_id)
        assert choose_emulator(board, None) == "sim"
        assert choose_emulator(board, "qemu") == "qemu"


def test_an_unknown_emulator_lists_the_known(home: Path, negate: Bundle) -> None:
    with pytest.raises(EdgekitError, match="unknown emulator of mps2-an386 'x'; known: qemu, sim"):
        flash(negate.path, "mps2-an386", "x")
    with pytest.raises(EdgekitError, match="unknown board 'x'"):
        flash(negate.path, "x")


def test_icount_is_for_qemu(home: Path, negate: Bundle) -> None:
    with pytest.raises(EdgekitError, match="only qemu has an instruction clock"):
        flash(negate.path, "mps2-an386", "sim", icount=True)


def test_firmware_is_built_when_it_must(negate: Bundle, tmp_path: Path) -> None:
    bundle, board = copy_of(negate, tmp_path / "bundle"), load_board("mps2-an386")
    shutil.rmtree(firmware_folder(bundle, board), ignore_errors=True)
    elf = built_firmware(bundle, board)
    made = elf.stat().st_mtime_ns
    assert built_firmware(bundle, board).stat().st_mtime_ns == made
    assert built_firmware(bundle, board, "zig").stat().st_mtime_ns > made
    zig = elf.stat().st_mtime_ns
    path = bundle.file("manifest.json")
    path.write_text(path.read_text().replace('"written by hand"', '"written again"'))
    assert built_firmware(load_bundle(bundle.path), board).stat().st_mtime_ns > zig


def test_a_wrong_output_is_refused_and_nothing_runs(
    home: Path, negate: Bundle, tmp_path: Path
) -> None:
    bundle = copy_of(negate, tmp_path / "bundle")
    with np.load(bundle.file("golden.npz")) as golden:
        arrays = dict(golden)
    arrays["output_0"][1, 0, 3] += 1
    np.savez(bundle.file("golden.npz"), **arrays)
    path = bundle.file("manifest.json")
    manifest = json.loads(path.read_text())
    manifest["files"]["golden.npz"] = sha256_file(bundle.file("golden.npz"))
    path.write_text(json.dumps(manifest))
    with pytest.raises(EdgekitError, match="output 0 of golden vector 1 differs from byte 3 on"):
        flash(bundle.path, "mps2-an386")
    assert [d for d in list_devices() if d.kind == "virtual"] == []


def test_a_device_with_another_bundle_is_noticed(board: Device, tmp_path: Path) -> None:
    other = write_bundle(tmp_path / "other", count=9)
    with pytest.raises(EdgekitError, match="runs another firmware"):
        verify(board, other)


def test_an_idle_board_tells_the_time_and_costs_none(board: Device) -> None:
    with Dut.open(board.port) as dut:
        first, start = dut.timestamp_us(), time.monotonic()
        # Longer than a wrap of SysTick's 24 bits at 25 MHz.
        time.sleep(1.5)
        second, end = dut.timestamp_us(), time.monotonic()
    assert second - first == pytest.approx((end - start) * 1e6, rel=0.1)
