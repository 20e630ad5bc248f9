"""What `demo` tells people at its end."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from edgekit.demo.demo import BUNDLE, DATA, PROGRAM, DemoResult


def print_demo(result: DemoResult) -> None:
    """The figures, where the files are, and what to try next."""
    console = Console(highlight=False)
    console.print()
    console.print(
        f"[bold]Handwritten digits on {result.board}[/bold] (emulator: {result.emulator}), "
        f"{result.samples} test images"
    )
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(style="bold")
    table.add_column(justify="right")
    table.add_column(style="dim")
    for row in [*_accuracy(result), *_speed(result), *_memory(result)]:
        table.add_row(*row)
    console.print(table)
    console.print(f"\nFiles in [bold]{result.out}[/bold], made in {result.seconds:.0f} s:")
    firmware = result.elf.relative_to(result.out.absolute())
    for name, what in (
        (PROGRAM, "the trained PyTorch program"),
        (DATA, "the 200 images that calibrated it to int8"),
        (f"{BUNDLE}/", "model.tflite, the C, manifest, golden vectors"),
        (f"{firmware.parent}/", firmware.name),
    ):
        console.print(f"  {name:<30} [dim]{what}[/dim]")
    console.print(f"\nNext: edgekit flash {result.out / BUNDLE} --board {result.board}")


def _accuracy(result: DemoResult) -> list[tuple[str, str, str]]:
    return [
        ("accuracy, float32", f"{result.accuracy_float:.4f}", "PyTorch"),
        ("accuracy, int8 on host", f"{result.accuracy_host:.4f}", "the generated C"),
        (
            "accuracy, on the device",
            f"{result.accuracy_device:.4f}",
            "every output equal to the host's",
        ),
    ]


def _speed(result: DemoResult) -> list[tuple[str, str, str]]:
    rows = []
    if result.instructions is not None:
        rows.append(("instructions", f"{result.instructions:,}", "an inference, counted"))
    if result.cycles is not None:
        rows.append(("cycles", f"{result.cycles:,}", "an estimate, at zero wait states"))
    if result.latency_us is not None:
        text = f"{result.latency_us / 1000:.2f} ms"
        rows.append(("time per inference", text, "that estimate at the board's clock"))
    return rows


def _memory(result: DemoResult) -> list[tuple[str, str, str]]:
    ram = result.ram_bytes + result.stack_bytes
    return [
        ("flash", f"{result.flash_bytes:,} B", "whole firmware"),
        (
            "RAM",
            f"{ram:,} B",
            f"arena {result.arena_bytes:,} B, stack in use {result.stack_bytes:,} B",
        ),
    ]
