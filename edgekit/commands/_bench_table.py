"""What `bench` tells people."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from edgekit.benchmarks.bench import Result
from edgekit.benchmarks.performance import LayerResult


def print_result(result: Result) -> None:
    """The figures with where each comes from, then the layers."""
    console = Console(highlight=False)
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(style="bold")
    table.add_column(justify="right")
    table.add_column(style="dim")
    for row in [*_quality(result), *_speed(result), *_memory(result)]:
        table.add_row(*row)
    place = f" on {result.board}" if result.board else ""
    console.print(f"{result.suite.name}, {result.suite.title}: {result.device.id}{place}")
    console.print(table)
    if any(layer.instructions is not None for layer in result.performance.layers):
        console.print(_layers(result.performance.layers))


def _quality(result: Result) -> list[tuple[str, str, str]]:
    if result.accuracy is None:
        return []
    top1, target = result.accuracy.top1, result.suite.quality.target
    state = "reached" if top1 >= target else "not reached"
    count = len(result.accuracy.labels)
    note = f"{count} samples; target {target:.2f} {state}"
    return [("top-1 accuracy", f"{top1:.4f}", note)]


def _speed(result: Result) -> list[tuple[str, str, str]]:
    speed = result.performance
    rows = []
    if speed.latency_us is None:
        rows.append(
            ("latency", "not known", f"{result.device.emulator}'s clock is not the board's")
        )
    else:
        note = f"median of {len(speed.windows_us)} windows, {speed.latency_is}"
        rows.append(("latency", _time(speed.latency_us), note))
        rows.append(("throughput", f"{1e6 / speed.latency_us:,.2f} /s", "from that latency"))
    if speed.instructions is not None:
        rows.append(("instructions", f"{speed.instructions:,}", "an inference, counted"))
    if speed.cycles is not None:
        rules = f", {speed.rules}" if speed.rules else ""
        rows.append(("cycles", f"{speed.cycles:,}", f"an inference, {speed.cycles_are}{rules}"))
    return rows


def _time(time_us: float) -> str:
    return f"{time_us / 1000:,.1f} ms" if time_us >= 10_000 else f"{time_us:,.0f} µs"


def _memory(result: Result) -> list[tuple[str, str, str]]:
    rows = [
        ("flash", result.flash_bytes, "whole firmware"),
        ("arena", result.arena_bytes, "the model's tensors"),
        ("stack", result.stack_bytes, "most in use since boot"),
        ("RAM, peak", result.peak_ram_bytes, "static and that stack"),
    ]
    return [(name, f"{size:,} B", note) for name, size, note in rows if size is not None]


def _layers(layers: tuple[LayerResult, ...]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("#", justify="right")
    table.add_column("kernel", overflow="ellipsis", no_wrap=True)
    for name in ("MACs", "instructions", "cycles (est.)"):
        table.add_column(name, justify="right", no_wrap=True)
    for number, layer in enumerate(layers):
        figures = (layer.macs, layer.instructions, layer.cycles)
        cells = ["" if n is None else f"{n:,}" for n in figures]
        table.add_row(str(number), layer.kernel, *cells)
    return table
