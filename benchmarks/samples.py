"""A folder of samples in the form of MLPerf Tiny's runner.

Each sample is a `.bin` file that is sent as it stands. Its class is in `y_labels.csv` (rows
`file, number of classes, class`), or, where there is no such file, after the last `_` of its name.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from edgekit.benchmarks.suite import Suite
from edgekit.errors import EdgekitError

LABELS = "y_labels.csv"


@dataclass(frozen=True)
class Sample:
    """A sample: its file and the index of its class."""

    path: Path
    label: int

    def read(self) -> bytes:
        """The bytes to send."""
        return self.path.read_bytes()


def load_samples(folder: Path, suite: Suite, limit: int | None = None) -> tuple[Sample, ...]:
    """The first `limit` samples of `folder` (all where None), by name or in the order of
    `y_labels.csv`. Each is checked to have the suite's size and one of its classes."""
    if not folder.is_dir():
        what = "it is a file" if folder.exists() else "there is no such folder"
        raise _refuse(folder, what, suite)
    if limit is not None and limit < 1:
        raise EdgekitError(f"a limit of {limit} samples leaves none", remedy="Give 1 or more.")
    labels = folder / LABELS
    rows = _labelled(labels, suite) if labels.exists() else _named(folder, suite)
    samples = tuple(_check(path, label, suite) for path, label in rows)
    if not samples:
        raise _refuse(folder, "it holds no .bin files", suite)
    return samples[:limit]


def _refuse(path: Path, what: str, suite: Suite) -> EdgekitError:
    return EdgekitError(
        what,
        where=str(path),
        remedy=f"{suite.name} wants a folder of .bin files of {suite.sample.bytes} bytes, "
        f"the class after the last '_' of the name or in {LABELS}.",
    )


def _named(folder: Path, suite: Suite) -> Iterator[tuple[Path, str]]:
    for path in sorted(folder.glob("*.bin")):
        if "_" not in path.stem:
            raise _refuse(path, "its name has no class", suite)
        yield path, path.stem.rpartition("_")[2]


def _labelled(labels: Path, suite: Suite) -> Iterator[tuple[Path, str]]:
    try:
        rows = list(csv.reader(labels.read_text().splitlines()))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise _refuse(labels, f"it cannot be read ({error})", suite) from None
    for number, row in enumerate(rows, 1):
        cells = [cell.strip() for cell in row]
        if not any(cells):
            continue
        if len(cells) < 3:
            raise _refuse(labels, f"line {number} is not 'file, classes, class'", suite)
        path = labels.parent / cells[0]
        if Path(cells[0]).name != cells[0] or not path.is_file():
            raise _refuse(labels, f"line {number}: there is no file '{cells[0][:80]}'", suite)
        yield path, cells[2]


def _check(path: Path, label: str, suite: Suite) -> Sample:
    count = len(suite.sample.classes)
    if not (label.isascii() and label.isdecimal() and int(label) < count):
        raise _refuse(
            path, f"its class '{label[:20]}' is not a number from 0 to {count - 1}", suite
        )
    size = path.stat().st_size
    if size != suite.sample.bytes:
        raise _refuse(path, f"it has {size} bytes, not {suite.sample.bytes}", suite)
    return Sample(path, int(label))
