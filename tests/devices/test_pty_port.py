"""The pseudo-terminal that stands for a serial port."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from edgekit.devices.pty_port import BACKLOG_BYTES, PtyPort


@pytest.fixture
def port(tmp_path: Path) -> Iterator[PtyPort]:
    found = PtyPort(tmp_path / "port")
    yield found
    found.close()


def test_bytes_pass_unchanged_both_ways(port: PtyPort, tmp_path: Path) -> None:
    every = bytes(range(256))
    end = os.open(tmp_path / "port", os.O_RDWR | os.O_NOCTTY)
    try:
        os.write(end, every)
        heard = b""
        while len(heard) < 256:
            heard += port.read()
        port.write(every)
        said = b""
        while len(said) < 256:
            said += os.read(end, 256)
    finally:
        os.close(end)
    assert heard == said == every
    assert port.read() == b""


def test_what_nobody_reads_waits_and_the_oldest_is_lost(port: PtyPort) -> None:
    for number in range(40):
        port.write(bytes([number]) * (BACKLOG_BYTES // 20))
    assert port.backlog
    assert len(port._backlog) == BACKLOG_BYTES
    assert port._backlog[-1] == 39


def test_the_link_goes_with_the_port(tmp_path: Path) -> None:
    link = tmp_path / "port"
    port = PtyPort(link)
    assert link.is_symlink()
    assert link.resolve().is_char_device()
    port.close()
    assert not os.path.lexists(link)


def test_a_link_left_behind_is_replaced(tmp_path: Path) -> None:
    link = tmp_path / "port"
    link.symlink_to("/dev/null")
    port = PtyPort(link)
    assert link.readlink() != Path("/dev/null")
    port.close()
