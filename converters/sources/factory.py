"""`package.module:factory`: a function that returns (torch module, example inputs)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from edgekit.converters import torch_export
from edgekit.converters.source import Source, c_identifier, sha256


def load(model: str, data: Path | None, workdir: Path) -> Source:
    """The int8 model of what the factory `model` returns, calibrated on `data`."""
    task = f"{__name__}:export_factory"
    arguments = {"model": model, "folder": str(Path.cwd())}
    exported = torch_export.export(task, arguments, workdir, model)
    name = c_identifier(model.rpartition(":")[2])
    digest = sha256(exported.tflite)
    return torch_export.to_int8(exported, data, workdir, name, model, digest)


def export_factory(model: str, folder: str, target: str) -> dict[str, Any]:
    """Imports the factory from `folder` or the installed packages, calls it and exports the module
    to the file `target`; run in a process of its own."""
    import importlib
    import sys

    from edgekit.errors import EdgekitError

    sys.path.insert(0, folder)
    module_name, _, function = model.partition(":")
    remedy = "Give package.module:factory, importable from the current folder or installed."
    try:
        module = importlib.import_module(module_name)
    except ModuleNotFoundError as error:
        what = f"there is no module '{error.name}'"
        raise EdgekitError(what, where=model, remedy=remedy) from None
    factory = getattr(module, function, None)
    if not callable(factory):
        raise EdgekitError(f"'{module_name}' has no function '{function}'", remedy=remedy)
    try:
        made = factory()
    except Exception as error:
        what = f"the factory failed ({type(error).__name__}: {error})"
        raise EdgekitError(what, remedy="It is called without arguments.") from error
    return torch_export.lower(*_unpack(made), target)


def _unpack(made: Any) -> tuple[Any, tuple[Any, ...]]:
    import torch

    from edgekit.errors import EdgekitError

    good = isinstance(made, tuple | list) and len(made) == 2
    if not good or not isinstance(made[0], torch.nn.Module):
        raise EdgekitError(
            f"the factory returned {type(made).__name__}, not (module, example_inputs)",
            remedy="Return a torch.nn.Module and a tuple of example tensors with a batch of 1.",
        )
    module, examples = made
    examples = (examples,) if isinstance(examples, torch.Tensor) else tuple(examples)
    # The device runs one sample at a time; a batch of examples is welcome for its first.
    first = (e[:1] if isinstance(e, torch.Tensor) and e.ndim > 1 else e for e in examples)
    return module.eval(), tuple(first)
