"""A raw console to a board in an emulator: what was sent and what came back, byte for byte."""

from __future__ import annotations

import select
import time
from types import TracebackType
from typing import Self

from edgekit.devices.board import Board
from edgekit.devices.emulators import Emulator, Program, qemu

TIMEOUT_S = 20.0


class Console:
    """A board that was started; every byte it has sent is in `heard`."""

    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator
        self.heard = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._emulator.close()

    def send(self, data: bytes, until: bytes, count: int = 1) -> bytes:
        """Send `data`; all that comes up to the `count`-th `until`, which must end it."""
        start, end = len(self.heard), time.monotonic() + TIMEOUT_S
        while self.heard.count(until, start) < count:
            assert time.monotonic() < end, f"no {until!r} in {self.heard[start:]!r}"
            step = self._emulator.step(data)
            data, self.heard = data[step.taken :], self.heard + step.sent
            if not step.sent:
                wait_s = 0.1 if step.wait_s is None else step.wait_s
                select.select(self._emulator.descriptors(), [], [], wait_s)
        answer = self.heard[start:]
        assert answer.endswith(until), answer
        return answer

    def tell(self, data: bytes) -> None:
        """Send `data`, which is to have no answer yet."""
        while data:
            step = self._emulator.step(data)
            data = data[step.taken :]
            assert not step.sent

    def boot(self) -> list[str]:
        """The lines of the boot message."""
        return self.send(b"", b"m-ready\r\n").decode("ascii").split("\r\n")[:-1]

    def ask(self, command: str) -> list[str]:
        """The lines that answer `command`, without `m-ready`."""
        lines = self.send(f"{command}%".encode(), b"m-ready\r\n").decode("ascii").split("\r\n")
        assert lines[-2:] == ["m-ready", ""]
        return lines[:-2]


def start_qemu(board: Board, program: Program) -> Console:
    """The board under qemu, before it has said anything."""
    return Console(qemu.start(board, program))
