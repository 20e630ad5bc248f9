"""`edgekit inspect`: layers with their kernels and costs, the flash they take, the memory plan."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edgekit.artifact import Bundle, load_bundle
from edgekit.devices.board import Board, load_board
from edgekit.devices.firmware import build_firmware, read_model
from edgekit.devices.inference import InferenceCost, LayerCost, count_inference
from edgekit.inspection.flash_cost import FlashCost, LayerFlash, flash_cost
from edgekit.progress import step


@dataclass(frozen=True)
class Row:
    """A layer with its costs; None is what is not known without a board, or without `sim`."""

    cost: LayerCost
    flash: LayerFlash | None

    def to_json(self) -> dict[str, Any]:
        """The layer as JSON."""
        layer, per_mac, flash = self.cost.layer, self.cost.instructions_per_mac, self.flash
        return {
            **layer.model_dump(mode="json"),
            "instructions": self.cost.instructions,
            "instructions_per_mac": None if per_mac is None else round(per_mac, 4),
            "cycles": self.cost.cycles,
            "weights_bytes": flash.weights_bytes if flash else None,
            "tables_bytes": flash.tables_bytes if flash else None,
            "code_bytes": flash.code_bytes if flash else None,
            "flash_bytes": flash.total_bytes if flash else None,
        }


@dataclass(frozen=True)
class Inspection:
    """What was found. `board` is None for a bundle that is for none in particular, and then
    `compiler` and `flash` are too; `cost` is None for a board that `sim` does not run."""

    bundle: Bundle
    board: Board | None
    compiler: str | None
    cost: InferenceCost | None
    flash: FlashCost | None

    @property
    def title(self) -> str:
        """The model, the board and the mode."""
        place = f" on {self.board.id}" if self.board else ""
        return f"{self.bundle.manifest.name}{place}, {self.bundle.manifest.optimize}"

    @property
    def macs(self) -> int:
        """Multiplications of one inference."""
        return sum(layer.macs for layer in self.bundle.manifest.layers)

    @property
    def weights_bytes(self) -> int:
        """Bytes of the layers' weights, as linked where that is known."""
        sizes = self.bundle.manifest.weights_bytes
        return sum(f.weights_bytes for f in self.flash.layers) if self.flash else sizes

    @property
    def code_bytes(self) -> int | None:
        """Code and tables without weights."""
        return self.flash.total_bytes - self.weights_bytes if self.flash else None

    @property
    def rows(self) -> tuple[Row, ...]:
        """The layers in the order they run."""
        layers = self.bundle.manifest.layers
        costs = [self.cost.of(x) if self.cost else LayerCost(x, None, None) for x in layers]
        flash = self.flash.layers if self.flash else [None] * len(layers)
        return tuple(Row(c, f) for c, f in zip(costs, flash, strict=True))

    def to_json(self) -> dict[str, Any]:
        """The answer of `edgekit inspect --json`."""
        manifest, cost, flash = self.bundle.manifest, self.cost, self.flash
        return {
            "bundle": str(self.bundle.path),
            "name": manifest.name,
            "board": self.board.id if self.board else None,
            "optimize": manifest.optimize,
            "compiler": self.compiler,
            "arena_bytes": manifest.arena_bytes,
            "weights_bytes": self.weights_bytes,
            "code_bytes": self.code_bytes,
            "macs": self.macs,
            "instructions": cost.instructions if cost else None,
            "cycles": cost.cycles if cost else None,
            "cycles_are": "estimated" if cost else None,
            "cycle_rules": cost.rules if cost else None,
            "layers": [row.to_json() for row in self.rows],
            "kernels": [{"name": n, "flash_bytes": b} for n, b in flash.kernels.items()]
            if flash
            else None,
            "model_bytes": flash.model_bytes if flash else None,
            "rest_bytes": flash.rest_bytes if flash else None,
            "plan": [buffer.model_dump(mode="json") for buffer in manifest.plan],
        }


def inspect(path: Path, board_id: str | None = None, compiler: str | None = None) -> Inspection:
    """Look into the bundle at `path`, for `board_id` or the board that it was converted for.

    With a board its firmware is built aside; where `sim` runs the board, the golden vectors are
    checked and one inference is counted there.
    """
    bundle = load_bundle(path)
    board_id = board_id or bundle.manifest.board
    if board_id is None:
        return Inspection(bundle, None, None, None, None)
    board, cost = load_board(board_id), None
    with tempfile.TemporaryDirectory(prefix="edgekit-inspect-") as temporary:
        with step(f"build for {board.id}"):
            firmware = build_firmware(bundle, board, Path(temporary) / "firmware", compiler)
            image = read_model(bundle, board, compiler)
        if board.emulators.sim is not None:
            with step("one inference on sim"):
                cost = count_inference(bundle, board, firmware.elf)
    flash = flash_cost(image, bundle.manifest.layers)
    return Inspection(bundle, board, firmware.sizes.compiler, cost, flash)
