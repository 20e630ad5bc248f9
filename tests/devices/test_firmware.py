"""Builds: sizes, fit, determinism, errors."""

from __future__ import annotations

import re
import shutil
import subprocess
import zlib
from pathlib import Path

import pytest
from elftools.elf.elffile import ELFFile

from edgekit.artifact import BoardSizes, Bundle, Manifest, load_bundle
from edgekit.devices.board import Board, load_board
from edgekit.devices.elf import read_image
from edgekit.devices.firmware import build_firmware, check_fit, measure_model
from edgekit.errors import EdgekitError
from tests.bundles import write_bundle
from tests.firmware.builds import BOARDS, COMPILERS, bundle, firmware
from tests.tools import needs

MICROBIT_RAM_BYTES = 16 * 1024


def sections(elf: Path) -> dict[str, tuple[int, int]]:
    """Address and size of each allocated section, as binutils' `size` sees them."""
    text = subprocess.run(
        [needs("arm-none-eabi-size"), "-A", "-d", str(elf)], capture_output=True, text=True
    ).stdout
    rows = re.findall(r"^(\.\S+) +(\d+) +(\d+)$", text, re.MULTILINE)
    return {name: (int(address), int(size)) for name, size, address in rows}


@pytest.mark.parametrize("compiler", COMPILERS)
@pytest.mark.parametrize("board", BOARDS)
def test_sizes_are_those_of_the_file(board: str, compiler: str) -> None:
    built = firmware(board, "int8", compiler)
    found = {name: size for name, (_, size) in sections(built.elf).items()}
    in_flash = (".vectors", ".text", ".rodata", ".data")
    assert built.sizes.flash_bytes == sum(found.get(name, 0) for name in in_flash)
    assert built.sizes.ram_bytes == found.get(".data", 0) + found[".bss"]
    assert found[".stack"] == load_board(board).stack_bytes
    assert built.sizes.arena_bytes == 24
    assert built.sizes.board == board
    assert built.sizes.compiler.startswith(compiler)
    assert 0 < built.sizes.code_bytes < built.sizes.flash_bytes


@pytest.mark.parametrize("compiler", COMPILERS)
@pytest.mark.parametrize("board", BOARDS)
def test_everything_lies_in_the_boards_memory(board: str, compiler: str) -> None:
    known, built = load_board(board), firmware(board, "int8", compiler)
    image = read_image(built.elf)
    for section in image.sections:
        memory = known.ram if section.in_ram else known.flash
        assert memory.origin <= section.address
        assert section.address + section.size <= memory.origin + memory.size
    with built.elf.open("rb") as file:
        for segment in ELFFile(file).iter_segments():
            if segment["p_filesz"]:
                assert segment["p_paddr"] >= known.flash.origin
    vectors = next(s for s in image.sections if s.name == ".vectors")
    assert vectors.address == known.flash.origin


def test_weights_and_code_of_the_model_alone() -> None:
    needs("arm-none-eabi-gcc")
    sizes = firmware("mps2-an386", "int8", "gcc").sizes
    symbols = read_image(firmware("mps2-an386", "int8", "gcc").elf).symbols
    model = ("negate_input", "negate_output", "negate_invoke", "layer_00_negate")
    functions = sum(s.size for s in symbols if s.name in model)
    assert sizes.weights_bytes == 8
    assert functions <= sizes.code_bytes <= functions + 16  # alignment


@pytest.mark.parametrize("compiler", COMPILERS)
def test_same_input_same_bytes(tmp_path: Path, compiler: str) -> None:
    if compiler == "gcc":
        needs("arm-none-eabi-gcc")
    files = []
    for folder in ("a", "b/longer name"):
        copy = tmp_path / folder / "bundle"
        shutil.copytree(bundle("int8").path, copy)
        built = build_firmware(load_bundle(copy), load_board("microbit"), copy / "fw", compiler)
        files.append((built.elf.read_bytes(), (copy / "fw" / "firmware.map").read_bytes()))
        assert str(tmp_path).encode() not in built.elf.read_bytes()
    assert zlib.crc32(files[0][0]) == zlib.crc32(files[1][0])
    assert files[0] == files[1]


def test_a_measured_model_has_the_sizes_of_the_build() -> None:
    small = bundle("int8")
    measured = measure_model(small.path, small.manifest, load_board("mps2-an505"))
    assert measured == firmware("mps2-an505").sizes


def test_too_much_ram_names_the_largest_tensor(tmp_path: Path) -> None:
    big = write_bundle(tmp_path / "big", "int8", count=8192)
    # An arena of 16 KiB, a buffer of 8 KiB, the runtime, and the stack's reserve of 2 KiB.
    message = r"the model needs 27 KiB of RAM, microbit has 16 KiB; largest tensor: x, 8 KiB\. "
    with pytest.raises(EdgekitError, match=message):
        build_firmware(big, load_board("microbit"), tmp_path / "out")
    assert not (tmp_path / "out").exists()
    assert [p.name for p in tmp_path.iterdir()] == ["big"]


