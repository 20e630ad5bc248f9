"""The compiled hooks and their cache."""

from __future__ import annotations

import ctypes
import shutil
from pathlib import Path

import pytest

from edgekit.devices.emulators.sim import native
from edgekit.errors import EdgekitError


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "edgekit"


def test_the_hooks_are_compiled_once(cache: Path) -> None:
    hooks = native.load_hooks.__wrapped__()
    assert hooks.ek_size() == ctypes.sizeof(native.State)
    (library,) = cache.iterdir()
    made = library.stat().st_mtime_ns
    native.load_hooks.__wrapped__()
    assert library.stat().st_mtime_ns == made


@pytest.mark.slow
def test_zig_compiles_them_where_there_is_no_cc(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    hooks = native.load_hooks.__wrapped__()
    assert hooks.ek_size() == ctypes.sizeof(native.State)
    assert len(list(cache.glob("sim-*.so"))) == 1


def test_a_broken_compiler_is_named(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CC", "false")
    with pytest.raises(EdgekitError, match="do not compile"):
        native.load_hooks.__wrapped__()
    assert list(cache.iterdir()) == []
