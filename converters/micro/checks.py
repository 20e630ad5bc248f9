"""What several ops check and compute alike: dtypes, windows and padding."""

from __future__ import annotations

from dataclasses import dataclass

from edgekit.converters.micro.graph import Graph, Op, Tensor, refuse

MAX_PRODUCTS = ((1 << 31) - 1) // (128 * 255)  # int8 times (int8 - zero point) summed in int32


def int8_activation(op: Op, tensor: Tensor, rank: int | None = None) -> Tensor:
    """`tensor`, refused unless it is int8, quantized as a whole and of this rank."""
    label = tensor.name[:60]
    if tensor.dtype != "int8":
        raise refuse(op, f"'{label}' is {tensor.dtype}, the kernels take int8", "Quantize to int8.")
    if tensor.quantization is None or len(tensor.quantization.scale) != 1:
        raise refuse(op, f"'{label}' has no single scale and zero point", "Quantize to int8.")
    if rank is not None and len(tensor.shape) != rank:
        raise refuse(op, f"'{label}' has shape {list(tensor.shape)}, not {rank} dimensions")
    return tensor


def same_quantization(op: Op, source: Tensor, output: Tensor) -> None:
    """Refuse an op that copies values from one quantization into another without rescaling."""
    if (source.scale, source.zero_point) != (output.scale, output.zero_point):
        raise refuse(op, "its input and output have different scales", "Quantize the model again.")


def output_shape(op: Op, graph: Graph, expected: tuple[int, ...]) -> None:
    """Refuse a file whose output shape is not what the op makes of its inputs."""
    found = graph.output(op).shape
    if found != expected:
        raise refuse(
            op,
            f"its output has shape {list(found)}, its inputs make {list(expected)}",
            "The file contradicts itself: export it again.",
        )


@dataclass(frozen=True)
class Window:
    """A sliding window along one axis. `pad` is how far it starts before the input."""

    size: int
    stride: int
    dilation: int
    pad: int
    out: int


def window(op: Op, length: int, size: int, axis: str, dilation: int = 1) -> Window:
    """The window along `axis` ("h" or "w") of an input of `length`; TFLite's SAME and VALID."""
    stride, padding = op.option(f"stride_{axis}"), op.option("padding")
    if stride < 1 or dilation < 1 or size < 1 or padding not in (0, 1):
        raise refuse(op, f"stride {stride}, dilation {dilation}, window {size} is not possible")
    reach = (size - 1) * dilation + 1
    out = -(-length // stride) if padding == 0 else -(-(length - reach + 1) // stride)
    if out < 1:
        raise refuse(op, f"its window of {reach} is larger than its input of {length}")
    pad = max(0, (out - 1) * stride + reach - length) // 2
    return Window(size, stride, dilation, pad, out)


def products(op: Op, count: int) -> None:
    """Refuse sums of so many products that a 32-bit accumulator could overflow."""
    if count > MAX_PRODUCTS:
        raise refuse(op, f"{count} products an output could overflow 32 bits", "Split the layer.")
