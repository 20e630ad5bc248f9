"""The tables of `edgekit bench micro`, in 80 columns."""

from __future__ import annotations

from collections.abc import Iterator

from edgekit.benchmarks.micro.measure import FIGURES, Case
from edgekit.benchmarks.micro.micro import Result, core_of
from edgekit.benchmarks.micro.models import MODELS
from edgekit.benchmarks.micro.reference import load_reference

TITLES = {
    "instructions": "instructions",
    "cycles": "cycles (est.)",
    "code_bytes": "code, tables",
    "flash_bytes": "whole flash",
    "arena_bytes": "arena",
}
LABEL, CELL = 15, 13
REACHED = "✓"


def tables(result: Result) -> str:
    """A table a board, and what the figures are."""
    boards = dict.fromkeys(case.board for case in result.cases)
    return "\n\n".join([*(_board(result, board) for board in boards), _legend()])


def _board(result: Result, board: str) -> str:
    measured = [one for one in result.measured if one.case.board == board]
    if not measured:
        return f"{board}: nothing fits"
    first = measured[0]
    rules = f"cycles by {first.rules}" if first.rules else "no cycle estimate"
    lines = [f"{board}: {first.compiler}, counted in {first.counted_by}, {rules}"]
    for figure in FIGURES:
        if any(one.figure(figure) is not None for one in measured):
            lines += ["", *_figure(result, board, figure)]
    return "\n".join(lines)


def _figure(result: Result, board: str, figure: str) -> Iterator[str]:
    """A figure's heading, TFLM's line, and for each mode ours, the goal and the ratio."""
    cases = [case for case in result.cases if case.board == board]
    models = [model for model in MODELS if any(case.model == model for case in cases)]
    core = core_of(board)
    tflm = [core.tflm.of(figure, model) if core else None for model in models]
    yield _row(TITLES[figure], [f"{model} " for model in models])
    if any(tflm):
        yield _row(load_reference().provenance.engine, [_number(n) for n in tflm])
    for mode in dict.fromkeys(case.mode for case in cases):
        ours = [_value(result, Case(model, board, mode), figure) for model in models]
        goals = [result.goal(Case(model, board, mode), figure) for model in models]
        yield _row(mode, [_marked(o, g) for o, g in zip(ours, goals, strict=True)])
        if any(goals):
            yield _row("  goal", [_number(goal) for goal in goals])
        if any(tflm):
            yield _row("  of TFLM", [_ratio(o, t) for o, t in zip(ours, tflm, strict=True)])


def _value(result: Result, case: Case, figure: str) -> int | str | None:
    """The figure, `too big` where the case does not fit, None where it is not known."""
    if any(misfit.case == case for misfit in result.misfits):
        return "too big"
    one = result.find(case)
    return one.figure(figure) if one else None


def _marked(ours: int | str | None, goal: int | None) -> str:
    if isinstance(ours, str):
        return f"{ours} "
    return _number(ours, REACHED if ours is not None and goal and ours <= goal else " ")


def _number(value: int | None, mark: str = " ") -> str:
    return ("–" if value is None else f"{value:,}") + mark


def _ratio(ours: int | str | None, theirs: int | None) -> str:
    return f"{ours / theirs:.2f} " if isinstance(ours, int) and theirs else ""


def _row(label: str, cells: list[str]) -> str:
    return (f"{label:<{LABEL}}" + "".join(f"{cell:>{CELL}}" for cell in cells)).rstrip()


def _legend() -> str:
    source = load_reference().provenance
    return f"""\
{REACHED} the goal is reached (instructions of ram and flash: twice balanced's).
{source.engine}: {source.date}, {source.compiler}, {source.flags}, counted in {source.counted_by}.
Instructions and cycles are those of one inference; cycles are an estimate at
zero wait states. Sizes in bytes, of the model without the firmware around it:
"code, tables" with kernels and the memory functions they call, without weights
(TFLM: all flash but the model); "whole flash" adds the weights (TFLM: the
.tflite file); "arena" is the plan's, exact (TFLM: what the interpreter used)."""
