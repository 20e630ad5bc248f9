"""Finding and running a C compiler."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from edgekit.devices.board import board_ids, load_board
from edgekit.devices.toolchain import Unit, compile_units, cpu_flags, find_toolchain, run
from edgekit.errors import EdgekitError
from tests.firmware.builds import COMPILERS
from tests.tools import needs


def test_unknown_compiler() -> None:
    with pytest.raises(EdgekitError, match="unknown compiler 'clang'; known: gcc, zig"):
        find_toolchain("clang")


def test_compilers_that_are_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(EdgekitError, match="arm-none-eabi-gcc is not on PATH"):
        find_toolchain("gcc")
    assert find_toolchain().name == "zig"
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(EdgekitError, match="no C compiler for Cortex-M is installed"):
        find_toolchain()


def test_gcc_comes_first() -> None:
    needs("arm-none-eabi-gcc")
    assert find_toolchain().name == "gcc"
    assert find_toolchain("zig").name == "zig"


@pytest.mark.parametrize("compiler", COMPILERS)
@pytest.mark.parametrize("board_id", board_ids())
def test_the_core_has_the_fpu_of_the_board(tmp_path: Path, compiler: str, board_id: str) -> None:
    if compiler == "gcc":
        needs("arm-none-eabi-gcc")
    board, toolchain = load_board(board_id), find_toolchain(compiler)
    hard = "defined(__ARM_FP) && (__ARM_FP & 4)"
    wrong = f"!({hard})" if "fpu-sp" in board.isa else hard
    source = tmp_path / "fpu.c"
    source.write_text(f"#if {wrong} || !defined(__thumb__)\n#error wrong core\n#endif\nint x;\n")
    (made,) = compile_units(toolchain, board, [Unit(source, (), ())], tmp_path)
    assert made == tmp_path / "fpu.o"
    assert cpu_flags(toolchain, board)


@pytest.mark.parametrize("compiler", COMPILERS)
def test_helium_without_its_floats(tmp_path: Path, compiler: str) -> None:
    """Vectors of floats would flush denormals to zero."""
    if compiler == "gcc":
        needs("arm-none-eabi-gcc")
    source = tmp_path / "mve.c"
    source.write_text(
        "#include <arm_mve.h>\n"
        "#if __ARM_FEATURE_MVE != 1 || !defined(__ARM_FEATURE_DSP) || !(__ARM_FP & 8)\n"
        "#error wrong core\n#endif\n"
        "int32x4_t f(int32x4_t a, int32x4_t b) { return vqrdmulhq_s32(a, b); }\n"
    )
    board, toolchain = load_board("mps3-an547"), find_toolchain(compiler)
    compile_units(toolchain, board, [Unit(source, (), ("-O2",))], tmp_path)
    without = board.model_copy(update={"isa": ("dsp", "fpu-sp", "fpu-dp")})
    source.write_text("#ifdef __ARM_FEATURE_MVE\n#error wrong core\n#endif\nint x;\n")
    compile_units(toolchain, without, [Unit(source, (), ())], tmp_path)


def test_two_files_of_one_name(tmp_path: Path) -> None:
    units = [Unit(tmp_path / folder / "same.c", (), ()) for folder in "ab"]
    with pytest.raises(EdgekitError, match=r"two C files are called same\.c"):
        compile_units(find_toolchain("zig"), load_board("microbit"), units, tmp_path)


def test_a_compiler_that_says_nothing() -> None:
    with pytest.raises(EdgekitError, match=r"x\.c: the C compiler failed: exit status 3"):
        run([sys.executable, "-c", "raise SystemExit(3)"], "x.c")


def test_a_compiler_that_cannot_run(tmp_path: Path) -> None:
    with pytest.raises(EdgekitError, match="the compiler does not run"):
        run([str(tmp_path / "cc")], "x.c")
