"""A virtual board's record on disk, and whether the process behind it lives.

The process holds a lock on the record's folder for its whole life: the kernel drops it however
the process ends, so a stale record is always recognised and a process id is never guessed at.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from edgekit.atomic import write_file
from edgekit.devices.places import state_folder


class Record(BaseModel):
    """`device.json`. `fault` says why the firmware stopped."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    board: str
    emulator: str
    elf: Path
    bundle: Path | None = None
    invoke: str = ""
    layers: tuple[str, ...] = ()
    icount: bool = False
    state: Literal["starting", "running", "stopped"] = "starting"
    pid: int | None = None
    fault: str | None = None


def devices_folder() -> Path:
    """The folder that holds a folder for each virtual board."""
    return state_folder() / "devices"


def port_path(folder: Path) -> Path:
    """The link to the board's serial port."""
    return folder / "port"


def log_path(folder: Path) -> Path:
    """What the process behind the board wrote."""
    return folder / "log"


def write_record(folder: Path, record: Record) -> None:
    """Write a record whole."""
    write_file(folder / "device.json", record.model_dump_json(indent=2) + "\n")


def read_record(folder: Path) -> Record | None:
    """The record in `folder`, None where there is none that can be read."""
    try:
        return Record.model_validate_json((folder / "device.json").read_bytes())
    except (OSError, ValidationError):
        return None


def lock(folder: Path) -> int:
    """A file descriptor that holds the folder's lock, once whoever looks at it has looked."""
    handle = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(handle, fcntl.LOCK_EX)
    return handle


def is_alive(folder: Path) -> bool:
    """True while the process behind the board lives or is being started."""
    try:
        handle = os.open(folder / "lock", os.O_RDWR)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(handle)
    return False


@contextmanager
def registry_lock(*, wait: bool = True) -> Iterator[bool]:
    """Keeps folders from being made or removed by two commands at once; False without `wait`
    where another command is at it."""
    root = devices_folder()
    root.mkdir(parents=True, exist_ok=True)
    handle = os.open(root / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        yield True
    except BlockingIOError:
        yield False
    finally:
        os.close(handle)


def fault_behind(port: str) -> str | None:
    """Why the firmware behind a virtual board's port stopped, None where that is not known."""
    path = Path(port)
    record = read_record(path.parent) if path.name == "port" else None
    return record.fault if record else None
