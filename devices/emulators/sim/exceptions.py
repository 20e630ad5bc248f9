"""Exception entry and return (Armv7-M Architecture Reference Manual, DDI 0403, B1.5.6 to B1.5.8).

Unicorn executes no exception itself: the run loop leaves it at the start of a block, this module
moves the frame, and the run loop goes on at the handler.
"""

from __future__ import annotations

import struct
from typing import Any

from unicorn import arm_const as arm

_FRAME = (
    arm.UC_ARM_REG_R0,
    arm.UC_ARM_REG_R1,
    arm.UC_ARM_REG_R2,
    arm.UC_ARM_REG_R3,
    arm.UC_ARM_REG_R12,
    arm.UC_ARM_REG_LR,
)
_FLOATS = tuple(arm.UC_ARM_REG_S0 + i for i in range(16))
_BASIC_BYTES, _EXTENDED_BYTES = 32, 104
_FPCA, _SPSEL = 4, 2
_HANDLER, _THREAD = 0xFFFF_FFF1, 0xFFFF_FFF9
_BASIC = 0x10  # bit of EXC_RETURN: the frame holds no floating-point registers
_ALIGNED = 1 << 9  # bit of the stacked xPSR: SP was moved by 4 to align the frame
_THUMB = 1 << 24
_FLAGS = 0xF80F_0000  # N Z C V Q and GE


class ProcessStackError(Exception):
    """The firmware uses the process stack, which this emulator does not switch."""


def push_frame(uc: Any, exception: int, handler: int, nested: bool) -> None:
    """Enter `exception`: stack the caller's registers and continue at `handler`."""
    control = uc.reg_read(arm.UC_ARM_REG_CONTROL)
    if control & _SPSEL:
        raise ProcessStackError
    floats = bool(control & _FPCA)
    xpsr = uc.reg_read(arm.UC_ARM_REG_XPSR)
    sp = uc.reg_read(arm.UC_ARM_REG_SP)
    base = sp - (_EXTENDED_BYTES if floats else _BASIC_BYTES)
    frame = base & ~7
    words = [uc.reg_read(r) for r in _FRAME]
    words += [uc.reg_read(arm.UC_ARM_REG_PC), xpsr & ~_ALIGNED | (_ALIGNED if base & 4 else 0)]
    if floats:
        words += [uc.reg_read(r) for r in _FLOATS] + [uc.reg_read(arm.UC_ARM_REG_FPSCR), 0]
        uc.reg_write(arm.UC_ARM_REG_CONTROL, control & ~_FPCA)
    uc.mem_write(frame, struct.pack(f"<{len(words)}I", *words))
    uc.reg_write(arm.UC_ARM_REG_SP, frame)
    back = _HANDLER if nested else _THREAD
    uc.reg_write(arm.UC_ARM_REG_LR, back & ~_BASIC if floats else back)
    uc.reg_write(arm.UC_ARM_REG_XPSR, xpsr & _FLAGS | _THUMB | exception)
    uc.reg_write(arm.UC_ARM_REG_PC, handler | 1)


def pop_frame(uc: Any, exc_return: int) -> None:
    """Return from an exception by the EXC_RETURN value that was branched to."""
    floats = not exc_return & _BASIC
    size = _EXTENDED_BYTES if floats else _BASIC_BYTES
    frame = uc.reg_read(arm.UC_ARM_REG_SP)
    words = struct.unpack(f"<{size // 4}I", bytes(uc.mem_read(frame, size)))
    for register, value in zip(_FRAME, words, strict=False):
        uc.reg_write(register, value)
    xpsr = words[7]
    if floats:
        for register, value in zip(_FLOATS, words[8:24], strict=True):
            uc.reg_write(register, value)
        uc.reg_write(arm.UC_ARM_REG_FPSCR, words[24])
        control = uc.reg_read(arm.UC_ARM_REG_CONTROL)
        uc.reg_write(arm.UC_ARM_REG_CONTROL, control | _FPCA)
    uc.reg_write(arm.UC_ARM_REG_SP, frame + size + (4 if xpsr & _ALIGNED else 0))
    uc.reg_write(arm.UC_ARM_REG_XPSR, xpsr & ~_ALIGNED)
    uc.reg_write(arm.UC_ARM_REG_PC, words[6] | 1)
