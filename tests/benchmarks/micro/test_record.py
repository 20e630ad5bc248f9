"""The record of figures: what is a growth, and how it is updated."""

from __future__ import annotations

from pathlib import Path

import pytest

from edgekit.benchmarks.micro.micro import RECORDED, choose_cases
from edgekit.benchmarks.micro.record import (
    Record,
    changes,
    load_record,
    require_no_growth,
    update_record,
)
from edgekit.errors import EdgekitError
from tests.benchmarks.micro.figures import made_up


@pytest.fixture
def path(tmp_path: Path) -> Path:
    update_record([made_up(), made_up("vww")], tmp_path / "record.json")
    return tmp_path / "record.json"


def test_equal_figures_are_no_change(path: Path) -> None:
    assert changes(load_record(path), [made_up(), made_up("vww")]) == []


def test_what_was_never_recorded_is_left_out(path: Path) -> None:
    assert changes(load_record(path), [made_up("ad"), made_up(mode="ram")]) == []


@pytest.mark.parametrize(
    ("now", "is_growth"), [(2_040_001, True), (2_040_000, False), (1_000_000, False)]
)
def test_growth_is_more_than_two_percent(path: Path, now: int, is_growth: bool) -> None:
    (change,) = changes(load_record(path), [made_up(instructions=now)])
    assert change.is_growth == is_growth


def test_a_growth_says_which_and_how_to_update(path: Path) -> None:
    found = changes(load_record(path), [made_up(instructions=2_100_000, code_bytes=8_000)])
    assert [str(change) for change in found] == [
        "kws balanced on mps2-an386: instructions 2,000,000 -> 2,100,000 (+5.0%)",
        "kws balanced on mps2-an386: code bytes 9,000 -> 8,000 (-11.1%)",
    ]
    text = r"over the record: kws .* \(\+5\.0%\)\. If .*python -m edgekit.benchmarks.micro --record"
    with pytest.raises(EdgekitError, match=text):
        require_no_growth(found)


def test_gains_pass(path: Path) -> None:
    require_no_growth(changes(load_record(path), [made_up(instructions=1), made_up(code_bytes=1)]))


def test_another_compiler_is_refused(path: Path) -> None:
    with pytest.raises(EdgekitError, match=r"made with gcc 12\.2\.1, this is zig 0\.14\.1"):
        changes(load_record(path), [made_up(compiler="zig 0.14.1")])


def test_an_update_keeps_other_entries_and_the_order(path: Path) -> None:
    update_record([made_up(mode="time"), made_up(instructions=5)], path)
    record = load_record(path)
    assert [str(e.case) for e in record.entries] == [
        "kws balanced on mps2-an386",
        "vww balanced on mps2-an386",
        "kws time on mps2-an386",
    ]
    assert record.entries[0].instructions == 5


def test_bad_records(tmp_path: Path) -> None:
    with pytest.raises(EdgekitError, match="there is no record"):
        load_record(tmp_path / "none.json")
    (tmp_path / "bad.json").write_text('{"entries": [{"model": "kws"}]}')
    with pytest.raises(EdgekitError, match="the record cannot be read"):
        load_record(tmp_path / "bad.json")


def test_cases_are_the_records_by_default(path: Path) -> None:
    record = load_record(path)
    assert choose_cases([], [], [], record) == [e.case for e in record.entries]
    assert choose_cases([], [], [], Record()) == list(RECORDED)
    assert len(choose_cases([], ["mps2-an386"], [], None)) == 20
    (only,) = choose_cases(["ad"], ["microbit"], ["ram"], None)
    assert str(only) == "ad ram on microbit"


@pytest.mark.parametrize(
    ("names", "text"),
    [
        ((["bert"], [], []), "unknown model 'bert'; known: ad, ic, kws, sww, vww"),
        (([], ["esp32"], []), "unknown board 'esp32'"),
        (([], [], ["size"]), "unknown way to optimize 'size'; known: balanced, flash, ram, time"),
    ],
)
def test_unknown_names(names: tuple[list[str], list[str], list[str]], text: str) -> None:
    with pytest.raises(EdgekitError, match=text):
        choose_cases(*names, None)
