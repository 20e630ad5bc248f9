"""CONV_2D on Helium (Cortex-M55): see `ek_conv2d_s8_mve.c`."""

from __future__ import annotations

from edgekit.converters.micro.graph import Graph
from edgekit.converters.micro.helium import pack_block, ties, up_to
from edgekit.converters.micro.layer import Constant, Layer, Value
from edgekit.converters.micro.overlap import lead_bytes, windows
from edgekit.converters.micro.rescale import constant, folded_bias, number

BASE = "ek_conv2d_s8"
ISA = ("dsp", "mve")

TILE = 8  # pixels, more gain little
ROW_BYTES = 768  # of a tile


def specialise(layer: Layer, graph: Graph, optimize: str) -> Layer | None:
    """The layer with weights, biases and rescaling in one stream; None for a left shift."""
    params = layer.params
    get = {k: number(params, k) for k, v in params.items() if not isinstance(v, Constant)}
    weights, shifts = constant(params, "weights"), constant(params, "shifts")
    rows = weights.reshape(weights.shape[0], -1)
    folded = folded_bias(rows, constant(params, "bias"), get["in_zero"])
    if folded is None or shifts.max() > 0:
        return None
    stream = pack_block(rows, folded, constant(params, "multipliers"), shifts)
    depth = up_to(rows.shape[1], 16)
    tile = max(2, min(TILE, ROW_BYTES // depth // 2 * 2))
    pointwise = rows.shape[1] == get["in_c"] and get["stride_h"] == get["stride_w"] == 1
    new: dict[str, Value] = {
        **get,
        "ties": ties(params),
        "pointwise": int(pointwise),
        "tile": tile,
        "inside_h": get["in_h"] - (get["kernel_h"] - 1) * get["dilation_h"] - 1,
        "inside_w": get["in_w"] - get["kernel_w"] if get["dilation_w"] == 1 else -1,
        "depth": depth,
        "weights": Constant(stream, True),
    }
    source, output = graph.tensors[layer.inputs[0]], graph.tensors[layer.output]
    lead = lead_bytes(source, output, *windows(params), tile=tile)
    return Layer(
        op=layer.op,
        kernel="ek_conv2d_s8_mve",
        params=new,
        inputs=layer.inputs,
        output=layer.output,
        macs=layer.macs,
        in_place=() if lead is None else (0,),
        lead_bytes=lead or 0,
        scratch_bytes=tile * depth,
    )
