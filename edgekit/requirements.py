"""What edgekit's own metadata asks for, compared with what is installed; nothing is imported."""

from __future__ import annotations

import platform
import re
import sys
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, requires, version

NAME = "edgekit"
_PARTS = re.compile(r"([\w.-]+)(?:\[[^\]]*\])?([^;]*)(?:;(.*))?")
_MARKER = re.compile(r"(\w+)\s*==\s*['\"]([^'\"]*)['\"]")
_CLAUSE = re.compile(r"(==|>=|<=|<|>)\s*([^\s,]+)")


@dataclass(frozen=True)
class Requirement:
    """A package that edgekit needs on this platform, with its versions as pip writes them."""

    package: str
    versions: str


def own_requirements(extra: str = "") -> list[Requirement]:
    """The packages of the base install, or those that one of edgekit's extras adds.

    Raises PackageNotFoundError where edgekit itself is not installed as a package.
    """
    found = [parse(text, extra) for text in requires(NAME) or []]
    return [requirement for requirement in found if requirement is not None]


def parse(text: str, extra: str = "") -> Requirement | None:
    """The requirement in a line of metadata, None where its marker excludes this platform or it
    does not belong to `extra` (to the base install for "")."""
    match = _PARTS.fullmatch(text.strip())
    if match is None:
        return None
    package, versions, marker = match.groups(default="")
    wanted = dict(_MARKER.findall(marker))
    if wanted.pop("extra", "") != extra:
        return None
    here = {"sys_platform": sys.platform, "platform_machine": platform.machine()}
    if any(here.get(name) != value for name, value in wanted.items()):
        return None
    return Requirement(package, versions.strip())


def installed_version(package: str) -> str | None:
    """The installed version of a package, or None."""
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def satisfies(found: str, versions: str) -> bool:
    """True if the version `found` meets every clause of `versions` (`>=2.2,<3`, `==2.13.*`)."""
    public = found.partition("+")[0]  # a local build such as 2.13.0+cpu counts as 2.13.0
    return all(_meets(public, sign, wanted) for sign, wanted in _CLAUSE.findall(versions))


def _meets(found: str, sign: str, wanted: str) -> bool:
    if sign == "==":
        prefix = wanted.removesuffix("*")
        return f"{found}.".startswith(prefix) if prefix != wanted else found == wanted
    one, two = _numbers(found), _numbers(wanted)
    width = max(len(one), len(two))
    one, two = (v + (0,) * (width - len(v)) for v in (one, two))
    return {">=": one >= two, "<=": one <= two, "<": one < two, ">": one > two}[sign]


def _numbers(text: str) -> tuple[int, ...]:
    """The release segment: 2.13.0rc1 is (2, 13, 0)."""
    match = re.match(r"\d+(\.\d+)*", text)
    return tuple(int(n) for n in match[0].split(".")) if match else ()
