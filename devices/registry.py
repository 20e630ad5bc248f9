"""The devices that can be talked to: virtual boards and serial ports."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import time
from dataclasses import dataclass
from pathlib import Path

from edgekit.devices.record import (
    Record,
    devices_folder,
    is_alive,
    port_path,
    read_record,
    registry_lock,
)
from edgekit.errors import EdgekitError, unknown

STOP_S = 5.0


@dataclass(frozen=True)
class Device:
    """A device. `board` is None for a serial port, whose board is not known before it is asked;
    `port` is empty and `fault` says why where a virtual board's firmware stopped."""

    id: str
    board: str | None
    kind: str
    port: str
    emulator: str | None = None
    pid: int | None = None
    bundle: Path | None = None
    elf: Path | None = None
    folder: Path | None = None
    icount: bool = False
    fault: str | None = None


def device_of(folder: Path, record: Record) -> Device:
    """The virtual board of a record."""
    return Device(
        id=record.id,
        board=record.board,
        kind="virtual",
        port=str(port_path(folder)) if record.state == "running" else "",
        emulator=record.emulator,
        pid=record.pid,
        bundle=record.bundle,
        elf=record.elf,
        folder=folder,
        icount=record.icount,
        fault=record.fault,
    )


def _virtual_devices() -> list[Device]:
    root = devices_folder()
    folders = sorted(f for f in root.iterdir() if f.is_dir()) if root.is_dir() else []
    found = []
    for folder in folders:
        record = read_record(folder)
        if record and (is_alive(folder) or record.fault):
            found.append(device_of(folder, record))
    _clean(folders)
    return found


def _clean(folders: list[Path]) -> None:
    """Remove what processes left behind that died without a word."""
    with registry_lock(wait=False) as alone:
        for folder in folders if alone else ():
            record = read_record(folder)
            if not is_alive(folder) and not (record and record.fault):
                shutil.rmtree(folder, ignore_errors=True)


def _serial_devices() -> list[Device]:
    from serial.tools.list_ports import comports

    ports = sorted(port.device for port in comports())
    return [Device(id=port, board=None, kind="serial", port=port) for port in ports]


def list_devices() -> list[Device]:
    """Virtual boards by id, then attached serial ports. Cleans up after processes that died."""
    return _virtual_devices() + _serial_devices()


def find_device(device_id: str) -> Device:
    """The device with this id, or the serial port at this path. An unknown id lists the known."""
    devices = list_devices()
    for device in devices:
        if device_id in (device.id, device.port):
            return device
    if device_id.startswith("/") and Path(device_id).exists():
        return Device(id=device_id, board=None, kind="serial", port=device_id)
    raise unknown(
        "device",
        device_id,
        (d.id for d in devices),
        "Start a virtual board with 'edgekit flash DIR --board ID'.",
    )


def _wait_for_end(folder: Path) -> bool:
    deadline = time.monotonic() + STOP_S
    while is_alive(folder):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


def stop_device(device_id: str) -> Device:
    """End a virtual board and forget it; also clears away one whose firmware stopped."""
    device = find_device(device_id)
    if device.folder is None:
        raise EdgekitError(
            "only a virtual board can be stopped", where=device.id, remedy="Unplug the board."
        )
    for number in (signal.SIGTERM, signal.SIGKILL):
        record = read_record(device.folder)
        if is_alive(device.folder) and record and record.pid:
            with contextlib.suppress(ProcessLookupError):
                os.kill(record.pid, number)
        if _wait_for_end(device.folder):
            break
    else:
        raise EdgekitError(f"process {device.pid} does not end", where=device.id)
    shutil.rmtree(device.folder, ignore_errors=True)
    return device
