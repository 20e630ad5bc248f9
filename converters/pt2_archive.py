"""Cleans a `.pt2` archive, so that loading it runs nothing that the file brings.

torch.export.load unpickles sample inputs and weights, evaluates guards and symbolic shapes as
Python, and lets a node call any function of torch. The cleaned archive holds raw tensors only, has
no sample inputs, guards or symbolic shapes, and calls aten operators alone. It is written anew, so
that torch reads what was checked.
"""

from __future__ import annotations

import io
import json
import re
import zipfile
import zlib
from collections.abc import Iterator
from typing import Any

from edgekit.errors import EdgekitError

MODEL = "models/model.json"
CONFIGS = ("data/weights/model_weights_config.json", "data/constants/model_constants_config.json")
SAMPLE_INPUTS = "data/sample_inputs/model.pt"
TENSOR = re.compile(r"data/(weights/weight|constants/tensor)_\d+")
PATH = re.compile(r"(weight|tensor)_\d+")
MARKS = ("archive_format", "archive_version", "byteorder", ".data/version", "version")
CALL = re.compile(
    r"torch\.ops\.aten\.(?!from_file)\w+\.\w+|_operator\.(getitem|add|sub|mul|truediv|floordiv|neg)"
)
MAX_BYTES = 1 << 30
REMEDY = "Save the program again with this torch: torch.export.save(program, 'model.pt2')."


def clean_archive(raw: bytes, where: str) -> bytes:
    """The archive `raw` without anything that loading could run. What cannot be cleaned raises
    EdgekitError."""
    root, members = _read_members(raw, where)
    try:
        program = json.loads(members[MODEL])
        configs = [json.loads(members[name]) for name in CONFIGS]
    except (KeyError, ValueError, RecursionError):
        what = "not a PyTorch program of torch.export.save (its parts are missing or damaged)"
        raise EdgekitError(what, where=where, remedy=REMEDY) from None
    for config in configs:
        _check_config(config, where)
    _check_program(program, where)
    program["guards_code"] = []
    members[MODEL] = json.dumps(program).encode()
    members[SAMPLE_INPUTS] = b""
    return _write(root, {n: d for n, d in members.items() if _wanted(n)})


def _wanted(name: str) -> bool:
    fixed = (MODEL, SAMPLE_INPUTS, *CONFIGS, *MARKS)
    return name in fixed or TENSOR.fullmatch(name) is not None


def _read_members(raw: bytes, where: str) -> tuple[str, dict[str, bytes]]:
    """The archive's one top folder and its files without it."""
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            names = archive.namelist()
            if sum(i.file_size for i in archive.infolist()) > MAX_BYTES:
                raise EdgekitError("the program is over 1 GiB", where=where, remedy=REMEDY)
            if len(set(names)) != len(names) or len({n.partition("/")[0] for n in names}) != 1:
                what = "not a PyTorch program (a zip of another kind)"
                raise EdgekitError(what, where=where, remedy=REMEDY)
            root = names[0].partition("/")[0]
            return root, {n.removeprefix(f"{root}/"): archive.read(n) for n in names}
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        ValueError,
        NotImplementedError,
        RuntimeError,
    ):
        what = "not a PyTorch program (not a whole zip archive)"
        raise EdgekitError(what, where=where, remedy=REMEDY) from None


def _check_config(config: Any, where: str) -> None:
    """Every weight must be a raw tensor in a file of its own."""
    entries = config.get("config") if isinstance(config, dict) else None
    if not isinstance(entries, dict):
        raise EdgekitError("its list of weights is damaged", where=where, remedy=REMEDY)
    for name, entry in entries.items():
        path = entry.get("path_name") if isinstance(entry, dict) else None
        raw = isinstance(path, str) and PATH.fullmatch(path) and entry.get("use_pickle") is False
        if not raw:
            raise EdgekitError(
                f"'{str(name)[:60]}' is stored as a pickle, which can run any code",
                where=where,
                remedy="Hold plain, contiguous tensors only, and save the program again.",
            )


def _records(value: Any) -> Iterator[dict[str, Any]]:
    """Every JSON object in `value`, however deep."""
    stack = [value]
    while stack:
        item = stack.pop()
        if isinstance(item, dict):
            yield item
            stack.extend(item.values())
        elif isinstance(item, list):
            stack.extend(item)


def _check_program(program: Any, where: str) -> None:
    """The graph must have fixed shapes, call aten operators alone, and be in evaluation mode."""
    if not isinstance(program, dict):
        raise EdgekitError("its graph is damaged", where=where, remedy=REMEDY)
    dynamic = bool(program.get("range_constraints"))
    for record in _records(program):
        dynamic = dynamic or "as_expr" in record or bool(record.get("sym_int_values"))
        if {"target", "inputs", "outputs"} <= record.keys():
            _check_call(record, where)
    if dynamic:
        raise EdgekitError(
            "its shapes are dynamic",
            where=where,
            remedy="Export with example inputs of a batch of 1 and without dynamic_shapes.",
        )


def _check_call(node: dict[str, Any], where: str) -> None:
    target = str(node["target"])
    if CALL.fullmatch(target) is None:
        raise EdgekitError(
            f"it calls {target[:60]}, which is not an aten operator",
            where=where,
            remedy="Export a module of PyTorch's own layers in evaluation mode.",
        )
    arguments = {a.get("name"): a.get("arg") for a in node["inputs"] if isinstance(a, dict)}
    if {"as_bool": True} in (arguments.get("training"), arguments.get("train")):
        raise EdgekitError(
            f"{target.split('.')[-2]} is in training mode",
            where=where,
            remedy="Call module.eval() before torch.export.export.",
        )


def _write(root: str, members: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(members):
            archive.writestr(zipfile.ZipInfo(f"{root}/{name}"), members[name])
    return target.getvalue()
