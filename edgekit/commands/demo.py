"""`edgekit demo`."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from edgekit.commands._output import print_json


def demo(
    out: Annotated[Path, typer.Option("-o", "--out", help="Where the files go.")] = Path(
        "edgekit-demo"
    ),
    board: Annotated[str, typer.Option(help="The virtual board.")] = "mps2-an386",
    emulator: Annotated[str | None, typer.Option(help="sim or qemu; sim by default.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Train a small CNN on real digits and run it on a virtual microcontroller.

    Example: edgekit demo -o edgekit-demo
    """
    from edgekit.demo.demo import demo as run

    result = run(out, board=board, emulator=emulator)
    if json:
        estimated = "estimated" if result.cycles is not None else None
        latency = "estimated" if result.latency_us is not None else None
        paths = {"out": str(out), "elf": str(result.elf)}
        print_json(asdict(result) | paths | {"cycles_are": estimated, "latency_is": latency})
        return
    from edgekit.commands._demo_table import print_demo

    print_demo(result)
