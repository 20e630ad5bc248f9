"""Which devices are there."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from edgekit.devices.record import Record, is_alive, lock, write_record
from edgekit.devices.registry import Device, find_device, list_devices, stop_device
from edgekit.errors import EdgekitError


def leave(home: Path, name: str, fault: str | None) -> Path:
    """What a process leaves behind."""
    folder = home / "devices" / name
    folder.mkdir(parents=True)
    os.close(lock(folder))
    record = Record(id=name, board="mps2-an386", emulator="sim", elf=Path("/x"), pid=1, fault=fault)
    write_record(folder, record)
    return folder


def test_no_state_is_no_virtual_board(home: Path) -> None:
    assert [d for d in list_devices() if d.kind == "virtual"] == []


def test_a_running_board_is_found_by_id_and_by_port(board: Device) -> None:
    assert find_device(board.id) == board
    assert find_device(board.port) == board
    assert board.kind == "virtual"
    assert board in list_devices()


def test_an_unknown_id_lists_the_known(board: Device) -> None:
    with pytest.raises(EdgekitError, match=r"unknown device 'x'; known: .*mps2-an386-sim.*flash"):
        find_device("x")


def test_the_path_of_a_port_is_a_device(home: Path, tmp_path: Path) -> None:
    port = tmp_path / "ttyX"
    port.write_text("")
    found = find_device(str(port))
    assert (found.kind, found.port, found.board) == ("serial", str(port), None)


def test_a_real_board_cannot_be_stopped(home: Path, tmp_path: Path) -> None:
    port = tmp_path / "ttyX"
    port.write_text("")
    with pytest.raises(EdgekitError, match="only a virtual board can be stopped"):
        stop_device(str(port))


def test_a_process_that_died_is_forgotten_but_not_a_fault(home: Path) -> None:
    died, faulted = leave(home, "died", None), leave(home, "faulted", "jump to nowhere")
    assert [(d.id, d.fault) for d in list_devices() if d.kind == "virtual"] == [
        ("faulted", "jump to nowhere")
    ]
    assert not died.exists()
    # Process 1, which the record names, is not touched: nobody holds the lock.
    stop_device("faulted")
    assert not faulted.exists()


def test_a_folder_that_is_held_is_not_cleaned(home: Path) -> None:
    folder = leave(home, "starting", None)
    handle = lock(folder)
    try:
        assert is_alive(folder)
        assert [d.id for d in list_devices() if d.kind == "virtual"] == ["starting"]
    finally:
        os.close(handle)
    assert not is_alive(folder)


def test_an_unreadable_record_is_cleaned(home: Path) -> None:
    folder = leave(home, "garbled", None)
    (folder / "device.json").write_text("{")
    assert [d for d in list_devices() if d.kind == "virtual"] == []
    assert not folder.exists()
