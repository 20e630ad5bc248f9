"""Builds the probe firmware and runs it on the sim emulator without a serial port."""

from __future__ import annotations

from pathlib import Path

from edgekit.devices.application import libc_units
from edgekit.devices.board import Board, Sim, load_board
from edgekit.devices.emulators.sim.image import load_image
from edgekit.devices.emulators.sim.machine import Machine
from edgekit.devices.toolchain import Unit, compile_units, find_toolchain, link
from tests.tools import needs

SOURCE = Path(__file__).parent / "programs" / "probe.c"
BOARDS = ("mps2-an385", "mps2-an386", "mps2-an500", "mps2-an505")
_LINK = """
ENTRY(Reset_Handler)
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


def m0_board() -> Board:
    """A Cortex-M0 with the CMSDK UART: Arm made such an image for the MPS2, qemu has none."""
    board = load_board("mps2-an385")
    emulators = board.emulators.model_copy(update={"sim": Sim(cpu="cortex-m0"), "qemu": None})
    return board.model_copy(update={"id": "m0", "cpu": "cortex-m0", "emulators": emulators})


def build_probe(
    board: Board, folder: Path, compiler: str | None = None, macros: tuple[str, ...] = ()
) -> Path:
    """The probe's ELF for a board with the CMSDK UART."""
    elf, script = folder / f"{board.id}.elf", folder / f"{board.id}.ld"
    script.write_text(_LINK.format(flash=board.flash.origin, ram=board.ram.origin))
    uart = board.defines.get("EK_UART_BASE", 0x4000_4000)
    macros += (
        f"-DFLASH_BASE={board.flash.origin}u",
        f"-DUART_BASE={uart}u",
        f"-DRX_IRQ={board.defines.get('EK_UART_RX_IRQ', 0)}",
    )
    toolchain = find_toolchain(compiler)
    unit = Unit(SOURCE, (), ("-O2", "-Wall", "-Wextra", "-Werror", *macros))
    link(
        toolchain,
        board,
        compile_units(toolchain, board, [unit, *libc_units()], folder),
        script,
        elf,
    )
    return elf


def start_probe(board: Board, folder: Path, compiler: str | None = None) -> Machine:
    """The probe on a fresh machine, its two layers named."""
    image = load_image(build_probe(board, folder, compiler))
    return Machine(board, image, "probe_invoke", ("layer_a", "layer_b"))


def talk(machine: Machine, data: bytes, limit_cycles: int = 2_000_000_000) -> str:
    """Send bytes, run until the machine waits with nothing to do, and give what it printed."""
    machine.receive(data)
    output, start = b"", machine.state.cycles
    while machine.run(5_000_000):
        output += machine.transmitted()
        assert machine.state.cycles - start < limit_cycles
    return (output + machine.transmitted()).decode()


def needs_qemu() -> str:
    """The path of qemu; the test is skipped where it is not installed."""
    return needs("qemu-system-arm")
