"""The host twin: a bundle's own C compiled for this machine, exact to the last bit."""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgekit.artifact import TensorInfo, load_bundle
from edgekit.errors import EdgekitError

FLAGS = ("-std=c99", "-O2", "-fPIC", "-shared", "-ffp-contract=off")


def host_compiler() -> list[str]:
    """The command of this machine's C compiler: $CC, cc, or zig from PyPI."""
    chosen = os.environ.get("CC", "").split() or ["cc"]
    if shutil.which(chosen[0]):
        return chosen
    return [sys.executable, "-m", "ziglang", "cc"]


def compile_host(folder: Path, library: Path) -> None:
    """Compile all C of `folder` into the shared library `library`."""
    sources = sorted(str(path) for path in folder.glob("*.c"))
    command = [*host_compiler(), *FLAGS, f"-I{folder}", "-o", str(library), *sources]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        first = next((x for x in done.stderr.splitlines() if "error" in x), done.stderr[:200])
        raise EdgekitError(
            f"{command[0]} cannot compile the model for this machine ({first})",
            where=str(folder),
            remedy="Set CC to a working C99 compiler, or see 'edgekit doctor'.",
        )


class HostModel:
    """A model loaded into this process. One at a time uses its arena: not for threads."""

    def __init__(
        self, folder: Path, name: str, inputs: Sequence[TensorInfo], outputs: Sequence[TensorInfo]
    ) -> None:
        self._home = tempfile.TemporaryDirectory(prefix="edgekit-host-")
        library = Path(self._home.name) / "model.so"
        compile_host(folder, library)
        code = ctypes.CDLL(str(library))
        self._input, self._output = code[f"{name}_input"], code[f"{name}_output"]
        self._invoke = code[f"{name}_invoke"]
        self._input.restype = self._output.restype = ctypes.c_void_p
        self.inputs, self.outputs = tuple(inputs), tuple(outputs)

    @classmethod
    def build(cls, bundle: Path) -> HostModel:
        """The host twin of the bundle at this path."""
        manifest = load_bundle(bundle).manifest
        return cls(bundle, manifest.name, manifest.inputs, manifest.outputs)

    def __enter__(self) -> HostModel:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._home.cleanup()

    def run(self, inputs: Sequence[NDArray[Any]]) -> list[NDArray[Any]]:
        """Outputs for `inputs`, one array each [samples, ...]; a sample has the tensor's dtype
        and number of elements. Outputs are [samples, *shape]."""
        count = len(inputs[0])
        results: list[list[NDArray[Any]]] = [[] for _ in self.outputs]
        for sample in range(count):
            for index, (info, batch) in enumerate(zip(self.inputs, inputs, strict=True)):
                data = np.ascontiguousarray(batch[sample])
                if data.dtype != info.dtype or data.size != np.prod(info.shape):
                    raise EdgekitError(
                        f"a sample is {data.dtype} {list(data.shape)}, "
                        f"the model takes {info.dtype} {list(info.shape)}",
                        where=f"input '{info.name}'",
                    )
                ctypes.memmove(self._input(index), data.ctypes.data, data.nbytes)
            status = self._invoke()
            if status:
                raise EdgekitError(f"the compiled model returned {status}")
            for index, info in enumerate(self.outputs):
                size = int(np.prod(info.shape)) * np.dtype(info.dtype).itemsize
                raw = ctypes.string_at(self._output(index), size)
                results[index].append(np.frombuffer(raw, info.dtype).reshape(info.shape))
        return [np.stack(result) for result in results]
