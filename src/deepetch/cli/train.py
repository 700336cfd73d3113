"""`deepetch train`: a labelled set to a trained network."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from deepetch.cli.arguments import Categories, Datasets, data_options, require_choice, require_training
from deepetch.errors import InvalidOptions
from deepetch.options import TrainOptions

NETWORKS = ("compact", "unet")


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
    network: Annotated[
        str | None, typer.Option(help="compact (the default's), or unet: the classic one of 31 million parameters.")
    ] = None,
    init_from: Annotated[
        str | None,
        typer.Option(
            help="Weights to begin with: default for the shipped ones, a safetensors file, or Keras' (.h5, .keras)."
        ),
    ] = None,
    channels: Annotated[
        str | None, typer.Option(help="Widths of the network's five levels: 32,64,96,160,224. Default: its own.")
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

    if network is not None:
        require_choice("--network", network, NETWORKS)
    asked = {
        "network": network,
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
        if any(option is not None for option in (data, output, init_from, network, channels, categories, datasets)):
            raise InvalidOptions(
                "--resume RUN goes on with what the run began with: no DATA, -o, --init-from, --network, --channels, "
                "--categories or --datasets beside it."
            )
        open_run(resume, given, report=typer.echo)
        return
    if data is None or output is None:
        raise InvalidOptions("expected DATA and -o RUN, or --resume RUN.")
    if init_from is not None and (channels is not None or network is not None):
        raise InvalidOptions("--init-from brings its network and widths: no --network or --channels beside it.")
    options = TrainOptions(**given)  # type: ignore[arg-type]
    chosen = data_options(categories=categories, datasets=datasets)
    start_run(data, output, options, chosen=chosen, init_from=init_from, report=typer.echo)


def parse_channels(text: str) -> tuple[int, ...]:
    """Read "32,64,96,160,224". Raises InvalidOptions for anything but whole numbers."""
    try:
        return tuple(int(part) for part in text.split(","))
    except ValueError as error:
        raise InvalidOptions(f"--channels: expected whole numbers with commas between; got {text!r}.") from error
