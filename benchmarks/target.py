"""The device under test with what is known of the model it runs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from edgekit.artifact import MANIFEST_NAME, Manifest, is_bundle, load_bundle, sha256_file
from edgekit.devices.board import Board, load_board
from edgekit.devices.elf import read_image
from edgekit.devices.links.dut import Dut
from edgekit.devices.registry import Device
from edgekit.errors import EdgekitError


@dataclass(frozen=True)
class Target:
    """`firmware` is the name it gives itself; `manifest` is None where the bundle is not known,
    `board` where the board is not; sizes in bytes, None where not known."""

    device: Device
    dut: Dut
    firmware: str
    manifest: Manifest | None
    board: Board | None
    arena_bytes: int | None
    flash_bytes: int | None
    ram_bytes: int | None

    @property
    def is_virtual(self) -> bool:
        """True for an emulated board."""
        return self.device.kind == "virtual"

    @property
    def clock(self) -> str | None:
        """What the device's clock is worth: `measured` on hardware, `estimated` on `sim`, whose
        time is its estimate of cycles, None on `qemu`, whose time is not the board's."""
        if not self.is_virtual:
            return "measured"
        return "estimated" if self.device.emulator == "sim" else None


def open_target(device: Device, dut: Dut, bundle: Path | None) -> Target:
    """What `dut` runs. `bundle` is its bundle where the registry does not know it; it must be the
    one that the firmware was built from."""
    info = dut.info()
    path = bundle or device.bundle
    manifest = _manifest(path, info, asked=bundle is not None) if path else None
    name = device.board or info.get("board")
    arena = info.get("arena", "")
    flash, ram = _sizes(device, manifest, name)
    return Target(
        device=device,
        dut=dut,
        firmware=dut.name(),
        manifest=manifest,
        board=load_board(name) if name else None,
        arena_bytes=int(arena) if arena.isdecimal() else None,
        flash_bytes=flash,
        ram_bytes=ram,
    )


def _manifest(path: Path, info: dict[str, str], *, asked: bool) -> Manifest | None:
    if not is_bundle(path) and not asked:
        return None
    manifest = load_bundle(path).manifest
    if info.get("manifest") == sha256_file(path / MANIFEST_NAME):
        return manifest
    if asked:
        raise EdgekitError(
            "the device was not flashed from this bundle",
            where=str(path),
            remedy="Flash it with 'edgekit flash', or leave --bundle out.",
        )
    return None


def _sizes(
    device: Device, manifest: Manifest | None, board: str | None
) -> tuple[int | None, int | None]:
    """(flash, static RAM) of the whole firmware, from its ELF file or the manifest."""
    if device.elf and device.elf.is_file():
        image = read_image(device.elf)
        return image.flash_bytes, image.ram_bytes
    sizes = manifest.sizes if manifest else None
    if sizes is None or sizes.board != board:
        return None, None
    return sizes.flash_bytes, sizes.ram_bytes
