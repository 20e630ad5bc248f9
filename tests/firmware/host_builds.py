"""Firmware sources compiled for this machine with sanitizers, as programs on stdin and stdout."""

from __future__ import annotations

import subprocess
from functools import cache
from pathlib import Path

from edgekit.devices.application import LIBC_DIR, RUNTIME_DIR, emit_app
from edgekit.devices.board import load_board
from tests.bundles import Kind
from tests.firmware.builds import bundle, folder
from tests.tools import needs

HOST_DIR = Path(__file__).parent / "host"
_SANITIZE = ("-fsanitize=address,undefined", "-fno-sanitize-recover=all")
_STRICT = ("-std=c99", "-Wall", "-Wextra", "-Werror", "-O1", "-g")


def _build(name: str, sources: list[Path], *flags: str) -> Path:
    program = folder() / name
    command = [needs("cc"), *_STRICT, *_SANITIZE, "-ffp-contract=off", *flags]
    subprocess.run([*command, *map(str, sources), "-o", str(program)], check=True)
    return program


@cache
def float_printer() -> Path:
    """Prints floats."""
    sources = [HOST_DIR / "print_floats.c", RUNTIME_DIR / "print.c"]
    return _build("print_floats", sources, f"-I{RUNTIME_DIR}")


@cache
def quantizer() -> Path:
    """Quantizes floats."""
    sources = [HOST_DIR / "quantize_floats.c", RUNTIME_DIR / "quantize.c"]
    return _build("quantize_floats", sources, f"-I{RUNTIME_DIR}")


@cache
def mover() -> Path:
    """Runs memmove, memset and memcpy."""
    names = ("memcpy", "memmove", "memset", "memcmp")
    renamed = [f"-D{name}=ek_test_{name}" for name in names]
    sources = [HOST_DIR / "memory_moves.c", LIBC_DIR / "memory.c"]
    return _build("memory_moves", sources, f"-I{LIBC_DIR}", "-fno-builtin", *renamed)


@cache
def console(kind: Kind) -> Path:
    """The whole console with a hand-written model."""
    used = ("console", "buffer", "dut", "device", "inference", "quantize", "crc", "print")
    model = bundle(kind)
    app = folder() / f"app_{kind}.c"
    app.write_text(emit_app(model.manifest, "0" * 64, load_board("mps2-an386")))
    sources = [HOST_DIR / "port.c", app, model.file("model.c")]
    sources += [RUNTIME_DIR / f"{name}.c" for name in used]
    clock = ("-DEK_CLOCK_HZ=25000000u", "-DEK_BAUD=115200u")
    return _build(f"console_{kind}", sources, f"-I{RUNTIME_DIR}", f"-I{model.path}", *clock)


def run(program: Path, data: bytes, *arguments: str) -> bytes:
    """What the program prints; a sanitizer's finding fails the test."""
    done = subprocess.run([str(program), *arguments], input=data, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode(errors="replace")
    return done.stdout
