"""What `convert` tells people about a bundle."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from edgekit.artifact import Bundle


def print_bundle(bundle: Bundle) -> None:
    """A table of the bundle's sizes and where each figure comes from."""
    manifest, sizes = bundle.manifest, bundle.manifest.sizes
    table = Table(show_header=True, box=None, pad_edge=False)
    table.add_column(str(bundle.path))
    table.add_column("bytes", justify="right")
    table.add_column("from", style="dim")
    table.add_row("arena", f"{manifest.arena_bytes:,}", "the memory plan, exact")
    table.add_row("weights", f"{manifest.weights_bytes:,}", "weights and biases in model.c")
    if sizes is not None:
        link = f"{sizes.compiler}, linked for {sizes.board}"
        table.add_row("code and tables", f"{sizes.code_bytes:,}", link)
        table.add_row("stack, at most", f"{sizes.stack_bytes:,}", "every call path of the ELF")
        table.add_row("flash, whole firmware", f"{sizes.flash_bytes:,}", link)
        table.add_row("RAM, static", f"{sizes.ram_bytes:,}", link)
    console = Console(highlight=False)
    console.print(table)
    macs = sum(layer.macs for layer in manifest.layers)
    checked = manifest.golden_checked_by
    console.print(
        f"{len(manifest.layers)} layers, {macs:,} MACs; golden vectors "
        + (f"equal {checked}, bit for bit" if checked else "not checked by an oracle")
    )
