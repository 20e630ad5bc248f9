"""`edgekit doctor`."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from edgekit.commands._output import print_json


def doctor(
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Say what is installed, what is missing, and the line that mends it.

    Exits with 0 when the base works, with 1 when it does not.

    Example: edgekit doctor
    """
    from edgekit.doctor import base_works
    from edgekit.doctor import doctor as look

    checks = look()
    ok = base_works(checks)
    if json:
        print_json({"ok": ok, "checks": [asdict(check) for check in checks]})
    else:
        from edgekit.commands._doctor_table import print_checks

        print_checks(checks, ok)
    if not ok:
        raise typer.Exit(1)
