"""Loading a firmware ELF."""

from __future__ import annotations

from pathlib import Path

import pytest

from edgekit.devices.board import load_board
from edgekit.devices.emulators.sim.image import load_image
from edgekit.errors import EdgekitError
from tests.devices.probe import build_probe


def test_segments_lie_at_their_physical_address(tmp_path: Path) -> None:
    board = load_board("mps2-an386")
    image = load_image(build_probe(board, tmp_path))
    end = board.flash.origin + board.flash.size
    # Initialised data is in flash, too: the firmware copies it itself.
    assert all(s.address + len(s.data) <= end for s in image.segments)
    assert b"\x34\x12\x00\x00" in b"".join(s.data for s in image.segments)
    assert image.word(board.flash.origin) == board.ram.origin + 64 * 1024


def test_functions_are_found_by_address(tmp_path: Path) -> None:
    image = load_image(build_probe(load_board("mps2-an386"), tmp_path))
    layer = image.function("layer_a")
    assert layer is not None
    assert image.function_name(layer.start) == "layer_a"
    assert image.function_name(layer.end - 2) == "layer_a"
    assert image.function_name(0x6000_0000) == "?"
    assert image.function("no such") is None


@pytest.mark.parametrize("data", [b"", b"\x7fELF", b"x" * 1000])
def test_what_is_no_elf_is_refused(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "firmware.elf"
    path.write_bytes(data)
    with pytest.raises(EdgekitError, match=r"firmware\.elf"):
        load_image(path)


def test_an_elf_for_another_processor_is_refused() -> None:
    with pytest.raises(EdgekitError, match="not an Arm firmware"):
        load_image(Path("/bin/true").resolve())


def test_a_missing_vector_table_is_named(tmp_path: Path) -> None:
    image = load_image(build_probe(load_board("mps2-an386"), tmp_path))
    with pytest.raises(EdgekitError, match="vector table"):
        image.word(0x1000_0000)
