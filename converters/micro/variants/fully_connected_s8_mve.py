"""FULLY_CONNECTED on Helium: see `ek_fully_connected_s8_mve.c`."""

from __future__ import annotations

import numpy as np

from edgekit.converters.micro.graph import Graph
from edgekit.converters.micro.helium import LANES, in_fours, ties
from edgekit.converters.micro.layer import Constant, Layer, Value
from edgekit.converters.micro.rescale import constant, folded_bias, number

BASE = "ek_fully_connected_s8"
ISA = ("dsp", "mve")


def specialise(layer: Layer, graph: Graph, optimize: str) -> Layer | None:
    """The layer with the weights as they are; None for a left shift."""
    params = layer.params
    weights, shifts = constant(params, "weights"), constant(params, "shifts")
    folded = folded_bias(weights, constant(params, "bias"), number(params, "in_zero"))
    if folded is None or shifts.max() > 0:
        return None
    factors = constant(params, "multipliers")
    if not params["per_channel"]:
        shifts, factors = (np.repeat(v, LANES) for v in (shifts, factors))
    new: dict[str, Value] = {
        **params,
        "ties": ties(params),
        "bias": Constant(in_fours(folded), True),
        "multipliers": Constant(in_fours(factors)),
        "shifts": Constant(in_fours(shifts)),
    }
    return Layer(
        op=layer.op,
        kernel="ek_fully_connected_s8_mve",
        params=new,
        inputs=layer.inputs,
        output=layer.output,
        macs=layer.macs,
    )
