"""`deepetch data`: prepare labelled pictures for training."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from deepetch.cli.arguments import Data, Overwrite

app = typer.Typer(no_args_is_help=True, help="Prepare labelled pictures.")


@app.callback()
def group() -> None:
    pass


@app.command("pack")
def pack(
    data: Data,
    output: Annotated[Path, typer.Option("--output", "-o", help="The pack to write.", show_default=False)],
    size: Annotated[int, typer.Option(help="Longer side of the packed pictures, a multiple of 32.")] = 320,
    overwrite: Overwrite = False,
) -> None:
    """Decode a data set's train and val pictures once, into the file that training reads."""
    import sys

    from deepetch.datasets.index import read_index
    from deepetch.datasets.packing import write_pack

    examples = [example for example in read_index(data) if example.split != "test"]
    if not sys.stderr.isatty():
        write_pack(examples, output, size=size, overwrite=overwrite)
    else:
        from rich.console import Console
        from rich.progress import Progress

        with Progress(console=Console(stderr=True)) as bar:
            task = bar.add_task("Packing", total=len(examples))
            write_pack(
                examples, output, size=size, overwrite=overwrite, progress=lambda done: bar.update(task, completed=done)
            )
    typer.echo(f"{output}: {len(examples)} pictures of {size} px, {output.stat().st_size / 1e6:.0f} MB")
