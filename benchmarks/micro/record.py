"""The committed record of the figures, and what grew since."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from edgekit.artifact import Optimize
from edgekit.atomic import write_file
from edgekit.benchmarks.micro.measure import Case, Measurement
from edgekit.benchmarks.micro.models import MODELS
from edgekit.errors import EdgekitError

RECORD = Path(__file__).with_name("record.json")
UPDATE = "python -m edgekit.benchmarks.micro --record"
WATCHED = ("instructions", "code_bytes", "weights_bytes", "arena_bytes")
TOLERANCE = 0.02


class Entry(BaseModel):
    """A case and its figures, as `Measurement` has them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: str
    board: str
    optimize: Optimize
    compiler: str
    instructions: int
    cycles: int | None
    cycle_rules: str | None
    code_bytes: int
    weights_bytes: int
    arena_bytes: int

    @property
    def case(self) -> Case:
        """What was measured."""
        return Case(self.model, self.board, self.optimize)


class Record(BaseModel):
    """`record.json`: entries by board, mode and model."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    entries: tuple[Entry, ...] = ()

    def entry(self, case: Case) -> Entry | None:
        """The entry of a case, None where it was never recorded."""
        return next((e for e in self.entries if e.case == case), None)


@dataclass(frozen=True)
class Change:
    """A figure that is not what the record says."""

    case: Case
    figure: str
    before: int
    now: int

    @property
    def is_growth(self) -> bool:
        """True where it grew by more than the tolerance."""
        return self.now > self.before * (1 + TOLERANCE)

    def __str__(self) -> str:
        share = f" ({self.now / self.before - 1:+.1%})" if self.before else ""
        figure = self.figure.replace("_", " ")
        return f"{self.case}: {figure} {self.before:,} -> {self.now:,}{share}"


def load_record(path: Path = RECORD) -> Record:
    """The record at `path`."""
    try:
        return Record.model_validate_json(path.read_text())
    except OSError:
        raise EdgekitError(
            "there is no record", where=str(path), remedy=f"Run '{UPDATE}'."
        ) from None
    except ValidationError as error:
        first = str(error).splitlines()[0]
        raise EdgekitError(f"the record cannot be read ({first})", where=str(path)) from None


def base_record(check: Path | None, update: bool) -> Record | None:
    """The record that says what to measure by default: the one to check, the one to update, or
    None."""
    if check is not None:
        return load_record(check)
    if not update:
        return None
    return load_record() if RECORD.exists() else Record()


def changes(record: Record, measured: Sequence[Measurement]) -> list[Change]:
    """The watched figures that differ, growths and gains alike. What was never recorded is left
    out. Raises EdgekitError where the record is another compiler's."""
    found = []
    for one in measured:
        entry = record.entry(one.case)
        if entry is None:
            continue
        if entry.compiler != one.compiler:
            raise EdgekitError(
                f"the record was made with {entry.compiler}, this is {one.compiler}",
                where=str(one.case),
                remedy="Compare with the same compiler.",
            )
        for figure in WATCHED:
            before, now = getattr(entry, figure), getattr(one, figure)
            if before != now:
                found.append(Change(one.case, figure, before, now))
    return found


def require_no_growth(found: Sequence[Change]) -> None:
    """Raise EdgekitError for figures that grew by more than 2 %, saying which and what to do."""
    grown = [str(change) for change in found if change.is_growth]
    if grown:
        raise EdgekitError(
            f"more than {TOLERANCE:.0%} over the record: {'; '.join(grown)}",
            remedy=f"If that is meant, run '{UPDATE}' and commit benchmarks/micro/record.json.",
        )


def update_record(measured: Sequence[Measurement], path: Path = RECORD) -> None:
    """Write the measured figures into the record; other entries stay."""
    entries = {e.case: e for e in (load_record(path).entries if path.exists() else ())}
    entries |= {one.case: _entry(one) for one in measured}
    order = list(MODELS)
    ordered = sorted(entries.values(), key=lambda e: (e.board, e.optimize, order.index(e.model)))
    write_file(path, Record(entries=tuple(ordered)).model_dump_json(indent=2) + "\n")


def _entry(one: Measurement) -> Entry:
    return Entry.model_validate(
        {
            "model": one.case.model,
            "board": one.case.board,
            "optimize": one.case.mode,
            "compiler": one.compiler,
            "cycles": one.cycles,
            "cycle_rules": one.rules,
            **{figure: one.figure(figure) for figure in WATCHED},
        }
    )
