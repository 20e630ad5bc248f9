"""What the tests of devices share: a state folder of their own, and a bundle that is built once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from edgekit.artifact import Bundle
from edgekit.devices.flash import flash
from edgekit.devices.registry import Device, list_devices, stop_device
from tests.bundles import write_bundle


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty state folder; whatever still runs in it at the end is stopped."""
    folder = tmp_path / "home"
    monkeypatch.setenv("EDGEKIT_HOME", str(folder))
    yield folder
    for device in list_devices():
        if device.kind == "virtual":
            stop_device(device.id)


@pytest.fixture
def board(home: Path, negate: Bundle) -> Device:
    """The bundle on a Cortex-M4 under the sim emulator."""
    return flash(negate.path, "mps2-an386")


@pytest.fixture(scope="session")
def negate(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    """A bundle whose model negates eight int8 numbers. Its firmware is built by who needs it."""
    return write_bundle(tmp_path_factory.mktemp("bundle") / "negate")
