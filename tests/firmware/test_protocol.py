"""The MLPerf Tiny DUT protocol, on every board under qemu, through its serial port."""

from __future__ import annotations

import re
import time
import zlib
from collections.abc import Iterator

import pytest

from edgekit import __version__
from edgekit.artifact import sha256_file
from edgekit.devices.board import load_board
from edgekit.devices.emulators import Program, qemu
from tests.bundles import Kind
from tests.firmware.builds import COMPILERS, QEMU_BOARDS, bundle, firmware
from tests.firmware.console import Console, start_qemu
from tests.tools import needs

SAMPLE = bytes([1, 2, 3, 0x7F, 0x80, 0xFF, 0, 100])
RESULTS = "m-results-[-0.100,-0.200,-0.300,-12.700,12.700,0.100,0.000,-10.000]"


def start(board: str, kind: Kind = "int8", compiler: str | None = None) -> Console:
    needs("qemu-system-arm")
    return start_qemu(load_board(board), Program(firmware(board, kind, compiler).elf))


@pytest.fixture(scope="module", params=QEMU_BOARDS)
def console(request: pytest.FixtureRequest) -> Iterator[Console]:
    with start(request.param) as console:
        console.boot()
        yield console


@pytest.fixture(scope="module")
def an386() -> Iterator[Console]:
    with start("mps2-an386") as console:
        console.boot()
        yield console


def load(console: Console, data: bytes) -> None:
    assert console.ask(f"db load {len(data)}") == [f"m-[Expecting {len(data)} bytes]"]
    assert console.ask(f"db {data.hex()}") == ["m-load-done"]


def infer(console: Console, command: str, iterations: int, warmup: int) -> str:
    """Run `infer`, check every line but the last, and give that: the results."""
    lines = console.ask(command)
    assert lines[:3] == [
        f"m-warmup-start-{warmup}",
        "m-warmup-done",
        f"m-infer-start-{iterations}",
    ]
    begin, end = (int(line.removeprefix("m-lap-us-")) for line in lines[3:5])
    assert begin <= end
    assert lines[5] == "m-infer-done"
    assert len(lines) == 7
    return lines[6]


@pytest.mark.parametrize("compiler", COMPILERS)
@pytest.mark.parametrize("board", QEMU_BOARDS)
def test_every_board_and_compiler_runs_a_model(board: str, compiler: str) -> None:
    with start(board, "int8", compiler) as console:
        lines = console.boot()
        assert lines[0] == "m-timestamp-mode-performance"
        assert re.fullmatch(r"m-lap-us-\d+", lines[1])
        assert lines[2:] == ["m-init-done", "m-ready"]
        load(console, SAMPLE)
        assert infer(console, "infer 2 1", 2, 1) == RESULTS
        raw = bytes((256 - b) % 256 if b != 0x80 else 0x7F for b in SAMPLE)
        crc = zlib.crc32(raw)
        assert console.ask("ek-output") == [f"m-ek-output-[{raw.hex()}]", f"m-ek-crc-[{crc:08x}]"]


def test_names(console: Console) -> None:
    assert console.ask("name") == ["m-name-dut-[edgekit]"]
    assert console.ask("profile") == [
        "m-profile-[ULPMark for tinyML Firmware V0.0.1]",
        "m-model-[neg01]",
    ]


def test_help_names_every_command(console: Console) -> None:
    text = " ".join(console.ask("help"))
    for command in ("name", "profile", "timestamp", "db load", "db print", "infer", "results",
                    "ek-info", "ek-crc", "ek-output", "ek-stack", "ek-cycles"):  # fmt: skip
        assert command in text


def test_buffer_comes_back(console: Console) -> None:
    load(console, SAMPLE)
    assert console.ask("db print") == ["m-buffer-01-02-03-7f-80-ff-00-64"]
    assert console.ask("db print 2") == ["m-buffer-01-02"]
    assert console.ask("db print 3 4") == ["m-buffer-80-ff-00"]
    assert console.ask("db print 100 7") == ["m-buffer-64"]
    assert console.ask("db print 0") == []
    assert console.ask("ek-crc") == [f"m-ek-crc-[{zlib.crc32(SAMPLE):08x}]"]


def test_load_in_pieces(console: Console) -> None:
    console.ask("db load 8")
    assert console.ask("db 0102") == []
    assert console.ask("db 037F80fF") == []
    assert console.ask("db 0064eeee") == ["m-load-done"]  # the rest is disregarded
    assert console.ask("db print") == ["m-buffer-01-02-03-7f-80-ff-00-64"]


def test_infer_defaults_and_results(console: Console) -> None:
    load(console, SAMPLE)
    assert infer(console, "infer", 1, 10) == RESULTS
    assert infer(console, "infer 3", 3, 10) == RESULTS
    assert infer(console, "infer 1 0", 1, 0) == RESULTS
    assert console.ask("results") == [RESULTS]


