"""Builds the probe firmware and runs it on the sim emulator without a serial port."""

from __future__ import annotations

import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

from edgekit.devices.board import Board
from edgekit.devices.emulators.sim.image import load_image
from edgekit.devices.emulators.sim.machine import Machine

SOURCE = Path(__file__).parent / "programs" / "probe.c"
_CPU = {
    "cortex-m0": ["-mcpu=cortex-m0"],
    "cortex-m3": ["-mcpu=cortex-m3"],
    "cortex-m4": ["-mcpu=cortex-m4", "-mfpu=fpv4-sp-d16", "-mfloat-abi=hard"],
    "cortex-m7": ["-mcpu=cortex-m7", "-mfpu=fpv5-sp-d16", "-mfloat-abi=hard"],
    "cortex-m33": ["-mcpu=cortex-m33", "-mfpu=fpv5-sp-d16", "-mfloat-abi=hard"],
}
_LINK = """
ENTRY(reset_handler)
MEMORY {{ FLASH (rx) : ORIGIN = {flash:#x}, LENGTH = 1M
          RAM (rwx) : ORIGIN = {ram:#x}, LENGTH = 64K }}
SECTIONS {{
  .text : {{ KEEP(*(.vectors)) *(.text*) *(.rodata*) }} > FLASH
  .ARM.exidx : {{ *(.ARM.exidx*) }} > FLASH
  .data : {{ data_start = .; *(.data*); . = ALIGN(4); data_end = .; }} > RAM AT > FLASH
  data_load = LOADADDR(.data);
  .bss (NOLOAD) : {{ bss_start = .; *(.bss*) *(COMMON); . = ALIGN(4); bss_end = .; }} > RAM
  stack_top = ORIGIN(RAM) + LENGTH(RAM);
}}
"""


@cache
def _compiler() -> tuple[str, ...]:
    gcc = shutil.which("arm-none-eabi-gcc")
    return (
        (gcc,)
        if gcc
        else (sys.executable, "-m", "ziglang", "cc", "-target", "thumb-freestanding-eabihf")
    )


def build_probe(board: Board, folder: Path) -> Path:
    """The probe's ELF for a board with the CMSDK UART."""
    elf, script = folder / f"{board.id}.elf", folder / f"{board.id}.ld"
    script.write_text(_LINK.format(flash=board.flash.origin, ram=board.ram.origin))
    flags = ["-O2", "-std=c99", "-ffreestanding", "-nostdlib", "-static", "-Wl,-T", str(script)]
    defines = {
        "UART_BASE": board.defines.get("EK_UART_BASE", 0x40004000),
        "RX_IRQ": board.defines.get("EK_UART_RX_IRQ", 0),
    }
    macros = [f"-D{name}={value}" for name, value in defines.items()]
    # The M0 has no division and no word swap of its own; libgcc brings them.
    command = [*_compiler(), *_CPU[board.cpu], *flags, *macros, str(SOURCE), "-o", str(elf)]
    subprocess.run(command, check=True)
    return elf


def start_probe(board: Board, folder: Path) -> Machine:
    """The probe on a fresh machine, its two layers named."""
    image = load_image(build_probe(board, folder))
    return Machine(board, image, "probe_invoke", ("layer_a", "layer_b"))


def talk(machine: Machine, data: bytes, limit_cycles: int = 2_000_000_000) -> str:
    """Send bytes, run until the machine waits with nothing to do, and give what it printed."""
    machine.receive(data)
    output, start = b"", machine.state.cycles
    while machine.run(5_000_000):
        output += machine.transmitted()
        assert machine.state.cycles - start < limit_cycles
    return (output + machine.transmitted()).decode()
