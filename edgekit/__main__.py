"""`python -m edgekit` is the same as `edgekit`."""

from edgekit.cli import main

main()
