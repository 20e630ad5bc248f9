"""C compilers for Cortex-M: arm-none-eabi-gcc where it is installed, else zig from PyPI."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from edgekit.devices.board import Board
from edgekit.errors import EdgekitError, unknown

COMPILERS = ("gcc", "zig")
GCC = "arm-none-eabi-gcc"

_COMMON = (
    "-std=c99",
    "-g0",
    "-ffunction-sections",
    "-fdata-sections",
    "-fno-common",
    "-fomit-frame-pointer",
    "-fno-stack-protector",
    "-fno-unwind-tables",
    "-fno-asynchronous-unwind-tables",
    # The same float results on every core: no fused multiply-add that the C does not ask for.
    "-ffp-contract=off",
)
# Freestanding for lack of a C library, but memcpy of a known size should still become a load.
_GCC = ("-ffreestanding", "-fbuiltin", "-mthumb")
_ZIG = ("-fno-sanitize=undefined",)

_GCC_FPU = {
    "cortex-m4": "fpv4-sp-d16",
    "cortex-m7": "fpv5-sp-d16",
    "cortex-m33": "fpv5-sp-d16",
    "cortex-m55": "auto",  # single and double precision
}
_ZIG_FPU = {
    "cortex-m4": "vfp4d16sp",
    "cortex-m7": "fp_armv8d16sp",
    "cortex-m33": "fp_armv8d16sp",
    "cortex-m55": "fp_armv8d16",
}


@dataclass(frozen=True)
class Toolchain:
    """A compiler that was found. `command` runs it as a C compiler and linker."""

    name: str
    command: tuple[str, ...]
    version: str

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


@dataclass(frozen=True)
class Unit:
    """One C file to compile: the folders of its headers, and flags such as -O2."""

    source: Path
    includes: tuple[Path, ...]
    flags: tuple[str, ...]


def find_toolchain(compiler: str | None = None) -> Toolchain:
    """The compiler to use. None is arm-none-eabi-gcc if on PATH, else zig.

    Raises EdgekitError when the compiler asked for, or any at all, is not there.
    """
    if compiler not in (None, *COMPILERS):
        raise unknown("compiler", compiler, COMPILERS)
    gcc = shutil.which(GCC)
    if compiler == "gcc" and not gcc:
        raise EdgekitError(
            f"{GCC} is not on PATH",
            remedy="Install it ('apt install gcc-arm-none-eabi') or use '--compiler zig'.",
        )
    if gcc and compiler != "zig":
        return Toolchain("gcc", (gcc,), _version((gcc, "-dumpfullversion")))
    if importlib.util.find_spec("ziglang") is None:
        raise EdgekitError(
            "no C compiler for Cortex-M is installed",
            remedy="Run 'pip install ziglang', or 'apt install gcc-arm-none-eabi'.",
        )
    zig = (sys.executable, "-m", "ziglang")
    return Toolchain("zig", (*zig, "cc"), _version((*zig, "version")))


@lru_cache
def _version(command: tuple[str, ...]) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise EdgekitError(f"the compiler does not run ({error})", where=command[0]) from None
    return done.stdout.strip()


def cpu_flags(toolchain: Toolchain, board: Board) -> tuple[str, ...]:
    """The flags that select the board's core, its floating-point unit and its vectors."""
    fpu = "fpu-sp" in board.isa or "fpu-dp" in board.isa
    gcc_vectors, zig_vectors = _vectors(board)
    if toolchain.name == "gcc":
        flags = (f"-mcpu={board.cpu}{gcc_vectors}",)
        if not fpu:
            return (*flags, "-mfloat-abi=soft")
        return (*flags, "-mfloat-abi=hard", f"-mfpu={_GCC_FPU[board.cpu]}")
    cpu = f"{board.cpu.replace('-', '_')}{zig_vectors}"
    if not fpu:
        return ("-target", "thumb-freestanding-eabi", f"-mcpu={cpu}")
    return ("-target", "thumb-freestanding-eabihf", f"-mcpu={cpu}+{_ZIG_FPU[board.cpu]}")


def _vectors(board: Board) -> tuple[str, str]:
    """What gcc and zig want after the core's name for Helium, whose default is all of it.

    Never its floating-point part: that flushes denormals to zero, which plain C does not, and a
    compiler may vectorise any loop.
    """
    if board.cpu != "cortex-m55":
        return "", ""
    return ("+nomve.fp", "+mve-mve_fp") if "mve" in board.isa else ("+nomve", "-mve-mve_fp")


def base_flags(toolchain: Toolchain, board: Board) -> tuple[str, ...]:
    """The flags that every C file for `board` is compiled with."""
    own = _GCC if toolchain.name == "gcc" else _ZIG
    return (*cpu_flags(toolchain, board), *_COMMON, *own)


def compile_units(
    toolchain: Toolchain, board: Board, units: list[Unit], folder: Path
) -> list[Path]:
    """Compile each unit into `folder`, on all processors; the objects in the units' order."""
    base = (*toolchain.command, *base_flags(toolchain, board))

    def compile_one(unit: Unit) -> Path:
        target = folder / f"{unit.source.stem}.o"
        command = [*base, *unit.flags, f"-ffile-prefix-map={unit.source.parent}=."]
        for include in unit.includes:
            command += ["-I", str(include)]
        run([*command, "-c", str(unit.source), "-o", str(target)], unit.source.name)
        return target

    stems = [unit.source.stem for unit in units]
    twice = sorted({stem for stem in stems if stems.count(stem) > 1})
    if twice:
        raise EdgekitError(f"two C files are called {twice[0]}.c", remedy="Rename the model's.")
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        return list(pool.map(compile_one, units))


def link(
    toolchain: Toolchain,
    board: Board,
    objects: list[Path],
    script: Path,
    target: Path,
    entry: str = "Reset_Handler",
    keep: tuple[str, ...] = (),
) -> None:
    """Link `objects` with the linker script into `target`; `keep` are symbols to hold on to."""
    command = [*toolchain.command, *cpu_flags(toolchain, board), "-g0"]
    if toolchain.name == "gcc":
        command += ["-mthumb", "-nostdlib"]
    command += ["-static", "-T", str(script), "-Wl,--gc-sections", "-Wl,--build-id=none"]
    command += [f"-Wl,-e,{entry}", *(f"-Wl,-u,{symbol}" for symbol in keep)]
    command += [str(item) for item in objects]
    if toolchain.name == "gcc":
        command += ["-lgcc"]
    run([*command, "-o", str(target)], target.name)


def run(command: list[str], what: str) -> None:
    """Run a compiler. Its first error becomes the one line of an EdgekitError."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, errors="replace")
    except OSError as error:
        raise EdgekitError(f"the compiler does not run ({error})", where=command[0]) from None
    if done.returncode != 0:
        lines = [line for line in done.stderr.splitlines() if line.strip()]
        errors = [line for line in lines if "error" in line or "undefined" in line]
        said = (errors or lines or [f"exit status {done.returncode}"])[0]
        raise EdgekitError(
            f"the C compiler failed: {said}",
            where=what,
            remedy="Convert the model again; if that does not help, please report it.",
        )
