"""A board whose firmware is not edgekit's, as its serial port shows it: the suite's commands only.

There is no such board here; this speaks for one through a pty.
"""

from __future__ import annotations

import os
import pty
import threading
import tty
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

LAP_US = 1500  # of one inference


@dataclass
class ForeignBoard:
    """Answers with `classify(input bytes)`; keeps the commands that it was sent."""

    model: str
    classify: Callable[[bytes], list[float]]
    commands: list[str] = field(default_factory=list)
    _expected: int = 0
    _data: bytes = b""
    _clock_us: int = 0

    def answer(self, command: str) -> list[str]:
        """The lines before m-ready."""
        verb, *arguments = command.split(" ")
        known: dict[str, Callable[[list[str]], list[str]]] = {
            "name": lambda _: ["m-name-dut-[other]"],
            "profile": lambda _: ["m-profile-[x]", f"m-model-[{self.model}]"],
            "db": self._db,
            "infer": self._infer,
        }
        if verb not in known:
            return [f"e-[Unknown command: {verb}]"]
        self.commands.append(command)
        return known[verb](arguments)

    def _db(self, arguments: list[str]) -> list[str]:
        if arguments[0] == "load":
            self._expected, self._data = int(arguments[1]), b""
            return [f"m-[Expecting {self._expected} bytes]"]
        self._data += bytes.fromhex(arguments[0])
        return ["m-load-done"] if len(self._data) == self._expected else []

    def _infer(self, arguments: list[str]) -> list[str]:
        before = self._clock_us
        self._clock_us += LAP_US * int(arguments[0])
        results = ",".join(f"{value:.3f}" for value in self.classify(self._data))
        laps = [f"m-lap-us-{before}", f"m-lap-us-{self._clock_us}"]
        return [*laps, "m-infer-done", f"m-results-[{results}]"]


@contextmanager
def attached(board: ForeignBoard) -> Iterator[str]:
    """The path of the port that the board answers at."""
    ours, theirs = pty.openpty()
    tty.setraw(theirs)
    stop = threading.Event()
    thread = threading.Thread(target=_serve, args=(board, ours, stop), daemon=True)
    thread.start()
    try:
        yield os.ttyname(theirs)
    finally:
        stop.set()
        os.write(theirs, b"%")  # wakes the thread from its read
        thread.join(10)
        os.close(ours)
        os.close(theirs)


def _serve(board: ForeignBoard, port: int, stop: threading.Event) -> None:
    pending = b""
    while not stop.is_set():
        pending += os.read(port, 4096)
        while b"%" in pending:
            command, _, pending = pending.partition(b"%")
            if stop.is_set():
                return
            lines = [*board.answer(command.decode()), "m-ready"]
            os.write(port, "".join(f"{line}\r\n" for line in lines).encode())
