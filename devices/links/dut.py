"""The MLPerf Tiny DUT protocol with edgekit's commands, from the host's side."""

from __future__ import annotations

import itertools
import os
import re
import zlib
from dataclasses import dataclass
from functools import cached_property
from types import TracebackType
from typing import Protocol, Self

from edgekit.devices.links.line import Line
from edgekit.errors import EdgekitError

READY = "m-ready"
RETRIES = 3
SYNC_S = 1.0
OFFICIAL_LINE_BYTES = 80  # what a command of the suite's own firmware may take
INFER_TIMEOUT_S = 600.0
_FIELD = re.compile(r"(?:m|e)-(?:ek-)?([a-z-]*?)-?\[(.*)\]$")


@dataclass(frozen=True)
class Inference:
    """What `infer` reports: the time of all iterations by the device's clock, in microseconds,
    and the results of the last one, rounded to 3 decimals."""

    lap_us: int
    results: tuple[float, ...]


def _fields(lines: list[str]) -> dict[str, str]:
    """The `m-name-[value]` lines by name, without the `ek-`."""
    return {m[1]: m[2] for line in lines if (m := _FIELD.match(line))}


class Lines(Protocol):
    """What carries the protocol: a serial port, or an emulator in this process."""

    port: str

    def write(self, data: bytes) -> None:
        """Send bytes."""

    def read_line(self, timeout_s: float) -> str | None:
        """The next line without its end; None after `timeout_s` without a byte."""

    def close(self) -> None:
        """Let it go."""


