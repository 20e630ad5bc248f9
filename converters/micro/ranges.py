"""Between which values each channel stays, whatever the model is given: interval analysis.

A channel is one index of a tensor's last axis. The ends go through the kernels' own integer
arithmetic, which is monotone where nothing wraps; a kernel that is not known here may give
anything.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edgekit.converters.micro.graph import DTYPE_RANGE, Graph, Tensor
from edgekit.converters.micro.layer import Layer
from edgekit.converters.micro.ops.add import LEFT_SHIFT
from edgekit.converters.micro.requantize import requantize
from edgekit.converters.micro.rescale import constant, number
from edgekit.converters.micro.weighted import WEIGHTED, regroup, weighted

INT32 = (-(1 << 31), (1 << 31) - 1)


@dataclass(frozen=True)
class Range:
    """The bounds of each channel, int64 [channels]; not each need be reached."""

    low: NDArray[np.int64]
    high: NDArray[np.int64]

    @property
    def constant(self) -> NDArray[np.bool_]:
        """Which channels hold one value only."""
        return np.equal(self.low, self.high)


def channel_count(tensor: Tensor) -> int:
    """The length of its last axis; 1 for a single number."""
    return tensor.shape[-1] if tensor.shape else 1


def averages_channels(layer: Layer, graph: Graph) -> bool:
    """True for a mean over the last axis too, which has no channels left."""
    before, after = (channel_count(graph.tensors[t]) for t in (layer.inputs[0], layer.output))
    return before != after or number(layer.params, "inner") % before != 0


def channel_ranges(graph: Graph, layers: Sequence[Layer]) -> list[Range]:
    """The range of every tensor."""
    ranges = [_unknown(tensor) for tensor in graph.tensors]
    for layer in layers:
        rule = RULES.get(layer.kernel or layer.op.kind)
        if rule is not None:
            ranges[layer.output] = rule(layer, graph, [ranges[i] for i in layer.inputs])
    return ranges


def _unknown(tensor: Tensor) -> Range:
    count = channel_count(tensor)
    if tensor.data is not None and tensor.dtype == "int8":
        values = tensor.data.reshape(-1, count).astype(np.int64)
        return Range(values.min(0), values.max(0))
    low, high = DTYPE_RANGE.get(tensor.dtype, INT32)  # of a float nothing is said
    return Range(np.full(count, low), np.full(count, high))


def _rescaled(
    sums: Range,
    multiplier: NDArray[np.int32] | int,
    shift: NDArray[np.int8] | int,
    zero: int,
    limits: tuple[int, int],
) -> Range:
    """Sums rescaled, moved by the zero point and clamped; all of `limits` where it could wrap."""
    exact = np.ones(len(sums.low), np.bool_)
    ends = []
    for end in (sums.low, sums.high):
        exact &= _fits(end)
        end = np.where(exact, end, 0)
        exact &= _fits(end << np.maximum(shift, 0).astype(np.int64))
        end = requantize(np.where(exact, end, 0), multiplier, shift) + zero
        exact &= _fits(end)
        ends.append(np.clip(end, *limits))
    return Range(np.where(exact, ends[0], limits[0]), np.where(exact, ends[1], limits[1]))


def _fits(values: NDArray[np.int64]) -> NDArray[np.bool_]:
    return (values >= INT32[0]) & (values <= INT32[1])


def _limits(layer: Layer) -> tuple[int, int]:
    return number(layer.params, "low"), number(layer.params, "high")


def _weighted(layer: Layer, graph: Graph, sources: Sequence[Range]) -> Range:
    params = layer.params
    sums = Range(*weighted(layer, sources[0].low, sources[0].high).sums())
    multipliers, shifts = constant(params, "multipliers"), constant(params, "shifts")
    return _rescaled(sums, multipliers, shifts, number(params, "out_zero"), _limits(layer))


def _rescale(layer: Layer, graph: Graph, sources: Sequence[Range]) -> Range:
    names = ("in_zero", "multiplier", "shift", "out_zero")
    zero, multiplier, shift, out_zero = (number(layer.params, n) for n in names)
    moved = Range(sources[0].low - zero, sources[0].high - zero)
    return _rescaled(moved, multiplier, shift, out_zero, _limits(layer))


def _clip(layer: Layer, graph: Graph, sources: Sequence[Range]) -> Range:
    """Clamps, and what takes the greatest or the mean of a window and clamps it."""
    low, high = _limits(layer)
    return Range(np.clip(sources[0].low, low, high), np.clip(sources[0].high, low, high))


def _mean(layer: Layer, graph: Graph, sources: Sequence[Range]) -> Range:
    names = ("reduced", "in_zero", "multiplier", "shift", "out_zero")
    count, zero, multiplier, shift, out_zero = (number(layer.params, n) for n in names)
    if averages_channels(layer, graph):
        return _unknown(graph.tensors[layer.output])
    sums = Range((sources[0].low - zero) * count, (sources[0].high - zero) * count)
    return _rescaled(sums, multiplier, shift, out_zero, DTYPE_RANGE["int8"])


def _pad(layer: Layer, graph: Graph, sources: Sequence[Range]) -> Range:
    params = layer.params
    if number(params, "before3") or number(params, "after3"):
        return _unknown(graph.tensors[layer.output])
    if all(params[f"{side}{axis}"] == 0 for side in ("before", "after") for axis in range(3)):
        return sources[0]
    value = number(params, "value")
    return Range(np.minimum(sources[0].low, value), np.maximum(sources[0].high, value))


def _reshape(layer: Layer, graph: Graph, sources: Sequence[Range]) -> Range:
    count = channel_count(graph.tensors[layer.output])
    low, high = regroup(sources[0].low, count, np.minimum), sources[0].high
    return Range(low, regroup(high, count, np.maximum))


def _add(layer: Layer, graph: Graph, sources: Sequence[Range]) -> Range:
    """Both operands' ends as the kernel adds them, broadcast along the channels."""
    params = layer.params

    def steps(name: str, values: NDArray[np.int64]) -> NDArray[np.int64]:
        moved = (values - number(params, f"{name}_zero")) << LEFT_SHIFT
        scale = number(params, f"{name}_multiplier"), number(params, f"{name}_shift")
        return requantize(moved, *scale)

    a, b = sources
    sums = Range(steps("a", a.low) + steps("b", b.low), steps("a", a.high) + steps("b", b.high))
    scale = number(params, "out_multiplier"), number(params, "out_shift")
    return _rescaled(sums, *scale, number(params, "out_zero"), _limits(layer))


RULES: dict[str, Callable[[Layer, Graph, Sequence[Range]], Range]] = {
    **dict.fromkeys(WEIGHTED, _weighted),
    "ek_rescale_s8": _rescale,
    "ek_clip_s8": _clip,
    "ek_max_pool2d_s8": _clip,
    "ek_average_pool2d_s8": _clip,
    "ek_mean_s8": _mean,
    "ek_pad_s8": _pad,
    "ek_add_s8": _add,
    "reshape": _reshape,
}
