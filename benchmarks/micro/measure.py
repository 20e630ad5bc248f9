"""What a model costs on a board in a mode: converted, built and run once on an emulator."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edgekit import __version__
from edgekit.benchmarks.micro.models import find_model
from edgekit.converters.convert import convert
from edgekit.devices.application import MODEL_FLAGS
from edgekit.devices.board import Board, load_board
from edgekit.devices.firmware import DoesNotFitError, build_firmware
from edgekit.devices.inference import LayerCost, count_inference
from edgekit.devices.toolchain import base_flags, find_toolchain

FIGURES = ("instructions", "cycles", "code_bytes", "flash_bytes", "arena_bytes")


@dataclass(frozen=True)
class Case:
    """A model (its short name) on a board in a mode of `--optimize`."""

    model: str
    board: str
    mode: str

    def __str__(self) -> str:
        return f"{self.model} {self.mode} on {self.board}"


@dataclass(frozen=True)
class Measurement:
    """The figures of a case.

    `code_bytes` is the model's code and tables with its kernels and the memory functions that
    they call, without weights; the console firmware around it is in none of the figures.
    `cycles` is an estimate by `rules`, None where only qemu runs the board. `compiler` and
    `flags` made the model's C; `counted_by` is the emulator.
    """

    case: Case
    instructions: int
    cycles: int | None
    rules: str | None
    counted_by: str
    code_bytes: int
    weights_bytes: int
    arena_bytes: int
    stack_bytes: int
    layers: tuple[LayerCost, ...]
    golden_checked_by: str | None
    compiler: str
    flags: tuple[str, ...]

    @property
    def flash_bytes(self) -> int:
        """Code, tables and weights: all that the model puts into flash."""
        return self.code_bytes + self.weights_bytes

    def figure(self, name: str) -> int | None:
        """One of the figures by its name."""
        value: int | None = getattr(self, name)
        return value

    def to_json(self) -> dict[str, Any]:
        """The measurement as JSON, layers with their instructions per MAC."""
        return {
            "model": self.case.model,
            "board": self.case.board,
            "optimize": self.case.mode,
            "instructions": self.instructions,
            "counted_by": self.counted_by,
            "cycles": self.cycles,
            "cycles_are": None if self.cycles is None else "estimated",
            "cycle_rules": self.rules,
            "code_bytes": self.code_bytes,
            "weights_bytes": self.weights_bytes,
            "flash_bytes": self.flash_bytes,
            "arena_bytes": self.arena_bytes,
            "stack_bytes": self.stack_bytes,
            "golden_checked_by": self.golden_checked_by,
            "edgekit": __version__,
            "compiler": self.compiler,
            "flags": " ".join(self.flags),
            "layers": [_layer(cost) for cost in self.layers],
        }


@dataclass(frozen=True)
class Misfit:
    """A case that the board is too small for."""

    case: Case
    why: str

    def to_json(self) -> dict[str, Any]:
        """What did not fit, as JSON."""
        case = self.case
        return {
            "model": case.model,
            "board": case.board,
            "optimize": case.mode,
            "does_not_fit": self.why,
        }


def measure(case: Case, assets: Path | None, compiler: str | None) -> Measurement | Misfit:
    """The figures of a case, once the golden vectors came back bit for bit."""
    board = load_board(case.board)
    model = str(find_model(case.model, assets))
    with tempfile.TemporaryDirectory(prefix="edgekit-micro-") as temporary:
        try:
            return _measure(case, model, board, compiler, Path(temporary) / case.model)
        except DoesNotFitError as error:
            return Misfit(case, error.what)


def _measure(
    case: Case, model: str, board: Board, compiler: str | None, folder: Path
) -> Measurement:
    bundle = convert(
        model,
        target="tflite-micro",
        out=folder,
        board=board.id,
        compiler=compiler,
        optimize=case.mode,
    )
    firmware = build_firmware(bundle, board, folder / "firmware", compiler)
    cost, sizes = count_inference(bundle, board, firmware.elf), firmware.sizes
    return Measurement(
        case=case,
        instructions=cost.instructions,
        cycles=cost.cycles,
        rules=cost.rules,
        counted_by=cost.emulator,
        code_bytes=sizes.code_bytes,
        weights_bytes=sizes.weights_bytes,
        arena_bytes=sizes.arena_bytes,
        stack_bytes=sizes.stack_bytes,
        layers=tuple(cost.of(layer) for layer in bundle.manifest.layers),
        golden_checked_by=bundle.manifest.golden_checked_by,
        compiler=sizes.compiler,
        flags=(*base_flags(find_toolchain(compiler), board), *MODEL_FLAGS),
    )


def _layer(cost: LayerCost) -> dict[str, Any]:
    per_mac = cost.instructions_per_mac
    return {
        "name": cost.layer.name,
        "op": cost.layer.op,
        "kernel": cost.layer.kernel,
        "macs": cost.layer.macs,
        "instructions": cost.instructions,
        "instructions_per_mac": None if per_mac is None else round(per_mac, 4),
        "cycles": cost.cycles,
    }
