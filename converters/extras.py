"""Optional packages: a missing one is one line that says what to install."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec

from edgekit.errors import EdgekitError


def require(modules: tuple[str, ...], where: str, purpose: str, extra: str) -> None:
    """Raise EdgekitError at `where`, naming edgekit's `extra` that brings them, if one of
    `modules` is not installed. Nothing is imported."""
    missing = [name for name in modules if find_spec(name) is None]
    if missing:
        raise EdgekitError(
            f"{purpose} needs {', '.join(missing)}, not installed here",
            where=where,
            remedy=f"Run: pip install 'edgekit[{extra}]'",
        )


def tool_version(distribution: str) -> str:
    """The installed version of a distribution, or "unknown"."""
    try:
        return version(distribution)
    except PackageNotFoundError:
        return "unknown"
