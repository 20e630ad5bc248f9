"""Boards: one TOML file each in `devices/boards/`, checked by the schema below."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from edgekit.errors import EdgekitError, unknown

BOARDS_DIR = Path(__file__).parent / "boards"


class Part(BaseModel):
    """A frozen part of a board file; an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Memory(Part):
    """A memory region: `load` tells where initialised data is copied from."""

    origin: int
    size: int


class Console(Part):
    """The serial port that carries the protocol."""

    baud: int = 115_200


class Qemu(Part):
    """How `qemu-system-arm` runs the board."""

    machine: str
    args: tuple[str, ...] = ()


class Sim(Part):
    """How edgekit's own emulator runs the board: the Unicorn CPU model and peripherals."""

    cpu: str


class Emulators(Part):
    """The emulators that run this board's ELF; null where one does not."""

    qemu: Qemu | None = None
    sim: Sim | None = None


class Board(Part):
    """A board. Sizes in bytes, clock in Hz.

    `port` is the folder in `firmware/ports/`; `defines` become C macros of the port.
    `status`: `emulated` (seen to run in an emulator only), `built`, or `verified` on hardware.
    """

    id: str
    name: str
    cpu: Literal["cortex-m0", "cortex-m3", "cortex-m4", "cortex-m7", "cortex-m33", "cortex-m55"]
    isa: tuple[Literal["dsp", "fpu-sp", "fpu-dp", "mve"], ...] = ()
    clock_hz: int
    status: Literal["emulated", "built", "verified"]
    port: str
    defines: dict[str, int] = {}
    flash: Memory
    ram: Memory
    stack_bytes: int = 4096
    console: Console = Console()
    emulators: Emulators = Emulators()


def board_ids() -> list[str]:
    """The ids of the boards that edgekit knows, sorted."""
    return sorted(p.stem for p in BOARDS_DIR.glob("*.toml"))


def load_board(board_id: str) -> Board:
    """The board with this id; an unknown id lists the known ones."""
    path = BOARDS_DIR / f"{board_id}.toml"
    if board_id not in board_ids():
        raise unknown("board", board_id, board_ids(), "See 'edgekit boards'.")
    try:
        board = Board.model_validate(tomllib.loads(path.read_text()))
    except (ValidationError, tomllib.TOMLDecodeError) as error:
        text = str(error).replace("\n", " ")
        raise EdgekitError(text, where=str(path), remedy="See docs/new-board.md.") from None
    if board.id != board_id:
        raise EdgekitError(f"id is '{board.id}'", where=str(path), remedy="Use the file's name.")
    return board
