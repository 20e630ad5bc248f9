"""`edgekit convert`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from edgekit.commands._output import print_json


def convert(
    model: Annotated[
        str, typer.Argument(help="A .tflite file, a PyTorch .pt2 file or package.module:factory.")
    ],
    out: Annotated[Path, typer.Option("-o", "--out", help="The bundle's folder.")],
    target: Annotated[str, typer.Option(help="What to make: tflite-micro.")] = "tflite-micro",
    board: Annotated[
        str | None, typer.Option(help="Build for this board and check that it fits.")
    ] = None,
    data: Annotated[
        Path | None, typer.Option(help="Samples (.npz) that calibrate a float model.")
    ] = None,
    name: Annotated[str | None, typer.Option(help="C prefix; from the file by default.")] = None,
    suite: Annotated[
        str | None, typer.Option(help="The MLPerf Tiny benchmark that the firmware speaks.")
    ] = None,
    compiler: Annotated[str | None, typer.Option(help="gcc or zig; the first found.")] = None,
    optimize: Annotated[
        str, typer.Option(help="Kernels for the board: time, balanced, ram or flash.")
    ] = "balanced",
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Compile a model into a bundle: C, weights, manifest and golden vectors.

    Example: edgekit convert kws.tflite --target tflite-micro --board mps2-an386 -o kws
    """
    from edgekit.converters.convert import convert as run

    bundle = run(
        model, target=target, out=out, board=board, data=data, name=name, suite=suite,
        compiler=compiler, optimize=optimize,
    )  # fmt: skip
    manifest, sizes = bundle.manifest, bundle.manifest.sizes
    if json:
        print_json(
            {
                "bundle": str(out),
                "target": target,
                "board": manifest.board,
                "arena_bytes": manifest.arena_bytes,
                "code_bytes": sizes.code_bytes if sizes else None,
                "weights_bytes": manifest.weights_bytes,
                "stack_bytes": sizes.stack_bytes if sizes else None,
                "flash_bytes": sizes.flash_bytes if sizes else None,
                "ram_bytes": sizes.ram_bytes if sizes else None,
                "golden_checked_by": manifest.golden_checked_by,
            }
        )
        return
    from edgekit.commands._summary import print_bundle

    print_bundle(bundle)
