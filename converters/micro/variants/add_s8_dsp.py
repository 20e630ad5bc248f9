"""ADD of two tensors of one shape on the DSP extension: see `ek_add_s8_dsp.c`."""

from __future__ import annotations

from edgekit.converters.micro.graph import Graph
from edgekit.converters.micro.layer import Layer
from edgekit.converters.micro.rescale import number

BASE = "ek_add_s8"
ISA = ("dsp",)

TABLE_BYTES = 2048
WORTH_TABLES = 256  # elements; filling the tables costs as much as about 220 sums without them


def specialise(layer: Layer, graph: Graph, optimize: str) -> Layer | None:
    """The layer by tables; None where an operand is repeated or the tensors are small."""
    params = layer.params
    a, b, output = (graph.tensors[t] for t in (*layer.inputs, layer.output))
    if a.elements != output.elements or b.elements != output.elements:
        return None
    # Below 2^-22 the zero point would not fit beside the sum.
    if output.elements < WORTH_TABLES or not -22 <= number(params, "out_shift") <= -1:
        return None
    keep = {k: v for k, v in params.items() if not k.startswith("dim") and "stride" not in k}
    return Layer(
        op=layer.op,
        kernel="ek_add_s8_dsp",
        params={"size": output.elements, **keep},
        inputs=layer.inputs,
        output=layer.output,
        in_place=layer.in_place,
        lead_bytes=layer.lead_bytes,
        scratch_bytes=TABLE_BYTES,
    )