class Dut:
    """A device that speaks the protocol. Use it in a `with` statement.

    Every method raises EdgekitError when the port is gone, the device says nothing for
    `timeout_s`, or it answers with an error.
    """

    def __init__(self, line: Lines, timeout_s: float) -> None:
        self._line, self._timeout_s = line, timeout_s

    @classmethod
    def open(cls, port: str, baud: int = 115_200, timeout_s: float = 10.0) -> Self:
        """The device at `port`, ready for a command. Other programs are locked out meanwhile."""
        return cls.over(Line(port, baud), timeout_s)

    @classmethod
    def over(cls, line: Lines, timeout_s: float = 10.0) -> Self:
        """The device at the other end of `line`, ready for a command."""
        try:
            dut = cls(line, timeout_s)
            dut._synchronise()
        except BaseException:
            line.close()
            raise
        return dut

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let the port go."""
        self._line.close()

    def _synchronise(self) -> None:
        """Bring an unknown state to a known one: end a half-sent command, then ask for something
        that no one else asked for, and drop all that comes before the answer. A board that is
        still booting is asked again."""
        for attempt in itertools.count():
            mark = f"ek-sync-{os.urandom(4).hex()}"
            self._line.write(f"%{mark}%".encode())
            while (line := self._line.read_line(SYNC_S)) is not None:
                if mark in line:
                    self._collect("ek-sync", self._timeout_s)
                    return
            if (attempt + 1) * SYNC_S >= self._timeout_s:
                raise self._silent("the opening of the port", self._timeout_s)

    def _silent(self, command: str, timeout_s: float) -> EdgekitError:
        return EdgekitError(
            f"the device does not answer {command} within {timeout_s:g} s",
            where=self._line.port,
            remedy="Reset the board, or flash it again with 'edgekit flash'.",
        )

    def _collect(self, command: str, timeout_s: float) -> list[str]:
        lines: list[str] = []
        while (line := self._line.read_line(timeout_s)) != READY:
            if line is None:
                raise self._silent(f"'{command[:40]}'", timeout_s)
            lines.append(line)
        return lines

    def command(self, text: str, timeout_s: float | None = None) -> list[str]:
        """The lines that answer a command, before `m-ready`."""
        self._line.write(f"{text}%".encode("ascii"))
        lines = self._collect(text, timeout_s or self._timeout_s)
        for line in lines:
            if line.startswith("e-"):
                raise EdgekitError(
                    f"the device answers '{text[:40]}' with {line}", where=self._line.port
                )
        return lines

    def _field(self, text: str, name: str) -> str:
        fields = _fields(self.command(text))
        if name not in fields:
            raise self._garbled(text)
        return fields[name]

    def _garbled(self, text: str) -> EdgekitError:
        return EdgekitError(
            f"the answer to '{text[:40]}' cannot be understood",
            where=self._line.port,
            remedy="Is another program using the port, or another firmware on the board?",
        )

    def name(self) -> str:
        """What the firmware calls itself: `edgekit`, or another's name."""
        return self._field("name", "name-dut")

    def model(self) -> str:
        """The model's name in the suite's terms, such as `kws01`."""
        return self._field("profile", "model")

    def timestamp_us(self) -> int:
        """The device's clock."""
        return self._laps(self.command("timestamp"), 1, "timestamp")[0]

    def _laps(self, lines: list[str], count: int, text: str) -> list[int]:
        laps = [line.removeprefix("m-lap-us-") for line in lines if line.startswith("m-lap-us-")]
        if len(laps) != count or not all(lap.isdecimal() for lap in laps):
            raise self._garbled(text)
        return [int(lap) for lap in laps]

    @cached_property
    def _info(self) -> dict[str, str]:
        """Empty where the firmware is not edgekit's."""
        return _fields(self.command("ek-info")) if self.name() == "edgekit" else {}

    def info(self) -> dict[str, str]:
        """What edgekit's firmware says of itself: version, manifest, board, arena, stack-size,
        buffer and line in bytes. Empty for another firmware."""
        return dict(self._info)

    def load(self, data: bytes) -> None:
        """Put the input's bytes into the device's buffer; edgekit's firmware confirms them by
        their CRC-32, and what arrived wrong is sent again."""
        line_bytes = int(self._info.get("line", OFFICIAL_LINE_BYTES))
        step = min(256, (line_bytes - len("db %")) // 2)
        for _ in range(RETRIES):
            lines = self.command(f"db load {len(data)}")
            for start in range(0, len(data), step):
                lines = self.command(f"db {data[start : start + step].hex()}")
            if "m-load-done" in lines and (not self._info or self._crc() == zlib.crc32(data)):
                return
        raise self._damaged("db load")

    def _crc(self) -> int:
        return int(self._field("ek-crc", "crc"), 16)

    def _damaged(self, text: str) -> EdgekitError:
        return EdgekitError(
            f"'{text}' arrived damaged {RETRIES} times",
            where=self._line.port,
            remedy="Check the cable and the baud rate.",
        )

    def infer(
        self, iterations: int = 1, warmup: int = 0, timeout_s: float = INFER_TIMEOUT_S
    ) -> Inference:
        """Run the model `warmup` times untimed, then `iterations` times timed."""
        text = f"infer {iterations} {warmup}"
        lines = self.command(text, timeout_s)
        begin, end = self._laps(lines, 2, text)
        results = _fields(lines).get("results")
        if results is None:
            raise self._garbled(text)
        try:
            values = tuple(float(part) for part in results.split(",") if part)
        except ValueError:
            raise self._garbled(text) from None
        return Inference(lap_us=end - begin, results=values)

    def output(self, index: int = 0) -> bytes:
        """The raw bytes of an output tensor, confirmed by their CRC-32."""
        text = f"ek-output {index}"
        for _ in range(RETRIES):
            lines = self.command(text)
            try:
                rows = [m[2] for line in lines if (m := _FIELD.match(line)) and m[1] == "output"]
                data = bytes.fromhex("".join(rows))
                if int(_fields(lines).get("crc", ""), 16) == zlib.crc32(data):
                    return data
            except ValueError:
                continue
        raise self._damaged(text)

    def stack_bytes(self) -> int:
        """The most stack that was in use since boot."""
        return self._number("ek-stack", "stack")

    def cycles(self) -> int | None:
        """The core's own count over the last timed loop, None where it has no counter."""
        value = self._field("ek-cycles", "cycles")
        return None if value == "none" else self._number_of(value, "ek-cycles")

    def _number(self, text: str, name: str) -> int:
        return self._number_of(self._field(text, name), text)

    def _number_of(self, value: str, text: str) -> int:
        if not value.isdecimal():
            raise self._garbled(text)
        return int(value)
