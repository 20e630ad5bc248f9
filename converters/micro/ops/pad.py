"""PAD with the zero point, int8, up to four dimensions."""

from __future__ import annotations

from edgekit.converters.micro.checks import int8_activation, output_shape, same_quantization
from edgekit.converters.micro.graph import Graph, Op, refuse
from edgekit.converters.micro.layer import Layer

CODE = 34
INPUTS = (2, 2)
OPTIONS: dict[str, tuple[int, str, int]] = {}

MAX_DIMS = 4


def lower(op: Op, graph: Graph) -> Layer:
    """Input of any shape -> the same with `before` and `after` cells added to each axis."""
    source = int8_activation(op, graph.input(op, 0))
    output = int8_activation(op, graph.output(op))
    same_quantization(op, source, output)
    rank = len(source.shape)
    paddings = graph.input(op, 1).data
    if paddings is None or paddings.dtype not in ("int32", "int64"):
        raise refuse(op, "its paddings are not constant integers")
    if rank > MAX_DIMS or paddings.shape != (rank, 2) or (paddings < 0).any():
        raise refuse(op, f"paddings {paddings.tolist()} for an input {list(source.shape)}")
    pairs = [(int(before), int(after)) for before, after in paddings]
    output_shape(op, graph, tuple(d + b + a for d, (b, a) in zip(source.shape, pairs, strict=True)))
    extra = MAX_DIMS - rank
    dims = (1,) * extra + source.shape
    pairs = [(0, 0)] * extra + pairs
    params = {f"dim{i}": d for i, d in enumerate(dims)}
    for i, (before, after) in enumerate(pairs):
        params |= {f"before{i}": before, f"after{i}": after}
    return Layer(
        op=op,
        kernel="ek_pad_s8",
        params=params | {"value": output.zero_point},
        inputs=op.inputs[:1],
        output=op.outputs[0],
    )
