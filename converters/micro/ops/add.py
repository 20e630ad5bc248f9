"""ADD, int8, with broadcasting and constant operands."""

from __future__ import annotations

from edgekit.converters.micro.checks import int8_activation, output_shape
from edgekit.converters.micro.graph import Graph, Op, refuse
from edgekit.converters.micro.layer import Layer
from edgekit.converters.micro.requantize import activation_range, quantize_multiplier

CODE = 0
INPUTS = (2, 2)
OPTIONS = {"activation": (0, "i8", 0)}

LEFT_SHIFT = 20  # headroom that the reference gives int8 operands before it rescales them
MAX_DIMS = 4


def lower(op: Op, graph: Graph) -> Layer:
    """out = a + b, each rescaled to twice the larger input scale, then to the output's."""
    a, b = (int8_activation(op, graph.input(op, i)) for i in (0, 1))
    output = int8_activation(op, graph.output(op))
    dims, strides = broadcast(op, a.shape, b.shape)
    output_shape(op, graph, _broadcast_shape(op, a.shape, b.shape))
    common = 2.0 * max(a.scale, b.scale)
    out_real = common / ((1 << LEFT_SHIFT) * output.scale)
    if out_real >= 1.0:
        raise refuse(op, f"its output scale {output.scale:g} is too small for its inputs'")
    pairs = [quantize_multiplier(r) for r in (a.scale / common, b.scale / common, out_real)]
    low, high = activation_range(op, output, op.option("activation"))
    params: dict[str, int] = {f"dim{i}": d for i, d in enumerate(dims)}
    for name, steps in zip("ab", strides, strict=True):
        params |= {f"{name}_stride{i}": s for i, s in enumerate(steps)}
    params |= {"a_zero": a.zero_point, "b_zero": b.zero_point, "out_zero": output.zero_point}
    for name, (multiplier, shift) in zip(("a", "b", "out"), pairs, strict=True):
        params |= {f"{name}_multiplier": multiplier, f"{name}_shift": shift}
    same = tuple(i for i, t in enumerate((a, b)) if t.elements == output.elements)
    return Layer(
        op=op,
        kernel="ek_add_s8",
        params=params | {"low": low, "high": high},
        inputs=op.inputs[:2],
        output=op.outputs[0],
        in_place=same,
    )


def _broadcast_shape(op: Op, a: tuple[int, ...], b: tuple[int, ...]) -> tuple[int, ...]:
    rank = max(len(a), len(b))
    wide_a, wide_b = (1,) * (rank - len(a)) + a, (1,) * (rank - len(b)) + b
    for x, y in zip(wide_a, wide_b, strict=True):
        if x != y and 1 not in (x, y):
            raise refuse(op, f"shapes {list(a)} and {list(b)} do not broadcast")
    return tuple(max(x, y) for x, y in zip(wide_a, wide_b, strict=True))


def broadcast(
    op: Op, a: tuple[int, ...], b: tuple[int, ...]
) -> tuple[list[int], tuple[list[int], list[int]]]:
    """(output dims, (strides of a, strides of b)), four each, with neighbouring dimensions
    merged wherever both operands step through them alike; stride 0 repeats an element."""
    shape = _broadcast_shape(op, a, b)
    dims: list[int] = []
    steps: tuple[list[int], list[int]] = ([], [])
    sizes = [1, 1]
    for axis in range(1, len(shape) + 1):
        dim = shape[-axis]
        own = [s[-axis] if axis <= len(s) else 1 for s in (a, b)]
        now = [size if n > 1 else 0 for size, n in zip(sizes, own, strict=True)]
        sizes = [size * n for size, n in zip(sizes, own, strict=True)]
        if dim == 1:
            continue
        if dims and all(n == s[0] * dims[0] for n, s in zip(now, steps, strict=True)):
            dims[0] *= dim
            continue
        dims.insert(0, dim)
        for n, s in zip(now, steps, strict=True):
            s.insert(0, n)
    if len(dims) > MAX_DIMS:
        raise refuse(op, f"broadcasting {list(a)} with {list(b)} needs {len(dims)} dimensions")
    pad = MAX_DIMS - len(dims)
    return [1] * pad + dims, ([0] * pad + steps[0], [0] * pad + steps[1])
