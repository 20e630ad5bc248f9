"""The console's parser on the host, under sanitizers, fed with anything."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.bundles import Kind
from tests.firmware.host_builds import console, run

HELLO = b"m-timestamp-mode-performance\r\nm-lap-us-120000000\r\nm-init-done\r\nm-ready\r\n"
WORDS = st.sampled_from(
    ["db", "load", "print", "infer", "results", "name", "profile", "timestamp", "help",
     "ek-info", "ek-crc", "ek-output", "ek-stack", "ek-cycles", "0", "1", "8", "-1", "3",
     "0102", "abcdef0123456789", "123", "zz", "999999999", "9999999999999", "", " "]
)  # fmt: skip
COMMANDS = st.lists(WORDS, max_size=4).map(lambda words: " ".join(words).encode() + b"%")
NOISE = st.binary(max_size=40)
LONG = st.integers(500, 600).map(lambda n: b"db " + b"0" * n + b"%")


@pytest.mark.parametrize("kind", ["int8", "uint8", "mse", "float"])
@settings(max_examples=60, deadline=None)
@given(chunks=st.lists(COMMANDS | NOISE | LONG, max_size=30))
@example(chunks=[b"db load 8%db 00010203040506070809%infer 1 0%db print 100 3%"])
def test_any_input_is_answered_in_lines(kind: Kind, chunks: list[bytes]) -> None:
    data = b"".join(chunks)
    # No one waits for a billion inferences.
    data = re.sub(rb"(infer +)([^ %]{3,})", rb"\1\2x", data)
    data = re.sub(rb"(infer +[^ %]+ +)([^ %]{3,})", rb"\1\2x", data)
    answer = run(console(kind), data)
    assert answer.startswith(HELLO)
    assert answer.endswith(b"\r\n")
    assert answer.count(b"m-ready\r\n") == 1 + data.count(b"%")
    lines = answer.decode("ascii").split("\r\n")
    assert all(line.isprintable() for line in lines)


def test_cycles_reach_beyond_32_bits() -> None:
    """The clock tells how often the 32-bit counter wrapped; host/port.c sets both."""
    answer = run(console("int8"), b"infer 1 0%ek-cycles%")
    assert b"m-ek-cycles-[6000000000]\r\n" in answer
