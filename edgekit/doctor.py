"""`edgekit doctor`: what is installed, what is missing, and the line that mends it."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import edgekit
from edgekit.devices.places import state_folder
from edgekit.requirements import NAME, Requirement, installed_version, own_requirements, satisfies

MIN_PYTHON = (3, 11)
PURPOSES = {
    "numpy": "arrays",
    "typer": "the command line",
    "rich": "tables",
    "pydantic": "boards, suites and manifests",
    "pyserial": "serial ports",
    "pyelftools": "sizes of firmware",
    "capstone": "worst-case stack",
    "unicorn": "the sim emulator",
    "ziglang": "a C compiler without root",
    "ai-edge-litert": "reading .tflite",
    "tflite-micro": "the oracle of golden vectors",
}
EXTRAS = {
    "quantize": "float .tflite models to int8",
    "torch": "PyTorch models",
    "demo": "edgekit demo",
    "dev": "the tests",
}
LINKS = ("converters", "devices", "federated", "benchmarks", "_firmware")


@dataclass(frozen=True)
class Check:
    """One thing that was looked at. `required` ones make the base work; `found` is a version or
    what is wrong; `mend` is a command, empty where nothing is to be done."""

    name: str
    required: bool
    ok: bool
    found: str
    purpose: str
    mend: str = ""


def doctor() -> list[Check]:
    """Every check, the required ones first."""
    checks = [_python(), *_packages(), _firmware_compiler(), _host_compiler()]
    checks += [_state_folder(), _links(), *_extras(), *_tools()]
    return sorted(checks, key=lambda check: not check.required)


def base_works(checks: list[Check]) -> bool:
    """True if nothing that the base needs is missing."""
    return all(check.ok for check in checks if check.required)


def _python() -> Check:
    found = ".".join(str(n) for n in sys.version_info[:3])
    ok = sys.version_info[:2] >= MIN_PYTHON
    return Check("Python", True, ok, found, "3.11 or later", "" if ok else "apt install python3.11")


def _packages() -> list[Check]:
    try:
        return [_package(requirement) for requirement in own_requirements()]
    except PackageNotFoundError:
        mend = f"{_pip()} -e ."
        return [Check(NAME, True, False, "not installed", "the package itself", mend)]


def _package(requirement: Requirement) -> Check:
    name = requirement.package
    state = _state(requirement)
    mend = "" if state is None else f"{_pip()} '{name}{requirement.versions}'"
    found = state or installed_version(name) or ""
    return Check(name, True, state is None, found, PURPOSES.get(name, "a dependency"), mend)


def _state(requirement: Requirement) -> str | None:
    """What is wrong with a requirement, None where it is met."""
    found = installed_version(requirement.package)
    if found is None:
        return "missing"
    if not satisfies(found, requirement.versions):
        return f"{found}, not {requirement.versions}"
    return None


def _extras() -> list[Check]:
    try:
        return [_extra(name) for name in EXTRAS]
    except PackageNotFoundError:
        return []


def _extra(name: str) -> Check:
    requirements = own_requirements(name)
    bad = [f"{r.package} {state}" for r in requirements if (state := _state(r))]
    found = ", ".join(bad) if bad else "installed"
    mend = f"{_pip()} 'edgekit[{name}]'" if bad else ""
    return Check(f"edgekit[{name}]", False, not bad, found, EXTRAS[name], mend)


def _pip() -> str:
    return f"{shlex.quote(sys.executable)} -m pip install"


def _firmware_compiler() -> Check:
    gcc = _program("arm-none-eabi-gcc", "-dumpfullversion")
    zig = installed_version("ziglang")
    found = f"gcc {gcc}" if gcc else f"zig {zig}" if zig else "missing"
    mend = "" if gcc or zig else f"{_pip()} ziglang"
    return Check("C for Cortex-M", True, bool(gcc or zig), found, "building firmware", mend)


def _host_compiler() -> Check:
    chosen = (os.environ.get("CC") or "cc").split()[0]
    zig = installed_version("ziglang")
    found = chosen if shutil.which(chosen) else f"zig {zig}" if zig else "missing"
    ok = found != "missing"
    mend = "" if ok else f"{_pip()} ziglang"
    return Check("C for this machine", True, ok, found, "the model's exact twin here", mend)


def _state_folder() -> Check:
    folder = state_folder()
    nearest = next(p for p in (folder, *folder.parents) if p.exists())
    ok = nearest.is_dir() and os.access(nearest, os.W_OK | os.X_OK)
    mend = "" if ok else "export EDGEKIT_HOME=FOLDER, one that you may write to"
    found = str(folder) if ok else f"no write access to {nearest}"
    return Check("state folder", True, ok, found, "virtual boards", mend)


def _links() -> Check:
    root = Path(edgekit.__file__).parent
    bad = [name for name in LINKS if not (root / name).is_dir()]
    found = f"not folders: {', '.join(bad)}" if bad else f"{len(LINKS)} folders"
    mend = "git config core.symlinks true && git checkout -- edgekit" if bad else ""
    return Check("edgekit's folders", True, not bad, found, "one namespace by links", mend)


def _tools() -> list[Check]:
    tools = (
        (
            "arm-none-eabi-gcc",
            "-dumpfullversion",
            "gcc-arm-none-eabi",
            "smaller firmware than zig's",
        ),
        ("qemu-system-arm", "--version", "qemu-system-arm", "a second emulator, --emulator qemu"),
        ("riscv64-unknown-elf-gcc", "-dumpversion", "gcc-riscv64-unknown-elf", "tests for RISC-V"),
    )
    checks = []
    for program, option, package, purpose in tools:
        found = _program(program, option)
        mend = "" if found else f"sudo apt install {package}"
        checks.append(Check(program, False, bool(found), found or "missing", purpose, mend))
    return checks


def _program(name: str, option: str) -> str | None:
    """The version that a program tells, None where it is not there or does not run."""
    path = shutil.which(name)
    if path is None:
        return None
    try:
        done = subprocess.run([path, option], capture_output=True, text=True, timeout=10)
    except (OSError, subprocess.TimeoutExpired):
        return None
    words = done.stdout.split("\n")[0].split()
    numbers = [word for word in words if word[0].isdigit()]
    return numbers[0] if done.returncode == 0 and numbers else None
