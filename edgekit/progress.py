"""Progress and notes for people, always on stderr, so that stdout carries results alone."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager


def note(text: str) -> None:
    """Print one line to stderr."""
    print(text, file=sys.stderr, flush=True)


@contextmanager
def step(text: str) -> Iterator[None]:
    """Show `text` while the block runs and the seconds it took when it ends."""
    start = time.monotonic()
    terminal = sys.stderr.isatty()
    if terminal:
        print(f"· {text} …", end="", file=sys.stderr, flush=True)
    yield
    seconds = time.monotonic() - start
    print(f"{chr(13) if terminal else ''}✓ {text} ({seconds:.1f} s)", file=sys.stderr, flush=True)


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
                line = f"\r· {self.text} {self.done}/{self.total} {extra}"
                print(line[:80], end="\n" if last else "", file=sys.stderr, flush=True)
        elif last or self.done % max(1, self.total // 10) == 0:
            note(f"· {self.text} {self.done}/{self.total} {extra} ({now - self._start:.0f} s)")
