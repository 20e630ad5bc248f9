"""What `doctor` tells people."""

from __future__ import annotations

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from edgekit.doctor import Check


def print_checks(checks: list[Check], ok: bool) -> None:
    """A line for each check, then the lines that mend what is missing."""
    console = Console(highlight=False)
    for required, title in ((True, "Needed"), (False, "Optional")):
        table = Table(box=None, pad_edge=False, show_header=False)
        table.add_column(no_wrap=True)
        table.add_column(no_wrap=True)
        table.add_column(overflow="ellipsis", no_wrap=True, max_width=26)
        table.add_column(style="dim")
        for check in checks:
            if check.required == required:
                words = (escape(text) for text in (check.name, check.found, check.purpose))
                table.add_row(_mark(check), *words)
        console.print(f"[bold]{title}[/bold]")
        console.print(table)
    missing = [check for check in checks if not check.ok]
    if missing:
        console.print("[bold]To mend[/bold]")
    for check in missing:
        console.print(f"  {check.name}: {check.found}. Run:", soft_wrap=True, markup=False)
        console.print(f"    {check.mend}", soft_wrap=True, markup=False)
    console.print("The base works." if ok else "The base does not work.")


def _mark(check: Check) -> str:
    if check.ok:
        return "[green]✓[/green]"
    return "[red]✗[/red]" if check.required else "–"
