"""`deepetch train`: a labelled set to a trained network."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from deepetch.cli.arguments import Categories, Datasets, data_options, require_choice, require_training
from deepetch.errors import InvalidOptions
from deepetch.options import TrainOptions

NETWORKS = ("compact",)


def train(
    data: Annotated[
        Path | None, typer.Argument(help="A labelled data set, or a pack of one.", show_default=False)
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="The folder of the new run.", show_default=False)
    ] = None,
    categories: Categories = None,
    datasets: Datasets = None,
    resume: Annotated[Path | None, typer.Option(help="Go on with the run in this folder.")] = None,
    network: Annotated[str, typer.Option(help=f"{', '.join(NETWORKS)}.")] = TrainOptions.network,
    init_from: Annotated[
        str | None, typer.Option(help="Weights to begin with: a safetensors file, or default for the shipped ones.")
    ] = None,
    channels: Annotated[
        str | None, typer.Option(help="Widths of the network from 1/2 to 1/32 of the square: 32,64,96,160,224.")
    ] = None,
    size: Annotated[int | None, typer.Option(help="Side of a training square, a multiple of 32.")] = None,
    batch: Annotated[int | None, typer.Option(help="Pictures a step.")] = None,
    steps: Annotated[int | None, typer.Option(help="Steps of the whole run.")] = None,
    learning_rate: Annotated[float | None, typer.Option(help="At its highest.")] = None,
    seed: Annotated[int | None, typer.Option(help="Of weights and batches.")] = None,
    workers: Annotated[int | None, typer.Option(min=0, help="Processes that prepare batches.")] = None,
    minutes: Annotated[
        float | None, typer.Option(help="Stop after so long, at a checkpoint; --resume goes on.")
    ] = None,
) -> None:
    """Train a network on the train split, watch it on val.

    Checkpoints are written every ten minutes; a run that was stopped goes on with --resume RUN.
    """
    require_training()
    from deepetch.training.run import open_run, start_run

    asked = {
        "channels": None if channels is None else parse_channels(channels),
        "size": size,
        "batch": batch,
        "steps": steps,
        "learning_rate": learning_rate,
        "seed": seed,
        "workers": workers,
        "minutes": minutes,
    }
    given = {key: value for key, value in asked.items() if value is not None}
    if resume is not None:
        if data is not None or output is not None or init_from is not None or channels is not None:
            raise InvalidOptions(
                "--resume RUN goes on with what the run began with: no DATA, -o, --init-from or --channels beside it."
            )
        open_run(resume, given, report=typer.echo)
        return
    if data is None or output is None:
        raise InvalidOptions("expected DATA and -o RUN, or --resume RUN.")
    if init_from is not None and channels is not None:
        raise InvalidOptions("--init-from brings the widths of its network: no --channels beside it.")
    require_choice("--network", network, NETWORKS)
    options = replace(TrainOptions(network=network), **given)  # type: ignore[arg-type]
    chosen = data_options(categories=categories, datasets=datasets)
    start_run(data, output, options, chosen=chosen, init_from=init_from, report=typer.echo)


def parse_channels(text: str) -> tuple[int, ...]:
    """Read "32,64,96,160,224". Raises InvalidOptions for anything but whole numbers."""
    try:
        return tuple(int(part) for part in text.split(","))
    except ValueError as error:
        raise InvalidOptions(f"--channels: expected whole numbers with commas between; got {text!r}.") from error
