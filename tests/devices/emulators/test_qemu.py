"""A board under qemu."""

from __future__ import annotations

import select
import shutil
import signal
import time
from pathlib import Path

import pytest

from edgekit.devices.board import load_board
from edgekit.devices.emulators import FirmwareError, Program
from edgekit.devices.emulators.qemu import Session, command, start
from edgekit.errors import EdgekitError
from tests.devices.probe import build_probe, m0_board, needs_qemu


def test_icount_is_asked_for(tmp_path: Path) -> None:
    needs_qemu()
    board, elf = load_board("mps2-an386"), tmp_path / "x.elf"
    assert "-icount" not in command(board, Program(elf))
    assert command(board, Program(elf, icount=True))[-2:] == ["-icount", "shift=0"]


def test_a_board_that_qemu_lacks(tmp_path: Path) -> None:
    with pytest.raises(EdgekitError, match="qemu does not run board m0"):
        command(m0_board(), Program(tmp_path / "x.elf"))


def test_without_qemu_the_line_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(EdgekitError, match=r"qemu-system-arm is not installed.*apt-get install"):
        command(load_board("mps2-an386"), Program(tmp_path / "x.elf"))


def hear(session: Session, data: bytes, until: bytes) -> bytes:
    heard, deadline = b"", time.monotonic() + 30
    while until not in heard:
        step = session.step(data)
        data = data[step.taken :]
        heard += step.sent
        if not step.sent:
            select.select(session.descriptors(), [], [], 0.1)
        assert time.monotonic() < deadline
    return heard


def test_the_probe_gives_what_it_gives_under_sim(tmp_path: Path) -> None:
    needs_qemu()
    board = load_board("mps2-an386")
    session = Session(board, Program(build_probe(board, tmp_path)))
    try:
        hear(session, b"", b"hello\r\n")
        assert hear(session, b"d", b"\r\n") == b"data=00001234\r\n"
        assert hear(session, b"t", b"\r\n") == b"it=9f51b978\r\n"
        assert hear(session, b"r", b"\r\n") == b"run=fe383c1a\r\n"
        assert hear(session, b"F", b"ticked=").startswith(b"same=00000001")
    finally:
        session.close()


def test_the_end_of_qemu_is_a_fault_with_its_words(tmp_path: Path) -> None:
    needs_qemu()
    board, broken = load_board("mps2-an386"), tmp_path / "broken.bin"
    broken.write_bytes(b"")  # qemu takes what is no ELF as memory contents: no vector table
    session = start(board, Program(broken))
    try:
        with pytest.raises(FirmwareError, match=r"qemu: fatal: Lockup.*exit status -6"):
            while True:
                session.step(b"")
                select.select(session.descriptors(), [], [], 1)
    finally:
        session.close()


def test_a_killed_qemu_is_noticed(tmp_path: Path) -> None:
    needs_qemu()
    board = load_board("mps2-an386")
    session = Session(board, Program(build_probe(board, tmp_path)))
    try:
        hear(session, b"", b"hello\r\n")
        session._process.send_signal(signal.SIGKILL)
        session._process.wait()
        with pytest.raises(FirmwareError, match="qemu ended"):
            session.step(b"x")
    finally:
        session.close()
