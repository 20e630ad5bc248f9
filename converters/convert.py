"""`edgekit convert`: a model in, a bundle out."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from typing import cast

from edgekit.artifact import Bundle, Optimize, is_bundle, load_bundle
from edgekit.atomic import new_folder
from edgekit.converters import targets
from edgekit.converters.micro.choose import OPTIMIZE
from edgekit.converters.request import Request
from edgekit.converters.source import load_source
from edgekit.devices.board import load_board
from edgekit.errors import EdgekitError, unknown
from edgekit.modules import load_module, module_names
from edgekit.progress import step

IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,47}")


def target_names() -> list[str]:
    """The targets as users write them, `tflite-micro` for `tflite_micro.py`."""
    return [name.replace("_", "-") for name in module_names(targets)]


def convert(
    model: str,
    *,
    target: str,
    out: Path,
    board: str | None = None,
    data: Path | None = None,
    name: str | None = None,
    suite: str | None = None,
    compiler: str | None = None,
    optimize: str = "balanced",
) -> Bundle:
    """Convert `model` (a file, or package.module:factory) into a bundle at `out`.

    `data` is an .npz of calibration samples for a float model. With a board, the C is compiled
    for it and must fit, with kernels for its core chosen by `optimize` (`choose.OPTIMIZE`).
    `compiler` is "gcc", "zig" or None for the first one found. A bundle that is already at `out`
    is replaced, once the new one is whole; anything else there is refused.
    """
    if target not in target_names():
        raise unknown("target", target, target_names())
    if optimize not in OPTIMIZE:
        raise unknown("way to optimize", optimize, OPTIMIZE)
    writer = load_module(targets, target.replace("-", "_"), "target")
    if name is not None and not IDENTIFIER.fullmatch(name):
        raise EdgekitError(
            f"'{name}' is not a C identifier of at most 48 characters", where="--name"
        )
    check_out(out)
    request = Request(
        model=model,
        name=name,
        board=None if board is None else load_board(board),
        suite=suite,
        compiler=compiler,
        optimize=cast(Optimize, optimize),
        command=_command(model, target, board, data, name, suite, optimize),
    )
    with tempfile.TemporaryDirectory(prefix="edgekit-convert-") as workdir:
        with step(f"read {Path(model).name}"):
            source = load_source(model, data, Path(workdir))
        with new_folder(out) as folder:
            writer.write(request, source, folder)
    return load_bundle(out)


def check_out(out: Path) -> None:
    """Refuse an output path that holds anything but a bundle or an empty folder."""
    if not out.exists() or is_bundle(out) or (out.is_dir() and not any(out.iterdir())):
        parent = next(p for p in out.absolute().parents if p.exists())
        if not parent.is_dir():
            raise EdgekitError("it is not a folder", where=str(parent), remedy="Give another -o.")
        return
    raise EdgekitError(
        "it exists and is not a bundle",
        where=str(out),
        remedy="Give a new folder with -o; edgekit replaces only its own bundles.",
    )


def _command(
    model: str,
    target: str,
    board: str | None,
    data: Path | None,
    name: str | None,
    suite: str | None,
    optimize: str,
) -> str:
    """The command that makes this bundle, file names without their folders, so that the bundle's
    bytes do not depend on where it was made."""
    words = ["edgekit convert", Path(model).name, "--target", target]
    options = {"--board": board, "--data": data and data.name, "--name": name, "--suite": suite}
    options["--optimize"] = None if optimize == "balanced" else optimize
    for option, value in options.items():
        words += [option, str(value)] if value else []
    return " ".join(words)
