"""What a user asked `convert` for."""

from __future__ import annotations

from dataclasses import dataclass

from edgekit.artifact import Optimize
from edgekit.devices.board import Board


@dataclass(frozen=True)
class Request:
    """What was asked for: `board` is None for a bundle that fits no board in particular, `suite`
    the MLPerf Tiny benchmark whose protocol the firmware is to speak, None to recognise it;
    `optimize` is `time`, `balanced`, `ram` or `flash`."""

    model: str
    name: str | None
    board: Board | None
    suite: str | None
    compiler: str | None
    optimize: Optimize
    command: str
