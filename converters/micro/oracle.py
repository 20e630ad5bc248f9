"""The oracle: TFLM's own reference interpreter (`tflite-micro` on PyPI).

It runs in a process of its own, since it aborts on models that it does not like:
`python -m edgekit.converters.micro.oracle COUNT MODEL INPUTS.npz OUTPUTS.npz`.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

PACKAGE = "tflite-micro"
TIMEOUT_S = 120
ARENA_BYTES = 64 << 20  # more than any model for a microcontroller asks for


class OracleRefusedError(Exception):
    """TFLM does not run this model; the text is what it said."""


def oracle_name() -> str | None:
    """`tflite-micro VERSION`, or None where it is not installed (no wheel for this platform)."""
    if importlib.util.find_spec("tflite_micro") is None:
        return None
    return f"{PACKAGE} {importlib.metadata.version(PACKAGE)}"


def run_oracle(
    tflite: bytes, inputs: Sequence[NDArray[Any]], outputs: int = 1
) -> list[NDArray[Any]]:
    """The model's first `outputs` outputs, [samples, *shape], for inputs [samples, *shape]."""
    from tflite_micro import runtime

    interpreter = runtime.Interpreter.from_bytes(tflite, arena_size=ARENA_BYTES)
    results: list[list[NDArray[Any]]] = [[] for _ in range(outputs)]
    for sample in range(len(inputs[0])):
        for index, batch in enumerate(inputs):
            interpreter.set_input(np.ascontiguousarray(batch[sample]), index)
        interpreter.invoke()
        for index, result in enumerate(results):
            result.append(np.array(interpreter.get_output(index)))
    return [np.stack(result) for result in results]


def run_oracle_apart(
    tflite: bytes, inputs: Sequence[NDArray[Any]], outputs: int = 1
) -> list[NDArray[Any]]:
    """As `run_oracle`, in another process; `OracleRefusedError` if it fails, aborts or hangs."""
    with tempfile.TemporaryDirectory(prefix="edgekit-oracle-") as home:
        model, given, answer = (Path(home) / n for n in ("model", "in.npz", "out.npz"))
        model.write_bytes(tflite)
        np.savez(given, *inputs)
        command = [sys.executable, "-m", __spec__.name, str(outputs)]
        command += [str(model), str(given), str(answer)]
        try:
            done = subprocess.run(
                command, capture_output=True, text=True, check=False, timeout=TIMEOUT_S
            )
        except subprocess.TimeoutExpired:
            raise OracleRefusedError(f"no answer in {TIMEOUT_S} s") from None
        if done.returncode or not answer.exists():
            lines = (done.stdout + done.stderr).strip().splitlines()
            raise OracleRefusedError(lines[-1][:200] if lines else f"status {done.returncode}")
        return _arrays(answer)


def _arrays(path: Path) -> list[NDArray[Any]]:
    with np.load(path, allow_pickle=False) as archive:
        return [archive[f"arr_{i}"] for i in range(len(archive.files))]


def main() -> None:
    """Run the model in the files named on the command line."""
    model, given, answer = map(Path, sys.argv[2:5])
    np.savez(answer, *run_oracle(model.read_bytes(), _arrays(given), int(sys.argv[1])))


if __name__ == "__main__":
    main()
