"""`edgekit devices`."""

from __future__ import annotations

from typing import Annotated

import typer

from edgekit.commands._output import print_json
from edgekit.devices.registry import Device
from edgekit.errors import EdgekitError, unknown


def devices(
    action: Annotated[str | None, typer.Argument(metavar="[stop]", help="End a board.")] = None,
    device: Annotated[str | None, typer.Argument(metavar="[ID]", help="Its id, or 'all'.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """List virtual boards and serial ports, or stop a virtual board.

    Example: edgekit devices stop mps2-an386-sim
    """
    from edgekit.devices.registry import list_devices, stop_device

    if action not in (None, "stop"):
        raise unknown("action", str(action), ["stop"], "See 'edgekit devices --help'.")
    if action == "stop" and device is None:
        raise EdgekitError(
            "no device was named",
            where="edgekit devices stop",
            remedy="Give its id, or 'all' for every virtual board.",
        )
    if device is None:
        found = list_devices()
    elif device == "all":
        found = [stop_device(d.id) for d in list_devices() if d.kind == "virtual"]
    else:
        found = [stop_device(device)]
    if json:
        print_json({"devices": [_answer(d) for d in found]})
    elif device is None:
        _print_table(found)
    else:
        print("\n".join(f"stopped {d.id}" for d in found) or "no virtual board runs")


def _answer(device: Device) -> dict[str, str | None]:
    return {
        "id": device.id,
        "board": device.board,
        "kind": device.kind,
        "port": device.port or None,
        "emulator": device.emulator,
        "bundle": str(device.bundle) if device.bundle else None,
        "fault": device.fault,
    }


def _print_table(devices: list[Device]) -> None:
    if not devices:
        print("no devices; start a virtual board with 'edgekit flash DIR --board ID'")
        return
    width = max(len(d.id) for d in devices)
    for d in devices:
        state = f"stopped by a fault: {d.fault}" if d.fault else d.port
        print(f"{d.id:{width}}  {d.kind:7}  {d.board or '-':13}  {state}")