def test_info(console: Console) -> None:
    info = dict(re.findall(r"m-ek-(\S+)-\[(.*?)\]", "\n".join(console.ask("ek-info"))))
    board = load_board(info["board"])
    assert info == {
        "version": __version__,
        "manifest": sha256_file(bundle("int8").file("manifest.json")),
        "board": board.id,
        "arena": "24",
        "stack-size": str(board.stack_bytes),
        "buffer": "8",
        "line": "528",
    }


def test_stack_watermark_is_within_its_bound(console: Console) -> None:
    load(console, SAMPLE)
    infer(console, "infer 1 0", 1, 0)
    board = re.findall(r"m-ek-board-\[(.*)\]", "\n".join(console.ask("ek-info")))[0]
    used = int(re.findall(r"m-ek-stack-\[(\d+)\]", console.ask("ek-stack")[0])[0])
    assert 100 < used <= firmware(board).sizes.stack_bytes


def test_cycles_are_unknown_under_qemu(console: Console) -> None:
    assert console.ask("ek-cycles") == ["m-ek-cycles-[none]"]


ERRORS = {
    "foo": "e-[Unknown command: foo]",
    "foo bar": "e-[Unknown command: foo]",
    "Name": "e-[Unknown command: Name]",
    "\x01x\x7f": "e-[Unknown command: ?x?]",
    "infer 0": "e-[Inference iterations must be >0]",
    "infer -1": "e-[Inference iterations must be >0]",
    "infer x": "e-[Inference iterations must be >0]",
    "infer 99999999999": "e-[Inference iterations must be >0]",
    "infer 1 -1": "e-[Inference warmup must be >=0]",
    "infer 1 y": "e-[Inference warmup must be >=0]",
    "db": "e-[Command 'db' requires a subcommand]",
    "db load": "e-[Command 'db load' requires the # of bytes]",
    "db load 0": "e-[Command 'db load' must be >0 bytes]",
    "db load -4": "e-[Command 'db load' must be >0 bytes]",
    "db load q": "e-[Command 'db load' must be >0 bytes]",
    "db load 9": "e-[Supplied buffer size 9 exceeds maximum of 8]",
    "db print x": "e-[Command 'db print' takes a # of bytes and an offset in the buffer]",
    "db print 1 9": "e-[Command 'db print' takes a # of bytes and an offset in the buffer]",
    "db 123": "e-[Insufficent number of hex digits]",
    "db 12g4": "e-[Invalid hex digit 'g4']",
    "db 1": "e-[Insufficent number of hex digits]",
    "ek-output 1": "e-[No such output]",
    "ek-output -1": "e-[No such output]",
    "x" * 528: "e-[Command too long]",
    "db " + "0" * 1000: "e-[Command too long]",
}


@pytest.mark.parametrize("command", ERRORS, ids=lambda c: repr(c[:20]))
def test_errors(an386: Console, command: str) -> None:
    load(an386, SAMPLE)
    assert an386.ask(command) == [ERRORS[command]]
    assert an386.ask("db print") == ["m-buffer-01-02-03-7f-80-ff-00-64"]


def test_digits_without_load_are_refused(an386: Console) -> None:
    load(an386, SAMPLE)
    assert an386.ask("db 00") == ["e-[Command 'db load' must come first]"]


def test_a_faulty_db_can_be_sent_again(an386: Console) -> None:
    an386.ask("db load 8")
    an386.ask("db 01020304")
    assert an386.ask("db 0506zz08") == ["e-[Invalid hex digit 'zz']"]
    assert an386.ask("db 05060708") == ["m-load-done"]
    assert an386.ask("db print") == ["m-buffer-01-02-03-04-05-06-07-08"]


def test_longest_command_runs(an386: Console) -> None:
    an386.ask("db load 8")
    assert an386.ask("db " + "ab" * 262) == ["m-load-done"]
    assert an386.ask("x" * 527) == [f"e-[Unknown command: {'x' * 527}]"]


def test_commands_split_anywhere(console: Console) -> None:
    for byte in b"db load ":
        console.tell(bytes([byte]))
        time.sleep(0.002)
    assert console.ask("8") == ["m-[Expecting 8 bytes]"]


def test_line_ends_and_empty_commands(an386: Console) -> None:
    assert an386.ask("\r\n name\r") == ["m-name-dut-[edgekit]"]
    assert an386.ask("") == []
    assert an386.ask("  ") == []


def test_a_full_ring_loses_nothing(console: Console) -> None:
    """1,000 commands at once are four times what the ring holds, and the board is slow to read."""
    answer = console.send(b"name%" * 1000, b"m-ready\r\n", 1000)
    assert answer == b"m-name-dut-[edgekit]\r\nm-ready\r\n" * 1000


def test_uint8_input_has_128_subtracted() -> None:
    with start("mps2-an386", "uint8") as console:
        console.boot()
        load(console, bytes([128, 129, 0, 255, 127, 1, 200, 228]))
        assert infer(console, "infer 2 0", 2, 0) == (
            "m-results-[0.000,-0.100,12.700,-12.700,0.100,12.700,-7.200,-10.000]"
        )


