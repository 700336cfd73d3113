"""`deepetch data`: look at labelled pictures, convert them, prepare them for training."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, get_args

import typer

from deepetch.cli.arguments import (
    Categories,
    Data,
    Datasets,
    Json,
    Overwrite,
    data_options,
    require_choice,
    require_training,
)
from deepetch.cli.progress import bar
from deepetch.cli.usable import SkipBad, usable

if TYPE_CHECKING:
    from deepetch.datasets.inspect import Spread, Summary
    from deepetch.datasets.validate import Problem

app = typer.Typer(no_args_is_help=True, help="Look at labelled pictures, convert them, prepare them for training.")

SHOWN_PROBLEMS = 20


@app.callback()
def group() -> None:
    pass


@app.command("inspect")
def inspect(
    data: Data,
    categories: Categories = None,
    datasets: Datasets = None,
    overlays: Annotated[
        Path | None,
        typer.Option(help="Also write a sheet of pictures with their masks drawn in: a .jpg or .png."),
    ] = None,
    count: Annotated[int, typer.Option(min=1, help="Pictures on that sheet.")] = 24,
    overwrite: Overwrite = False,
    as_json: Json = False,
) -> None:
    """Say what a labelled set holds, and what is wrong with it.

    Exit status 1 when pictures or masks cannot be used.
    """
    from deepetch.datasets.inspect import inspect as summary_of
    from deepetch.datasets.overlay import write_overlays
    from deepetch.datasets.read import read_dataset
    from deepetch.datasets.validate import UNUSABLE, validate

    examples = read_dataset(data, data_options(categories=categories, datasets=datasets))
    if overlays is not None:
        write_overlays(examples, overlays, count=count, overwrite=overwrite)
    with bar("Reading", len(examples)) as progress:
        summary = summary_of(examples, progress=progress)
    with bar("Checking", len(examples)) as progress:
        problems = validate(examples, progress=progress)
    say_summary(summary, problems, as_json=as_json)
    if any(problem.what in UNUSABLE for problem in problems):
        raise typer.Exit(1)


@app.command("preview")
def preview(
    data: Data,
    output: Annotated[Path, typer.Option("--output", "-o", help="The sheet, a .jpg or .png file.", show_default=False)],
    categories: Categories = None,
    datasets: Datasets = None,
    count: Annotated[int, typer.Option(min=1, help="Training squares on the sheet.")] = 24,
    augmentation: Annotated[str, typer.Option(help="studio, classic or none, as `deepetch train` has it.")] = "studio",
    size: Annotated[int, typer.Option(help="Side of a square, a multiple of 32.")] = 224,
    seed: Annotated[int, typer.Option(help="Of the squares.")] = 1,
    overwrite: Overwrite = False,
) -> None:
    """Show augmented pictures as training will see them, with their masks."""
    require_training()
    from deepetch.datasets.read import read_dataset
    from deepetch.options import SaveOptions, TrainOptions
    from deepetch.photo.write import write_picture
    from deepetch.training.preview import preview as sheet_of

    options = TrainOptions(augmentation=augmentation, size=size, batch=count, seed=seed)  # type: ignore[arg-type]
    examples = read_dataset(data, data_options(split="train", categories=categories, datasets=datasets))
    write_picture(output, sheet_of(examples, options), "rgb", options=SaveOptions(overwrite=overwrite))
    typer.echo(f"{output}: {count} training squares of {size} px")


@app.command("convert")
def convert(
    data: Data,
    to: Annotated[str, typer.Option(help="folder, supervisely, coco or index.", show_default=False)],
    output: Annotated[Path, typer.Option("--output", "-o", help="The folder of the new set.", show_default=False)],
    categories: Categories = None,
    datasets: Datasets = None,
    skip_bad: SkipBad = False,
    overwrite: Overwrite = False,
) -> None:
    """Write a labelled set in another form; pictures are copied byte for byte."""
    from deepetch.datasets.convert import Form
    from deepetch.datasets.convert import convert as convert_set
    from deepetch.datasets.read import read_dataset

    require_choice("--to", to, get_args(Form))
    examples = read_dataset(data, data_options(categories=categories, datasets=datasets))
    if skip_bad:
        examples = usable(examples)
    with bar("Converting", len(examples)) as progress:
        convert_set(examples, to, output, overwrite=overwrite, progress=progress)  # type: ignore[arg-type]
    typer.echo(f"{output}: {len(examples)} pictures as {to}")


@app.command("pack")
def pack(
    data: Annotated[
        list[Path],
        typer.Argument(help="Labelled data sets, of which one pack is made, such as photographs and renders."),
    ],
    output: Annotated[Path, typer.Option("--output", "-o", help="The pack to write.", show_default=False)],
    categories: Categories = None,
    datasets: Datasets = None,
    size: Annotated[int, typer.Option(help="Longer side of the packed pictures, a multiple of 32.")] = 320,
    instances: Annotated[
        bool, typer.Option("--instances", help="Which pixel is of which thing, too: for Mask R-CNN.")
    ] = False,
    skip_bad: SkipBad = False,
    overwrite: Overwrite = False,
) -> None:
    """Decode the train and val pictures of data sets once, into the file that training reads."""
    from deepetch.datasets.packing import write_pack
    from deepetch.datasets.read import read_dataset

    choice = data_options(categories=categories, datasets=datasets)
    found = [example for folder in data for example in read_dataset(folder, choice)]
    examples = [example for example in found if example.split != "test"]
    if skip_bad:
        examples = usable(examples)
    with bar("Packing", len(examples)) as progress:
        write_pack(examples, output, size=size, instances=instances, overwrite=overwrite, progress=progress)
    typer.echo(f"{output}: {len(examples)} pictures of {size} px, {output.stat().st_size / 1e6:.0f} MB")


def say_summary(summary: Summary, problems: list[Problem], *, as_json: bool) -> None:
    """What a set holds as a few lines, problems last; or all of it as one JSON object."""
    if as_json:
        document = asdict(summary) | {
            "pictures": [
                {"split": split, "kind": kind, "n": count} for (split, kind), count in summary.pictures.items()
            ],
            "problems": [asdict(problem) | {"image": str(problem.image)} for problem in problems],
        }
        typer.echo(json.dumps(document))
        return
    kinds = sorted({kind for _, kind in summary.pictures})
    typer.echo(f"{'kind':<20}{'train':>8}{'val':>8}{'test':>8}")
    for kind in kinds:
        counts = [summary.pictures.get((split, kind), 0) for split in ("train", "val", "test")]
        typer.echo(f"{kind:<20}" + "".join(f"{count:>8}" for count in counts))
    typer.echo("")
    if summary.categories:
        typer.echo("classes:     " + ", ".join(f"{name} {count}" for name, count in summary.categories.items()))
    typer.echo(f"width:       {spread(summary.width, '.0f')} px")
    typer.echo(f"height:      {spread(summary.height, '.0f')} px")
    typer.echo(f"subject:     {spread(summary.foreground, '.1%')} of the picture")
    typer.echo(f"coarseness:  {spread(summary.vertices, '.1f')} corners per 100 px of contour")
    if not problems:
        typer.echo("problems:    none")
        return
    found = Counter(problem.what for problem in problems)
    typer.echo("problems:    " + ", ".join(f"{what} {count}" for what, count in sorted(found.items())))
    for problem in problems[:SHOWN_PROBLEMS]:
        typer.echo(f"  {problem.what}: {problem.text}")
    if len(problems) > SHOWN_PROBLEMS:
        typer.echo(f"  and {len(problems) - SHOWN_PROBLEMS} more; --json lists all")


def spread(found: Spread | None, form: str) -> str:
    """'least to greatest, median M', or '-' when there is nothing to measure."""
    if found is None:
        return "-"
    return f"{found.least:{form}} to {found.greatest:{form}}, median {found.median:{form}}"
