"""Cycle rules, against the timings that Arm's manuals print."""

from __future__ import annotations

import pytest

from edgekit.devices.emulators.sim.cycles import RULES, Instruction, block_cost


def cycles(core: str, *lines: str) -> int:
    block = [Instruction(i, 2, *line.split(" ", 1)) for i, line in enumerate(lines)]
    return block_cost(RULES[core], block).cycles


@pytest.mark.parametrize(
    ("line", "m0", "m3", "m4"),
    [
        ("adds r0, r0, r1", 1, 1, 1),
        ("muls r0, r1, r0", 1, 1, 1),
        ("mla r0, r1, r2, r3", 1, 2, 1),
        ("smull r0, r1, r2, r3", 1, 4, 1),
        ("smlal r0, r1, r2, r3", 1, 6, 1),
        ("smlad r0, r1, r2, r3", 1, 1, 1),
        ("sdiv r0, r1, r2", 7, 7, 7),
        ("ldr r0, [r1]", 2, 2, 2),
        ("ldrsb.w r0, [r1], #1", 2, 2, 2),
        ("str r0, [r1]", 2, 1, 1),
        ("ldrd r0, r1, [r2]", 3, 3, 3),
        ("pop {r4, r5, r6, pc}", 5, 5, 5),
        ("push {r4, r5, r6, lr}", 5, 5, 5),
        ("ldm.w r0, {r1, r2, r3}", 4, 4, 4),
        ("vldr s0, [r1]", 2, 2, 2),
        ("vldr d0, [r1]", 3, 3, 3),
        ("vpop {d8, d9}", 5, 5, 5),
        ("vdiv.f32 s0, s1, s2", 14, 14, 14),
        ("vmla.f32 s0, s1, s2", 3, 3, 3),
        ("vadd.f32 s0, s1, s2", 1, 1, 1),
        ("ittee eq", 0, 0, 0),
        ("bl #0x100", 2, 1, 1),
        ("mrs r0, primask", 4, 1, 1),
    ],
)
def test_single_instructions(line: str, m0: int, m3: int, m4: int) -> None:
    assert [cycles(core, line) for core in ("cortex-m0", "cortex-m3", "cortex-m4")] == [m0, m3, m4]


def test_loads_that_follow_one_another_overlap() -> None:
    assert cycles("cortex-m4", "ldr r0, [r4]", "ldr r1, [r5]", "ldr r2, [r6]") == 4
    assert cycles("cortex-m4", "ldr r0, [r4]", "str r1, [r5]") == 3
    assert cycles("cortex-m0", "ldr r0, [r4]", "ldr r1, [r5]") == 4


def test_an_address_just_loaded_is_waited_for() -> None:
    assert cycles("cortex-m4", "ldr r0, [r4]", "ldr r1, [r0]") == 4
    assert cycles("cortex-m4", "ldr r0, [r4]", "ldr r1, [r5, r0]") == 4


def test_a_taken_branch_refills_the_pipeline() -> None:
    block = [Instruction(0, 2, "bne", "#0x10")]
    assert block_cost(RULES["cortex-m4"], block) == (1, 1, 2)
    assert block_cost(RULES["cortex-m0"], block) == (1, 1, 2)
    assert block_cost(RULES["cortex-m7"], block) == (1, 1, 0)


def test_the_m7_pairs_what_is_independent() -> None:
    assert cycles("cortex-m7", "adds r0, r1, r2", "adds r3, r4, r5") == 1
    assert cycles("cortex-m7", "adds r0, r1, r2", "adds r3, r0, r5") == 2
    assert cycles("cortex-m7", "ldr r0, [r1]", "ldr r2, [r3]") == 2
    assert cycles("cortex-m7", "ldr r0, [r1]", "adds r2, r3, r4") == 1
    assert cycles("cortex-m7", "smlad r0, r1, r2, r0", "mla r3, r4, r5, r6") == 2
    # A pair is two: the third waits.
    assert cycles("cortex-m7", "adds r0, r1, r2", "adds r3, r4, r5", "adds r6, r7, r7") == 2


def test_every_core_has_rules_of_its_own_name() -> None:
    assert {core: rules.name for core, rules in RULES.items()} == {
        f"cortex-{core}": f"{core}-zero-wait-1" for core in ("m0", "m3", "m4", "m7", "m33")
    }
