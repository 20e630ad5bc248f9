"""What `inspect` tells people in a terminal."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from edgekit.inspection.inspection import Inspection, Row
from edgekit.inspection.names import shape_text, short_kernel
from edgekit.inspection.sketch import sketch


def print_inspection(found: Inspection) -> None:
    """The layers, the code that they share, and the plan, in 80 columns."""
    console = Console(highlight=False)
    console.print(found.title, style="bold", markup=False)
    console.print(_layers(found))
    console.print(_total(found), markup=False)
    if found.flash:
        kernels = [f"{short_kernel(name)} {size:,}" for name, size in found.flash.kernels.items()]
        other = f"the model's functions {found.flash.model_bytes:,}"
        rest = f"padding {found.flash.rest_bytes:,}"
        console.print(f"Shared code, bytes: {', '.join([*kernels, other, rest])}", markup=False)
    manifest = found.bundle.manifest
    console.print(f"\nMemory plan, {manifest.arena_bytes:,} bytes, layers from left to right:")
    text = sketch(manifest.plan, manifest.arena_bytes, len(manifest.layers))
    console.print(text, markup=False, soft_wrap=True)


def _layers(found: Inspection) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("#", justify="right")
    table.add_column("kernel", overflow="ellipsis", no_wrap=True)
    table.add_column("output", no_wrap=True)
    for name in ("MACs", "instr.", "a MAC", "flash"):
        table.add_column(name, justify="right", no_wrap=True)
    for number, row in enumerate(found.rows):
        table.add_row(str(number), *_cells(row))
    return table


def _cells(row: Row) -> list[str]:
    layer, cost = row.cost.layer, row.cost
    per_mac = cost.instructions_per_mac
    return [
        short_kernel(layer.kernel),
        shape_text(layer.output_shape),
        f"{layer.macs:,}" if layer.macs else "",
        "" if cost.instructions is None else f"{cost.instructions:,}",
        "" if per_mac is None else f"{per_mac:.2f}",
        f"{row.flash.total_bytes:,}" if row.flash else "",
    ]


def _total(found: Inspection) -> str:
    words = [f"{found.macs:,} MACs"]
    if found.cost:
        cycles = f", {found.cost.cycles:,} cycles (est., {found.cost.rules})"
        words.append(f"{found.cost.instructions:,} instructions{cycles}")
    if found.flash:
        words.append(f"code and tables {found.code_bytes:,} B")
        words.append(f"weights {found.weights_bytes:,} B ({found.compiler})")
    return "; ".join(words)
