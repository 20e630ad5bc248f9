"""`edgekit build`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from edgekit.commands._output import print_json


def build(
    bundle: Annotated[Path, typer.Argument(metavar="DIR", help="A bundle, from 'convert'.")],
    board: Annotated[
        str | None, typer.Option(help="The board; the one given to 'convert' by default.")
    ] = None,
    compiler: Annotated[str | None, typer.Option(help="gcc or zig; the first found.")] = None,
    out: Annotated[
        Path | None, typer.Option("-o", "--out", help="The folder; DIR/firmware-BOARD by default.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Build a bundle's firmware for a board and check that it fits.

    Example: edgekit build kws --board mps2-an386
    """
    from edgekit.artifact import load_bundle
    from edgekit.devices.board import load_board
    from edgekit.devices.firmware import build_firmware
    from edgekit.devices.flash import firmware_folder
    from edgekit.errors import EdgekitError
    from edgekit.progress import step

    loaded = load_bundle(bundle)
    board_id = board or loaded.manifest.board
    if board_id is None:
        raise EdgekitError(
            "the bundle was converted for no board",
            where=str(bundle),
            remedy="Give one with --board; 'edgekit boards' lists them.",
        )
    target = load_board(board_id)
    with step(f"build for {target.id}"):
        folder = out or firmware_folder(loaded, target)
        firmware = build_firmware(loaded, target, folder, compiler)
    sizes = firmware.sizes
    if json:
        print_json({"elf": str(firmware.elf), **sizes.model_dump()})
        return
    print(f"{firmware.elf}  ({target.id}, {sizes.compiler})")
    print(_row("flash", sizes.flash_bytes, target.flash.size))
    print(_row("RAM, static", sizes.ram_bytes, target.ram.size))
    print(_row("stack, at most", sizes.stack_bytes, target.stack_bytes))


def _row(what: str, used_bytes: int, of_bytes: int) -> str:
    return f"  {what:<14} {used_bytes:>9,} of {of_bytes:>9,} bytes"