def sizes(**changes: int) -> BoardSizes:
    plain = {name: 0 for name in BoardSizes.model_fields if name.endswith("_bytes")}
    return BoardSizes(board="microbit", compiler="", **{**plain, **changes})


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"flash_bytes": 256 * 1024 + 1}, r"needs 257 KiB of flash, microbit has 256 KiB"),
        ({"ram_bytes": MICROBIT_RAM_BYTES - 2047}, r"needs 17 KiB of RAM, microbit has 16 KiB"),
        ({"stack_bytes": 2049}, r"needs 2049 bytes of stack, microbit reserves 2048"),
    ],
)
def test_one_byte_too_many(changes: dict[str, int], message: str) -> None:
    with pytest.raises(EdgekitError, match=message):
        check_fit(bundle("int8").manifest, load_board("microbit"), sizes(**changes))


def test_the_last_byte_fits() -> None:
    full = sizes(flash_bytes=256 * 1024, ram_bytes=MICROBIT_RAM_BYTES - 2048, stack_bytes=2048)
    check_fit(bundle("int8").manifest, load_board("microbit"), full)


def changed(tmp_path: Path, **fields: object) -> Bundle:
    """The small bundle in a folder of its own, its manifest changed."""
    path = tmp_path / "bundle"
    shutil.copytree(bundle("int8").path, path)
    raw = {**bundle("int8").manifest.model_dump(mode="json"), **fields}
    (path / "manifest.json").write_text(Manifest.model_validate(raw).to_json())
    return load_bundle(path, verify=False)


AN386: Board = load_board("mps2-an386")


def test_c_that_does_not_compile(tmp_path: Path) -> None:
    broken = changed(tmp_path)
    broken.file("model.c").write_text("int x = ;\n")
    with pytest.raises(EdgekitError, match=r"model\.c: the C compiler failed: .*error"):
        build_firmware(broken, AN386, tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("compiler", COMPILERS)
def test_c_that_does_not_link(tmp_path: Path, compiler: str) -> None:
    if compiler == "gcc":
        needs("arm-none-eabi-gcc")
    broken = changed(tmp_path)
    text = broken.file("model.c").read_text()
    broken.file("model.c").write_text(text.replace("return 0;", "return missing();"))
    header = broken.file("model.h").read_text()
    broken.file("model.h").write_text(header + "int missing(void);\n")
    with pytest.raises(EdgekitError, match=r"firmware\.elf: .*undefined.*missing"):
        build_firmware(broken, AN386, tmp_path / "out", compiler)


def test_recursion_in_a_model_is_refused(tmp_path: Path) -> None:
    broken = changed(tmp_path)
    text = broken.file("model.c").read_text()
    call = "volatile int a[2] = {0}; if (a[0]) a[1] = negate_invoke(); return a[1];"
    broken.file("model.c").write_text(text.replace("layer_00_negate(); return 0;", call))
    with pytest.raises(EdgekitError, match=r"recursion.*negate_invoke → negate_invoke"):
        build_firmware(broken, AN386, tmp_path / "out")


def test_a_bundle_of_another_target(tmp_path: Path) -> None:
    other = changed(tmp_path, target="onnx")
    with pytest.raises(EdgekitError, match="the bundle is for onnx, not for a microcontroller"):
        build_firmware(other, AN386, tmp_path / "out")


@pytest.mark.parametrize("fields", [{"files": {}}, {"name": "no identifier"}])
def test_a_bundle_that_is_no_c(tmp_path: Path, fields: dict[str, object]) -> None:
    with pytest.raises(EdgekitError, match="this bundle cannot be compiled"):
        build_firmware(changed(tmp_path, **fields), AN386, tmp_path / "out")


def test_names_cannot_break_the_generated_c(tmp_path: Path) -> None:
    inputs = [{**bundle("int8").manifest.inputs[0].model_dump(), "name": "*/ #error x /* ??/ é"}]
    dut = {"model": 'a"b\\c??/é', "input": "raw", "result": "outputs"}
    built = build_firmware(changed(tmp_path, inputs=inputs, dut=dut), AN386, tmp_path / "out")
    assert b'a"b\\c??/?\0' in built.elf.read_bytes()


def test_a_folder_of_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.tex").write_text("dear")
    with pytest.raises(EdgekitError, match="is not a firmware folder"):
        build_firmware(bundle("int8"), AN386, tmp_path / "out")
    assert (tmp_path / "out" / "thesis.tex").read_text() == "dear"


def test_a_build_replaces_the_last(tmp_path: Path) -> None:
    first = build_firmware(bundle("int8"), AN386, tmp_path / "out").elf.read_bytes()
    second = build_firmware(bundle("float"), AN386, tmp_path / "out").elf.read_bytes()
    assert first != second
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == ["firmware.elf", "firmware.map"]
