"""Finds plug-ins (ops, sources, targets, verbs, flashers) by their file's name in their folder."""

from __future__ import annotations

import importlib
import pkgutil
from types import ModuleType

from edgekit.errors import unknown


def module_names(package: ModuleType) -> list[str]:
    """The names of the modules in `package`, sorted; nothing is imported."""
    return sorted(m.name for m in pkgutil.iter_modules(package.__path__) if m.name[0] != "_")


def load_module(package: ModuleType, name: str, kind: str) -> ModuleType:
    """The module `name` of `package`. `kind` is what a user calls it ("op", "target")."""
    names = module_names(package)
    if name not in names:
        raise unknown(kind, name, names)
    return importlib.import_module(f"{package.__name__}.{name}")
