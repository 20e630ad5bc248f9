"""`edgekit bench micro`: every model on every board in every mode, beside TFLM and the goals."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edgekit.benchmarks.micro.measure import Case, Measurement, Misfit, measure
from edgekit.benchmarks.micro.models import MODELS, find_model
from edgekit.benchmarks.micro.record import Record
from edgekit.benchmarks.micro.reference import Core, load_reference
from edgekit.converters.micro.choose import OPTIMIZE
from edgekit.devices.board import board_ids, load_board
from edgekit.errors import unknown
from edgekit.progress import Counter, quiet_steps

# What the record holds where there is none yet.
RECORDED = tuple(Case(model, "mps2-an386", "balanced") for model in MODELS)


@dataclass(frozen=True)
class Result:
    """All that was measured, in the order of the cases."""

    measured: tuple[Measurement, ...]
    misfits: tuple[Misfit, ...]

    @property
    def cases(self) -> list[Case]:
        """What was asked for, those that fit first."""
        return [m.case for m in self.measured] + [m.case for m in self.misfits]

    def find(self, case: Case) -> Measurement | None:
        """The measurement of a case, None where it does not fit or was not asked for."""
        return next((m for m in self.measured if m.case == case), None)

    def goal(self, case: Case, figure: str) -> int | None:
        """The project's goal for a figure; for the instructions of `ram` and `flash` twice those
        measured in `balanced`; None where none is set."""
        if figure == "instructions" and case.mode in ("ram", "flash"):
            balanced = self.find(Case(case.model, case.board, "balanced"))
            return 2 * balanced.instructions if balanced else None
        core = core_of(case.board)
        goals = core.goals.get(case.mode) if core else None  # type: ignore[call-overload]
        return goals.of(figure, case.model) if goals else None

    def to_json(self) -> dict[str, Any]:
        """The answer of `edgekit bench micro --json`."""
        return {
            "suite": "micro",
            "measurements": [self._with_goals(m) for m in self.measured],
            "misfits": [misfit.to_json() for misfit in self.misfits],
            "reference": load_reference().model_dump(mode="json"),
        }

    def _with_goals(self, one: Measurement) -> dict[str, Any]:
        figures = ("instructions", "code_bytes", "flash_bytes", "arena_bytes")
        core = core_of(one.case.board)
        tflm = {f: core.tflm.of(f, one.case.model) if core else None for f in figures}
        return {
            **one.to_json(),
            "goals": {f: self.goal(one.case, f) for f in figures},
            "tflm": tflm,
            "of_tflm": {f: _ratio(one.figure(f), tflm[f]) for f in figures},
        }


def _ratio(ours: int | None, theirs: int | None) -> float | None:
    return round(ours / theirs, 4) if ours is not None and theirs else None


def core_of(board: str) -> Core | None:
    """What is known of the board's core from TFLM, None where nothing is."""
    return load_reference().cores.get(load_board(board).cpu)


def default_boards() -> list[str]:
    """The boards that stand for the cores of the reference, as far as edgekit knows them."""
    boards = [core.board for core in load_reference().cores.values()]
    return [board for board in boards if board in board_ids()]


def choose_cases(
    models: Sequence[str], boards: Sequence[str], modes: Sequence[str], record: Record | None
) -> list[Case]:
    """The cases for these names, by board, mode and model. What is left empty is everything, or
    with a record what it holds. Raises EdgekitError for an unknown name."""
    base = _everything() if record is None else _recorded(record)
    chosen_boards = boards or _each(case.board for case in base)
    chosen_modes = modes or _each(case.mode for case in base)
    chosen_models = models or _each(case.model for case in base)
    for kind, names, known in (
        ("model", chosen_models, MODELS),
        ("board", chosen_boards, board_ids()),
        ("way to optimize", chosen_modes, OPTIMIZE),
    ):
        if strange := next((name for name in names if name not in known), None):
            raise unknown(kind, strange, known)
    return [Case(m, b, o) for b in chosen_boards for o in chosen_modes for m in chosen_models]


def _recorded(record: Record) -> list[Case]:
    return [entry.case for entry in record.entries] or list(RECORDED)


def _everything() -> list[Case]:
    return [Case(m, b, o) for b in default_boards() for o in OPTIMIZE for m in MODELS]


def _each(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(names))


def run_micro(
    cases: Sequence[Case], assets: Path | None = None, compiler: str | None = None
) -> Result:
    """Measure the cases one after another, with progress on stderr."""
    for model in _each(case.model for case in cases):
        find_model(model, assets)
    measured: list[Measurement] = []
    misfits: list[Misfit] = []
    counter = Counter("measured", len(cases))
    for case in cases:
        with quiet_steps():
            one = measure(case, assets, compiler)
        if isinstance(one, Measurement):
            measured.append(one)
        else:
            misfits.append(one)
        counter.advance(str(case))
    return Result(tuple(measured), tuple(misfits))
