"""`python -m edgekit.benchmarks.micro` is `edgekit bench micro`."""

from __future__ import annotations

import sys

from edgekit.cli import main

if __name__ == "__main__":
    main(["bench", "micro", *sys.argv[1:]])
