"""A board on Unicorn: memory map, reset, and the run loop that delivers interrupts."""

from __future__ import annotations

import ctypes
import math
from collections.abc import Sequence
from typing import Any

import unicorn
from unicorn import arm_const as arm
from unicorn.unicorn_py3.unicorn import uclib

from edgekit.devices.board import Board
from edgekit.devices.emulators.sim import cycles, faults, native
from edgekit.devices.emulators.sim.blocks import BlockMap
from edgekit.devices.emulators.sim.exceptions import ProcessStackError, pop_frame, push_frame
from edgekit.devices.emulators.sim.image import LoadImage
from edgekit.errors import EdgekitError, unknown

CPU_MODELS = {
    "cortex-m0": arm.UC_CPU_ARM_CORTEX_M0,
    "cortex-m3": arm.UC_CPU_ARM_CORTEX_M3,
    "cortex-m4": arm.UC_CPU_ARM_CORTEX_M4,
    "cortex-m7": arm.UC_CPU_ARM_CORTEX_M7,
    "cortex-m33": arm.UC_CPU_ARM_CORTEX_M33,
}
UART_BASE, UART_RX_IRQ = 0x4000_4000, 0  # where a board file does not say otherwise
BURST_BYTES = 32
BITS_PER_BYTE = 10  # start, eight data bits, stop
TABLE_SLOTS = 1 << 14
UNTIL = 0xFFFF_FFFE  # an address that no code has: only the hooks end a run
EXECUTABLE = unicorn.UC_PROT_EXEC
SVC, EXCEPTION_EXIT = 2, 8  # QEMU's numbers of what its core raises
SVCALL = 11
_WFI = (b"\x30\xbf", b"\x20\xbf")  # wfi and wfe


