"""Reads FlatBuffers tables with every access inside the buffer.

Layout: https://flatbuffers.dev/internals. A table starts with a signed offset back to its vtable,
which holds the table's fields' offsets as uint16, 0 for a field that is absent. Damage of any
kind raises `DamagedError`; no length read from the file is trusted before it is checked.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FORMATS = {"i8": "<b", "u8": "<B", "bool": "<?", "i32": "<i", "u32": "<I", "f32": "<f", "u64": "<Q"}
SIZES = {"i8": 1, "u8": 1, "i32": 4, "u32": 4, "i64": 8, "f32": 4}


class DamagedError(ValueError):
    """The file is not a FlatBuffer of the expected kind, or is damaged."""


@dataclass(frozen=True)
class Table:
    """One table of the file `raw`, at byte `at`."""

    raw: bytes
    at: int

    def _number(self, fmt: str, at: int) -> int | float | bool:
        if at < 0 or at + struct.calcsize(fmt) > len(self.raw):
            raise DamagedError(f"offset {at} is outside the file")
        value: int | float | bool = struct.unpack_from(fmt, self.raw, at)[0]
        return value

    def _int(self, fmt: str, at: int) -> int:
        return int(self._number(fmt, at))

    def field(self, slot: int) -> int:
        """Where field number `slot` starts, or 0 if the table does not have it."""
        vtable = self.at - self._int("<i", self.at)
        size = self._int("<H", vtable)
        entry = 4 + 2 * slot
        if entry + 2 > size:
            return 0
        offset = self._int("<H", vtable + entry)
        return self.at + offset if offset else 0

    def scalar(self, slot: int, kind: str, default: int | float | bool) -> int | float | bool:
        """The number in field `slot`, or `default` if it is absent."""
        at = self.field(slot)
        return self._number(FORMATS[kind], at) if at else default

    def integer(self, slot: int, kind: str = "i32", default: int = 0) -> int:
        """As `scalar`, for whole numbers."""
        return int(self.scalar(slot, kind, default))

    def _follow(self, at: int) -> int:
        return at + self._int("<I", at)

    def table(self, slot: int) -> Table | None:
        """The table that field `slot` points to, or None."""
        at = self.field(slot)
        return Table(self.raw, self._follow(at)) if at else None

    def _vector(self, slot: int, size: int) -> tuple[int, int]:
        """(first byte, length) of the vector in field `slot`; (0, 0) if it is absent."""
        at = self.field(slot)
        if not at:
            return 0, 0
        start = self._follow(at)
        length = self._int("<I", start)
        if start + 4 + length * size > len(self.raw):
            raise DamagedError(f"a list of {length} items is longer than the file")
        return start + 4, length

    def tables(self, slot: int) -> list[Table]:
        """The tables of the vector in field `slot`."""
        start, length = self._vector(slot, 4)
        return [Table(self.raw, self._follow(start + 4 * i)) for i in range(length)]

    def vector(self, slot: int, kind: str) -> NDArray[np.generic] | None:
        """The numbers of the vector in field `slot` (a view of the file), or None."""
        if not self.field(slot):
            return None
        start, length = self._vector(slot, SIZES[kind])
        dtype = np.dtype("<" + {"i8": "i1", "u8": "u1", "i64": "i8"}.get(kind, kind[0] + "4"))
        return np.frombuffer(self.raw, dtype, length, start)

    def text(self, slot: int) -> str:
        """The string in field `slot`, empty if it is absent."""
        start, length = self._vector(slot, 1)
        return self.raw[start : start + length].decode("utf-8", "replace")


def root_table(raw: bytes, identifier: bytes) -> Table:
    """The root table of a file whose identifier (bytes 4 to 8) is `identifier`."""
    if len(raw) < 8 or raw[4:8] != identifier:
        raise DamagedError(f"its identifier is not {identifier.decode()}")
    return Table(raw, struct.unpack_from("<I", raw, 0)[0])
