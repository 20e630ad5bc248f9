"""A board under `qemu-system-arm`, its console on a socket between the two processes."""

from __future__ import annotations

import ctypes
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from typing import Any

from edgekit.devices.board import Board
from edgekit.devices.emulators import Emulator, FirmwareError, Program, Step
from edgekit.errors import EdgekitError

PROGRAM = "qemu-system-arm"
LIMIT = 65536
PR_SET_PDEATHSIG = 1


def command(board: Board, program: Program) -> list[str]:
    """The command line. With `icount` one instruction takes one nanosecond of the board's time."""
    if board.emulators.qemu is None:
        raise EdgekitError(f"qemu does not run board {board.id}", remedy="Use '--emulator sim'.")
    qemu_path = shutil.which(PROGRAM)
    if qemu_path is None:
        raise EdgekitError(
            f"{PROGRAM} is not installed",
            remedy="Run 'sudo apt-get install qemu-system-arm', or use '--emulator sim'.",
        )
    qemu = board.emulators.qemu
    line = [qemu_path, "-M", qemu.machine, *qemu.args, "-kernel", str(program.elf)]
    line += ["-display", "none", "-monitor", "none", "-serial", "stdio", "-no-reboot"]
    return line + (["-icount", "shift=0"] if program.icount else [])


def _end_with_parent() -> None:
    """Asks the kernel to end qemu when this process dies without saying goodbye (Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


class Session:
    """The `Emulator` of qemu."""

    def __init__(self, board: Board, program: Program) -> None:
        line = command(board, program)
        self._ours, theirs = socket.socketpair()
        self._ours.setblocking(False)
        self._said = tempfile.TemporaryFile()  # noqa: SIM115  (open as long as qemu runs)
        with theirs:
            self._process = subprocess.Popen(
                line,
                stdin=theirs.fileno(),
                stdout=theirs.fileno(),
                stderr=self._said.fileno(),
                preexec_fn=_end_with_parent,
            )

    def descriptors(self) -> list[int]:
        """The socket to the board's console."""
        return [self._ours.fileno()]

    def step(self, data: bytes) -> Step:
        """Hand bytes over in both directions; qemu runs by itself."""
        taken = 0
        try:
            taken = self._ours.send(data) if data else 0
        except BlockingIOError:
            pass
        except OSError:
            raise self._ended() from None
        try:
            sent = self._ours.recv(LIMIT)
        except BlockingIOError:
            # The socket has no room for more input: look again soon.
            return Step(taken, b"", 0.01 if taken < len(data) else None)
        except OSError:
            raise self._ended() from None
        if not sent:
            raise self._ended()
        return Step(taken, sent, 0.01 if taken < len(data) else None)

    def _ended(self) -> FirmwareError:
        status = self._process.wait()
        self._said.seek(0)
        text = self._said.read().decode(errors="replace")
        lines = [line for line in text.splitlines() if line.strip()]
        # After a lockup qemu prints every register: the first line says why.
        return FirmwareError(f"{lines[0] if lines else 'qemu ended'} (qemu's exit status {status})")

    def counters(self) -> dict[str, Any] | None:
        """qemu counts nothing by itself."""
        return None

    def close(self) -> None:
        """End qemu."""
        self._ours.close()
        self._process.terminate()
        try:
            self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._said.close()


def start(board: Board, program: Program) -> Emulator:
    """The board under qemu."""
    return Session(board, program)
