"""What each layer and each kernel costs in flash, by the symbols of the linked model."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePath

from edgekit.artifact import LayerInfo
from edgekit.devices.elf import Image, Symbol

# As emit.py names them: weights, tables and parameters of layer number NN.
_ARRAY = re.compile(r"([wtp])_(\d+)(?:_|$)")
_MODEL_FILE = "model"


@dataclass(frozen=True)
class LayerFlash:
    """Bytes of a layer's own: its weights, its tables and parameters, its function in model.c."""

    weights_bytes: int = 0
    tables_bytes: int = 0
    code_bytes: int = 0

    @property
    def total_bytes(self) -> int:
        """All of them."""
        return self.weights_bytes + self.tables_bytes + self.code_bytes


@dataclass(frozen=True)
class FlashCost:
    """Bytes in flash of a model. Layers, kernels, `model_bytes` and `rest_bytes` add up to
    `total_bytes`.

    `kernels` holds each kernel with the functions and tables of its C file, and the memory
    functions by their names, the largest first: code that layers share. `model_bytes` is the
    model's own functions and what no single layer owns, `rest_bytes` padding and constants
    without a name.
    """

    layers: tuple[LayerFlash, ...]
    kernels: dict[str, int]
    model_bytes: int
    rest_bytes: int
    total_bytes: int


def flash_cost(image: Image, layers: tuple[LayerInfo, ...]) -> FlashCost:
    """The cost of `layers`, from the image of the model alone."""
    owners = {layer.symbol: number for number, layer in enumerate(layers)}
    own = [{"w": 0, "t": 0, "p": 0, "code": 0} for _ in layers]
    kernels: dict[str, int] = {}
    model_bytes = 0
    for symbol in _in_flash(image):
        name = symbol.name.split(".")[0]  # gcc's clones are called NAME.constprop.0
        array = _ARRAY.match(name)
        if array and int(array[2]) < len(layers):
            own[int(array[2])][array[1]] += symbol.size
        elif name in owners:
            own[owners[name]]["code"] += symbol.size
        elif (home := _home(symbol, name)) == _MODEL_FILE:
            model_bytes += symbol.size
        else:
            kernels[home] = kernels.get(home, 0) + symbol.size
    costs = tuple(LayerFlash(o["w"], o["t"] + o["p"], o["code"]) for o in own)
    named = sum(c.total_bytes for c in costs) + sum(kernels.values()) + model_bytes
    return FlashCost(
        layers=costs,
        kernels=dict(sorted(kernels.items(), key=lambda item: (-item[1], item[0]))),
        model_bytes=model_bytes,
        rest_bytes=image.flash_bytes - named,
        total_bytes=image.flash_bytes,
    )


def _home(symbol: Symbol, name: str) -> str:
    """The C file that a local symbol is from, the name of a global one. The model's own
    functions, `NAME_invoke` and so on, belong to model.c."""
    if symbol.file:
        return PurePath(symbol.file).stem
    return _MODEL_FILE if name.endswith(("_input", "_output", "_invoke")) else name


def _in_flash(image: Image) -> Iterable[Symbol]:
    """Functions and objects in flash, one for each address: a function may have two names."""
    stored = {section.name for section in image.sections if section.data is not None}
    found: dict[int, Symbol] = {}
    for symbol in image.symbols:
        if symbol.kind in ("STT_FUNC", "STT_OBJECT") and symbol.section in stored:
            known = found.get(symbol.address)
            if known is None or symbol.size > known.size:
                found[symbol.address] = symbol
    return found.values()
