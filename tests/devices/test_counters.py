"""Counts of the last timed loop, as bench and profile read them."""

from __future__ import annotations

from pathlib import Path

import pytest

from edgekit.artifact import Bundle
from edgekit.devices.counters import Counters, instructions_by_clock, read_counters
from edgekit.devices.flash import flash
from edgekit.devices.links.dut import Dut
from edgekit.devices.registry import Device, stop_device
from tests.devices.probe import needs_qemu


def counted(device: Device, iterations: int) -> tuple[Counters, int | None, int]:
    with Dut.open(device.port) as dut:
        dut.load(bytes(8))
        lap_us = dut.infer(iterations, 2).lap_us
        cycles = dut.cycles()
    counters = read_counters(device)
    assert counters is not None
    return counters, cycles, lap_us


def test_layers_add_up_to_the_model(board: Device) -> None:
    counters, cycles, lap_us = counted(board, 5)
    assert counters.invocations == 5
    assert counters.rules == "m4-zero-wait-1"
    assert list(counters.layers) == ["layer_00_negate"]
    layer = counters.layers["layer_00_negate"]
    assert counters.instructions == layer.instructions + counters.invoke.instructions
    assert counters.cycles_estimated == layer.cycles_estimated + counters.invoke.cycles_estimated
    whole = counters.cycles_estimated + counters.loop.cycles_estimated
    assert sum(f.cycles_estimated for f in counters.functions.values()) == whole
    # The device's own counter and clock run by the same estimate.
    assert cycles is not None
    assert whole <= cycles < whole + 200
    assert abs(lap_us - whole / 25) < 20


def test_counts_repeat_and_grow_with_the_iterations(board: Device) -> None:
    once, again, twice = (counted(board, n)[0] for n in (3, 3, 6))
    assert once == again
    assert twice.instructions == 2 * once.instructions
    assert twice.layers["layer_00_negate"].cycles_estimated == (
        2 * once.layers["layer_00_negate"].cycles_estimated
    )


def test_nothing_is_known_of_a_board_that_ended_or_is_real(board: Device) -> None:
    assert read_counters(board) is not None
    stop_device(board.id)
    assert read_counters(board) is None
    assert read_counters(Device(id="/dev/x", board=None, kind="serial", port="/dev/x")) is None


def test_qemu_counts_by_its_clock(home: Path, negate: Bundle) -> None:
    needs_qemu()
    device = flash(negate.path, "mps2-an386", "qemu", icount=True)
    sim = flash(negate.path, "mps2-an386", "sim")
    assert read_counters(device) is None
    with Dut.open(device.port) as dut:
        dut.load(bytes(8))
        lap_us = dut.infer(1000).lap_us
    instructions = instructions_by_clock(device, lap_us)
    assert instructions is not None
    counters = counted(sim, 1000)[0]
    assert instructions == pytest.approx(
        counters.instructions + counters.loop.instructions, rel=0.01
    )
    assert instructions_by_clock(sim, lap_us) is None
