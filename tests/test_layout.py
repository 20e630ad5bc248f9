"""The house: links, entry points, the wheel, and what importing costs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import venv
from pathlib import Path

import pytest

from edgekit import commands
from edgekit.modules import module_names
from tests.tools import repository

LINKS = {
    "converters": "converters",
    "devices": "devices",
    "federated": "federated",
    "benchmarks": "benchmarks",
    "_firmware": "firmware",
}


@pytest.mark.parametrize("link", LINKS)
def test_link_is_a_folder(link: str) -> None:
    path = repository() / "edgekit" / link
    assert path.is_dir(), (
        f"{path} is not a folder: this checkout has no symbolic links. "
        "Run 'git config core.symlinks true' and check out again."
    )
    assert path.resolve() == (repository() / LINKS[link]).resolve()


@pytest.mark.parametrize("verb", module_names(commands))
def test_verb_has_help_with_an_example(verb: str) -> None:
    done = run([sys.executable, "-m", "edgekit", verb, "--help"])
    assert f"Example: edgekit {verb}" in done.stdout


def run(command: list[str], cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "COLUMNS": "200"}
    env.pop("PYTHONPATH", None)
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=cwd, env=env)
    assert done.returncode == 0, done.stdout + done.stderr
    return done


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys, edgekit.cli\n"
        "try: edgekit.cli.main(['--help'])\n"
        "except SystemExit: pass\n"
        "heavy = {'numpy', 'torch', 'tensorflow', 'unicorn', 'ai_edge_litert', 'sklearn'}\n"
        "print('HEAVY', sorted(heavy & set(sys.modules)))"
    )
    assert "HEAVY []" in run([sys.executable, "-c", code]).stdout


def test_file_sizes() -> None:
    """A file is one noun: about 300 lines, 400 at the very most."""
    root = repository()
    listed = run(["git", "ls-files", "*.py", "*.c", "*.h"], cwd=root).stdout.split()
    lengths = {f: len((root / f).read_text().splitlines()) for f in listed if (root / f).is_file()}
    assert {f: n for f, n in lengths.items() if n > 400} == {}


@pytest.mark.slow
def test_wheel_works_in_an_empty_environment(tmp_path: Path) -> None:
    root = repository()
    run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "-o", str(tmp_path), str(root)]
    )
    wheel = next(tmp_path.glob("*.whl"))
    home = tmp_path / "env"
    venv.create(home, with_pip=True)
    python = str(home / "bin" / "python")
    run([python, "-m", "pip", "install", "-q", "--disable-pip-version-check", str(wheel)])
    edgekit = str(home / "bin" / "edgekit")
    away = tmp_path / "away"
    away.mkdir()
    assert "edgekit convert" in run([edgekit, "--help"], cwd=away).stdout
    assert "mps2-an386" in run([edgekit, "boards"], cwd=away).stdout
    (away / "model.tflite").write_bytes(small_model())
    command = [edgekit, "convert", "model.tflite", "--board", "mps2-an386", "-o", "out", "--json"]
    answer = json.loads(run(command, cwd=away).stdout)
    assert answer["target"] == "tflite-micro"
    assert answer["code_bytes"] > 0
    assert (away / "out" / "model.c").is_file()


def small_model() -> bytes:
    from tests.tflite_builder import O, T, build

    same = T((1, 8), scale=0.5)
    return build([same, same], [O("RELU", [0], [1])], [0], [1])
