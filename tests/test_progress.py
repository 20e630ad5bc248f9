from __future__ import annotations

import io

import pytest

from edgekit.progress import CLEAR, Counter, note, quiet_steps, step


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def drawn(text: str) -> list[str]:
    """What stays on a terminal: of each line, what was written after it was last cleared."""
    return [line.rpartition(CLEAR)[2] for line in text.split("\n")]


def test_steps_in_a_log_are_one_line_each(capsys: pytest.CaptureFixture[str]) -> None:
    with step("outer"), step("inner"):
        pass
    out, err = capsys.readouterr()
    assert out == "" and err == "✓ inner (0.0 s)\n✓ outer (0.0 s)\n"


def test_nested_steps_leave_no_residue_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Terminal()
    monkeypatch.setattr("sys.stderr", screen)
    with step("a long outer step"), step("inner"):
        assert drawn(screen.getvalue()) == ["· inner …"]
    assert drawn(screen.getvalue()) == ["✓ inner (0.0 s)", "✓ a long outer step (0.0 s)", ""]


def test_a_failed_step_clears_its_line(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Terminal()
    monkeypatch.setattr("sys.stderr", screen)
    with pytest.raises(ValueError, match="x"), step("doomed"):
        raise ValueError("x")
    assert drawn(screen.getvalue()) == [""]


def test_a_counter_in_a_log_shows_every_tenth(capsys: pytest.CaptureFixture[str]) -> None:
    counter = Counter("samples", 25)
    for _ in range(25):
        counter.advance()
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "· samples 2/25 (0 s)" and lines[-1] == "· samples 25/25 (0 s)"
    assert len(lines) == 13


def test_a_counter_on_a_terminal_stays_on_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Terminal()
    monkeypatch.setattr("sys.stderr", screen)
    counter = Counter("samples", 3)
    for _ in range(3):
        counter.advance("x" * 200)
    lines = drawn(screen.getvalue())
    assert len(lines) == 2 and len(lines[0]) == 79 and lines[0].startswith("· samples 3/3 xxx")


def test_quiet_steps_say_nothing_but_notes(capsys: pytest.CaptureFixture[str]) -> None:
    with quiet_steps(), step("inside"):
        note("a note")
    with step("outside"):
        pass
    err = capsys.readouterr().err
    assert "inside" not in err
    assert "a note" in err
    assert "outside" in err
