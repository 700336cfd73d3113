"""`deepetch plan`: what a set is like, and how to train on it."""

from __future__ import annotations

import json
import shlex
from dataclasses import asdict, fields
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from deepetch.cli.arguments import Categories, Data, Datasets, Json, Overwrite, data_options
from deepetch.cli.progress import bar

if TYPE_CHECKING:
    from deepetch.datasets.fingerprint import Fingerprint
    from deepetch.plan.rules import Plan

# what the table says of each measure, and how
FORMS = {
    "height": (".0f", "px"),
    "width": (".0f", "px"),
    "aspect": (".2f", "width / height"),
    "noise": (".1f", "levels of 8 bits"),
    "foreground": (".1%", "of the picture is subject"),
    "border": (".0f", "px in 100 px of the diagonal"),
    "border_ratio": (".1f", "border length x longer side / area"),
    "thickness_px": (".1f", "px, of the thinnest twentieth of the subject"),
    "thickness": (".1%", "of the longer side, the same"),
    "softness": (".1f", "px, width of the soft edge"),
    "vertices": (".1f", "corners in 100 px of contour"),
}


def plan(
    data: Data,
    output: Annotated[Path, typer.Option("--output", "-o", help="The plan, a TOML file.")] = Path("plan.toml"),
    categories: Categories = None,
    datasets: Datasets = None,
    gpu_memory: Annotated[float, typer.Option(min=0, help="Memory of the GPU to train on, in GiB; 0: no GPU.")] = 0.0,
    pictures: Annotated[int, typer.Option(min=1, help="Measure so many pictures, evenly spread.")] = 400,
    every: Annotated[bool, typer.Option("--all", help="Measure all pictures.")] = False,
    overwrite: Overwrite = False,
    as_json: Json = False,
) -> None:
    """Look at a labelled set and choose how to train on it, with the reason for each choice.

    The plan is a file for `deepetch train --plan`, to be edited at will.
    """
    from deepetch.datasets.fingerprint import fingerprint, to_measure
    from deepetch.datasets.read import read_dataset
    from deepetch.photo.atomic import require_free
    from deepetch.plan.file import write_plan
    from deepetch.plan.machine import this_machine
    from deepetch.plan.rules import make_plan

    require_free(output, overwrite=overwrite)
    examples = read_dataset(data, data_options(categories=categories, datasets=datasets))
    most = None if every else pictures
    with bar("Measuring", len(to_measure(examples, most))) as progress:
        found = fingerprint(examples, most=most, progress=progress)
    made = make_plan(found, this_machine(gpu_memory=gpu_memory))
    write_plan(made, output, overwrite=overwrite)
    if as_json:
        typer.echo(json.dumps({"plan": str(output)} | asdict(made)))
        return
    say_fingerprint(found)
    say_choices(made)
    chosen = [
        word
        for name, value in (("--categories", categories), ("--datasets", datasets))
        if value is not None
        for word in (name, value)
    ]
    command = shlex.join(["deepetch", "train", str(data), *chosen, "--plan", str(output), "-o", "runs/mine"])
    typer.echo(f"\n{output}: the plan. Change what you know better, then: {command}")


def say_fingerprint(found: Fingerprint) -> None:
    """What was found as a table."""
    for split, kinds in found.pictures.items():
        typer.echo(
            f"{split:<14}{sum(kinds.values()):>8}   " + ", ".join(f"{kind} {count}" for kind, count in kinds.items())
        )
    unread = f", {found.unread} could not be read: see `deepetch data inspect`" if found.unread else ""
    typer.echo(
        f"{'measured':<14}{found.measured:>8}   {found.empty:.0%} without subject, {found.grey:.0%} grey{unread}"
    )
    typer.echo(f"\n{'':<14}{'10 %':>8}{'median':>8}{'90 %':>8}")
    for name, (form, unit) in FORMS.items():
        spread = getattr(found, name)
        cells = "".join(f"{value:>8{form}}" for value in (spread.low, spread.median, spread.high))
        typer.echo(f"{name.replace('_px', ''):<14}{cells}   {unit}")


def say_choices(made: Plan) -> None:
    """Each choice with its reason."""
    typer.echo("")
    options = {field.name: getattr(made.train, field.name) for field in fields(made.train)}
    for name, reason in made.reasons.items():
        value = options.get(name, getattr(made, name, None))
        shown = ",".join(map(str, value)) if isinstance(value, tuple) else str(value)
        typer.echo(f"{name:<15}{shown or '-':<10}  {reason}")
