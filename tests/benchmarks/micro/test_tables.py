"""The tables and the JSON of `edgekit bench micro`."""

from __future__ import annotations

from edgekit.benchmarks.micro.measure import Case, Misfit
from edgekit.benchmarks.micro.micro import Result
from edgekit.benchmarks.micro.models import MODELS
from edgekit.benchmarks.micro.reference import load_reference
from edgekit.benchmarks.micro.tables import tables
from edgekit.converters.micro.choose import OPTIMIZE
from tests.benchmarks.micro.figures import BOARD, made_up


def test_tables_fit_in_80_columns() -> None:
    every = tuple(
        made_up(model, mode, instructions=29_000_000) for mode in OPTIMIZE for model in MODELS
    )
    text = tables(Result(every, ()))
    assert max(map(len, text.splitlines())) <= 80
    assert "TFLM + CMSIS-NN   7,699,733   24,101,542   29,863,146" in text


def test_goal_and_ratio_stand_beside_the_figure() -> None:
    text = tables(Result((made_up(instructions=2_600_000), made_up("vww")), ()))
    lines = [line.split() for line in text.splitlines()]
    assert ["balanced", "2,600,000✓", "2,000,000✓"] in lines
    assert ["goal", "2,600,000", "4,600,000"] in lines
    assert ["of", "TFLM", "0.34", "0.08"] in lines
    assert ["balanced", "16,000", "16,000✓"] in lines  # the arena
    assert ["balanced", "33,000✓", "33,000✓"] in lines  # code and weights


def test_ram_mode_may_take_twice_the_instructions() -> None:
    result = Result((made_up(), made_up(mode="ram", instructions=4_000_001)), ())
    assert result.goal(Case("kws", BOARD, "ram"), "instructions") == 4_000_000
    assert "4,000,001✓" not in tables(result)
    assert Result((made_up(mode="ram"),), ()).goal(Case("kws", BOARD, "ram"), "cycles") is None


def test_a_board_without_reference_and_a_misfit() -> None:
    case = Case("vww", "mps2-an385", "balanced")
    text = tables(Result((made_up(board="mps2-an385"),), (Misfit(case, "too small"),)))
    assert "TFLM + CMSIS-NN " not in text.split("✓")[0]
    assert "2,000,000 too big" in " ".join(text.split())
    assert tables(Result((), (Misfit(case, "too small"),))).startswith("mps2-an385: nothing fits")


def test_json() -> None:
    case = Case("vww", BOARD, "ram")
    answer = Result((made_up(),), (Misfit(case, "19 KiB of RAM"),)).to_json()
    (one,) = answer["measurements"]
    assert (one["model"], one["board"], one["optimize"]) == ("kws", BOARD, "balanced")
    assert one["flash_bytes"] == one["code_bytes"] + one["weights_bytes"]
    assert (one["compiler"], one["flags"]) == ("gcc 12.2.1", "-mcpu=cortex-m4 -O2")
    assert (one["cycles_are"], one["cycle_rules"]) == ("estimated", "m4-zero-wait-1")
    assert one["goals"]["instructions"] == 2_600_000
    assert one["of_tflm"] == {
        "instructions": 0.2597, "code_bytes": 0.1704, "flash_bytes": 0.3092, "arena_bytes": 0.7011
    }  # fmt: skip
    assert [layer["instructions_per_mac"] for layer in one["layers"]] == [1.9, None]
    assert answer["misfits"][0]["does_not_fit"] == "19 KiB of RAM"
    assert answer["reference"]["provenance"]["date"] == "August 2026"


def test_reference_is_whole() -> None:
    for core in load_reference().cores.values():
        for figures in (core.tflm, *core.goals.values()):
            for table in figures.model_dump().values():
                assert table == {} or list(table) == list(MODELS)
