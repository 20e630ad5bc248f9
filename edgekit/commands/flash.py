"""`edgekit flash`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from edgekit.commands._output import print_json
from edgekit.progress import step


def flash(
    bundle: Annotated[Path, typer.Argument(metavar="DIR", help="The bundle.")],
    board: Annotated[str, typer.Option(help="The board's id; see 'edgekit boards'.")],
    emulator: Annotated[
        str | None, typer.Option(help="sim or qemu; the first that the board has.")
    ] = None,
    icount: Annotated[
        bool, typer.Option("--icount", help="Let qemu's clock count instructions, 1,000 a us.")
    ] = False,
    compiler: Annotated[str | None, typer.Option(help="gcc or zig; the first found.")] = None,
    another: Annotated[
        bool, typer.Option("--another", help="Start one more instead of replacing a running one.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Run a bundle's firmware on a board and check its golden vectors there.

    A virtual board keeps running in the background, with a serial port that any program can open.

    Example: edgekit flash kws --board mps2-an386
    """
    from edgekit.devices.flash import flash as run

    with step(f"flash {bundle} to {board} and check its golden vectors"):
        device = run(bundle, board, emulator, icount, compiler, another)
    if json:
        print_json({"device": device.id, "port": device.port, "elf": str(device.elf)})
        return
    print(f"{device.id} runs {bundle}; its serial port is {device.port}")
    print(f"Stop it with 'edgekit devices stop {device.id}'.")
