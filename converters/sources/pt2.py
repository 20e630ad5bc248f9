"""A PyTorch `.pt2` program (torch.export.save), loaded without unpickling and without running
any code from the file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from edgekit.converters import torch_export
from edgekit.converters.pt2_archive import clean_archive
from edgekit.converters.source import Source, c_identifier, sha256


def load(model: str, data: Path | None, workdir: Path) -> Source:
    """The int8 model of the program in the file `model`, calibrated on `data`."""
    raw = Path(model).read_bytes()
    clean = workdir / "clean.pt2"
    clean.write_bytes(clean_archive(raw, model))
    task = f"{__name__}:export_program"
    exported = torch_export.export(task, {"program": str(clean)}, workdir, model)
    name = c_identifier(Path(model).stem)
    return torch_export.to_int8(exported, data, workdir, name, model, sha256(raw))


def export_program(program: str, target: str) -> dict[str, Any]:
    """Exports a program cleaned by `clean_archive` to the file `target`; run in a process of its
    own."""
    import os

    # torch.export.load falls back to unpickling; this makes every torch.load refuse it.
    os.environ["TORCH_FORCE_WEIGHTS_ONLY_LOAD"] = "1"
    import torch

    loaded = torch.export.load(program)
    module = loaded.module(check_guards=False)
    return torch_export.lower(module, tuple(_example_inputs(loaded)), target)


def _example_inputs(program: Any) -> list[Any]:
    """Random values of the inputs' shapes and dtypes, the same at each call."""
    import torch

    generator = torch.Generator().manual_seed(0)
    names = set(program.graph_signature.user_inputs)
    values = [
        n.meta["val"] for n in program.graph.nodes if n.op == "placeholder" and n.name in names
    ]
    return [
        torch.randn(v.shape, generator=generator).to(v.dtype) if isinstance(v, torch.Tensor) else v
        for v in values
    ]
