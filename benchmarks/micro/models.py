"""The models of the bench, and where their files are."""

from __future__ import annotations

import os
from pathlib import Path

import edgekit
from edgekit.artifact import sha256_file
from edgekit.benchmarks.suite import load_suite
from edgekit.errors import EdgekitError, unknown

# By their short names, in the order of the tables: the suites whose reference models they are.
MODELS = {"kws": "kws01", "vww": "vww01", "ic": "ic01", "ad": "ad01", "sww": "sww01"}
ENVIRONMENT = "EDGEKIT_ASSETS"
_INSIDE = ("", "models", "mlperf-tiny/models")


def assets_folder(given: Path | None) -> Path:
    """The folder given, else $EDGEKIT_ASSETS, else the one beside the checkout."""
    if given is not None:
        return given
    if named := os.environ.get(ENVIRONMENT):
        return Path(named)
    checkout = Path(edgekit.__file__).resolve().parents[1]
    return checkout.parent / "shared" / "mlperf-tiny" / "models"


def find_model(name: str, assets: Path | None = None) -> Path:
    """The `.tflite` file of a model. Raises EdgekitError where it is absent or another."""
    if name not in MODELS:
        raise unknown("model", name, MODELS)
    suite, folder = load_suite(MODELS[name]), assets_folder(assets)
    places = [folder / inside / suite.model for inside in _INSIDE]
    path = next((place for place in places if place.is_file()), None)
    if path is None:
        raise EdgekitError(
            f"{suite.model} is not there",
            where=str(folder),
            remedy=f"Give the folder of MLPerf Tiny's models with --assets or {ENVIRONMENT}; "
            "they are in github.com/mlcommons/tiny, benchmark/training.",
        )
    if sha256_file(path) != suite.model_sha256:
        raise EdgekitError(f"it is not {suite.name}'s reference model", where=str(path))
    return path
