"""`edgekit inspect`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from edgekit.commands._output import print_json
from edgekit.progress import note


def inspect(
    bundle: Annotated[Path, typer.Argument(metavar="DIR", help="A bundle, from 'convert'.")],
    html: Annotated[Path | None, typer.Option(help="Write a page with the picture here.")] = None,
    board: Annotated[
        str | None, typer.Option(help="The board; the one given to 'convert' by default.")
    ] = None,
    compiler: Annotated[str | None, typer.Option(help="gcc or zig; the first found.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Show a bundle's layers, kernels, instructions per MAC, flash and memory plan.

    Example: edgekit inspect kws --html kws.html
    """
    from edgekit.atomic import write_file
    from edgekit.inspection.inspection import inspect as run

    found = run(bundle, board, compiler)
    if html is not None:
        from edgekit.inspection.page import html_page

        write_file(html, html_page(found))
        note(f"written: {html}")
    if json:
        print_json(found.to_json())
        return
    from edgekit.commands._inspect_table import print_inspection

    print_inspection(found)
