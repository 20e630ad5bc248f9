"""What went wrong when the firmware does what the chip would answer with a fault."""

from __future__ import annotations

from typing import Any

from unicorn import UcError
from unicorn import unicorn_const as const
from unicorn.arm_const import UC_ARM_REG_LR, UC_ARM_REG_PC, UC_ARM_REG_SP

from edgekit.devices.emulators import FirmwareError
from edgekit.devices.emulators.sim.image import LoadImage

_EXCEPTIONS = {
    1: "undefined instruction",
    3: "instruction fetch from memory that is not there",
    4: "access to memory that is not there",
    7: "breakpoint instruction",
    18: "stack limit exceeded",
}
_WHAT = {
    const.UC_ERR_READ_UNMAPPED: "read of {address}, where nothing is",
    const.UC_ERR_WRITE_UNMAPPED: "write to {address}, where nothing is",
    const.UC_ERR_FETCH_UNMAPPED: "jump from {origin} to {address}, where nothing is",
    const.UC_ERR_WRITE_PROT: "write to {address}, which is read-only",
    const.UC_ERR_READ_PROT: "read of {address}, which is not readable",
    const.UC_ERR_FETCH_PROT: "jump from {origin} to {address}, which is not executable",
    const.UC_ERR_INSN_INVALID: "undefined instruction",
    const.UC_ERR_EXCEPTION: "exception that the emulator does not deliver",
}
_ACCESS = (
    const.UC_HOOK_MEM_READ_UNMAPPED
    | const.UC_HOOK_MEM_WRITE_UNMAPPED
    | const.UC_HOOK_MEM_READ_PROT
    | const.UC_HOOK_MEM_WRITE_PROT
)


def _data_address(uc: Any, pc: int) -> str:
    """The address that the instruction at `pc` cannot access: it runs once more with hooks on
    failing accesses. On a live CPU such hooks would disturb Thumb code; this one is stopped."""
    seen: list[int] = []

    def note(_uc: Any, _kind: int, address: int, _size: int, _value: int, _data: Any) -> bool:
        seen.append(address)
        return False

    hook = uc.hook_add(_ACCESS, note)
    try:
        uc.emu_start(pc | 1, 0xFFFF_FFFE, count=1)
    except UcError:
        pass
    finally:
        uc.hook_del(hook)
    return f"{seen[0]:#010x}" if seen else "an unknown address"


def fault(uc: Any, image: LoadImage, what: str) -> FirmwareError:
    """A fault at the CPU's present state."""
    pc, lr, sp = (uc.reg_read(r) for r in (UC_ARM_REG_PC, UC_ARM_REG_LR, UC_ARM_REG_SP))
    return FirmwareError(
        f"{what} at pc {pc:#010x} in {image.function_name(pc)}"
        f" (lr {lr:#010x} in {image.function_name(lr & ~1)}, sp {sp:#010x})"
    )


def access_fault(uc: Any, image: LoadImage, error: UcError, origin: int) -> FirmwareError:
    """The fault behind an error of Unicorn's; `origin` is an address in the last block."""
    pc = uc.reg_read(UC_ARM_REG_PC)
    template = _WHAT.get(error.errno, str(error))
    if error.errno in (const.UC_ERR_FETCH_UNMAPPED, const.UC_ERR_FETCH_PROT):
        what = template.format(address=f"{pc:#010x}", origin=image.function_name(origin))
        return fault(uc, image, what)
    address = _data_address(uc, pc) if "{address}" in template else ""
    uc.reg_write(UC_ARM_REG_PC, pc | 1)
    return fault(uc, image, template.format(address=address))


def exception_fault(uc: Any, image: LoadImage, number: int) -> FirmwareError:
    """The fault behind an exception that QEMU's core raised (its numbers, not Arm's)."""
    return fault(uc, image, _EXCEPTIONS.get(number, f"exception {number}"))
