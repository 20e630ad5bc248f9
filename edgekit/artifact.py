"""A bundle: the folder that `convert` writes and every later step reads."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from edgekit.errors import EdgekitError

MANIFEST_NAME = "manifest.json"
Optimize = Literal["time", "balanced", "ram", "flash"]


class Record(BaseModel):
    """A frozen record of the manifest; an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class TensorInfo(Record):
    """An input or output of the model. `scale` and `zero_point` are null for float32."""

    name: str
    shape: tuple[int, ...]
    dtype: Literal["int8", "uint8", "float32"]
    scale: float | None = None
    zero_point: int | None = None


class LayerInfo(Record):
    """One compiled layer, in the order it runs. `symbol` is its C function in model.c."""

    name: str
    op: str
    kernel: str
    symbol: str
    macs: int
    output_shape: tuple[int, ...]


class BufferInfo(Record):
    """Where the memory plan put a tensor: bytes [offset, offset + size) of the arena,
    from layer `first` to layer `last` inclusive."""

    tensor: str
    offset: int
    size: int
    first: int
    last: int


class BoardSizes(Record):
    """Exact sizes of this model compiled for one board, in bytes.

    `code_bytes` is the model's code and tables without its weights, kernels included;
    `flash_bytes` and `ram_bytes` are the whole firmware; `stack_bytes` is an upper bound
    over every call path.
    """

    board: str
    compiler: str
    code_bytes: int
    weights_bytes: int
    arena_bytes: int
    stack_bytes: int
    flash_bytes: int
    ram_bytes: int


class DutInfo(Record):
    """How the firmware answers the MLPerf Tiny protocol: the name it gives itself, how the
    bytes of `db` become the model's input, and what `infer` reports."""

    model: str
    input: Literal["raw", "uint8", "float32"] = "raw"
    result: Literal["outputs", "mse"] = "outputs"


class Manifest(Record):
    """`manifest.json`. Paths are relative to the bundle; hashes are SHA-256 in hex."""

    schema_version: Literal[1] = 1
    name: str
    target: str
    board: str | None = None
    source: str
    source_sha256: str
    files: dict[str, str]
    inputs: tuple[TensorInfo, ...]
    outputs: tuple[TensorInfo, ...]
    layers: tuple[LayerInfo, ...] = ()
    quantization: str
    optimize: Optimize = "balanced"
    arena_bytes: int
    weights_bytes: int
    plan: tuple[BufferInfo, ...] = ()
    sizes: BoardSizes | None = None
    dut: DutInfo
    golden_checked_by: str | None = None
    accuracy_before: float | None = None
    accuracy_after: float | None = None
    tools: dict[str, str]
    command: str

    def to_json(self) -> str:
        """The manifest as deterministic, readable JSON."""
        return json.dumps(self.model_dump(mode="json"), indent=2) + "\n"


class Bundle(Record):
    """A bundle on disk: its folder and its manifest."""

    path: Path
    manifest: Manifest

    def file(self, name: str) -> Path:
        """The path of a file of this bundle."""
        return self.path / name


def sha256_file(path: Path) -> str:
    """SHA-256 of a file's bytes in hex."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def is_bundle(path: Path) -> bool:
    """True if `path` is a folder that holds a manifest."""
    return (path / MANIFEST_NAME).is_file()


def load_bundle(path: Path, *, verify: bool = True) -> Bundle:
    """The bundle at `path`. With `verify`, every file must have the hash of the manifest."""
    if not is_bundle(path):
        raise EdgekitError(
            "not a bundle (it has no manifest.json)",
            where=str(path),
            remedy="Make one with 'edgekit convert MODEL --target tflite-micro -o DIR'.",
        )
    try:
        raw: Any = json.loads((path / MANIFEST_NAME).read_text())
        manifest = Manifest.model_validate(raw)
    except (ValidationError, ValueError) as error:
        first = str(error).splitlines()[0]
        raise EdgekitError(
            f"the manifest cannot be read ({first})",
            where=str(path / MANIFEST_NAME),
            remedy="Convert the model again with this version of edgekit.",
        ) from None
    bundle = Bundle(path=path, manifest=manifest)
    if verify:
        for name, digest in manifest.files.items():
            file = bundle.file(name)
            if not file.is_file() or sha256_file(file) != digest:
                state = "was changed" if file.is_file() else "is missing"
                raise EdgekitError(
                    f"{name} {state} since the bundle was written",
                    where=str(path),
                    remedy="Convert the model again.",
                )
    return bundle
