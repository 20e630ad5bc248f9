"""A pseudo-terminal that stands for a serial port: any program may open, close and reopen it."""

from __future__ import annotations

import os
import termios
import tty
from pathlib import Path

READ_BYTES = 65536
BACKLOG_BYTES = 1 << 20


class PtyPort:
    """The board's end of a serial port, linked at a stable path.

    The other end is kept open here too, or the first program that closes it would hang up the
    line. What nobody reads waits, up to BACKLOG_BYTES, and the oldest is lost.
    """

    def __init__(self, link: Path) -> None:
        self.master, self._slave = os.openpty()
        tty.setraw(self._slave, termios.TCSANOW)
        os.set_blocking(self.master, False)
        self._link = link
        self._backlog = bytearray()
        aside = link.with_name(f".{link.name}-{os.getpid()}")
        aside.unlink(missing_ok=True)
        aside.symlink_to(os.ttyname(self._slave))
        aside.replace(link)

    def read(self) -> bytes:
        """What programs wrote since the last call."""
        try:
            return os.read(self.master, READ_BYTES)
        except BlockingIOError:
            return b""

    @property
    def backlog(self) -> bool:
        """True while bytes wait for a reader."""
        return bool(self._backlog)

    def write(self, data: bytes) -> None:
        """Send bytes after those that still wait."""
        self._backlog += data
        try:
            while self._backlog:
                del self._backlog[: os.write(self.master, self._backlog)]
        except BlockingIOError:
            del self._backlog[: max(0, len(self._backlog) - BACKLOG_BYTES)]

    def close(self) -> None:
        """Remove the link and hang up."""
        self._link.unlink(missing_ok=True)
        os.close(self.master)
        os.close(self._slave)
