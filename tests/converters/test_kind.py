from __future__ import annotations

import pytest

from edgekit.converters.kind import model_kind
from edgekit.converters.micro.graph import Graph, Op, Tensor
from edgekit.errors import EdgekitError


def chain(*steps: tuple[str, str]) -> Graph:
    """A model of one op after another: (op, dtype of its output); the input is the first dtype."""
    tensors = tuple(Tensor(f"t{i}", (1, 4), dtype) for i, (_, dtype) in enumerate(steps))
    ops = tuple(Op(kind, f"layer{i}", (i - 1,), (i,), {}) for i, (kind, _) in enumerate(steps) if i)
    return Graph(tensors, ops, (0,), (len(steps) - 1,))


def test_int8_throughout() -> None:
    assert model_kind(chain(("", "int8"), ("relu", "int8"), ("softmax", "int8")), "m") == "int8"


def test_float32_at_the_ends_is_still_int8() -> None:
    graph = chain(
        ("", "float32"), ("quantize", "int8"), ("relu", "int8"), ("dequantize", "float32")
    )
    assert model_kind(graph, "m") == "int8"


def test_float32_throughout() -> None:
    assert model_kind(chain(("", "float32"), ("relu", "float32")), "m") == "float32"


@pytest.mark.parametrize(
    "steps",
    [
        (("", "float32"), ("relu", "float32"), ("quantize", "int8"), ("relu6", "int8")),
        (("", "int8"), ("dequantize", "float32"), ("softmax", "float32")),
    ],
)
def test_half_of_each_is_refused(steps: tuple[tuple[str, str], ...]) -> None:
    with pytest.raises(EdgekitError, match=r"m: layer 'layer\d' computes in float32, layer"):
        model_kind(chain(*steps), "m")
