"""What tests need from outside the repository: skipped with a reason, or failed in CI."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest


def repository() -> Path:
    """The root of the checkout."""
    return Path(__file__).resolve().parent.parent


def absent(reason: str) -> None:
    """Skip the test for `reason`; in CI, where everything must be there, fail it."""
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


def shared(name: str) -> Path:
    """A file or folder of `../shared` beside the checkout (models and samples that are not ours
    to commit); the test is skipped where it is absent."""
    path = repository().parent / "shared" / name
    if not path.exists():
        absent(f"{name} is not in ../shared")
    return path


def needs(program: str) -> str:
    """The path of `program`; the test is skipped where it is not installed, and fails in CI."""
    path = shutil.which(program)
    if path is None:
        absent(f"{program} is not installed")
    return str(path)
