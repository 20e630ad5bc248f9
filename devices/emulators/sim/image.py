"""A firmware ELF as the emulator needs it: what to load where, and which function is where."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from pathlib import Path

from elftools.common.exceptions import ELFError
from elftools.elf.elffile import ELFFile

from edgekit.devices.elf import read_image
from edgekit.errors import EdgekitError


@dataclass(frozen=True)
class Segment:
    """Bytes to put at a physical address."""

    address: int
    data: bytes


@dataclass(frozen=True)
class Function:
    """A function's name and its bytes [start, end)."""

    name: str
    start: int
    end: int


@dataclass(frozen=True)
class LoadImage:
    """A linked firmware. `functions` are sorted by address."""

    path: Path
    segments: tuple[Segment, ...]
    functions: tuple[Function, ...]
    starts: tuple[int, ...]

    def function_index(self, address: int) -> int | None:
        """The index of the function that holds `address`, None between functions."""
        index = bisect_right(self.starts, address) - 1
        return index if index >= 0 and address < self.functions[index].end else None

    def function_name(self, address: int) -> str:
        """The function that holds `address`, or `?`."""
        index = self.function_index(address)
        return "?" if index is None else self.functions[index].name

    def function(self, name: str) -> Function | None:
        """The function of this name, None where there is none."""
        return next((f for f in self.functions if f.name == name), None)

    def word(self, address: int) -> int:
        """The 32-bit word that is loaded at `address`."""
        for segment in self.segments:
            offset = address - segment.address
            if 0 <= offset <= len(segment.data) - 4:
                return int.from_bytes(segment.data[offset : offset + 4], "little")
        raise EdgekitError(
            f"nothing is loaded at {address:#010x}, where the vector table must be",
            where=str(self.path),
            remedy="Build the firmware for this board again with 'edgekit build'.",
        )


def _functions(path: Path) -> tuple[Function, ...]:
    found: dict[int, Function] = {}
    for symbol in read_image(path).symbols:
        if symbol.kind == "STT_FUNC" and symbol.size:
            end = symbol.address + symbol.size
            found.setdefault(symbol.address, Function(symbol.name, symbol.address, end))
    return tuple(found[start] for start in sorted(found))


def load_image(path: Path) -> LoadImage:
    """The firmware in the ELF file at `path`."""
    try:
        with path.open("rb") as file:
            elf = ELFFile(file)
            if elf["e_machine"] != "EM_ARM":
                raise EdgekitError("not an Arm firmware", where=str(path))
            segments = tuple(
                Segment(s["p_paddr"], s.data())
                for s in elf.iter_segments()
                if s["p_type"] == "PT_LOAD" and s["p_filesz"]
            )
    except (OSError, ELFError) as error:
        raise EdgekitError(
            f"not a readable ELF file ({error})",
            where=str(path),
            remedy="Build the firmware again with 'edgekit build'.",
        ) from None
    functions = _functions(path)
    return LoadImage(path, segments, functions, tuple(f.start for f in functions))
