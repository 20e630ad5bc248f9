"""TFLM's figures and the goals, from `reference.toml`."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from edgekit.artifact import Optimize

REFERENCE = Path(__file__).with_name("reference.toml")


class Part(BaseModel):
    """A frozen part of the file; an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Provenance(Part):
    """Where the reference figures come from."""

    engine: str
    date: str
    compiler: str
    flags: str
    counted_by: str


class Figures(Part):
    """Figures by model; an empty table is one that nobody measured or set."""

    instructions: dict[str, int] = {}
    code_bytes: dict[str, int] = {}
    flash_bytes: dict[str, int] = {}
    arena_bytes: dict[str, int] = {}

    def of(self, figure: str, model: str) -> int | None:
        """The figure of a model, None where there is none."""
        table: dict[str, int] = getattr(self, figure, {})
        return table.get(model)


class Core(Part):
    """A core: the board that stands for it, TFLM's figures and the goals by mode."""

    board: str
    tflm: Figures
    goals: dict[Optimize, Figures] = {}


class Reference(Part):
    """All of `reference.toml`, cores by name."""

    provenance: Provenance
    cores: dict[str, Core]


@cache
def load_reference() -> Reference:
    """The reference figures."""
    return Reference.model_validate(tomllib.loads(REFERENCE.read_text()))
