"""`edgekit bench`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from click import Context
from typer.core import TyperCommand

from edgekit.commands._output import print_json


class Command(TyperCommand):
    """`bench micro`, which needs no device, has options of its own."""

    def make_context(
        self, info_name: str | None, args: list[str], parent: Context | None = None, **extra: Any
    ) -> Context:
        """The context of this command, or of `bench micro`."""
        if args[:1] != ["micro"]:
            return super().make_context(info_name, args, parent, **extra)
        from edgekit.commands._bench_micro import bench_micro

        app = typer.Typer(add_completion=False)
        app.command()(bench_micro)
        micro = typer.main.get_command(app)
        return micro.make_context(f"{info_name} micro", args[1:], parent, **extra)


def bench(
    suite: Annotated[
        str, typer.Argument(help="kws01, vww01, ic01, ad01 or sww01; micro has its own help.")
    ],
    device: Annotated[str, typer.Option(help="A device's id ('edgekit devices') or a port.")],
    data: Annotated[
        Path | None, typer.Option(help="Folder of samples (.bin); without it, performance alone.")
    ] = None,
    limit: Annotated[int | None, typer.Option(help="Take the first N samples only.")] = None,
    outputs: Annotated[
        Path | None, typer.Option(help="Keep every raw output vector in this .npz file.")
    ] = None,
    bundle: Annotated[
        Path | None, typer.Option(help="The bundle that an attached board was flashed from.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Run an MLPerf Tiny suite on a device: accuracy, latency, instructions, memory.

    Example: edgekit bench kws01 --device mps2-an386-sim --data samples/kws01

    'edgekit bench micro' prints what the micro compiler reaches, beside TFLM: see its --help.
    """
    from edgekit.benchmarks.bench import bench as run

    result = run(suite, device, data=data, limit=limit, outputs=outputs, bundle=bundle)
    if json:
        print_json(result.to_json())
        return
    from edgekit.commands._bench_table import print_result

    print_result(result)
