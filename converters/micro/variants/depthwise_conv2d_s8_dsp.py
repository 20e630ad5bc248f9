"""DEPTHWISE_CONV_2D on the DSP extension: see `ek_depthwise_conv2d_s8_dsp.c`."""

from __future__ import annotations

from edgekit.converters.micro.graph import Graph
from edgekit.converters.micro.layer import Constant, Layer, Value
from edgekit.converters.micro.rescale import constant, folded_bias, number, rescale_shifts

BASE = "ek_depthwise_conv2d_s8"
ISA = ("dsp",)

MOST_SCRATCH = {"time": 1 << 30, "balanced": 8192, "ram": 1024, "flash": 8192}


def specialise(layer: Layer, graph: Graph, optimize: str) -> Layer | None:
    """The layer on planes; None for a depth multiplier or a window dilated down the rows."""
    params = layer.params
    if params["multiplier"] != 1 or params["dilation_h"] != 1:
        return None
    get = {k: number(params, k) for k, v in params.items() if not isinstance(v, Constant)}
    weights, bias = constant(params, "weights"), constant(params, "bias")
    channels = weights.shape[3]
    rows = weights.reshape(-1, channels).T
    folded = folded_bias(rows, bias, get["in_zero"])
    if folded is None:
        return None
    shifts = rescale_shifts(params, rows, bias)
    if shifts is None:
        return None
    even = -(-get["out_h"] // 2) * 2  # two rows at once
    taps = -(-get["kernel_h"] // 4) * 4
    reach = max((even - 1) * get["stride_h"] + taps, get["pad_h"] + get["in_h"])
    plane_h = -(-reach // 2) * 2
    reach = (get["out_w"] - 1) * get["stride_w"] + (get["kernel_w"] - 1) * get["dilation_w"] + 1
    plane_w = max(reach, get["pad_w"] + get["in_w"])
    size = 2 * (plane_h * plane_w + get["kernel_w"] * taps)
    planes = 4 if channels % 4 == 0 and 4 * size <= MOST_SCRATCH[optimize] else 1
    keep = {k: v for k, v in get.items() if k not in ("multiplier", "dilation_h")}
    new: dict[str, Value] = {
        **keep,
        "planes": planes,
        "plane_h": plane_h,
        "plane_w": plane_w,
        "weights": params["weights"],
        "bias": Constant(folded, True),
        "multipliers": params["multipliers"],
        "shifts": Constant(shifts),
    }
    return Layer(
        op=layer.op,
        kernel="ek_depthwise_conv2d_s8_dsp",
        params=new,
        inputs=layer.inputs,
        output=layer.output,
        macs=layer.macs,
        # A channel is read whole before it is written, to places of its own in every pixel.
        in_place=(0,) if get["batches"] == 1 else (),
        lead_bytes=None,
        scratch_bytes=planes * size,
    )
