"""The `edgekit` command: one verb a file in `commands/`, imported only when it is asked for."""

from __future__ import annotations

import os
import sys
from typing import Any

import typer
from click import Command, Context
from typer.core import TyperGroup

from edgekit import __version__, commands
from edgekit.errors import EdgekitError
from edgekit.modules import load_module, module_names


class Verbs(TyperGroup):
    """The verbs found in `edgekit/commands/`: file `NAME.py` holds the function `NAME`, and where
    it needs one its own class `Command`."""

    def list_commands(self, ctx: Context) -> list[str]:
        """The verbs in the order of the journey of a model, then any others."""
        names = module_names(commands)
        journey = list(commands.JOURNEY)
        return [n for n in journey if n in names] + [n for n in names if n not in journey]

    def get_command(self, ctx: Context, cmd_name: str) -> Command | None:
        """The verb's command, or None, which click turns into 'No such command'."""
        if cmd_name not in module_names(commands):
            return None
        module = load_module(commands, cmd_name, "command")
        app = typer.Typer(add_completion=False)
        own = getattr(module, "Command", None)
        app.command(name=cmd_name, cls=own, no_args_is_help=False)(getattr(module, cmd_name))
        return typer.main.get_command(app)


app = typer.Typer(
    cls=Verbs, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False
)


def _version(value: bool) -> None:
    if value:
        print(f"edgekit {__version__}")
        raise typer.Exit


@app.callback()
def root(
    debug: bool = typer.Option(False, "--debug", help="Show the traceback of an error."),
    version: bool = typer.Option(False, "--version", callback=_version, is_eager=True),
) -> None:
    """Take a trained model to a microcontroller and keep it good there.

    Example: edgekit convert model.tflite --target tflite-micro --board mps2-an386 -o model
    """
    if debug:
        os.environ["EDGEKIT_DEBUG"] = "1"


def main(args: list[str] | None = None) -> Any:
    """Run the command line. An EdgekitError is one line on stderr and exit status 2."""
    try:
        return app(args)
    except EdgekitError as error:
        if os.environ.get("EDGEKIT_DEBUG"):
            raise
        print(f"edgekit: {error}", file=sys.stderr)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except KeyboardInterrupt:
        print("edgekit: interrupted", file=sys.stderr)
        raise SystemExit(130) from None
    raise SystemExit(2)
