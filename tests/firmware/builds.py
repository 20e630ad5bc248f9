"""Firmware of the hand-written bundles, each built once in a test run."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path

from edgekit.artifact import Bundle
from edgekit.devices.board import board_ids, load_board
from edgekit.devices.firmware import Firmware, build_firmware
from tests.bundles import Kind, write_bundle
from tests.tools import needs

COMPILERS = ("gcc", "zig")
BOARDS = tuple(board_ids())
QEMU_BOARDS = tuple(b for b in BOARDS if load_board(b).emulators.qemu is not None)


@cache
def folder() -> Path:
    """A folder that lives as long as the test run."""
    path = tempfile.mkdtemp(prefix="edgekit-tests-")
    atexit.register(shutil.rmtree, path, ignore_errors=True)
    return Path(path)


@cache
def bundle(kind: Kind) -> Bundle:
    """The hand-written bundle of this kind, in a folder of its own."""
    return write_bundle(folder() / kind, kind)


@cache
def firmware(board: str, kind: Kind = "int8", compiler: str | None = None) -> Firmware:
    """The firmware of a hand-written bundle; needs arm-none-eabi-gcc if that is asked for."""
    if compiler == "gcc":
        needs("arm-none-eabi-gcc")
    out = folder() / f"{board}-{kind}-{compiler}"
    return build_firmware(bundle(kind), load_board(board), out, compiler)
