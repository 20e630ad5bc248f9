"""Estimated cycles at zero wait states, by a named rule set for each core.

A rule set is an ideal: no wait states, no cache misses, no bus contention, data-dependent costs
at the middle of their range. Choosing rules otherwise moves a figure by about 10 %.

Sources:
- `m0-zero-wait-1`: Cortex-M0 TRM, Arm DDI 0432C, table 3-1, with the single-cycle multiplier.
- `m3-zero-wait-1`: Cortex-M3 TRM, Arm DDI 0337, table 3-1 and 3.3.2 (load/store timings).
- `m4-zero-wait-1`: Cortex-M4 TRM, Arm DDI 0439, tables 3-1 and 7-1 and 3.3.2.
- `m33-zero-wait-1`, `m7-zero-wait-1`: Arm publishes no instruction timings for these two.
  M33 takes the M4's rules. M7 takes single-cycle loads, predicted branches and the pairing that
  its TRM (DDI 0489, 1.1) describes: two adjacent instructions together unless both access
  memory, both multiply or use the floating-point unit, or the second needs the first's result.
  Their error is not known.

P, the refill of the pipeline after a taken branch, is 1 to 3 in the TRMs; here it is 2. IT is
folded into the instruction before it. A division takes 7 (2 to 12). Loads and stores that follow
one another overlap: each after the first takes 1 cycle, unless its address is the value that the
one before it loads.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple


class Instruction(NamedTuple):
    """One decoded instruction, as capstone prints it."""

    address: int
    size: int
    mnemonic: str
    operands: str


@dataclass(frozen=True)
class Rules:
    """Cycles by kind of instruction. `refill` is added to a taken branch."""

    name: str
    load: int = 2
    store: int = 1
    overlap: bool = True
    multiply_add: int = 1
    long_multiply: int = 1
    long_multiply_add: int = 1
    divide: int = 7
    call: int = 1
    system: int = 1
    folded_it: bool = True
    refill: int = 2
    pairs: bool = False
    exception_entry: int = 12
    exception_return: int = 10


class Cost(NamedTuple):
    """The cost of a block: its branch not taken, and what a taken one adds."""

    instructions: int
    cycles: int
    taken_cycles: int


RULES = {
    "cortex-m0": Rules(
        "m0-zero-wait-1",
        store=2,
        overlap=False,
        call=2,
        system=4,
        exception_entry=16,
        exception_return=16,
    ),
    "cortex-m3": Rules("m3-zero-wait-1", multiply_add=2, long_multiply=4, long_multiply_add=6),
    "cortex-m4": Rules("m4-zero-wait-1"),
    "cortex-m33": Rules("m33-zero-wait-1"),
    "cortex-m7": Rules("m7-zero-wait-1", load=1, refill=0, pairs=True),
}

_MULTIPLE = re.compile(r"(ldm|stm|pop|push|vldm|vstm|vpop|vpush)")
_SINGLE = re.compile(r"v?(ldr|str)(?!d(?![a-z]))")
_DOUBLE = re.compile(r"(ldrd|strd)")
_LOAD = re.compile(r"v?ld|v?pop")
_LONG = re.compile(r"[us]mull")
_LONG_ADD = re.compile(r"[us]mlal|umaal")
_MULTIPLY = re.compile(r"(mul|ml[as]|sm[ulm]|smm|smu|sml)")
_REGISTER = re.compile(r"\b(?:r\d+|sb|sl|fp|ip|sp|lr|pc|[sd]\d+)\b")


def _register_count(operands: str) -> int:
    """Words in a register list such as `{r4-r7, lr}` or `{d8, d9}`."""
    inside = operands[operands.find("{") + 1 : operands.find("}")]
    words = 0
    for part in inside.split(","):
        low, dash, high = part.strip().partition("-")
        span = int(high.strip()[1:]) - int(low.strip()[1:]) + 1 if dash else 1
        words += span * (2 if low.strip().startswith("d") else 1)
    return words


def _memory_cycles(rules: Rules, name: str, operands: str) -> int | None:
    if _MULTIPLE.match(name):
        return 1 + _register_count(operands)
    if _DOUBLE.match(name):
        return 3
    if _SINGLE.match(name):
        wide = 1 if name.startswith("v") and operands.startswith("d") else 0
        loads = name.startswith(("ldr", "vldr"))
        # The floating-point unit's stores are not buffered: 2 in table 7-1.
        return (rules.load if loads or name.startswith("vstr") else rules.store) + wide
    return None


def _other_cycles(rules: Rules, name: str) -> int:
    if name.startswith(("sdiv", "udiv")):
        return rules.divide
    if name.startswith(("vdiv", "vsqrt")):
        return 14
    if name.startswith(("vmla", "vmls", "vfma", "vfms", "vnml", "vfnm")):
        return 3
    if _LONG.match(name):
        return rules.long_multiply
    if _LONG_ADD.match(name):
        return rules.long_multiply_add
    if name.startswith(("mla", "mls")):
        return rules.multiply_add
    if name.startswith("it") and rules.folded_it:
        return 0
    if name.startswith(("tbb", "tbh")):
        return 2
    if name in ("bl", "blx"):
        return rules.call
    return rules.system if name.startswith(("mrs", "msr", "dmb", "dsb", "isb")) else 1


def _overlaps(before: Instruction, after: Instruction) -> bool:
    """True where `after` enters the load/store pipeline right behind `before`."""
    if not (_SINGLE.match(before.mnemonic) and _SINGLE.match(after.mnemonic)):
        return False
    loaded = before.operands.partition(",")[0] if _LOAD.match(before.mnemonic) else ""
    return loaded not in _REGISTER.findall(after.operands.partition("[")[2])


def _unit(name: str) -> str:
    if _SINGLE.match(name):
        return "memory"
    if name.startswith("v"):
        return "float"
    return "multiply" if _MULTIPLY.match(name) else ""


def _pairs(first: Instruction, second: Instruction) -> bool:
    """True where a dual-issue core starts both in one cycle."""
    unit = _unit(first.mnemonic)
    if unit and unit == _unit(second.mnemonic):
        return False
    results = _REGISTER.findall(first.operands)[:1]
    if first.mnemonic.startswith(("str", "vstr", "cmp", "cmn", "tst", "teq")):
        results = []
    return not any(r in _REGISTER.findall(second.operands) for r in results)


def block_cost(rules: Rules, block: Sequence[Instruction]) -> Cost:
    """The cost of a straight run of instructions at zero wait states."""
    cycles, before, paired = 0, None, False
    for now in block:
        memory = _memory_cycles(rules, now.mnemonic, now.operands)
        cost = _other_cycles(rules, now.mnemonic) if memory is None else memory
        if before and memory is not None and rules.overlap and _overlaps(before, now):
            cost = 1
        if rules.pairs and before and cost == 1 and not paired and _pairs(before, now):
            paired, cost = True, 0
        else:
            paired = False
        cycles += cost
        before = now
    return Cost(len(block), cycles, rules.refill)
