"""Progress and notes for people, always on stderr, so that stdout carries results alone."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_steps_shown = ContextVar("steps_shown", default=True)

CLEAR = "\r\x1b[K"  # back to the start of a terminal's line, and empty it


def note(text: str) -> None:
    """Print one line to stderr."""
    print(text, file=sys.stderr, flush=True)


@contextmanager
def quiet_steps() -> Iterator[None]:
    """Steps inside the block show nothing: it is one of many that are counted. Notes stay."""
    token = _steps_shown.set(False)
    try:
        yield
    finally:
        _steps_shown.reset(token)


@contextmanager
def step(text: str) -> Iterator[None]:
    """Show `text` while the block runs and the seconds it took when it ends."""
    if not _steps_shown.get():
        yield
        return
    start = time.monotonic()
    terminal = sys.stderr.isatty()
    if terminal:
        print(f"{CLEAR}· {text} …", end="", file=sys.stderr, flush=True)
    try:
        yield
    except BaseException:
        # What comes next, an error's line, starts on a line of its own.
        print(CLEAR if terminal else "", end="", file=sys.stderr, flush=True)
        raise
    seconds = time.monotonic() - start
    print(f"{CLEAR if terminal else ''}✓ {text} ({seconds:.1f} s)", file=sys.stderr, flush=True)


class Counter:
    """A counter that shows `done/total`: redrawn on a terminal, every tenth in a log."""

    def __init__(self, text: str, total: int) -> None:
        self.text, self.total, self.done = text, total, 0
        self._shown = 0.0
        self._start = time.monotonic()

    def advance(self, extra: str = "") -> None:
        """Count one more item."""
        self.done += 1
        last = self.done == self.total
        now = time.monotonic()
        if sys.stderr.isatty():
            if last or now - self._shown > 0.1:
                self._shown = now
                line = f"· {self.text} {self.done}/{self.total} {extra}"
                print(CLEAR + line[:79], end="\n" if last else "", file=sys.stderr, flush=True)
        elif last or self.done % max(1, self.total // 10) == 0:
            words = f"· {self.text} {self.done}/{self.total} {extra}".rstrip()
            note(f"{words} ({now - self._start:.0f} s)")
