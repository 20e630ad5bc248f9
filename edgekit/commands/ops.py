"""`edgekit ops`."""

from __future__ import annotations

from typing import Annotated

import typer

from edgekit.commands._output import print_json


def ops(
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """List the TFLite ops that the micro compiler knows.

    Example: edgekit ops
    """
    from rich.console import Console
    from rich.table import Table

    from edgekit.converters.micro.reader import op_kind, op_modules

    rows = [
        (op_kind(module).upper(), (module.__doc__ or "").splitlines()[0])
        for module in op_modules().values()
    ]
    if json:
        print_json({"ops": [{"op": name, "what": what} for name, what in sorted(rows)]})
        return
    table = Table(box=None, pad_edge=False)
    table.add_column("op")
    table.add_column("what is supported")
    for name, what in sorted(rows):
        table.add_row(name, what.removeprefix(name).lstrip(" ,:").rstrip("."))
    Console(highlight=False).print(table)
