"""Where edgekit keeps what outlives a command: virtual boards' state and compiled helpers."""

from __future__ import annotations

import os
from pathlib import Path


def state_folder() -> Path:
    """$EDGEKIT_HOME, else $XDG_STATE_HOME/edgekit, else ~/.local/state/edgekit."""
    if home := os.environ.get("EDGEKIT_HOME"):
        return Path(home).absolute()
    base = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(base).absolute() / "edgekit"


def cache_folder() -> Path:
    """$XDG_CACHE_HOME/edgekit, else ~/.cache/edgekit. What lies there can be made again."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base).absolute() / "edgekit"
