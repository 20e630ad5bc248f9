"""A serial port that speaks in lines, with errors that say what to do."""

from __future__ import annotations

import errno
import time
from pathlib import Path
from typing import Any

import serial

from edgekit.devices.record import fault_behind
from edgekit.errors import EdgekitError

TICK_S = 0.25
_BUSY = {errno.EBUSY, errno.EAGAIN, errno.EWOULDBLOCK}


def _open_error(port: str, error: Exception) -> EdgekitError:
    number = getattr(error, "errno", None)
    if fault := fault_behind(port):
        return gone(port, fault)
    if number in _BUSY or "exclusively lock" in str(error):
        return EdgekitError(
            "the port is busy", where=port, remedy="Close the program that has it open."
        )
    if number == errno.EACCES:
        return EdgekitError(
            "no permission to open the port",
            where=port,
            remedy="Run 'sudo usermod -aG dialout $USER' and log in again.",
        )
    if number in (errno.ENOENT, errno.ENODEV, errno.ENXIO) or not Path(port).exists():
        return gone(port, None)
    return EdgekitError(f"the port cannot be opened ({error})", where=port)


def gone(port: str, fault: str | None) -> EdgekitError:
    """The error for a port that is not there any more, with the reason where it is known."""
    if fault:
        return EdgekitError(
            f"the firmware stopped: {fault}",
            where=port,
            remedy="Flash the board again with 'edgekit flash'.",
        )
    return EdgekitError("the port is gone", where=port, remedy="See 'edgekit devices'.")


class Line:
    """An open serial port. Lines end with CR LF and are ASCII."""

    def __init__(self, port: str, baud: int) -> None:
        self.port = port
        self._buffer = bytearray()
        try:
            # The lock that `exclusive` takes is what makes a busy port known to the next program.
            self._serial: Any = serial.Serial(port, baud, timeout=TICK_S, exclusive=True)
        except (serial.SerialException, OSError, ValueError) as error:
            raise _open_error(port, error) from None

    def close(self) -> None:
        """Let the port go."""
        self._serial.close()

    def write(self, data: bytes) -> None:
        """Send bytes."""
        try:
            self._serial.write(data)
        except (serial.SerialException, OSError):
            raise gone(self.port, self._fault()) from None

    def _fault(self) -> str | None:
        # The process behind a virtual board writes the reason down a moment after it ends.
        for _ in range(20):
            if fault := fault_behind(self.port):
                return fault
            if not Path(self.port).exists():
                break
            time.sleep(0.01)
        return fault_behind(self.port)

    def read_line(self, timeout_s: float) -> str | None:
        """The next line without its end; None after `timeout_s` without a byte."""
        quiet_since = time.monotonic()
        while (end := self._buffer.find(b"\n")) < 0:
            data = self._read()
            if data:
                self._buffer += data
                quiet_since = time.monotonic()
            elif fault := fault_behind(self.port):
                raise gone(self.port, fault)
            elif time.monotonic() - quiet_since > timeout_s:
                return None
        line = self._buffer[:end].rstrip(b"\r").decode("ascii", "replace")
        del self._buffer[: end + 1]
        return line

    def _read(self) -> bytes:
        try:
            first: bytes = self._serial.read(1)
            return first + self._serial.read(self._serial.in_waiting) if first else b""
        except (serial.SerialException, OSError):
            raise gone(self.port, self._fault()) from None
