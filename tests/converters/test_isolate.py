from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import Any

import pytest

from edgekit.converters.isolate import isolate
from edgekit.errors import EdgekitError

HERE = "tests.converters.test_isolate"


def echo(value: int) -> dict[str, Any]:
    print("noise on stdout")
    print("noise on stderr", file=sys.stderr)
    return {"value": value, "pid": os.getpid()}


def refuse(with_place: bool) -> dict[str, Any]:
    where = "layer 3" if with_place else ""
    raise EdgekitError("it is wrong", where=where, remedy="Mend it.")


def fail() -> dict[str, Any]:
    raise ValueError("first line\nsecond line")


def crash() -> dict[str, Any]:
    os.kill(os.getpid(), signal.SIGSEGV)
    return {}


def leave() -> dict[str, Any]:
    os._exit(3)


def test_the_answer_comes_from_another_process_in_silence(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    answer = isolate(f"{HERE}:echo", tmp_path, "net", {"value": 7})
    assert answer["value"] == 7 and answer["pid"] != os.getpid()
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("task", "arguments", "said"),
    [
        ("refuse", {"with_place": True}, "layer 3: it is wrong. Mend it."),
        ("refuse", {"with_place": False}, "net: it is wrong. Mend it."),
        ("fail", {}, "net: the converter refused it (ValueError: first line)"),
        ("crash", {}, "net: the converter crashed (SIGSEGV)"),
        ("leave", {}, "net: the converter ended with status 3 and no answer"),
    ],
)
def test_every_end_is_one_line(
    tmp_path: Path, task: str, arguments: dict[str, Any], said: str
) -> None:
    with pytest.raises(EdgekitError) as raised:
        isolate(f"{HERE}:{task}", tmp_path, "net", arguments)
    assert str(raised.value).startswith(said)
    assert "second line" not in str(raised.value)
