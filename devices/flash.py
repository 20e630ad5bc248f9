"""Puts a bundle's firmware on a board, and checks there what the bundle promises."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from edgekit.artifact import MANIFEST_NAME, Bundle, load_bundle, sha256_file
from edgekit.devices.board import BOARDS_DIR, Board, load_board
from edgekit.devices.registry import Device
from edgekit.devices.start import start_virtual
from edgekit.errors import EdgekitError, unknown

if TYPE_CHECKING:
    from edgekit.devices.links.dut import Dut


def firmware_folder(bundle: Bundle, board: Board) -> Path:
    """Where a bundle's firmware for a board is kept."""
    return bundle.path / f"firmware-{board.id}"


def choose_emulator(board: Board, emulator: str | None) -> str:
    """The emulator asked for, or `sim` where the board has it, else `qemu`."""
    known = [name for name in ("sim", "qemu") if getattr(board.emulators, name) is not None]
    if emulator is None and known:
        return known[0]
    if emulator not in known:
        raise unknown(f"emulator of {board.id}", str(emulator), known)
    return emulator


def _is_current(elf: Path, bundle: Bundle, board: Board) -> bool:
    """True where `elf` was made from this manifest, newer than the board's file and all C."""
    from edgekit.devices.application import FIRMWARE_DIR

    if not elf.is_file():
        return False
    made = elf.stat().st_mtime
    sources = [BOARDS_DIR / f"{board.id}.toml", *FIRMWARE_DIR.rglob("*.[chS]")]
    sha256 = sha256_file(bundle.file(MANIFEST_NAME))
    return all(s.stat().st_mtime < made for s in sources) and sha256.encode() in elf.read_bytes()


def built_firmware(bundle: Bundle, board: Board, compiler: str | None = None) -> Path:
    """The ELF of a bundle for a board: the one in `firmware_folder` where it is up to date and no
    compiler is asked for, else a new one."""
    from edgekit.devices.firmware import ELF_NAME, build_firmware

    folder = firmware_folder(bundle, board)
    elf = folder / ELF_NAME
    if compiler is None and _is_current(elf, bundle, board):
        return elf
    return build_firmware(bundle, board, folder, compiler).elf


def flash(
    bundle_path: Path,
    board_id: str,
    emulator: str | None = None,
    icount: bool = False,
    compiler: str | None = None,
    another: bool = False,
) -> Device:
    """Run a bundle's firmware on a virtual board, once its golden vectors came back bit for bit.

    A board that runs already under the same emulator is replaced, unless `another` asks for one
    more. `icount` makes qemu's clock count instructions. Raises EdgekitError where the firmware
    does not fit, does not start, or gives another output than the bundle says.
    """
    from edgekit.devices.registry import stop_device

    bundle, board = load_bundle(bundle_path), load_board(board_id)
    chosen = choose_emulator(board, emulator)
    if icount and chosen != "qemu":
        raise EdgekitError(
            "only qemu has an instruction clock; sim counts instructions by itself",
            where="--icount",
            remedy="Use '--emulator qemu', or leave '--icount' away.",
        )
    elf = built_firmware(bundle, board, compiler)
    device = start_virtual(
        board.id,
        chosen,
        elf,
        bundle=bundle.path,
        invoke=f"{bundle.manifest.name}_invoke",
        layers=tuple(layer.symbol for layer in bundle.manifest.layers),
        icount=icount,
        another=another,
    )
    try:
        verify(device, bundle)
    except BaseException:
        stop_device(device.id)
        raise
    return device


def verify(device: Device, bundle: Bundle) -> int:
    """Send the golden vectors to a device and compare every output bit for bit; how many.

    Raises EdgekitError where the device runs another bundle or an output differs.
    """
    from edgekit.devices.links.dut import Dut

    with Dut.open(device.port) as dut:
        return verify_dut(dut, bundle, device.id)


def verify_dut(dut: Dut, bundle: Bundle, where: str) -> int:
    """`verify` over an open link; `where` is what an error calls the device."""
    from edgekit.devices.golden import load_vectors

    vectors = load_vectors(bundle)
    sha256 = sha256_file(bundle.file(MANIFEST_NAME))
    if dut.info().get("manifest") != sha256:
        raise EdgekitError("the device runs another firmware", where=where)
    for number, vector in enumerate(vectors):
        dut.load(vector.sent)
        dut.infer()
        for index, expected in enumerate(vector.outputs):
            _compare(dut, where, number, index, expected)
    return len(vectors)


def _compare(dut: Dut, where: str, number: int, index: int, expected: bytes) -> None:
    given = dut.output(index)
    if given == expected:
        return
    pairs = zip(given, expected, strict=False)
    first = next((i for i, (a, b) in enumerate(pairs) if a != b), min(len(given), len(expected)))
    raise EdgekitError(
        f"output {index} of golden vector {number} differs from byte {first} on",
        where=where,
        remedy="This is a bug of the compiler or of edgekit: please report it with the bundle.",
    )
