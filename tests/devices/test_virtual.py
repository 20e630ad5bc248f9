"""Virtual boards as a person meets them: in the background, behind a serial port."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import serial

from edgekit.devices.board import load_board
from edgekit.devices.record import is_alive, read_record
from edgekit.devices.registry import Device, find_device, list_devices, stop_device
from edgekit.devices.start import start_virtual
from edgekit.errors import EdgekitError
from tests.devices.probe import build_probe


@pytest.fixture(scope="module")
def probe(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_probe(load_board("mps2-an386"), tmp_path_factory.mktemp("probe"))


@pytest.fixture
def board(home: Path, probe: Path) -> Device:
    return start_virtual("mps2-an386", "sim", probe)


def say(port: str, data: bytes, until: bytes) -> bytes:
    with serial.Serial(port, 115200, timeout=10, exclusive=True) as line:
        line.write(data)
        return bytes(line.read_until(until))


def eventually(condition: Callable[[], bool], seconds: float = 10) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def processor_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def test_the_board_outlives_the_shell_that_started_it(home: Path, probe: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from edgekit.devices.start import start_virtual;"
        "print(start_virtual('mps2-an386', 'sim', Path(sys.argv[1])).port)"
    )
    # A shell with a session of its own, which ends and hangs up on whatever it still holds.
    shell = subprocess.Popen(
        ["sh", "-c", '"$0" -c "$1" "$2"; kill -HUP 0', sys.executable, script, str(probe)],
        stdout=subprocess.PIPE,
        start_new_session=True,
        text=True,
    )
    port = shell.communicate(timeout=60)[0].strip()
    device = find_device("mps2-an386-sim")
    assert device.port == port
    assert device.pid is not None
    assert os.getsid(device.pid) != shell.pid
    assert say(port, b"d", b"=00001234\r\n").endswith(b"data=00001234\r\n")


def test_a_program_may_open_close_and_reopen_the_port(board: Device) -> None:
    for value in range(0x1234, 0x1239):
        expected = f"data={value:08x}\r\n".encode()
        assert say(board.port, b"d", expected).endswith(expected)


def test_any_program_can_use_the_port(board: Device) -> None:
    """No pyserial, no settings: as `cat` and a shell's redirection do."""
    time.sleep(0.1)
    text = subprocess.run(
        ["sh", "-c", 'exec 3<>"$0"; printf d >&3; head -n 2 <&3', board.port],
        capture_output=True,
        timeout=30,
        check=True,
    ).stdout
    assert text == b"hello\r\ndata=00001234\r\n"


def test_two_boards_run_at_once(home: Path, probe: Path) -> None:
    first = start_virtual("mps2-an386", "sim", probe)
    second = start_virtual("mps2-an386", "sim", probe, another=True)
    third = start_virtual("mps2-an386", "sim", probe, another=True)
    ids = [first.id, second.id, third.id]
    assert ids == ["mps2-an386-sim", "mps2-an386-sim-2", "mps2-an386-sim-3"]
    assert [d.id for d in list_devices() if d.kind == "virtual"] == ids
    # Each has a memory of its own.
    assert say(first.port, b"dd", b"=00001235\r\n").endswith(b"=00001235\r\n")
    assert say(second.port, b"d", b"=00001234\r\n").endswith(b"=00001234\r\n")
    stop_device(second.id)
    again = start_virtual("mps2-an386", "sim", probe, another=True)
    assert again.id == second.id


def test_flashing_again_replaces_the_board(board: Device, probe: Path) -> None:
    say(board.port, b"d", b"=00001234\r\n")
    again = start_virtual("mps2-an386", "sim", probe)
    assert (again.id, again.port) == (board.id, board.port)
    assert again.pid != board.pid
    assert say(again.port, b"d", b"=00001234\r\n").endswith(b"=00001234\r\n")


def test_an_idle_board_costs_no_processor_time(board: Device) -> None:
    say(board.port, b"s", b"tick=00000000\r\n")
    say(board.port, b"S", b"\r\n")
    assert board.pid is not None
    before = processor_s(board.pid)
    time.sleep(1)
    assert processor_s(board.pid) - before < 0.1


