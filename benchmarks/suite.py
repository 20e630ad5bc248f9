"""Benchmark suites: one TOML file each in `benchmarks/suites/`, checked by the schema below."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from edgekit.errors import EdgekitError, unknown

SUITES_DIR = Path(__file__).parent / "suites"


class Part(BaseModel):
    """A frozen part of a suite's file; an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Dut(Part):
    """What the suite sends to a device and what comes back.

    `raw`: the input tensor's bytes. `uint8`: bytes, of which the device subtracts 128.
    `float32`: little-endian floats, which the device quantizes. `mse`: the mean squared error
    between the float input and the output.
    """

    input: Literal["raw", "uint8", "float32"]
    result: Literal["outputs", "mse"]


class SampleForm(Part):
    """A sample: its size, and the names of the classes where it has one."""

    bytes: int
    classes: tuple[str, ...] = ()


class Quality(Part):
    """The closed division's quality target: at least `target` for `top1` and `auc`, at most
    `target` false positives and as many false negatives for `false_detections`."""

    metric: Literal["top1", "auc", "false_detections"]
    target: float


class Performance(Part):
    """How latency is measured on hardware: the median of `windows` runs of `iterations`
    inferences, each after `warmup` untimed ones."""

    windows: int
    iterations: int
    warmup: int


class Suite(Part):
    """A benchmark. `model` is the reference model's file and `model_sha256` its SHA-256."""

    name: str
    title: str
    model: str
    model_sha256: str
    dut: Dut
    sample: SampleForm
    quality: Quality
    performance: Performance


def suite_names() -> list[str]:
    """The names of the suites that edgekit knows, sorted."""
    return sorted(p.stem for p in SUITES_DIR.glob("*.toml"))


@cache
def load_suite(name: str) -> Suite:
    """The suite of this name; an unknown name lists the known ones."""
    if name not in suite_names():
        raise unknown("suite", name, suite_names())
    path = SUITES_DIR / f"{name}.toml"
    try:
        suite = Suite.model_validate(tomllib.loads(path.read_text()))
    except (ValidationError, tomllib.TOMLDecodeError) as error:
        text = str(error).replace("\n", " ")
        raise EdgekitError(text, where=str(path), remedy="See the other suites.") from None
    if suite.name != name:
        raise EdgekitError(f"name is '{suite.name}'", where=str(path), remedy="Use the file's.")
    return suite


def suite_for_model(sha256: str) -> Suite | None:
    """The suite whose reference model has this SHA-256, or None."""
    suites = (load_suite(name) for name in suite_names())
    return next((s for s in suites if s.model_sha256 == sha256), None)
