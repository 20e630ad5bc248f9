"""Measurements made up for tests."""

from __future__ import annotations

from edgekit.artifact import LayerInfo
from edgekit.benchmarks.micro.measure import Case, Measurement
from edgekit.devices.inference import LayerCost

BOARD = "mps2-an386"


def made_up(
    model: str = "kws",
    mode: str = "balanced",
    board: str = BOARD,
    instructions: int = 2_000_000,
    code_bytes: int = 9_000,
    compiler: str = "gcc 12.2.1",
) -> Measurement:
    """A measurement of two layers."""
    layer = LayerInfo(
        name="conv", op="CONV_2D", kernel="ek_conv2d_s8", symbol="layer_00_conv_2d",
        macs=1_000_000, output_shape=(1, 25, 5, 64),
    )  # fmt: skip
    softmax = layer.model_copy(update={"name": "softmax", "op": "SOFTMAX", "macs": 0})
    return Measurement(
        case=Case(model, board, mode),
        instructions=instructions,
        cycles=3_000_000,
        rules="m4-zero-wait-1",
        counted_by="sim",
        code_bytes=code_bytes,
        weights_bytes=24_000,
        arena_bytes=16_000,
        stack_bytes=300,
        layers=(LayerCost(layer, 1_900_000, 2_900_000), LayerCost(softmax, 90_000, 95_000)),
        golden_checked_by="tflite-micro",
        compiler=compiler,
        flags=("-mcpu=cortex-m4", "-O2"),
    )
