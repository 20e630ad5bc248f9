"""Runs another project's converter in a process of its own.

What it prints stays off our stdout and stderr, its gigabytes go with it, and a crash in its native
code (a damaged model) becomes one clear line instead of the end of this process.
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import subprocess
import sys
import traceback
from pathlib import Path
from typing import Any

import edgekit
from edgekit.errors import EdgekitError

REPLY_NAME = "reply.json"


def isolate(task: str, workdir: Path, where: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """The answer of `task` ("module:function") called with `arguments`, both as JSON.

    `where` names the model in the error that a crash becomes. An EdgekitError crosses as it is.
    """
    reply = workdir / REPLY_NAME
    reply.unlink(missing_ok=True)
    command = [sys.executable, "-P", "-m", __name__, task, str(reply), json.dumps(arguments)]
    # -P keeps files of the current folder from shadowing modules; edgekit itself must be found.
    paths = [str(Path(edgekit.__file__).parent.parent), os.environ.get("PYTHONPATH", "")]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(p for p in paths if p)}
    done = subprocess.run(command, capture_output=True, env=environment, check=False)
    if os.environ.get("EDGEKIT_DEBUG"):
        sys.stderr.buffer.write(done.stdout + done.stderr)
    if not reply.is_file():
        raise EdgekitError(
            f"the converter {_end(done.returncode)}",
            where=where,
            remedy="Check that the model is whole and that memory suffices; see 'edgekit --debug'.",
        )
    answer: dict[str, Any] = json.loads(reply.read_text())
    if "error" in answer:
        raise EdgekitError(**({"where": where} | answer["error"]))
    result: dict[str, Any] = answer["result"]
    return result


def _end(status: int) -> str:
    if status >= 0:
        return f"ended with status {status} and no answer"
    try:
        name = signal.Signals(-status).name
    except ValueError:
        name = f"signal {-status}"
    return f"crashed ({name})"


def _run(task: str, arguments: dict[str, Any]) -> dict[str, Any]:
    module, _, function = task.partition(":")
    try:
        return {"result": getattr(importlib.import_module(module), function)(**arguments)}
    except EdgekitError as error:
        given = {"what": error.what, "where": error.where, "remedy": error.remedy}
        return {"error": {k: v for k, v in given.items() if v}}
    except Exception as error:
        traceback.print_exc()
        lines = [line.strip() for line in str(error).splitlines() if line.strip()]
        first = lines[0][:200] if lines else "no message"
        what = f"the converter refused it ({type(error).__name__}: {first})"
        return {"error": {"what": what, "remedy": "'edgekit --debug' shows more."}}


def main() -> None:
    """The process's side: TASK REPLY_FILE ARGUMENTS_AS_JSON."""
    task, reply, arguments = sys.argv[1:]
    answer = json.dumps(_run(task, json.loads(arguments)))
    aside = Path(f"{reply}.part")
    aside.write_text(answer)
    aside.replace(reply)


if __name__ == "__main__":
    main()
