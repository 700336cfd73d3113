"""`deepetch train`: a labelled set to a trained network."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from deepetch.cli.arguments import Categories, Datasets, data_options, require_training
from deepetch.cli.progress import training_bar
from deepetch.cli.usable import SkipBad, usable
from deepetch.errors import InvalidOptions
from deepetch.options import PRESETS

CHANGEABLE = ("size", "batch", "steps", "epochs", "learning_rate", "patience", "compile", "workers", "minutes")


def train(
    data: Annotated[
        Path | None, typer.Argument(help="A labelled data set, or a pack of one.", show_default=False)
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="The folder of the new run.", show_default=False)
    ] = None,
    categories: Categories = None,
    datasets: Datasets = None,
    skip_bad: SkipBad = False,
    plan: Annotated[
        list[Path] | None,
        typer.Option(
            help="Options from a file of `deepetch plan`; those given here have precedence. Several: --folds."
        ),
    ] = None,
    folds: Annotated[
        int | None,
        typer.Option(min=2, help="Cross-validate: so many runs, each judged by a part of train that it did not see."),
    ] = None,
    resume: Annotated[Path | None, typer.Option(help="Go on with the run in this folder.")] = None,
    network: Annotated[
        str | None,
        typer.Option(
            help="compact (the default's), unet (the classic one of 31 million parameters), smp:unet:resnet34: an "
            "architecture and an encoder of segmentation_models_pytorch; mask-rcnn (torchvision's) or mask-rcnn-light "
            "(for CPUs), which tell things apart; or refiner: the one that draws borders again."
        ),
    ] = None,
    init_from: Annotated[
        str | None,
        typer.Option(
            help="Weights to begin with: default for the shipped ones, a safetensors file, Keras' (.h5, .keras), or "
            "for mask-rcnn coco or torchvision's own file (.pth)."
        ),
    ] = None,
    encoder_weights: Annotated[
        str | None,
        typer.Option(
            help="Of the encoder: default, the shipped network's, for compact and mask-rcnn-light; or for smp: a name "
            "such as imagenet, fetched by that library."
        ),
    ] = None,
    channels: Annotated[
        str | None, typer.Option(help="Widths of the network's levels: 32,64,96,160,224. Default: its own.")
    ] = None,
    normalisation: Annotated[
        str | None,
        typer.Option(
            help="Of the classic network: none, batch or group; of mask-rcnn-light's encoder: batch or group."
        ),
    ] = None,
    segmenter: Annotated[
        str | None,
        typer.Option(help="Whose alpha a refiner learns to mend: default, or a safetensors file of deepetch export."),
    ] = None,
    augmentation: Annotated[
        str | None,
        typer.Option(help="studio (new backgrounds, shadows, bad cameras), classic (one affine map) or none."),
    ] = None,
    size: Annotated[int | None, typer.Option(help="Side of a training square, a multiple of 32.")] = None,
    batch: Annotated[int | None, typer.Option(help="Pictures at once, on each device.")] = None,
    accumulate: Annotated[int | None, typer.Option(help="Batches whose gradients make one step.")] = None,
    steps: Annotated[int | None, typer.Option(help="Steps of the whole run.")] = None,
    epochs: Annotated[int | None, typer.Option(help="In place of --steps: times that the train split is seen.")] = None,
    learning_rate: Annotated[float | None, typer.Option(help="At its highest.")] = None,
    monitor: Annotated[
        str | None, typer.Option(help="What the best checkpoint is best at: val_iou, val_accuracy or val_loss.")
    ] = None,
    patience: Annotated[int | None, typer.Option(help="Stop after so many validations without a better one.")] = None,
    seed: Annotated[int | None, typer.Option(help="Of weights and batches.")] = None,
    precision: Annotated[str | None, typer.Option(help="bf16-mixed or 32-true.")] = None,
    compile: Annotated[
        bool | None, typer.Option("--compile", help="Compile the network: slow first, faster then.")
    ] = None,
    devices: Annotated[int | None, typer.Option(help="GPUs, or processes on CPUs, that train together.")] = None,
    nodes: Annotated[
        int | None, typer.Option(help="Machines that train together, started by torchrun or SLURM.")
    ] = None,
    workers: Annotated[int | None, typer.Option(min=0, help="Processes that prepare batches.")] = None,
    minutes: Annotated[
        float | None, typer.Option(help="Stop after so long, at a checkpoint; --resume goes on.")
    ] = None,
    no_report: Annotated[
        bool, typer.Option("--no-report", help="Write no model.onnx and report.html at the end.")
    ] = False,
) -> None:
    """Train a network on the train split, watch it on val.

    Checkpoints are written every ten minutes, and when val was never better; a run that was stopped goes on with
    --resume RUN. At its end the best network is exported to model.onnx, and report.html says how good it is.
    """
    require_training()
    from deepetch.plan.file import read_plan
    from deepetch.plan.rules import Plan
    from deepetch.run_report import report_run
    from deepetch.training.run import open_run, start_run

    asked = {
        "network": network,
        "channels": None if channels is None else parse_channels(channels),
        "normalisation": normalisation,
        "segmenter": segmenter,
        "augmentation": augmentation,
        "size": size,
        "batch": batch,
        "accumulate": accumulate,
        "steps": steps,
        "epochs": epochs,
        "learning_rate": learning_rate,
        "monitor": monitor,
        "patience": patience,
        "seed": seed,
        "precision": precision,
        "compile": compile,
        "devices": devices,
        "nodes": nodes,
        "workers": workers,
        "minutes": minutes,
    }
    given: dict[str, Any] = {key: value for key, value in asked.items() if value is not None}
    if steps is not None and epochs is None:
        given["epochs"] = None  # a plan's, which would come first
    if resume is not None:
        beginning = (data, output, init_from, plan, folds, encoder_weights, categories, datasets)
        if any(option is not None for option in beginning) or skip_bad or not given.keys() <= set(CHANGEABLE):
            allowed = ", ".join(f"--{name.replace('_', '-')}" for name in CHANGEABLE)
            raise InvalidOptions(f"--resume RUN goes on with what the run began with; beside it only {allowed}.")
        with training_bar() as progress:
            finished = open_run(resume, given, progress=progress, report=typer.echo)
        if finished and not no_report:
            typer.echo(f"report: {report_run(resume)}")
        return
    if data is None or output is None:
        raise InvalidOptions("expected DATA and -o RUN, or --resume RUN.")
    preset = PRESETS.get(network or "")
    if preset is not None and (plan or augmentation):
        raise InvalidOptions(f"plans and augmentations are for segmenters: neither beside --network {network}.")
    plans = {path.stem: read_plan(path) for path in plan or ()} or {
        "run": Plan() if preset is None else Plan(train=preset)
    }
    first = next(iter(plans.values()))
    init_from = init_from or first.init_from or None
    brought = {"channels", "normalisation"} | ({"network"} if preset is None else set())
    if init_from is not None and not given.keys().isdisjoint(brought):
        raise InvalidOptions(
            "--init-from brings its network and widths: no --network, --channels or --normalisation beside it."
        )
    with training_bar() as progress:
        finished = start_run(
            data,
            output,
            {name: replace(found.train, **given) for name, found in plans.items()},
            folds=folds or first.folds or None,
            init_from=init_from,
            encoder_weights=encoder_weights,
            chosen=data_options(categories=categories, datasets=datasets),
            skip=usable if skip_bad else None,
            progress=progress,
            report=typer.echo,
        )
    if finished and not no_report:
        typer.echo(f"report: {report_run(output)}")


def parse_channels(text: str) -> tuple[int, ...]:
    """Read "32,64,96,160,224". Raises InvalidOptions for anything but whole numbers."""
    try:
        return tuple(int(part) for part in text.split(","))
    except ValueError as error:
        raise InvalidOptions(f"--channels: expected whole numbers with commas between; got {text!r}.") from error