@pytest.mark.parametrize("board", ["mps2-an386", "microbit"])
def test_two_inputs_and_outputs(board: str) -> None:
    with start(board, "pair") as console:
        console.boot()
        load(console, SAMPLE)
        assert infer(console, "infer 2 0", 2, 0) == (
            "m-results-[-0.100,-0.200,-0.300,-12.700,63.500,0.500,0.000,-50.000]"
        )
        assert console.ask("ek-output 0")[0] == "m-ek-output-[fffefd81]"
        assert console.ask("ek-output 1")[0] == "m-ek-output-[7f01009c]"
        assert console.ask("ek-output 2") == ["e-[No such output]"]


@pytest.mark.parametrize("board", ["mps2-an386", "microbit"])
def test_float_input_gives_mean_squared_error(board: str) -> None:
    import numpy as np

    values = np.array([0, 0.1, -0.25, 1, 99, -99, 0.05, float("nan")], np.float32)
    values[7] = 3
    with start(board, "mse") as console:
        console.boot()
        load(console, values.tobytes())
        # TFLite rounds half away from zero; then the model negates.
        ratio = values / np.float32(0.1)
        rounded = np.where(ratio < 0, np.ceil(ratio - 0.5), np.floor(ratio + 0.5))
        quantized = np.clip(rounded, -128, 127)
        outputs = np.float32(0.1) * np.minimum(-quantized, 127).astype(np.float32)
        error = np.mean((outputs - values) ** 2)
        assert infer(console, "infer 2 1", 2, 1) == f"m-results-[{error:.3f}]"


@pytest.mark.parametrize("board", ["mps2-an386", "microbit"])
def test_float_model(board: str) -> None:
    import numpy as np

    values = np.array([0, 1.5, -2.0005, 1e-9, 1e10, np.inf, np.nan, -0.0], np.float32)
    with start(board, "float") as console:
        console.boot()
        load(console, values.tobytes())
        expected = ",".join(f"{-v:.3f}" for v in values)
        assert infer(console, "infer 1 0", 1, 0) == f"m-results-[{expected}]"


@pytest.mark.parametrize("compiler", COMPILERS)
@pytest.mark.parametrize("board", QEMU_BOARDS)
def test_a_fault_is_one_line(board: str, compiler: str) -> None:
    with start(board, "fault", compiler) as console:
        console.boot()
        line = console.send(b"infer%", b"]\r\n").decode().split("\r\n")[-2]
        match = re.fullmatch(r"e-\[fault pc=0x([0-9a-f]{8}) lr=0x([0-9a-f]{8})\]", line)
        assert match, line
        assert int(match[1], 16) in symbol_range(board, compiler, "layer_00_negate")


@pytest.mark.parametrize("board", QEMU_BOARDS)
def test_a_stack_overflow_is_told(board: str) -> None:
    with start(board, "overflow") as console:
        console.boot()
        line = console.send(b"infer%", b"]\r\n").decode().split("\r\n")[-2]
        assert re.fullmatch(r"e-\[fault pc=0x0{8} lr=0x[0-9a-f]{8} stack overflow\]", line)


def symbol_range(board: str, compiler: str, name: str) -> range:
    from edgekit.devices.elf import read_image

    image = read_image(firmware(board, "fault", compiler).elf)
    symbol = next(s for s in image.symbols if s.name == name)
    return range(symbol.address, symbol.address + symbol.size)


def timestamp(console: Console) -> int:
    (line,) = console.ask("timestamp")
    return int(line.removeprefix("m-lap-us-"))


def test_clock_follows_time(console: Console) -> None:
    """qemu's clock is the host's: the true time between two readings is known from both sides."""
    before = time.monotonic()
    first = timestamp(console)
    between = time.monotonic()
    stamps = [timestamp(console)]
    while time.monotonic() < between + 1:  # SysTick's 24 bits last 0.1 to 0.8 s
        stamps.append(timestamp(console))
    late = time.monotonic()
    last = timestamp(console)
    after = time.monotonic()
    assert stamps == sorted(stamps)
    slack_s = 0.01
    assert (late - between) - slack_s <= (last - first) / 1e6 <= (after - before) + slack_s


@pytest.mark.parametrize("board", QEMU_BOARDS)
def test_clock_passes_32_bits(board: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """With an instruction clock that leaps over idle time, hours pass in a second: twice the
    period of a 32-bit count of microseconds."""
    command = qemu.command
    leap = ["-icount", "shift=0,sleep=off"]
    monkeypatch.setattr(qemu, "command", lambda b, p: [*command(b, p), *leap])
    goal_us = 2 * 2**32
    with start(board) as console:
        console.boot()
        stamps = [timestamp(console)]
        end = time.monotonic() + 60
        while stamps[-1] < goal_us and time.monotonic() < end:
            time.sleep(0.05)
            stamps.append(timestamp(console))
    assert stamps[-1] > goal_us
    assert stamps == sorted(stamps)
