"""What a user asked `convert` for."""

from __future__ import annotations

from dataclasses import dataclass

from edgekit.devices.board import Board


@dataclass(frozen=True)
class Request:
    """What was asked for: `board` is None for a bundle that fits no board in particular, `suite`
    the MLPerf Tiny benchmark whose protocol the firmware is to speak, None to recognise it."""

    model: str
    name: str | None
    board: Board | None
    suite: str | None
    compiler: str | None
    command: str