class Machine:
    """A board that runs an image. Time is `state.cycles`, estimated, at `board.clock_hz`."""

    def __init__(
        self, board: Board, image: LoadImage, invoke: str = "", layers: Sequence[str] = ()
    ):
        if board.emulators.sim is None:
            raise EdgekitError(f"the sim emulator does not run board {board.id}")
        if board.emulators.sim.cpu not in CPU_MODELS:
            raise unknown("CPU of the sim emulator", board.emulators.sim.cpu, CPU_MODELS)
        self.board, self.image = board, image
        self.rules = cycles.RULES[board.emulators.sim.cpu]
        self.hooks = native.load_hooks()
        self.state = native.State()
        self.waiting = False
        self._active: list[tuple[int, int]] = []
        self._raised: int | None = None
        self._uc = unicorn.Uc(unicorn.UC_ARCH_ARM, unicorn.UC_MODE_THUMB | unicorn.UC_MODE_MCLASS)
        self._uc.ctl_set_cpu_model(CPU_MODELS[board.emulators.sim.cpu])
        self.blocks = BlockMap(self._uc, self.state, image, self.rules, invoke, layers)
        self._wire()
        self._map()
        self.reset()

    def close(self) -> None:
        """Give back what the hooks hold."""
        self.hooks.ek_free(self.state)

    def _wire(self) -> None:
        s = self.state
        s.emu_stop = ctypes.cast(uclib.uc_emu_stop, ctypes.c_void_p)
        s.reg_read = ctypes.cast(uclib.uc_reg_read, ctypes.c_void_p)
        s.uc = self._uc._uch
        s.reg_primask, s.reg_basepri = arm.UC_ARM_REG_PRIMASK, arm.UC_ARM_REG_BASEPRI
        s.reg_sp, s.reg_lr = arm.UC_ARM_REG_SP, arm.UC_ARM_REG_LR
        byte_s = BITS_PER_BYTE / self.board.console.baud
        s.byte_cycles, s.burst = round(byte_s * self.board.clock_hz), BURST_BYTES
        s.has_cyccnt = self.board.cpu != "cortex-m0"
        s.rx_irq = self.board.defines.get("EK_UART_RX_IRQ", UART_RX_IRQ)
        s.tx_irq = s.rx_irq + 1
        if not self.hooks.ek_table(s, TABLE_SLOTS):
            raise MemoryError
        handle = ctypes.c_size_t()
        status = uclib.uc_hook_add(
            self._uc._uch,
            ctypes.byref(handle),
            unicorn.UC_HOOK_BLOCK,
            ctypes.cast(self.hooks.ek_on_block, ctypes.c_void_p),
            ctypes.cast(ctypes.pointer(s), ctypes.c_void_p),
            ctypes.c_uint64(1),
            ctypes.c_uint64(0),
        )
        if status:
            raise unicorn.UcError(status)
        self._uc.hook_add(unicorn.UC_HOOK_INTR, self._on_exception)

    def _map(self) -> None:
        board = self.board
        uart = board.defines.get("EK_UART_BASE", UART_BASE)
        readable = unicorn.UC_PROT_READ | EXECUTABLE
        self._uc.mem_map(board.flash.origin, board.flash.size, readable)
        # Unicorn watches executable pages for changed code at every store: RAM is executable
        # only where the firmware puts functions there.
        ram = range(board.ram.origin, board.ram.origin + board.ram.size)
        code_in_ram = any(f.start in ram for f in self.image.functions)
        writable = unicorn.UC_PROT_ALL if code_in_ram else unicorn.UC_PROT_ALL & ~EXECUTABLE
        self._uc.mem_map(board.ram.origin, board.ram.size, writable)
        for base, name in ((0xE000_E000, "scs"), (0xE000_1000, "dwt"), (uart, "uart")):
            state = ctypes.cast(ctypes.pointer(self.state), ctypes.c_void_p)
            read = ctypes.cast(getattr(self.hooks, f"ek_{name}_read"), ctypes.c_void_p)
            write = ctypes.cast(getattr(self.hooks, f"ek_{name}_write"), ctypes.c_void_p)
            status = uclib.uc_mmio_map(
                self._uc._uch,
                ctypes.c_uint64(base),
                ctypes.c_size_t(0x1000),
                read,
                state,
                write,
                state,
            )
            if status:
                raise unicorn.UcError(status)

    def _on_exception(self, uc: Any, number: int, _data: Any) -> None:
        self._raised = number
        uc.emu_stop()

    def reset(self) -> None:
        """Load the image and begin at its reset vector; RAM keeps what no segment fills."""
        for segment in self.image.segments:
            try:
                self._uc.mem_write(segment.address, segment.data)
            except unicorn.UcError:
                raise EdgekitError(
                    f"{self.board.id} has no memory at {segment.address:#010x}",
                    where=str(self.image.path),
                    remedy="Build the firmware for this board with 'edgekit build'.",
                ) from None
        self.hooks.ek_reset(self.state)
        self.waiting, self._active = False, []
        base = self.board.flash.origin
        self._uc.reg_write(arm.UC_ARM_REG_XPSR, 1 << 24)
        self._uc.reg_write(arm.UC_ARM_REG_PRIMASK, 0)
        self._uc.reg_write(arm.UC_ARM_REG_SP, self.image.word(base))
        self._uc.reg_write(arm.UC_ARM_REG_LR, 0xFFFF_FFFF)
        self.state.scs[0xD08 // 4] = base
        self._go_to(self.image.word(base + 4))

    def _go_to(self, pc: int) -> None:
        """Continue at `pc` for a reason other than a branch of the firmware's."""
        self._uc.reg_write(arm.UC_ARM_REG_PC, pc | 1)
        self.state.next, self.state.last = pc & ~1, None

    def register(self, number: int) -> int:
        """The value of a register, by Unicorn's number."""
        value: int = self._uc.reg_read(number)
        return value

    def read(self, address: int, size: int) -> bytes:
        """Bytes of memory."""
        return bytes(self._uc.mem_read(address, size))

    def receive(self, data: bytes) -> int:
        """Give the UART bytes from the host; how many found room."""
        taken: int = self.hooks.ek_receive(self.state, data, len(data))
        return taken

    def transmitted(self) -> bytes:
        """The bytes that the firmware sent since the last call."""
        buffer = ctypes.create_string_buffer(native.TX_SIZE)
        count = self.hooks.ek_transmitted(self.state, buffer, native.TX_SIZE)
        return ctypes.string_at(buffer, count)

    def run(self, for_cycles: int) -> bool:
        """Run for about `for_cycles`; False as soon as the CPU waits for the host or for time."""
        s = self.state
        s.poll_time, s.deadline = s.cycles + for_cycles, 0
        while s.cycles < s.poll_time:
            if self.waiting and not self.hooks.ek_due(s, 1):
                if self.hooks.ek_uart_next_event(s) == native.NEVER:
                    return False
                s.cycles = max(s.cycles, self.hooks.ek_next_event(s))
                continue
            self.waiting = False
            if self._execute():
                return True
        return True

    def idle_s(self) -> float | None:
        """Seconds until a timer of the waiting board fires, None where none runs."""
        next_tick: int = self.state.systick_next
        if next_tick == native.NEVER:
            return None
        wait_s: float = max(0, next_tick - self.state.cycles) / self.board.clock_hz
        return wait_s

    def idle(self, seconds: float) -> None:
        """Let time pass on a waiting board, to the next timer at most. It ends on a whole
        millisecond, so that what the board does next does not depend on the host's clock."""
        s, step = self.state, self.board.clock_hz // 1000
        then = math.ceil((s.cycles + seconds * self.board.clock_hz) / step) * step
        s.cycles = max(s.cycles, min(then, s.systick_next))

    def _execute(self) -> bool:
        """Run until something ends it; True when the caller must look."""
        s = self.state
        s.stop, self._raised = native.STOP_NONE, None
        try:
            self._uc.emu_start(self.register(arm.UC_ARM_REG_PC) | 1, UNTIL)
        except unicorn.UcError as error:
            # A block ends at `next`, so the last one holds the address before.
            raise faults.access_fault(self._uc, self.image, error, s.next - 1) from None
        if self._raised is not None:
            self._raised_exception(self._raised)
        elif s.stop == native.STOP_EXCEPTION:
            self._enter(self.hooks.ek_due(s, 0))
        elif s.stop == native.STOP_IDLE:
            self.waiting = True
        elif s.stop == native.STOP_RESET:
            self.reset()
        elif s.stop == native.STOP_NONE:
            self._halted()
        elif s.stop == native.STOP_FPU_OFF:
            raise faults.fault(self._uc, self.image, "floating-point code while CPACR has it off")
        elif s.stop == native.STOP_MEMORY:
            raise MemoryError
        return s.stop in (native.STOP_POLL, native.STOP_TX_FULL)

    def _halted(self) -> None:
        pc = self.register(arm.UC_ARM_REG_PC)
        if self.read(pc - 2, 2) not in _WFI and self.read(pc - 4, 4) != b"\xaf\xf3\x03\x80":
            raise faults.fault(self._uc, self.image, "the CPU halted")
        self.waiting = True

    def _raised_exception(self, number: int) -> None:
        if number == EXCEPTION_EXIT and self._active:
            self._return()
        elif number == SVC:
            self._enter(SVCALL)
        else:
            raise faults.exception_fault(self._uc, self.image, number)

    def _enter(self, exception: int) -> None:
        s = self.state
        handler = int.from_bytes(self.read(s.scs[0xD08 // 4] + 4 * exception, 4), "little")
        self.hooks.ek_interrupt_begins(s)
        try:
            push_frame(self._uc, exception, handler, nested=bool(self._active))
        except ProcessStackError:
            raise faults.fault(self._uc, self.image, "use of the process stack") from None
        self._active.append((exception, s.active_priority))
        s.active_priority = s.priority[exception]
        self.hooks.ek_acknowledge(s, exception)
        s.cycles += self.rules.exception_entry
        self._go_to(handler)

    def _return(self) -> None:
        s = self.state
        exception, s.active_priority = self._active.pop()
        pop_frame(self._uc, self.register(arm.UC_ARM_REG_PC))
        self.hooks.ek_complete(s, exception)
        if self._active:
            s.scs[0xD04 // 4] = self._active[-1][0]
        s.cycles += self.rules.exception_return
        self.hooks.ek_interrupt_ends(s)
        self._go_to(self.register(arm.UC_ARM_REG_PC))
