"""The background process of a virtual board: an emulator on one side, a serial port on the other.

`python -m edgekit.devices.virtual FOLDER LOCK READY` runs it; see `start.py`, which calls it so.
"""

from __future__ import annotations

import os
import select
import signal
import sys
import traceback
from pathlib import Path

from edgekit.devices import control, emulators
from edgekit.devices.board import load_board
from edgekit.devices.emulators import Emulator, FirmwareError, Program, Starter
from edgekit.devices.pty_port import PtyPort
from edgekit.devices.record import Record, port_path, read_record, write_record
from edgekit.errors import EdgekitError
from edgekit.modules import load_module

INBOX_BYTES = 65536


class VirtualBoard:
    """Moves bytes between the port and the emulator until it is told to stop."""

    def __init__(self, folder: Path, emulator: Emulator) -> None:
        self._emulator = emulator
        self._port = PtyPort(port_path(folder))
        self._control = control.listen(folder)
        self._inbox = b""
        self._wake_in, self._wake_out = os.pipe()
        os.set_blocking(self._wake_out, False)
        self._stopped = False

    def stop(self) -> None:
        """Leave `serve` soon. Safe in a signal handler."""
        self._stopped = True
        os.write(self._wake_out, b"\0")

    def serve(self) -> None:
        """Run until `stop`. Raises FirmwareError where the firmware stops by a fault."""
        while not self._stopped:
            step = self._emulator.step(self._inbox)
            self._inbox = self._inbox[step.taken :]
            self._port.write(step.sent)
            self._wait(step.wait_s)

    def _wait(self, wait_s: float | None) -> None:
        readers = [self._wake_in, self._control.fileno(), *self._emulator.descriptors()]
        if len(self._inbox) < INBOX_BYTES:
            readers.append(self._port.master)
        writers = [self._port.master] if self._port.backlog else []
        ready, _, _ = select.select(readers, writers, [], wait_s)
        if self._port.master in ready:
            self._inbox += self._port.read()
        if self._control.fileno() in ready:
            control.answer(self._control, self._emulator.counters())

    def close(self) -> None:
        """Take the port and the socket away and end the emulator."""
        self._emulator.close()
        self._control.close()
        self._port.close()


def _start_emulator(record: Record) -> Emulator:
    starter: Starter = load_module(emulators, record.emulator, "emulator")
    program = Program(record.elf, record.invoke, record.layers, record.icount)
    return starter.start(load_board(record.board), program)


def run(folder: Path, ready: int) -> None:
    """Be the board of the record in `folder`; writes `ok` or an error's text to `ready`."""
    record = read_record(folder)
    assert record is not None
    with os.fdopen(ready, "w") as to_starter:
        try:
            board = VirtualBoard(folder, _start_emulator(record))
        except EdgekitError as error:
            to_starter.write(str(error))
            return
        record = record.model_copy(update={"state": "running", "pid": os.getpid()})
        write_record(folder, record)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: board.stop())
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        to_starter.write("ok")
    fault = None
    try:
        board.serve()
    except FirmwareError as error:
        fault = str(error)
        print(f"fault: {fault}", flush=True)
    finally:
        write_record(folder, record.model_copy(update={"state": "stopped", "fault": fault}))
        board.close()


def main() -> None:
    """Leave the shell that started us, then run."""
    folder, _lock, ready = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    if os.fork():
        os._exit(0)  # the starter waits for this one; the board belongs to init
    os.chdir("/")
    try:
        run(folder, ready)
    except Exception:
        traceback.print_exc()
        sys.stderr.flush()
        os._exit(1)


if __name__ == "__main__":
    main()
