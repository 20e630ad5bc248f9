"""Builds the firmware of a bundle for a board, and measures it."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

from edgekit.artifact import MANIFEST_NAME, BoardSizes, Bundle, Manifest, sha256_file
from edgekit.atomic import new_folder
from edgekit.devices.application import emit_app, libc_units, model_units, runtime_units
from edgekit.devices.board import Board
from edgekit.devices.elf import Image, read_image
from edgekit.devices.linker import linker_script
from edgekit.devices.stack import stack_bound
from edgekit.devices.toolchain import Toolchain, compile_units, find_toolchain, link
from edgekit.errors import EdgekitError

ELF_NAME = "firmware.elf"
MAP_NAME = "firmware.map"


class DoesNotFitError(EdgekitError):
    """The firmware is too big for the board."""


@dataclass(frozen=True)
class Firmware:
    """A firmware that was built: its ELF file and its sizes in bytes."""

    elf: Path
    sizes: BoardSizes


def build_firmware(
    bundle: Bundle, board: Board, out: Path, compiler: str | None = None
) -> Firmware:
    """Build the bundle's firmware into the folder `out`: firmware.elf and firmware.map.

    The folder is replaced at once when all is well. Raises EdgekitError when no compiler is
    there, the C does not compile, or flash, RAM or stack do not suffice.
    """
    if bundle.manifest.target != "tflite-micro":
        raise EdgekitError(
            f"the bundle is for {bundle.manifest.target}, not for a microcontroller",
            where=str(bundle.path),
            remedy="Convert with '--target tflite-micro'.",
        )
    if out.exists() and not (out / ELF_NAME).is_file():
        raise EdgekitError(
            "exists and is not a firmware folder", where=str(out), remedy="Give another with -o."
        )
    toolchain = find_toolchain(compiler)
    sha256 = sha256_file(bundle.file(MANIFEST_NAME))
    with tempfile.TemporaryDirectory(prefix="edgekit-") as temporary:
        work = Path(temporary)
        sizes, image = _build(bundle, sha256, board, toolchain, work)
        with new_folder(out) as folder:
            (folder / ELF_NAME).write_bytes((work / ELF_NAME).read_bytes())
            (folder / MAP_NAME).write_text(image.map_text())
    return Firmware(elf=out / ELF_NAME, sizes=sizes)


def measure_model(
    folder: Path, manifest: Manifest, board: Board, compiler: str | None = None
) -> BoardSizes:
    """The exact sizes of the model in `folder` on `board`, from a build that is thrown away.

    The manifest need not be on disk yet. Raises EdgekitError as `build_firmware` does.
    """
    toolchain = find_toolchain(compiler)
    bundle = Bundle(path=folder, manifest=manifest)
    with tempfile.TemporaryDirectory(prefix="edgekit-") as temporary:
        # The manifest's hash is not known yet; any hash takes the same space.
        return _build(bundle, "0" * 64, board, toolchain, Path(temporary))[0]


def read_model(bundle: Bundle, board: Board, compiler: str | None = None) -> Image:
    """The image of the bundle's model alone, with the kernels and memory functions that it calls:
    what `BoardSizes.code_bytes` and `weights_bytes` are the sum of."""
    toolchain = find_toolchain(compiler)
    units = [*model_units(bundle.path, bundle.manifest), *libc_units()]
    with tempfile.TemporaryDirectory(prefix="edgekit-") as temporary:
        work = Path(temporary)
        (work / "link.ld").write_text(linker_script(board))
        objects = compile_units(toolchain, board, units, work)
        return _link_model(bundle.manifest, toolchain, board, objects, work)


def _link_model(
    manifest: Manifest, toolchain: Toolchain, board: Board, objects: list[Path], work: Path
) -> Image:
    """The model linked alone, to tell its code from the runtime's."""
    keep = tuple(f"{manifest.name}_{function}" for function in ("input", "output"))
    alone, entry = work / "model.elf", f"{manifest.name}_invoke"
    link(toolchain, board, objects, work / "link.ld", alone, entry=entry, keep=keep)
    return read_image(alone)


def _build(
    bundle: Bundle, sha256: str, board: Board, toolchain: Toolchain, work: Path
) -> tuple[BoardSizes, Image]:
    script, app = work / "link.ld", work / "app.c"
    script.write_text(linker_script(board))
    app.write_text(emit_app(bundle.manifest, sha256, board))
    model, libc = model_units(bundle.path, bundle.manifest), libc_units()
    units = [*model, *libc, *runtime_units(board, app, bundle.path)]
    objects = compile_units(toolchain, board, units, work)
    link(toolchain, board, objects, script, work / ELF_NAME)
    needed = objects[: len(model) + len(libc)]
    alone = _link_model(bundle.manifest, toolchain, board, needed, work)
    image = read_image(work / ELF_NAME)
    sizes = _sizes(bundle.manifest, board, toolchain, image, alone)
    check_fit(bundle.manifest, board, sizes)
    return sizes, image


def _sizes(
    manifest: Manifest, board: Board, toolchain: Toolchain, image: Image, model: Image
) -> BoardSizes:
    weights = sum(s.size for s in model.symbols if s.name.startswith("w_"))
    return BoardSizes(
        board=board.id,
        compiler=str(toolchain),
        code_bytes=model.flash_bytes - weights,
        weights_bytes=weights,
        arena_bytes=manifest.arena_bytes,
        stack_bytes=stack_bound(image, fpu=bool({"fpu-sp", "fpu-dp"} & set(board.isa))),
        flash_bytes=image.flash_bytes,
        ram_bytes=image.ram_bytes,
    )


def check_fit(manifest: Manifest, board: Board, sizes: BoardSizes) -> None:
    """Raise DoesNotFitError if the firmware is too big for the board's flash, RAM or stack."""
    largest = max(manifest.plan, key=lambda b: b.size, default=None)
    tensor = f"; largest tensor: {_short(largest.tensor)}, {_kib(largest.size)}" if largest else ""
    remedy = "Choose a smaller model or another board ('edgekit boards')."
    ram_bytes = sizes.ram_bytes + board.stack_bytes
    if ram_bytes > board.ram.size:
        raise DoesNotFitError(
            f"the model needs {_kib(ram_bytes)} of RAM, {board.id} has "
            f"{_kib(board.ram.size)}{tensor}",
            remedy=remedy,
        )
    if sizes.flash_bytes > board.flash.size:
        weights = f"; weights: {_kib(sizes.weights_bytes)}"
        raise DoesNotFitError(
            f"the model needs {_kib(sizes.flash_bytes)} of flash, {board.id} has "
            f"{_kib(board.flash.size)}{weights}",
            remedy=remedy,
        )
    if sizes.stack_bytes > board.stack_bytes:
        raise DoesNotFitError(
            f"the model needs {sizes.stack_bytes} bytes of stack, {board.id} reserves "
            f"{board.stack_bytes}",
            remedy=f"Raise stack_bytes in devices/boards/{board.id}.toml.",
        )


def _short(name: str) -> str:
    """The last of the names that a converter joined with ';' when it fused layers."""
    last = name.split(";")[-1]
    return last if len(last) <= 60 else f"…{last[-59:]}"


def _kib(size_bytes: int) -> str:
    """`312 KiB`, rounded up, so that what is too big never looks equal."""
    return f"{-(-size_bytes // 1024)} KiB"
