"""The Thumb functions of an image, disassembled one at a time."""

from __future__ import annotations

import bisect
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import capstone

from edgekit.devices.elf import Image, Symbol

UNKNOWN = "unknown"

_MODE = capstone.CS_MODE_THUMB | capstone.CS_MODE_MCLASS | capstone.CS_MODE_V8


@dataclass(frozen=True)
class Instruction:
    """One instruction: its address, mnemonic without width suffix, and operands as text.

    One that capstone does not know, as those of Helium, is `UNKNOWN` without operands."""

    address: int
    mnemonic: str
    operands: tuple[str, ...]


class Code:
    """The functions of `image` by address, without the data that lies between them."""

    def __init__(self, image: Image) -> None:
        self.image = image
        marks = [s for s in image.symbols if s.name[:2] in ("$t", "$d") and _is_mark(s.name)]
        self._marks = [(m.address, m.name[1] == "t") for m in marks]
        by_address: dict[int, Symbol] = {}
        for symbol in image.symbols:
            known = by_address.get(symbol.address)
            if symbol.kind == "STT_FUNC" and (known is None or known.size < symbol.size):
                by_address[symbol.address] = symbol
        self._functions = by_address
        self._starts = sorted(by_address)
        self._engine = capstone.Cs(capstone.CS_ARCH_ARM, _MODE)
        self._engine.skipdata = True
        self._engine.skipdata_setup = (UNKNOWN, _skip, None)

    def function_at(self, address: int) -> Symbol | None:
        """The function whose code holds `address`, if any."""
        index = bisect.bisect_right(self._starts, address) - 1
        if index < 0:
            return None
        function = self._functions[self._starts[index]]
        return function if address < self._end(function) else None

    def instructions(self, function: Symbol) -> Iterator[Instruction]:
        """The instructions of `function` in the order of their addresses."""
        for start, end in self._thumb_ranges(function.address, self._end(function)):
            data = self._bytes(start, end)
            for address, _size, mnemonic, operands in self._engine.disasm_lite(data, start):
                name = mnemonic.removesuffix(".w").removesuffix(".n")
                texts = () if name == UNKNOWN else split_operands(operands)
                yield Instruction(address, name, texts)

    def word(self, address: int) -> int | None:
        """The 32-bit constant at `address`, None outside the image's initialised bytes."""
        data = self._bytes(address, address + 4)
        return int(struct.unpack("<I", data)[0]) if len(data) == 4 else None

    def _end(self, function: Symbol) -> int:
        """Functions written in assembler may have no size: they reach to the next."""
        if function.size:
            return function.address + function.size
        index = bisect.bisect_right(self._starts, function.address)
        if index < len(self._starts):
            return self._starts[index]
        section = next(s for s in self.image.sections if s.name == function.section)
        return section.address + section.size

    def _thumb_ranges(self, start: int, end: int) -> Iterator[tuple[int, int]]:
        index = bisect.bisect_right(self._marks, (start, True)) - 1
        thumb = self._marks[index][1] if index >= 0 else True
        for address, is_thumb in self._marks[index + 1 :]:
            if address >= end:
                break
            if thumb and address > start:
                yield start, address
            start, thumb = address, is_thumb
        if thumb and start < end:
            yield start, end

    def _bytes(self, start: int, end: int) -> bytes:
        for section in self.image.sections:
            if section.data is not None and 0 <= start - section.address < section.size:
                return section.data[start - section.address : end - section.address]
        return b""


def _skip(code: Any, _size: int, offset: int, _user: object) -> int:
    """The width of a Thumb instruction from its first halfword (Armv8-M ARM, DDI 0553, C2.1)."""
    # Its high byte, the second, begins 0b11101, 0b11110 or 0b11111.
    return 4 if bytes(code[offset : offset + 2])[1] >= 0xE8 else 2


def _is_mark(name: str) -> bool:
    """Arm's mapping symbols are `$t`, `$d`, or these with a dot and any text."""
    return len(name) == 2 or name[2] == "."


def split_operands(text: str) -> tuple[str, ...]:
    """`r0, [sp, #4]` as `("r0", "[sp, #4]")`; braces and brackets hold together."""
    parts, depth, start = [], 0, 0
    for position, character in enumerate(text):
        if character in "[{":
            depth += 1
        elif character in "]}":
            depth -= 1
        elif character == "," and depth == 0:
            parts.append(text[start:position].strip())
            start = position + 1
    last = text[start:].strip()
    return tuple([*parts, last] if last else parts)
