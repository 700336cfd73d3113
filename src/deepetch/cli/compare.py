"""`deepetch compare`: models side by side on labelled pictures."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from deepetch.cli.arguments import (
    Categories,
    Datasets,
    Json,
    Overwrite,
    data_options,
    models_folder,
    require_choice,
)
from deepetch.cli.evaluate import say_table
from deepetch.cli.progress import bar, counted
from deepetch.errors import DatasetError
from deepetch.options import MatteOptions

if TYPE_CHECKING:
    from collections.abc import Mapping

    from deepetch.compare.compare import Comparison
    from deepetch.report.report import Cost

REFINED = ("none", "guided", "refiner")
SHOWN = ("iou", "boundary_f", "boundary_iou", "mae", "sad")


def compare(
    models: Annotated[
        list[str], typer.Argument(help="Two or more: a model's name, an ONNX file, or TOML.", show_default=False)
    ],
    on: Annotated[Path, typer.Option(help="The labelled pictures, a set as for `evaluate`.", show_default=False)],
    output: Annotated[Path, typer.Option("--output", "-o", help="The folder of the report.")] = Path("compare"),
    baseline: Annotated[
        str | None, typer.Option(help="Which of them the others are compared with. Default: the first.")
    ] = None,
    split: Annotated[str, typer.Option(help="train, val or test.")] = "test",
    kind: Annotated[str | None, typer.Option(help="Only this kind of picture.")] = None,
    most: Annotated[int, typer.Option(min=0, help="So many pictures at most, spread evenly; 0: all.")] = 0,
    shown: Annotated[int, typer.Option(min=0, help="Pictures shown, those where the models differ most.")] = 12,
    timed: Annotated[
        int, typer.Option(min=0, help="Pictures that each model is timed on, in a process of its own; 0: not timed.")
    ] = 5,
    refine: Annotated[
        str, typer.Option(help=f"Of all of them: {', '.join(REFINED)}; none shows the networks themselves.")
    ] = MatteOptions.refine,
    threads: Annotated[int, typer.Option(min=0, help="Of the network; 0: all cores.")] = 0,
    categories: Categories = None,
    datasets: Datasets = None,
    overwrite: Overwrite = False,
    as_json: Json = False,
) -> None:
    """Compare models on the same labelled pictures by the same measures; needs no torch.

    Writes index.html and report.md: differences with their intervals, errors by distance to the
    border, speed, memory, size, and the pictures where the models differ most.
    """
    from deepetch.assess import from_examples
    from deepetch.compare.compare import compare as compared
    from deepetch.compare.contestant import open_contestants
    from deepetch.compare.cost import how_timed, measure_cost
    from deepetch.compare.page import require_writable, write_comparison
    from deepetch.datasets.read import read_dataset
    from deepetch.datasets.split import SPLITS, spread
    from deepetch.report.report import Cost

    require_choice("--split", split, SPLITS)
    require_choice("--refine", refine, REFINED)
    options = MatteOptions(threads=threads, refine=refine)  # type: ignore[arg-type]
    require_writable(output, overwrite=overwrite)
    contestants = open_contestants(models, threads=threads, folder=models_folder())
    names = dict(zip(models, (contestant.name for contestant in contestants), strict=True))
    first = names.get(baseline, baseline) if baseline else contestants[0].name
    require_choice("--baseline", first, tuple(names.values()))
    found = read_dataset(on, data_options(split=split, kind=kind, categories=categories, datasets=datasets))
    examples = spread([example for example in found if example.has_subject], most)
    if not examples:
        raise DatasetError(f"{on}: no picture of kind {kind or 'any'} in {split} shows a subject to compare on.")
    with bar("Comparing", len(examples)) as progress:
        pictures = counted(from_examples(examples), progress)
        comparison = compared(contestants, pictures, options, baseline=first, shown=shown)
    costs = {one.name: Cost(file_bytes=one.file_bytes) for one in contestants}
    del contestants  # those that are timed need the memory
    photos = [example.image for example in spread(examples, timed)] if timed else []
    if photos:
        with bar("Timing", len(names)) as progress:
            for number, (given, name) in enumerate(names.items(), 1):
                cost = measure_cost(
                    given, photos, name=name, threads=threads, folder=models_folder(), refine=options.refine
                )
                costs[name] = replace(cost, file_bytes=costs[name].file_bytes)
                progress(number)
    page = write_comparison(
        comparison,
        output,
        title=f"{', '.join(names.values())}: {on.resolve().name}, {split}",
        costs=costs,
        timed=how_timed(len(photos)) if photos else "",
        overwrite=overwrite,
    )
    if as_json:
        asked = {"data": str(on), "split": split, "kind": kind, "report": str(page)}
        typer.echo(json.dumps(asked | document(comparison, costs)))
        return
    say(comparison, costs)
    typer.echo(f"\nreport: {page}")


def document(comparison: Comparison, costs: Mapping[str, Cost]) -> dict[str, Any]:
    """The JSON object of `compare --json`: everything that the page says, in numbers; no number is null."""
    from deepetch.compare.difference import Difference
    from deepetch.compare.page import band_means
    from deepetch.evaluate import by_kind, intervals, means

    def table(found: Mapping[str, Difference]) -> dict[str, Any]:
        return {measure: asdict(difference) for measure, difference in found.items()}

    return {
        "n": comparison.n,
        "baseline": comparison.baseline,
        "models": {
            name: means(scores)
            | {
                "intervals": intervals(scores),
                "kinds": {kind: means(group) for kind, group in by_kind(scores).items()},
                "distances": band_means(comparison.distances[name]),
                "ms_per_picture": costs[name].ms_per_picture,
                "peak_bytes": costs[name].peak_bytes,
                "measured_on": costs[name].measured_on,
                "file_bytes": costs[name].file_bytes,
            }
            for name, scores in comparison.scores.items()
        },
        "differences": {
            name: table(comparison.differences(name))
            | {"kinds": {kind: table(found) for kind, found in comparison.differences_by_kind(name).items()}}
            for name in comparison.others
        },
        "apart": [
            {
                "name": pair.name,
                "kind": pair.kind,
                "spread": pair.spread,
                "iou": {name: tile.scores["iou"] for name, tile in pair.tiles.items()},
            }
            for pair in comparison.apart
        ],
    }


def say(comparison: Comparison, costs: Mapping[str, Cost]) -> None:
    """The models' means, what each costs, and a sentence a difference."""
    from deepetch.compare.page import in_words
    from deepetch.report.words import size_text

    say_table("model", comparison.scores, SHOWN)
    named = max(12, *(len(name) + 2 for name in costs))
    typer.echo(f"\n{'model':<{named}}{'ms':>9}{'memory':>12}{'file':>12}")
    for name, cost in costs.items():
        speed = "-" if cost.ms_per_picture is None else f"{cost.ms_per_picture:,.0f}"
        memory, file = ("-" if size is None else size_text(size) for size in (cost.peak_bytes, cost.file_bytes))
        typer.echo(f"{name:<{named}}{speed:>9}{memory:>12}{file:>12}")
    typer.echo("")
    for name in comparison.others:
        typer.echo(in_words(comparison, name))
