"""What becomes a `.tflite`: finds the source kind by its name and loads it as a full int8 model."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from edgekit.converters import sources
from edgekit.errors import EdgekitError
from edgekit.modules import load_module, module_names

FACTORY = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*:[^\W\d]\w*")
ACCEPTED = "It reads .tflite, PyTorch .pt2 (torch.export.save) and package.module:factory."


@dataclass(frozen=True)
class Source:
    """A model brought to int8.

    `name` is a C identifier; `path` is what the user gave; `sha256` is the file's, for a factory
    that of the float `.tflite` it became; `tools` names the packages that were used with their
    versions.
    """

    name: str
    path: str
    sha256: str
    tflite: bytes
    float_tflite: bytes | None
    quantization: str
    tools: dict[str, str]


def load_source(model: str, data: Path | None, workdir: Path) -> Source:
    """The int8 model of `model`: a path to a .tflite or .pt2 file, or `package.module:factory`.

    `data` is the .npz file that calibrates a float model, in the source's own layout; `workdir`
    is an existing folder for intermediate files. Anything else raises EdgekitError.
    """
    kind = _find_kind(model)
    source: Source = load_module(sources, kind, "kind of model").load(model, data, workdir)
    return source


def c_identifier(text: str) -> str:
    """`text` as a C identifier: other characters become `_`."""
    name = re.sub(r"[^0-9A-Za-z_]", "_", text).lstrip("_") or "model"
    return (f"model_{name}" if name[0].isdigit() else name)[:48]


def sha256(raw: bytes) -> str:
    """SHA-256 in hex."""
    return hashlib.sha256(raw).hexdigest()


def _find_kind(model: str) -> str:
    """The name of the file in `sources/` that reads `model`."""
    path = Path(model)
    if not path.exists():
        if FACTORY.fullmatch(model):
            return "factory"
        raise EdgekitError("no such model", where=model, remedy=ACCEPTED)
    if not path.is_file():
        what = "a folder" if path.is_dir() else "not a file"
        raise EdgekitError(f"it is {what}, not a model", where=model, remedy=ACCEPTED)
    kind = path.suffix.lower().removeprefix(".")
    if kind in ("pt", "pth"):
        raise EdgekitError(
            "a .pt or .pth file is a pickle, which can run any code, and is never loaded",
            where=model,
            remedy="Save it with torch.export.save(torch.export.export(module.eval(), inputs), "
            "'model.pt2'), or give package.module:factory.",
        )
    if kind == "factory" or kind not in module_names(sources):
        what = f"a {path.suffix} file" if path.suffix else "a file without a suffix"
        raise EdgekitError(
            f"{what} is not a model that edgekit reads", where=model, remedy=ACCEPTED
        )
    if path.stat().st_size == 0:
        raise EdgekitError("the file is empty", where=model, remedy=ACCEPTED)
    return kind
