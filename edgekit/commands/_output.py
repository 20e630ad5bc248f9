"""What every verb's `--json` and tables share."""

from __future__ import annotations

import json
from typing import Any


def print_json(answer: dict[str, Any]) -> None:
    """One JSON object on stdout."""
    print(json.dumps(answer, indent=2, allow_nan=False))
