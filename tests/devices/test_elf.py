"""Reading ELF files."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from edgekit.devices.elf import read_image
from edgekit.errors import EdgekitError
from tests.firmware.builds import firmware


@pytest.mark.parametrize("content", [b"", b"\x7fELF", b"not an ELF file at all"])
def test_what_is_no_elf(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.elf").write_bytes(content)
    with pytest.raises(EdgekitError, match=r"x\.elf: cannot be read as ELF"):
        read_image(tmp_path / "x.elf")


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(EdgekitError, match="cannot be read as ELF"):
        read_image(tmp_path / "x.elf")


def test_symbols_are_those_of_nm() -> None:
    nm = shutil.which("arm-none-eabi-nm") or shutil.which("nm")
    assert nm
    elf = firmware("mps2-an386").elf
    lines = subprocess.run([nm, str(elf)], capture_output=True, text=True, check=True).stdout
    rows = [line.split() for line in lines.splitlines()]
    expected = {(int(row[0], 16) & ~1, row[2]) for row in rows if row[1] in "TtWw"}
    functions = {(s.address, s.name) for s in read_image(elf).symbols if s.kind == "STT_FUNC"}
    assert functions <= expected
    assert {"main", "Reset_Handler", "ek_run_inferences"} <= {name for _, name in functions}


def test_entry_is_the_reset_handler() -> None:
    image = read_image(firmware("netduinoplus2").elf)
    reset = next(s for s in image.symbols if s.name == "Reset_Handler")
    assert image.entry == reset.address


def test_map_lists_functions_and_objects() -> None:
    text = (firmware("mps2-an386").elf.parent / "firmware.map").read_text()
    assert text == read_image(firmware("mps2-an386").elf).map_text()
    row = next(line for line in text.splitlines() if line.endswith(" negate_arena")).split()
    assert row[1:] == ["24", ".bss", "negate_arena"]
