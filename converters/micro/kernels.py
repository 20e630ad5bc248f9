"""The C kernels: where they are and which files a program needs."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

KERNELS_DIR = Path(__file__).parents[2] / "_firmware" / "kernels"
INCLUDE = re.compile(r'#include "(ek_\w+\.h)"')


def kernel_files(kernels: Iterable[str]) -> dict[str, str]:
    """Name -> text of the sources of `kernels` and of every header that they include."""
    found: dict[str, str] = {}
    wanted = [f"{kernel}.{ending}" for kernel in kernels for ending in ("c", "h")]
    while wanted:
        name = wanted.pop()
        if name not in found:
            found[name] = (KERNELS_DIR / name).read_text()
            wanted += INCLUDE.findall(found[name])
    return dict(sorted(found.items()))