def test_a_fault_stops_the_board_and_is_kept(board: Device) -> None:
    with serial.Serial(board.port, 115200, timeout=10) as line:
        line.write(b"j")
        assert board.folder is not None
        assert eventually(lambda: not is_alive(board.folder or Path()))
    (listed,) = [d for d in list_devices() if d.kind == "virtual"]
    assert listed.fault is not None
    assert "to 0x60000000, where nothing is" in listed.fault
    assert listed.port == ""
    assert not Path(board.port).exists()
    assert "to 0x60000000" in (board.folder / "log").read_text()
    stop_device(board.id)
    assert not board.folder.exists()


def test_a_faulted_board_is_replaced_by_the_next(board: Device, probe: Path) -> None:
    with serial.Serial(board.port, 115200, timeout=10) as line:
        line.write(b"b")
        assert eventually(lambda: find_device(board.id).fault is not None)
    again = start_virtual("mps2-an386", "sim", probe)
    assert (again.id, again.fault) == (board.id, None)


def test_what_a_killed_process_left_is_cleaned_up(board: Device) -> None:
    assert board.pid is not None
    assert board.folder is not None
    os.kill(board.pid, signal.SIGKILL)
    folder = board.folder
    assert eventually(lambda: not is_alive(folder))
    assert [d for d in list_devices() if d.kind == "virtual"] == []
    assert not folder.exists()


def test_stop_ends_the_process_and_removes_everything(board: Device) -> None:
    assert board.folder is not None
    stop_device(board.id)
    assert not is_alive(board.folder)
    assert not board.folder.exists()
    assert not os.path.lexists(board.port)


def test_a_busy_board_can_be_stopped(board: Device) -> None:
    with serial.Serial(board.port, 115200, timeout=10) as line:
        line.write(b"RRRRRRRRRR")
        time.sleep(0.3)
        start = time.monotonic()
        stop_device(board.id)
    assert time.monotonic() - start < 3


def test_a_stopped_process_that_ignores_the_signal_is_killed(
    board: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert board.pid is not None
    monkeypatch.setattr("edgekit.devices.registry.STOP_S", 0.5)
    os.kill(board.pid, signal.SIGSTOP)
    stop_device(board.id)
    assert board.folder is not None
    assert not board.folder.exists()


def test_the_state_is_private_enough_and_whole(board: Device) -> None:
    assert board.folder is not None
    record = read_record(board.folder)
    assert record is not None
    assert (record.state, record.pid, record.elf) == ("running", board.pid, board.elf)
    assert Path(board.port).is_symlink()


def test_output_that_nobody_reads_stops_nothing(board: Device) -> None:
    """More than a pty holds, while the port is open and unread."""
    with serial.Serial(board.port, 115200, timeout=10) as line:
        for _ in range(40):
            line.write(b"y" * 5000)
            time.sleep(0.005)
        time.sleep(0.5)
        line.reset_input_buffer()
        line.write(b"d")
        heard = b""
        while b"data=" not in heard:
            part = line.read(65536 if line.in_waiting > 65536 else max(1, line.in_waiting))
            assert part
            heard += part


def test_a_deep_state_folder_is_no_obstacle(
    tmp_path: Path, probe: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from edgekit.devices import control

    monkeypatch.setenv("EDGEKIT_HOME", str(tmp_path / ("d" * 60) / ("e" * 90)))
    device = start_virtual("mps2-an386", "sim", probe)
    assert device.folder is not None
    try:
        say(device.port, b"r", b"run=")
        assert eventually(lambda: control.ask(device.folder or Path()) is not None)
    finally:
        stop_device(device.id)


def test_what_cannot_start_says_why_and_leaves_nothing(home: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.elf"
    broken.write_bytes(b"nothing")
    with pytest.raises(EdgekitError, match=r"cannot start mps2-an386-sim: .*broken\.elf"):
        start_virtual("mps2-an386", "sim", broken)
    assert [p.name for p in (home / "devices").iterdir() if p.is_dir()] == []
