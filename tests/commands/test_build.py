"""`edgekit build`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from edgekit.cli import main
from tests.bundles import write_bundle


def run(*arguments: str, code: int = 0) -> None:
    with pytest.raises(SystemExit) as end:
        main(["build", *arguments])
    assert end.value.code == code


def test_board_and_folder_by_default(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_bundle(tmp_path / "b")
    run(str(tmp_path / "b"))
    out = capsys.readouterr().out
    elf = tmp_path / "b" / "firmware-mps2-an386" / "firmware.elf"
    assert elf.is_file()
    assert out.startswith(f"{elf}  (mps2-an386, ")
    assert "of 4,194,304 bytes" in out


def test_json_and_options(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_bundle(tmp_path / "b")
    out = tmp_path / "fw"
    run(str(tmp_path / "b"), "--board", "microbit", "--compiler", "zig", "-o", str(out), "--json")
    answer = json.loads(capsys.readouterr().out)
    assert answer["elf"] == str(out / "firmware.elf")
    assert answer["board"] == "microbit"
    assert answer["compiler"].startswith("zig ")
    assert 0 < answer["stack_bytes"] <= 2048
    assert 0 < answer["ram_bytes"] < 4096 < answer["flash_bytes"] < 32768


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nowhere"], "nowhere: not a bundle"),
        (["b", "--board", "esp32"], "unknown board 'esp32'; known: microbit"),
        (["b", "--compiler", "clang"], "unknown compiler 'clang'; known: gcc, zig"),
        (["b", "-o", "."], ".: exists and is not a firmware folder"),
    ],
)
def test_bad_input_is_one_line(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    message: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    write_bundle(tmp_path / "b")
    before = sorted(tmp_path.rglob("*"))
    run(*arguments, code=2)
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith(f"edgekit: {message}")
    assert captured.err.count("\n") == 1
    assert sorted(tmp_path.rglob("*")) == before


def test_changed_file_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bundle = write_bundle(tmp_path / "b")
    bundle.file("model.c").write_text("int changed;\n")
    run(str(bundle.path), code=2)
    assert "model.c was changed since the bundle was written" in capsys.readouterr().err


def test_no_board_at_all(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bundle = write_bundle(tmp_path / "b")
    manifest = bundle.manifest.model_copy(update={"board": None})
    (bundle.path / "manifest.json").write_text(manifest.to_json())
    run(str(bundle.path), code=2)
    assert "the bundle was converted for no board. Give one with --board" in capsys.readouterr().err


def test_help_has_an_example(capsys: pytest.CaptureFixture[str]) -> None:
    run("--help")
    assert "Example: edgekit build kws --board mps2-an386" in capsys.readouterr().out
