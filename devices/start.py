"""Starts a virtual board in the background."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import edgekit
from edgekit.devices.record import (
    Record,
    devices_folder,
    is_alive,
    lock,
    log_path,
    read_record,
    registry_lock,
    write_record,
)
from edgekit.devices.registry import Device, device_of, stop_device
from edgekit.errors import EdgekitError


def _free_folder(root: Path, name: str, another: bool) -> Path:
    """The folder for a board called `name`. One that is there already is replaced, as flashing
    replaces what a board held; with `another` the board is numbered instead."""
    number = 1
    while True:
        folder = root / (name if number == 1 else f"{name}-{number}")
        if not folder.exists() or not another:
            break
        if not is_alive(folder):
            break
        number += 1
    if is_alive(folder):
        stop_device(folder.name)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    return folder


def _spawn(folder: Path, held: int) -> str:
    """Start the process; its answer: `ok`, an error's text, or nothing where it died."""
    from_board, to_us = os.pipe()
    root = str(Path(edgekit.__file__).parent.parent)
    paths = [root, *filter(None, [os.environ.get("PYTHONPATH")])]
    command = [sys.executable, "-m", "edgekit.devices.virtual", str(folder), str(held), str(to_us)]
    try:
        with log_path(folder).open("wb") as log:
            subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=(held, to_us),
                start_new_session=True,
                env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
                check=False,
            )
    finally:
        os.close(to_us)
    with os.fdopen(from_board) as answer:
        return answer.read()


def start_virtual(
    board: str,
    emulator: str,
    elf: Path,
    *,
    bundle: Path | None = None,
    invoke: str = "",
    layers: tuple[str, ...] = (),
    icount: bool = False,
    another: bool = False,
) -> Device:
    """A board that runs `elf` in the background until it is stopped.

    Its id is BOARD-EMULATOR. A board of that id is replaced, unless `another` asks for one more,
    which gets -2, -3 and so on. `invoke` and `layers` are the symbols that counts go by.
    """
    root = devices_folder()
    with registry_lock():
        folder = _free_folder(root, f"{board}-{emulator}", another)
        held = lock(folder)
        record = Record(
            id=folder.name,
            board=board,
            emulator=emulator,
            elf=elf.absolute(),
            bundle=bundle.absolute() if bundle else None,
            invoke=invoke,
            layers=layers,
            icount=icount,
        )
        write_record(folder, record)
        try:
            answer = _spawn(folder, held)
        finally:
            os.close(held)
    started = read_record(folder)
    if answer == "ok" and started is not None:
        return device_of(folder, started)
    lines = log_path(folder).read_text(errors="replace").strip().splitlines()
    shutil.rmtree(folder, ignore_errors=True)
    text = answer or (lines[-1] if lines else "its process ended without a word")
    raise EdgekitError(text, where=f"cannot start {folder.name}")
