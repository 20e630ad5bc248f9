from __future__ import annotations

import platform
import sys

import pytest

from edgekit.requirements import (
    Requirement,
    installed_version,
    own_requirements,
    parse,
    satisfies,
)


@pytest.mark.parametrize(
    ("found", "versions", "meets"),
    [
        ("2.4.6", ">=2.2", True),
        ("2.10", ">=2.2", True),
        ("2.1.9", ">=2.2", False),
        ("0.20.1", "<0.21,>=0.15", True),
        ("0.21", "<0.21,>=0.15", False),
        ("2.1.4", "<3,>=2.1.4", True),
        ("3.5", "==3.5", True),
        ("3.5.1", "==3.5", False),
        ("2.13.0+cpu", "==2.13.*", True),
        ("2.13", "==2.13.*", True),
        ("2.130.0", "==2.13.*", False),
        ("0.dev20261023182759", "==0.dev20261023182759", True),
        ("0.dev20261023182760", "==0.dev20261023182759", False),
        ("1.0", "", True),
        ("5.0.0rc1", ">=5.0", True),
    ],
)
def test_versions(found: str, versions: str, meets: bool) -> None:
    assert satisfies(found, versions) is meets


def test_lines_of_metadata() -> None:
    assert parse("numpy>=2.2") == Requirement("numpy", ">=2.2")
    assert parse("rich") == Requirement("rich", "")
    assert parse("torch==2.13.*; extra == 'torch'") is None
    assert parse("torch==2.13.*; extra == 'torch'", "torch") == Requirement("torch", "==2.13.*")
    here = f"x==1; sys_platform == '{sys.platform}' and platform_machine == '{platform.machine()}'"
    assert parse(here) == Requirement("x", "==1")
    assert parse("x==1; sys_platform == 'plan9'") is None


def test_edgekits_own() -> None:
    base = {requirement.package for requirement in own_requirements()}
    assert {"numpy", "unicorn", "ziglang", "ai-edge-litert"} <= base and "torch" not in base
    assert {"torch", "litert-torch"} <= {r.package for r in own_requirements("torch")}


def test_what_is_not_installed_has_no_version() -> None:
    assert installed_version("no-such-package-of-edgekit") is None
