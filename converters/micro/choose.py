"""Chooses a kernel for each layer by what the board's core has."""

from __future__ import annotations

import importlib
from collections.abc import Collection, Sequence
from functools import cache
from types import ModuleType

from edgekit.converters.micro import variants
from edgekit.converters.micro.graph import Graph
from edgekit.converters.micro.layer import Layer
from edgekit.modules import module_names

OPTIMIZE = ("time", "balanced", "ram", "flash")


@cache
def variant_modules() -> tuple[ModuleType, ...]:
    """All variants, those that need most of the board first."""
    names = module_names(variants)
    modules = [importlib.import_module(f"{variants.__name__}.{name}") for name in names]
    return tuple(sorted(modules, key=lambda m: (-len(m.ISA), m.__name__)))


def variant_of(layer: Layer) -> ModuleType | None:
    """The variant that a layer's kernel comes from, None for a plain kernel."""
    names = {"ek_" + module.__name__.rpartition(".")[2]: module for module in variant_modules()}
    return names.get(layer.kernel or "")


def choose_kernels(
    layers: Sequence[Layer], graph: Graph, isa: Collection[str], optimize: str
) -> list[Layer]:
    """The layers with the fastest kernels that `isa` allows; the plain ones where none fits."""
    return [_choose(layer, graph, isa, optimize) for layer in layers]


def _choose(layer: Layer, graph: Graph, isa: Collection[str], optimize: str) -> Layer:
    for module in variant_modules():
        if layer.kernel == module.BASE and set(module.ISA) <= set(isa):
            special: Layer | None = module.specialise(layer, graph, optimize)
            if special is not None:
                return special
    return layer
