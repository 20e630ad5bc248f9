"""ADD on Helium: see `ek_add_s8_mve.c`."""

from __future__ import annotations

from edgekit.converters.micro.graph import Graph
from edgekit.converters.micro.helium import ties
from edgekit.converters.micro.layer import Layer, Value
from edgekit.converters.micro.rescale import number

BASE = "ek_add_s8"
ISA = ("dsp", "mve")

HALF = (1 << 30, 0)  # multiplier and shift of the input with the larger scale


def specialise(layer: Layer, graph: Graph, optimize: str) -> Layer | None:
    """The layer with the input of the larger scale first; None where one is broadcast."""
    get = {k: number(layer.params, k) for k in layer.params}
    steps = [get[k] for k in ("dim0", "dim1", "dim2", "a_stride3", "b_stride3")]
    halves = [s for s in "ab" if (get[f"{s}_multiplier"], get[f"{s}_shift"]) == HALF]
    if steps != [1] * 5 or not halves or get["out_shift"] > 0:
        return None
    first, second = ("a", "b") if halves[0] == "a" else ("b", "a")
    if get[f"{second}_shift"] > 0:
        return None
    new: dict[str, Value] = {
        "count": get["dim3"],
        "a_zero": get[f"{first}_zero"],
        "b_zero": get[f"{second}_zero"],
        "b_multiplier": get[f"{second}_multiplier"],
        "b_shift": get[f"{second}_shift"],
        **{k: get[k] for k in ("out_zero", "out_multiplier", "out_shift", "low", "high")},
        "ties": ties(layer.params),
    }
    turned = first == "b"
    return Layer(
        op=layer.op,
        kernel="ek_add_s8_mve",
        params=new,
        inputs=layer.inputs[::-1] if turned else layer.inputs,
        output=layer.output,
        in_place=tuple(1 - i if turned else i for i in layer.in_place),
    )
