"""`edgekit bench micro`."""

from __future__ import annotations

import json as formatter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from edgekit.commands._output import print_json
from edgekit.progress import note

if TYPE_CHECKING:
    from edgekit.benchmarks.micro.micro import Result


def bench_micro(
    file: Annotated[
        Path | None, typer.Argument(help="With --json: write it here, beside the tables.")
    ] = None,
    models: Annotated[str, typer.Option(help="Some of kws,vww,ic,ad,sww.")] = "",
    boards: Annotated[str, typer.Option(help="Boards, comma between; mps2-an386 first.")] = "",
    optimize: Annotated[str, typer.Option(help="Some of time,balanced,ram,flash.")] = "",
    assets: Annotated[
        Path | None, typer.Option(help="Folder of MLPerf Tiny's models; or $EDGEKIT_ASSETS.")
    ] = None,
    compiler: Annotated[str | None, typer.Option(help="gcc or zig; the first found.")] = None,
    check: Annotated[
        Path | None, typer.Option(help="Fail where a figure is over 2 % above this record.")
    ] = None,
    record: Annotated[
        bool, typer.Option("--record", help="Write the figures into the committed record.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="JSON: to FILE, else to stdout.")] = False,
) -> None:
    """Measure what the micro compiler reaches on emulated boards, beside TFLM and the goals.

    Example: edgekit bench micro --models kws,vww --optimize balanced

    Models, boards and modes are all by default, with --check and --record those of the record.
    With --json the answer goes to stdout, or to FILE, with the tables on stdout.
    """
    from edgekit.benchmarks.micro import record as records
    from edgekit.benchmarks.micro.micro import choose_cases, run_micro

    base = records.base_record(check, record)
    cases = choose_cases(_names(models), _names(boards), _names(optimize), base)
    result = run_micro(cases, assets, compiler)
    _show(result, json, file)
    if record:
        records.update_record(result.measured)
        note(f"written: {records.RECORD}")
    if check is not None:
        found = records.changes(records.load_record(check), result.measured)
        for change in found:
            note(str(change))
        records.require_no_growth(found)


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def _show(result: Result, json: bool, file: Path | None) -> None:
    from edgekit.atomic import write_file
    from edgekit.benchmarks.micro.tables import tables

    if json and file is None:
        print_json(result.to_json())
        return
    print(tables(result))
    if file is not None:
        write_file(file, formatter.dumps(result.to_json(), indent=2) + "\n")
