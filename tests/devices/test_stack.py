"""The stack analysis against functions whose frames are known, and against real runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from edgekit.devices.application import LIBC_DIR
from edgekit.devices.board import load_board
from edgekit.devices.disassembly import UNKNOWN, Code, split_operands
from edgekit.devices.elf import Image, read_image
from edgekit.devices.linker import linker_script
from edgekit.devices.stack import path_bound
from edgekit.devices.toolchain import Unit, compile_units, find_toolchain, link
from edgekit.errors import EdgekitError
from tests.firmware.builds import COMPILERS
from tests.tools import needs

# `use` hides from the optimizer what is done with a pointer.
PRELUDE = 'static void use(void *p) { __asm volatile("" : : "r"(p) : "memory"); }\n'
BOARDS = ("microbit", "mps2-an385", "mps2-an386", "mps3-an547")
COMBINATIONS = [(b, c) for b in BOARDS for c in COMPILERS]


def build(folder: Path, text: str, board_id: str, compiler: str) -> Image:
    """An image of one C file, whose function `top` is kept."""
    if compiler == "gcc":
        needs("arm-none-eabi-gcc")
    board, toolchain = load_board(board_id), find_toolchain(compiler)
    source, script = folder / "case.c", folder / "link.ld"
    source.write_text(PRELUDE + text)
    script.write_text(linker_script(board))
    unit = Unit(source, (LIBC_DIR,), ("-O2", "-fno-optimize-sibling-calls"))
    objects = compile_units(toolchain, board, [unit], folder)
    link(toolchain, board, objects, script, folder / "case.elf", entry="top")
    return read_image(folder / "case.elf")


@pytest.mark.parametrize(("board", "compiler"), COMBINATIONS)
@pytest.mark.parametrize("size", [16, 400, 2000, 5000, 70_000])
def test_frame_holds_its_array(tmp_path: Path, board: str, compiler: str, size: int) -> None:
    text = f"int top(void) {{ char a[{size}]; use(a); return a[1]; }}"
    bound = path_bound(build(tmp_path, text, board, compiler), "top")
    assert size <= bound <= size + 32


@pytest.mark.parametrize(("board", "compiler"), COMBINATIONS)
def test_path_is_the_deepest(tmp_path: Path, board: str, compiler: str) -> None:
    text = """
    #define FUNCTION __attribute__((noinline)) int
    FUNCTION leaf(void) { char a[1000]; use(a); return a[0]; }
    FUNCTION small(void) { char a[24]; use(a); return a[0] + leaf(); }
    FUNCTION large(void) { char a[800]; use(a); return a[0]; }
    int top(int x) { char a[100]; use(a); return a[0] + (x ? small() : large()); }
    """
    bound = path_bound(build(tmp_path, text, board, compiler), "top")
    assert 1124 <= bound <= 1124 + 3 * 32


@pytest.mark.parametrize(("board", "compiler"), COMBINATIONS)
def test_aligned_array(tmp_path: Path, board: str, compiler: str) -> None:
    text = "int top(void) { char a[200] __attribute__((aligned(64))); use(a); return a[1]; }"
    bound = path_bound(build(tmp_path, text, board, compiler), "top")
    assert 200 + 56 <= bound <= 200 + 64 + 64 + 32


@pytest.mark.parametrize("compiler", COMPILERS)
def test_helium_has_a_bound(tmp_path: Path, compiler: str) -> None:
    """Instructions that capstone does not know are stepped over whole."""
    text = """
    #include <arm_mve.h>
    int top(const signed char *x, int n) {
        signed char a[400];
        use(a);
        int sum = 0;
        for (; n > 0; n -= 16, x += 16) {
            mve_pred16_t p = vctp8q((unsigned)n);
            sum = vmladavaq_p_s8(sum, vldrbq_z_s8(x, p), vldrbq_z_s8(a, p), p);
        }
        use(a);
        return sum;
    }"""
    image = build(tmp_path, text, "mps3-an547", compiler)
    assert 400 <= path_bound(image, "top") <= 400 + 48
    code = Code(image)
    top = next(s for s in image.symbols if s.name == "top")
    assert UNKNOWN in {i.mnemonic for i in code.instructions(top)}


@pytest.mark.parametrize(("board", "compiler"), COMBINATIONS)
def test_switch_and_division_have_a_bound(tmp_path: Path, board: str, compiler: str) -> None:
    cases = "".join(f"case {i}: use(&x); y += {i * i} / x; break;\n" for i in range(12))
    text = f"""
    long long top(int x, long long y) {{
        switch (x) {{ {cases} default: y = y / x; }}
        return y;
    }}"""
    assert path_bound(build(tmp_path, text, board, compiler), "top") > 0


UNBOUNDED = {
    "recursion": "int top(int n) { char a[8]; use(a); return n ? a[0] + top(n - 1) : 0; }",
    "through a pointer": "int top(int (*f)(void)) { return f() + 1; }",
    "known only when it runs": "int top(int n) { char a[n]; use(a); return a[0]; }",
}


@pytest.mark.parametrize("compiler", COMPILERS)
@pytest.mark.parametrize("what", UNBOUNDED)
def test_what_has_no_bound_is_refused(tmp_path: Path, compiler: str, what: str) -> None:
    image = build(tmp_path, UNBOUNDED[what], "mps2-an386", compiler)
    with pytest.raises(EdgekitError, match="bound") as error:
        path_bound(image, "top")
    assert "top" in str(error.value)


def test_operands() -> None:
    assert split_operands("") == ()
    assert split_operands("{r4, lr}") == ("{r4, lr}",)
    assert split_operands("r0, [sp, #-4]!, r1") == ("r0", "[sp, #-4]!", "r1")
