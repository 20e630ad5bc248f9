"""The socket by which other commands ask a virtual board's process for its counts."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

NAME = "control"
TIMEOUT_S = 10.0
_PATH_LIMIT = 100  # a socket's path has 108 bytes at most


@contextmanager
def _address(folder: Path) -> Iterator[str]:
    """A path of the socket that is short enough, by way of an open folder where need be."""
    direct = str(folder / NAME)
    if len(os.fsencode(direct)) <= _PATH_LIMIT:
        yield direct
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        yield f"/proc/self/fd/{handle}/{NAME}"
    finally:
        os.close(handle)


def listen(folder: Path) -> socket.socket:
    """A listening socket in `folder`, for this user alone."""
    (folder / NAME).unlink(missing_ok=True)
    server = socket.socket(socket.AF_UNIX)
    with _address(folder) as address:
        server.bind(address)
    (folder / NAME).chmod(0o600)
    server.listen()
    return server


def answer(server: socket.socket, counters: dict[str, Any] | None) -> None:
    """Serve one caller; one that went away meanwhile is forgotten."""
    connection, _ = server.accept()
    with connection:
        connection.settimeout(TIMEOUT_S)
        try:
            connection.sendall(json.dumps(counters).encode())
        except OSError:
            return


def ask(folder: Path) -> dict[str, Any] | None:
    """The counts of the board in `folder`. Raises OSError where no process answers."""
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(TIMEOUT_S)
        with _address(folder) as address:
            client.connect(address)
        parts = []
        while part := client.recv(65536):
            parts.append(part)
    counters: dict[str, Any] | None = json.loads(b"".join(parts))
    return counters
