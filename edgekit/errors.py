"""The one error type that edgekit shows to people."""

from __future__ import annotations

from collections.abc import Iterable


class EdgekitError(Exception):
    """Something the user can mend: what is wrong, where, and what to do.

    The text reads `where: what. remedy`; the CLI prints that one line and exits with status 2.
    """

    def __init__(self, what: str, *, where: str = "", remedy: str = "") -> None:
        self.what = what
        self.where = where
        self.remedy = remedy
        text = f"{where}: {what}" if where else what
        if remedy:
            text = f"{text.rstrip('.')}. {remedy}"
        super().__init__(" ".join(text.split()))


def unknown(kind: str, name: str, known: Iterable[str], remedy: str = "") -> EdgekitError:
    """An error for a name that is not known, listing the names that are."""
    names = ", ".join(sorted(known)) or "none"
    return EdgekitError(f"unknown {kind} '{name}'; known: {names}", remedy=remedy)
