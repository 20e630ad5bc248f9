"""The protocol's client, against edgekit's firmware on a virtual board."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import serial

from edgekit.artifact import MANIFEST_NAME, Bundle, sha256_file
from edgekit.devices.links.dut import Dut
from edgekit.devices.pty_port import PtyPort
from edgekit.devices.registry import Device, stop_device
from edgekit.errors import EdgekitError

INPUT = bytes(range(8))
OUTPUT = bytes(-x & 0xFF for x in INPUT)


@contextmanager
def between(port: str, link: Path, change: Callable[[bytes], bytes]) -> Iterator[str]:
    """A port that passes everything on to `port`, what the host sends by way of `change`."""
    ours, done = PtyPort(link), threading.Event()

    def carry(line: serial.Serial) -> None:
        while not done.is_set():
            if data := ours.read():
                line.write(change(data))
            if waiting := line.in_waiting:
                ours.write(line.read(waiting))
            time.sleep(0.001)

    with serial.Serial(port, 115200) as line:
        thread = threading.Thread(target=carry, args=(line,))
        thread.start()
        try:
            yield str(link)
        finally:
            done.set()
            thread.join()
            ours.close()


def test_every_command_gives_its_answer(board: Device, negate: Bundle) -> None:
    with Dut.open(board.port) as dut:
        assert dut.name() == "edgekit"
        assert dut.model() == "neg01"
        info = dut.info()
        assert info["manifest"] == sha256_file(negate.file(MANIFEST_NAME))
        assert info["board"] == "mps2-an386"
        dut.load(INPUT)
        inference = dut.infer(3, 1)
        assert inference.results == tuple(round(-0.1 * x, 1) for x in range(8))
        assert 0 < inference.lap_us < 1000
        assert dut.output(0) == OUTPUT
        assert 100 < dut.stack_bytes() < 4096
        assert dut.timestamp_us() < dut.timestamp_us() < dut.timestamp_us()
        cycles = dut.cycles()
        assert cycles is not None
        assert abs(cycles / 25 - inference.lap_us) < 20
        assert dut.command("db print 4") == ["m-buffer-00-01-02-03"]


def test_an_m0_has_no_cycle_counter_under_qemu(home: Path, negate: Bundle) -> None:
    from edgekit.devices.flash import flash
    from tests.devices.probe import needs_qemu

    needs_qemu()
    device = flash(negate.path, "microbit", "qemu")
    with Dut.open(device.port) as dut:
        dut.load(INPUT)
        dut.infer()
        assert dut.cycles() is None
        assert dut.output() == OUTPUT


def test_an_answer_of_error_is_raised(board: Device) -> None:
    with Dut.open(board.port) as dut:
        with pytest.raises(EdgekitError, match=r"'infer 0 0' with e-\[Inference iterations"):
            dut.infer(0, 0)
        with pytest.raises(EdgekitError, match="e-\\[No such output"):
            dut.output(7)
        with pytest.raises(EdgekitError, match="e-\\[Unknown command: nonsense"):
            dut.command("nonsense")
        # The line is still in step.
        assert dut.name() == "edgekit"


def test_a_busy_port_is_one_clear_line(board: Device) -> None:
    with Dut.open(board.port), pytest.raises(EdgekitError) as error:
        Dut.open(board.port)
    assert str(error.value) == (
        f"{board.port}: the port is busy. Close the program that has it open."
    )
    with Dut.open(board.port) as dut:
        assert dut.name() == "edgekit"


def test_a_port_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(EdgekitError, match=r"nowhere: the port is gone\. See 'edgekit devices'"):
        Dut.open(str(tmp_path / "nowhere"))


def test_a_file_is_no_port(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("")
    with pytest.raises(EdgekitError, match="file: the port cannot be opened"):
        Dut.open(str(file))


def test_a_device_that_says_nothing(tmp_path: Path) -> None:
    port = PtyPort(tmp_path / "port")
    try:
        start = time.monotonic()
        with pytest.raises(EdgekitError, match="does not answer the opening of the port"):
            Dut.open(str(tmp_path / "port"), timeout_s=1)
        assert time.monotonic() - start < 5
    finally:
        port.close()


def test_a_device_that_stops_answering(board: Device) -> None:
    assert board.pid is not None
    with Dut.open(board.port, timeout_s=0.5) as dut:
        os.kill(board.pid, signal.SIGSTOP)
        try:
            with pytest.raises(EdgekitError, match=r"does not answer 'name' within 0\.5 s\. Reset"):
                dut.name()
        finally:
            os.kill(board.pid, signal.SIGCONT)


def test_a_device_that_is_killed_in_the_middle(board: Device) -> None:
    assert board.pid is not None
    with Dut.open(board.port) as dut:
        threading.Timer(0.2, os.kill, (board.pid, signal.SIGKILL)).start()
        with pytest.raises(EdgekitError, match="the port is gone"):
            dut.infer(10_000_000)


def test_a_device_that_is_stopped_between_commands(board: Device) -> None:
    with Dut.open(board.port) as dut:
        stop_device(board.id)
        with pytest.raises(EdgekitError, match="the port is gone"):
            dut.name()


def test_what_others_left_on_the_line_is_dropped(board: Device) -> None:
    for rest in (
        b"name%",
        b"na",
        b"db load 8%db 0102",
        b"\xff\x00%%%",
        b"db load 99999%",
        b"x" * 999,
    ):
        with serial.Serial(board.port, 115200) as line:
            line.write(rest)
        with Dut.open(board.port) as dut:
            dut.load(INPUT)
            dut.infer()
            assert dut.output() == OUTPUT


def test_an_answer_that_nobody_took_is_dropped(board: Device) -> None:
    with serial.Serial(board.port, 115200) as line:
        line.write(b"infer 100000 0%")
    with Dut.open(board.port) as dut:
        assert dut.name() == "edgekit"


def test_damaged_bytes_are_sent_again(board: Device, tmp_path: Path) -> None:
    damaged: list[bytes] = []

    def damage_once(data: bytes) -> bytes:
        if not damaged and b"db 00" in data:
            damaged.append(data)
            return data.replace(b"db 00", b"db 80")
        return data

    with between(board.port, tmp_path / "port", damage_once) as port, Dut.open(port) as dut:
        dut.load(INPUT)
        dut.infer()
        assert dut.output() == OUTPUT
    assert len(damaged) == 1


def test_a_line_that_always_damages_is_given_up(board: Device, tmp_path: Path) -> None:
    def damage(data: bytes) -> bytes:
        return data.replace(b"db 00", b"db 80")

    with (
        between(board.port, tmp_path / "port", damage) as port,
        Dut.open(port) as dut,
        pytest.raises(EdgekitError, match="'db load' arrived damaged 3 times"),
    ):
        dut.load(INPUT)
