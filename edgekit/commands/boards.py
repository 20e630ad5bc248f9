"""`edgekit boards`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from edgekit.commands._output import print_json

if TYPE_CHECKING:
    from edgekit.devices.board import Board


HEADER = ("id", "name", "core", "MHz", "flash", "RAM", "emulator", "status")


def boards(
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """List the boards that edgekit can build for.

    Example: edgekit boards --json
    """
    from edgekit.devices.board import board_ids, load_board

    known = [load_board(board_id) for board_id in board_ids()]
    if json:
        print_json({"boards": [_record(board) for board in known]})
        return
    rows = [HEADER, *(_row(board) for board in known)]
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    for row in rows:
        print(
            "  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip()
        )


def _emulators(board: Board) -> list[str]:
    return [name for name, how in board.emulators if how is not None]


def _row(board: Board) -> tuple[str, ...]:
    return (
        board.id,
        board.name,
        board.cpu.removeprefix("cortex-").upper(),
        f"{board.clock_hz / 1e6:g}",
        _size(board.flash.size),
        _size(board.ram.size),
        " ".join(_emulators(board)),
        board.status,
    )


def _size(size_bytes: int) -> str:
    whole_mib = size_bytes >= 2**20 and size_bytes % 2**20 == 0
    return f"{size_bytes // 2**20} MiB" if whole_mib else f"{size_bytes // 1024} KiB"


def _record(board: Board) -> dict[str, object]:
    return {
        "id": board.id,
        "name": board.name,
        "cpu": board.cpu,
        "isa": list(board.isa),
        "clock_hz": board.clock_hz,
        "flash_bytes": board.flash.size,
        "ram_bytes": board.ram.size,
        "stack_bytes": board.stack_bytes,
        "emulators": _emulators(board),
        "status": board.status,
    }
