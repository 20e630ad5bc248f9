"""The hooks in C, compiled once for this machine, and the structs that Python shares with them."""

from __future__ import annotations

import ctypes
import hashlib
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

from edgekit.devices.places import cache_folder
from edgekit.errors import EdgekitError

SOURCES = ("blocks.c", "system.c", "uart.c")
HEADER = "sim.h"
FLAGS = ("-std=c99", "-O2", "-shared", "-fPIC")

NEVER = 2**64 - 1
RX_SIZE = TX_SIZE = 65536
MAX_BUCKETS = 1024
IRQ_WORDS = 8
STOP_NONE, STOP_POLL, STOP_EXCEPTION, STOP_IDLE, STOP_RESET = range(5)
STOP_TX_FULL, STOP_MEMORY, STOP_FPU_OFF = range(5, 8)
KEEP, LOOP, INVOKE, FIRST_LAYER = range(4)
MARK_NONE, MARK_RUN, MARK_IDLE, MARK_FPU_OFF = range(4)

u8, u16, u32, i32, u64 = (
    ctypes.c_uint8,
    ctypes.c_uint16,
    ctypes.c_uint32,
    ctypes.c_int32,
    ctypes.c_uint64,
)
pointer = ctypes.c_void_p


class Block(ctypes.Structure):
    """`struct ek_block`."""

    _fields_ = (
        ("key", u64),
        ("count", u64),
        ("taken", u64),
        ("end", u32),
        ("cycles", u32),
        ("instructions", u16),
        ("taken_cycles", u16),
        ("bucket", u16),
        ("mark", u16),
        ("function", u32),
        ("unused", u32),
        ("follower", pointer),
    )


class Run(ctypes.Structure):
    """`struct ek_run`."""

    _fields_ = (
        ("instructions", u64 * MAX_BUCKETS),
        ("cycles", u64 * MAX_BUCKETS),
        ("interrupt_instructions", u64),
        ("interrupt_cycles", u64),
        ("invocations", u64),
    )


DESCRIBE = ctypes.CFUNCTYPE(None, u32, u32, ctypes.POINTER(Block))


class State(ctypes.Structure):
    """`struct ek_sim`."""

    _fields_ = (
        ("emu_stop", pointer),
        ("reg_read", pointer),
        ("describe", DESCRIBE),
        ("uc", pointer),
        *((name, i32) for name in ("reg_primask", "reg_basepri", "reg_sp", "reg_lr")),
        ("invoke_address", u32),
        ("byte_cycles", u64),
        ("burst", u32),
        ("has_cyccnt", u32),
        *((name, u64) for name in ("instructions", "cycles", "deadline", "poll_time")),
        ("next", u32),
        ("stop", i32),
        ("blocks", ctypes.POINTER(Block)),
        ("last", pointer),
        ("capacity", u64),
        ("used", u64),
        *((name, u32) for name in ("counting", "run_return", "run_sp", "bucket")),
        ("bucket_instructions", u64),
        ("bucket_cycles", u64),
        ("in_interrupt", u32),
        ("finished_runs", u32),
        ("run", Run),
        *((name, u32 * IRQ_WORDS) for name in ("enabled", "pending", "level", "active")),
        ("pending_system", u32),
        ("active_priority", i32),
        ("priority", u8 * (16 + 32 * IRQ_WORDS)),
        ("scs", u32 * 1024),
        ("systick_control", u32),
        ("systick_reload", u32),
        ("systick_base", u64),
        ("systick_next", u64),
        ("dwt_control", u32),
        ("cyccnt_base", u64),
        *((name, u32) for name in ("uart_control", "uart_interrupts", "uart_divider")),
        *((name, u32) for name in ("rx_irq", "tx_irq", "rx_ready")),
        *((name, u32) for name in ("rx_head", "rx_tail", "tx_head", "tx_tail")),
        ("rx_time", u64),
        ("signal_time", u64),
        ("rx", u8 * RX_SIZE),
        ("tx", u8 * TX_SIZE),
    )


def _compiler() -> list[str]:
    """The host's C compiler: $CC, cc, else zig from PyPI."""
    for name in (os.environ.get("CC"), "cc"):
        if name and (found := shutil.which(name)):
            return [found]
    return [sys.executable, "-m", "ziglang", "cc"]


def _compile(command: list[str], library: Path) -> None:
    here = Path(__file__).parent
    library.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=library.parent) as aside:
        out = Path(aside) / library.name
        sources = [str(here / name) for name in SOURCES]
        result = subprocess.run(
            [*command, *FLAGS, *sources, "-o", str(out)], capture_output=True, text=True
        )
        if result.returncode != 0:
            raise EdgekitError(
                f"the emulator's hooks do not compile: {result.stderr.strip()[:200]}",
                where=" ".join(command),
                remedy="Install a C compiler ('cc') or run 'pip install ziglang'.",
            )
        out.replace(library)


@cache
def load_hooks() -> ctypes.CDLL:
    """The compiled hooks. The file's name is a hash of sources, compiler and flags, so that a
    change of any is a new file and two processes may compile at once."""
    command = _compiler()
    digest = hashlib.sha256(" ".join((*command, *FLAGS, platform.machine())).encode())
    for name in (HEADER, *SOURCES):
        digest.update((Path(__file__).parent / name).read_bytes())
    library = cache_folder() / f"sim-{digest.hexdigest()[:16]}.so"
    if not library.is_file():
        _compile(command, library)
    hooks = ctypes.CDLL(str(library))
    hooks.ek_size.restype = u64
    if hooks.ek_size() != ctypes.sizeof(State):
        raise AssertionError("native.State differs from struct ek_sim")
    state = ctypes.POINTER(State)
    hooks.ek_due.argtypes = (state, ctypes.c_int)
    for name in ("ek_next_event", "ek_uart_next_event"):
        getattr(hooks, name).argtypes, getattr(hooks, name).restype = (state,), u64
    hooks.ek_receive.argtypes, hooks.ek_receive.restype = (state, ctypes.c_char_p, u32), u32
    hooks.ek_transmitted.argtypes = (state, ctypes.c_char_p, u32)
    hooks.ek_transmitted.restype = u32
    hooks.ek_table.argtypes = (state, u64)
    for name in ("ek_acknowledge", "ek_complete"):
        getattr(hooks, name).argtypes = (state, ctypes.c_int)
    for name in ("ek_interrupt_begins", "ek_interrupt_ends", "ek_reset", "ek_free"):
        getattr(hooks, name).argtypes = (state,)
    return hooks
