"""The `deepetch` command: one file a command, and the one place where errors become lines and exit statuses."""

from __future__ import annotations

import signal
import sys
from io import TextIOWrapper
from types import FrameType
from typing import Annotated

import typer

from deepetch import __version__
from deepetch.cli import (
    check,
    compare,
    cut,
    data,
    ensemble,
    evaluate,
    export,
    layers,
    models,
    path,
    plan,
    profiles,
    report,
    studio,
    train,
)
from deepetch.errors import DeepetchError, InvalidOptions, UnknownModel

FAILED, MISUSED = 1, 2

app = typer.Typer(
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    help="Background removal for packaging and e-commerce: cut-outs a retoucher accepts, colours untouched.",
    epilog="Exit status: 0 all went well, 1 some failed, 2 the call was wrong.",
)
app.command("cut")(cut.cut)
app.command("layers")(layers.layers)
app.command("path")(path.path)
app.command("check")(check.check)
app.command("evaluate")(evaluate.evaluate)
app.command("compare")(compare.compare)
app.command("ensemble")(ensemble.ensemble)
app.command("plan")(plan.plan)
app.command("train")(train.train)
app.command("export")(export.export)
app.command("report")(report.report)
app.add_typer(models.app, name="models")
app.add_typer(profiles.app, name="profiles")
app.add_typer(data.app, name="data")
app.add_typer(studio.app, name="studio")


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"deepetch {__version__}")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and end.")
    ] = False,
) -> None:
    pass


def main() -> None:
    """Run the command line; every error of ours is one line on standard error."""
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="surrogateescape")  # names of files that are no UTF-8 go out as they came in
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        app(prog_name="deepetch")
    except DeepetchError as error:
        typer.echo(f"deepetch: {error}", err=True)
        sys.exit(MISUSED if isinstance(error, (InvalidOptions, UnknownModel)) else FAILED)
    except MemoryError:
        typer.echo("deepetch: not enough memory. Close other programs, or give smaller pictures.", err=True)
        sys.exit(FAILED)


def _interrupt(number: int, frame: FrameType | None) -> None:
    """What schedulers send ends a command as Ctrl-C does: no half-written file, an index of what is done."""
    raise KeyboardInterrupt
