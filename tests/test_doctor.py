from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from edgekit.commands._doctor_table import print_checks
from edgekit.doctor import EXTRAS, LINKS, PURPOSES, Check, base_works, doctor
from edgekit.requirements import installed_version, own_requirements


def named(name: str) -> Check:
    (found,) = [check for check in doctor() if check.name == name]
    return found


def pretend(monkeypatch: pytest.MonkeyPatch, package: str, version: str | None) -> None:
    """Let `doctor` see another version of a package, or none."""
    monkeypatch.setattr(
        "edgekit.doctor.installed_version",
        lambda name: version if name == package else installed_version(name),
    )


def test_this_machine_works() -> None:
    checks = doctor()
    assert base_works(checks), [check for check in checks if not check.ok]
    assert all(check.mend == "" for check in checks if check.ok)
    assert named("Python").found == sys.version.split()[0]
    assert named("numpy").required and not named("qemu-system-arm").required


def test_every_package_and_extra_has_a_purpose() -> None:
    assert {requirement.package for requirement in own_requirements()} <= set(PURPOSES)
    assert all(own_requirements(extra) for extra in EXTRAS)


def test_the_command_is_fast_and_imports_nothing_heavy() -> None:
    code = (
        "import sys, edgekit.cli\n"
        "try: edgekit.cli.main(['doctor', '--json'])\n"
        "except SystemExit as end: print(end.code, file=sys.stderr)\n"
        "heavy = {'numpy', 'torch', 'unicorn', 'ai_edge_litert', 'sklearn', 'ziglang'}\n"
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)"
    )
    command = [sys.executable, "-W", "ignore", "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=20)
    answer = json.loads(done.stdout)
    assert answer["ok"] is True and done.stderr.splitlines()[-2:] == ["0", "[]"]
    assert set(answer["checks"][0]) == {"name", "required", "ok", "found", "purpose", "mend"}


def test_a_missing_package_fails_with_the_line_that_mends_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pretend(monkeypatch, "capstone", None)
    check = named("capstone")
    assert not check.ok and check.found == "missing" and not base_works(doctor())
    assert "-m pip install 'capstone" in check.mend
    print_checks(doctor(), ok=False)
    text = capsys.readouterr().out
    assert check.mend in text and "The base does not work." in text


def test_a_wrong_version_is_shown_beside_the_pin(monkeypatch: pytest.MonkeyPatch) -> None:
    pretend(monkeypatch, "pyserial", "3.4")
    assert named("pyserial").found == "3.4, not ==3.5"


def test_a_missing_extra_does_not_break_the_base(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pretend(monkeypatch, "litert-torch", None)
    check = named("edgekit[torch]")
    assert not check.ok and check.found == "litert-torch missing" and base_works(doctor())
    assert check.mend.endswith("-m pip install 'edgekit[torch]'")
    print_checks(doctor(), ok=True)
    assert "edgekit[torch]: litert-torch missing. Run:" in capsys.readouterr().out


def test_without_programs_zig_compiles(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CC", raising=False)
    assert named("C for Cortex-M").found.startswith("zig ")
    assert named("C for this machine").found.startswith("zig ")
    assert named("qemu-system-arm").mend == "sudo apt install qemu-system-arm"
    pretend(monkeypatch, "ziglang", None)
    assert not named("C for Cortex-M").ok and named("C for Cortex-M").mend.endswith("ziglang")


def test_a_program_that_hangs_or_fails_is_missing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    program = tmp_path / "qemu-system-arm"
    program.write_text("#!/bin/sh\nexit 3\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}/bin")
    assert not named("qemu-system-arm").ok


def test_the_state_folder_must_be_writable(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("EDGEKIT_HOME", str(tmp_path / "new" / "home"))
    assert named("state folder").ok
    file = tmp_path / "file"
    file.write_text("")
    monkeypatch.setenv("EDGEKIT_HOME", str(file / "home"))
    check = named("state folder")
    assert not check.ok and check.found == f"no write access to {file}"
    assert "EDGEKIT_HOME" in check.mend


def test_links_that_are_files_are_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("edgekit.__file__", str(tmp_path / "__init__.py"))
    for name in LINKS[1:]:
        (tmp_path / name).mkdir()
    (tmp_path / LINKS[0]).write_text("../converters")
    check = named("edgekit's folders")
    assert check.found == "not folders: converters" and "core.symlinks true" in check.mend


def test_the_table_fits_eighty_columns(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    checks = [check for check in doctor() if check.ok]
    print_checks(checks, ok=True)
    lines = capsys.readouterr().out.splitlines()
    assert max(len(line) for line in lines) <= 80 and len(lines) == len(checks) + 3
