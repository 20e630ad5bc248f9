"""What edgekit reads from an ELF file: sections, symbols, sizes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from elftools.common.exceptions import ELFError
from elftools.elf.elffile import ELFFile

from edgekit.errors import EdgekitError

STACK_SECTION = ".stack"
_WRITE, _ALLOC = 0x1, 0x2  # sh_flags


@dataclass(frozen=True)
class Section:
    """A section that occupies memory. `data` is None for one that is zeroed at run time."""

    name: str
    address: int
    size: int
    writable: bool
    data: bytes | None

    @property
    def in_ram(self) -> bool:
        """LLVM's linker marks the stack's section, which nothing initialises, as read-only."""
        return self.writable or self.data is None


@dataclass(frozen=True)
class Symbol:
    """A symbol. A function's address is without the Thumb bit; `kind` is STT_FUNC and so on;
    `file` is the C file of a local symbol, empty for a global one."""

    name: str
    address: int
    size: int
    kind: str
    section: str
    file: str = ""


@dataclass(frozen=True)
class Image:
    """A linked image: the sections that occupy memory, every symbol by address, the entry."""

    entry: int
    sections: tuple[Section, ...]
    symbols: tuple[Symbol, ...]

    @property
    def flash_bytes(self) -> int:
        """Bytes in flash: code, constants and the initial values of data."""
        return sum(s.size for s in self.sections if s.data is not None)

    @property
    def ram_bytes(self) -> int:
        """Static bytes in RAM: data and bss, without the stack's reserve."""
        return sum(s.size for s in self.sections if s.in_ram and s.name != STACK_SECTION)

    def map_text(self) -> str:
        """Address, size, section and name of each function and object, one a line."""
        return "".join(
            f"{s.address:08x} {s.size:8d} {s.section:<9} {s.name}\n"
            for s in self.symbols
            if s.kind in ("STT_FUNC", "STT_OBJECT")
        )


def read_image(path: Path) -> Image:
    """The image in an ELF file; EdgekitError if it is none."""
    try:
        with path.open("rb") as file:
            elf = ELFFile(file)
            sections = [s for s in elf.iter_sections() if s["sh_flags"] & _ALLOC and s["sh_size"]]
            return Image(
                entry=elf["e_entry"] & ~1,
                sections=tuple(_section(s) for s in sections),
                symbols=_symbols(elf),
            )
    except (ELFError, OSError) as error:
        raise EdgekitError(f"cannot be read as ELF ({error})", where=str(path)) from None


def _section(section: Any) -> Section:
    zeroed = section["sh_type"] == "SHT_NOBITS"
    return Section(
        name=section.name,
        address=section["sh_addr"],
        size=section["sh_size"],
        writable=bool(section["sh_flags"] & _WRITE),
        data=None if zeroed else section.data(),
    )


def _symbols(elf: Any) -> tuple[Symbol, ...]:
    table = elf.get_section_by_name(".symtab")
    names = [section.name for section in elf.iter_sections()]
    found = []
    file = ""
    for entry in table.iter_symbols() if table else ():
        index = entry["st_shndx"]
        if entry["st_info"]["type"] == "STT_FILE":
            file = entry.name  # of the local symbols that follow
        if not isinstance(index, int):
            continue  # undefined or absolute
        kind = entry["st_info"]["type"]
        address = entry["st_value"] & ~1 if kind == "STT_FUNC" else entry["st_value"]
        home = file if entry["st_info"]["bind"] == "STB_LOCAL" else ""
        found.append(Symbol(entry.name, address, entry["st_size"], kind, names[index], home))
    return tuple(sorted(found, key=lambda s: (s.address, s.name)))
