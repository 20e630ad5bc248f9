"""An upper bound of the stack that an image needs, from its disassembly.

Each function's frame is the sum of all that it takes off the stack pointer; a call path needs the
sum of its frames. To the deepest path from reset come one exception frame and the deepest handler:
the firmware leaves all its interrupts at one priority, so handlers do not nest, and the fault
handler starts again from the top of the stack.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from edgekit.devices.disassembly import UNKNOWN, Code, Instruction
from edgekit.devices.elf import Image, Symbol
from edgekit.errors import EdgekitError

# Armv7-M Architecture Reference Manual (DDI 0403), B1.5.6: 8 words, or 26 with the FPU's
# registers, and one more where the stack pointer has to be aligned to 8.
BASIC_FRAME_BYTES = 8 * 4 + 4
FPU_FRAME_BYTES = 26 * 4 + 4

_RESET, _FIRST_AFTER_FAULTS = 1, 8  # places in the vector table
_CONDITIONS = "eq|ne|cs|hs|cc|lo|mi|pl|vs|vc|hi|ls|ge|lt|gt|le|al"
_BRANCH = re.compile(rf"b({_CONDITIONS})?")
_NUMBER = re.compile(r"#-?(0x)?[0-9a-f]+")
_NO_RESULT = ("cmp", "cmn", "tst", "teq", "stm", "vstm", "it", "cbz", "cbnz", "tb", "v")
_NO_WRITE_BACK = ("stm", "ldm", "vstm", "vldm")  # of `sp`; with it the operand is `sp!`
_TWO_RESULTS = ("ldrd", "umull", "smull", "umlal", "smlal", "umaal")
# What capstone may take an instruction of Helium for: those lie where coprocessors' do.
_COPROCESSOR = ("cdp", "mcr", "mrc", "ldc", "stc")
_CALL_CLOBBERS = ("r0", "r1", "r2", "r3", "ip", "r12", "lr")


@dataclass(frozen=True)
class Frame:
    """What one function takes: its own stack in bytes, and the functions that it calls."""

    bytes: int
    callees: tuple[Symbol, ...]


def stack_bound(image: Image, *, fpu: bool) -> int:
    """Bytes of stack that no run of the firmware exceeds.

    Raises EdgekitError for recursion, a call through a pointer, or a frame whose size is not
    known before it runs.
    """
    code = Code(image)
    known: dict[int, int] = {}
    vectors = next(s for s in image.sections if s.name == ".vectors")
    table = [code.word(vectors.address + i) or 0 for i in range(0, vectors.size, 4)]
    main = _deepest(code, _function(code, table[_RESET] & ~1), known, ())
    handlers = {address & ~1 for address in table[_FIRST_AFTER_FAULTS:] if address}
    deepest = max((_deepest(code, _function(code, a), known, ()) for a in handlers), default=0)
    return main + (FPU_FRAME_BYTES if fpu else BASIC_FRAME_BYTES) + deepest


def path_bound(image: Image, function: str) -> int:
    """Bytes of stack that a call of `function` takes, errors as in `stack_bound`."""
    symbol = next(s for s in image.symbols if s.name == function and s.kind == "STT_FUNC")
    return _deepest(Code(image), symbol, {}, ())


def _function(code: Code, address: int) -> Symbol:
    function = code.function_at(address)
    if function is None:
        raise EdgekitError(f"code at {address:#010x} belongs to no function", where="firmware")
    return function


def _deepest(code: Code, function: Symbol, known: dict[int, int], path: tuple[Symbol, ...]) -> int:
    if function.address in known:
        return known[function.address]
    path = (*path, function)
    frame = function_frame(code, function)
    below = 0
    for callee in frame.callees:
        if callee in path:
            cycle = " → ".join(f.name for f in (*path[path.index(callee) :], callee))
            raise EdgekitError(f"recursion, so its stack has no bound: {cycle}", where="firmware")
        below = max(below, _deepest(code, callee, known, path))
    known[function.address] = frame.bytes + below
    return known[function.address]


def function_frame(code: Code, function: Symbol) -> Frame:
    """The frame of `function`, from one walk over its instructions."""
    walk = _Walk(code, function)
    for instruction in code.instructions(function):
        walk.step(instruction)
    return Frame(walk.bytes, tuple(walk.callees.values()))


class _Walk:
    """Follows the stack pointer, and registers that hold constants or copies of it."""

    def __init__(self, code: Code, function: Symbol) -> None:
        self.code, self.function = code, function
        self.bytes = 0
        self.callees: dict[int, Symbol] = {}
        self.constants: dict[str, int] = {}
        self.copies: dict[str, int] = {}  # register: bytes below the stack pointer

    def step(self, instruction: Instruction) -> None:
        name, operands = instruction.mnemonic, instruction.operands
        first = operands[0] if operands else ""
        if name == UNKNOWN or name.startswith(_COPROCESSOR):
            self._step_unknown()
        elif name in ("push", "vpush"):
            self.bytes += _list_bytes(first)
        elif name.startswith(("stmdb", "vstmdb")) and first == "sp!":
            self.bytes += _list_bytes(operands[1])
        elif name.startswith(("str", "vstr")):
            self.bytes += _pre_indexed(operands[-1])
        elif name in ("bl", "blx", "bx") or _BRANCH.fullmatch(name):
            self._branch(name, first)
        elif first == "sp" and not name.startswith(_NO_WRITE_BACK):
            self._set_stack_pointer(instruction)
        elif operands and not name.startswith(_NO_RESULT):
            self._set_register(instruction)

    def _step_unknown(self) -> None:
        """Helium and its loops: none of them calls, and none can write the stack pointer (a
        general register that they write back is never SP, DDI 0553). What they may do to other
        registers is not known here, so whatever those held is forgotten."""
        self.constants.clear()
        self.copies.clear()

    def _fail(self, what: str) -> EdgekitError:
        return EdgekitError(what, where=self.function.name, remedy="Its stack has no bound.")

    def _branch(self, name: str, target: str) -> None:
        if target.startswith("#"):
            self._call(int(target[1:], 0), is_call=name in ("bl", "blx"))
        elif name == "blx" or (name == "bx" and target != "lr"):
            address = self.constants.get(target)
            if address is None:
                raise self._fail("calls through a pointer")
            self._call(address & ~1, is_call=True)

    def _call(self, address: int, *, is_call: bool) -> None:
        callee = _function(self.code, address)
        # A branch inside the function is a jump; one out of it is a call that does not return.
        inside = callee.address == self.function.address
        if not inside or (is_call and address == callee.address):
            self.callees[callee.address] = callee
        if is_call:
            self._forget(*_CALL_CLOBBERS)

    def _forget(self, *registers: str) -> None:
        for register in registers:
            self.constants.pop(register, None)
            self.copies.pop(register, None)

    def _set_stack_pointer(self, instruction: Instruction) -> None:
        name, last = _plain(instruction.mnemonic), instruction.operands[-1]
        if name in ("sub", "subw"):
            self.bytes += self._value(last)
        elif name in ("add", "addw"):
            value = self._value(last)
            # Thumb-1 takes a large frame by adding a negative constant.
            self.bytes += 2**32 - value if value >= 2**31 else 0
        elif name == "mov" and last in self.copies:
            self.bytes += self.copies[last]
        else:
            raise self._fail(f"sets the stack pointer in a way that is not understood ({name})")

    def _value(self, operand: str) -> int:
        if operand.startswith("#"):
            return int(operand[1:], 0)
        if operand not in self.constants:
            raise self._fail("takes a frame of a size that is known only when it runs")
        return self.constants[operand]

    def _set_register(self, instruction: Instruction) -> None:
        name, operands = _plain(instruction.mnemonic), instruction.operands
        register, last = operands[0], operands[-1]
        three = len(operands) > 2 and not operands[1].startswith("#")
        source = operands[1] if three or name == "mov" else register
        constant = self.constants.get(source)
        copy = 0 if source == "sp" else self.copies.get(source)
        if last.startswith("{"):
            self._forget(*_registers(last))
        self._forget(register, *(operands[1:2] if name.startswith(_TWO_RESULTS) else ()))
        number = int(last[1:], 0) if _NUMBER.fullmatch(last) else None
        if name == "ldr" and last.startswith("[pc"):
            self._load_literal(instruction.address, register, last)
        elif name in ("mov", "movw") and number is not None:
            self.constants[register] = number % 2**32
        elif constant is not None and (new := _computed(name, constant, number)) is not None:
            self.constants[register] = new
        elif copy is not None and (below := _copied(name, copy, number)) is not None:
            self.copies[register] = below

    def _load_literal(self, address: int, register: str, operand: str) -> None:
        match = re.fullmatch(r"\[pc(?:, #(-?(?:0x)?[0-9a-f]+))?\]", operand)
        if match:
            offset = int(match[1], 0) if match[1] else 0
            value = self.code.word(((address + 4) & ~3) + offset)
            if value is not None:
                self.constants[register] = value


def _computed(name: str, value: int, number: int | None) -> int | None:
    """A constant after an instruction, None where that is not followed."""
    if name == "mov":
        return value
    if name == "movt" and number is not None:
        return (value & 0xFFFF) | (number << 16)
    if name == "lsl" and number is not None:
        return (value << number) % 2**32
    if name == "add" and number is not None:
        return (value + number) % 2**32
    return None


def _copied(name: str, below: int, number: int | None) -> int | None:
    """How far below the stack pointer its copy is at most after an instruction."""
    if name == "mov":
        return below
    if number is None:
        return None
    if name in ("add", "addw", "lsl"):
        return below
    if name in ("sub", "subw"):
        return below + number
    # `bfc r, #0, #6`, or a shift right by 6 and left again: down to a multiple of 64.
    return below + 2**number - 1 if name in ("bfc", "lsr") else None


def _plain(mnemonic: str) -> str:
    """The mnemonic without condition and flag suffixes: `movs` and `moveq` are `mov`."""
    name = mnemonic.removesuffix(".w")
    for stem in ("movw", "movt", "mov", "addw", "add", "subw", "sub", "bfc", "ldr", "lsl", "lsr"):
        if re.fullmatch(rf"{stem}s?({_CONDITIONS})?", name):
            return stem
    return name


def _list_bytes(registers: str) -> int:
    """Bytes of a register list `{r4, lr}`, `{d8, d9}` or `{s16, s17}`."""
    return sum(8 if name.startswith("d") else 4 for name in _registers(registers))


def _registers(text: str) -> list[str]:
    return [name.strip() for name in text.strip("{}^").split(",")]


def _pre_indexed(operand: str) -> int:
    """Bytes that a store such as `[sp, #-8]!` takes, else 0."""
    match = re.fullmatch(r"\[sp, #-((?:0x)?[0-9a-f]+)\]!", operand)
    return int(match[1], 0) if match else 0
