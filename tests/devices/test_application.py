"""app.c, as text."""

from __future__ import annotations

from pathlib import Path

import pytest

from edgekit.devices.application import PORTS_DIR, RUNTIME_DIR, emit_app, runtime_units
from edgekit.devices.board import load_board
from edgekit.errors import EdgekitError
from tests.firmware.builds import bundle

BOARD = load_board("microbit")


def test_it_begins_with_what_it_was_made_of() -> None:
    manifest = bundle("int8").manifest
    text = emit_app(manifest, "ab" * 32, BOARD)
    head = text.splitlines()[:2]
    assert manifest.source_sha256 in head[0]
    assert head[1].endswith("edgekit build --board microbit */")
    assert f'.manifest_sha256 = "{"ab" * 32}"' in text
    assert text == emit_app(manifest, "ab" * 32, BOARD)


def test_scales_are_exact() -> None:
    assert f"{{EK_INT8, 8, {(0.1).hex()}f, 0}}" in emit_app(bundle("int8").manifest, "", BOARD)


def test_buffers_follow_the_hosts_form() -> None:
    raw = emit_app(bundle("uint8").manifest, "", BOARD)
    assert "static uint64_t buffer[1];" in raw
    assert ".quantized = 0," in raw
    floats = emit_app(bundle("mse").manifest, "", BOARD)
    assert "static uint64_t buffer[4];" in floats
    assert "static uint64_t quantized[1];" in floats


def test_units_are_the_runtime_the_port_and_the_app() -> None:
    app = Path("app.c")
    sources = [unit.source for unit in runtime_units(BOARD, app, Path())]
    assert app in sources
    assert PORTS_DIR / "nrf51" / "port.c" in sources
    assert set(RUNTIME_DIR.glob("*.c")) < set(sources)


def test_unknown_port() -> None:
    board = BOARD.model_copy(update={"port": "z80"})
    with pytest.raises(EdgekitError, match="unknown port 'z80'; known: mps2, nrf51, stm32f4"):
        runtime_units(board, Path("app.c"), Path())


def test_mean_squared_error_needs_alike_tensors() -> None:
    manifest = bundle("mse").manifest
    raw = manifest.dut.model_copy(update={"input": "raw"})
    longer = (manifest.outputs[0].model_copy(update={"shape": (1, 9)}),)
    for change in ({"dut": raw}, {"outputs": longer}):
        with pytest.raises(EdgekitError, match="negate: a mean squared error needs float32 input"):
            emit_app(manifest.model_copy(update=change), "", BOARD)
