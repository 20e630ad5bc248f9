"""The firmware's memory functions against Python's slices."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.firmware.host_builds import mover, run

RECORD = st.binary(min_size=4, max_size=4)


def move(memory: bytearray, record: bytes) -> None:
    to, source, count = record[1] % 128, record[2] % 128, record[3] % 128
    match record[0] % 3:
        case 0:
            memory[to : to + count] = memory[source : source + count]
        case 1:
            memory[to : to + count] = bytes([record[2]]) * count
        case _:
            count %= 120
            to, source = 128 + record[1] % 8, record[2] % 8
            memory[to : to + count] = memory[source : source + count]


@settings(max_examples=200, deadline=None)
@given(st.lists(RECORD, max_size=40))
def test_moves(records: list[bytes]) -> None:
    memory = bytearray(range(256))
    for record in records:
        move(memory, record)
    assert run(mover(), b"".join(records)) == memory


def test_every_overlap() -> None:
    """All distances and alignments of a move within 24 bytes."""
    records = [
        bytes([0, to, source, count])
        for to in range(12)
        for source in range(12)
        for count in (0, 1, 5, 16, 37)
    ]
    memory = bytearray(range(256))
    for record in records:
        move(memory, record)
    assert run(mover(), b"".join(records)) == memory
