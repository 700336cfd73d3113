"""`deepetch evaluate`: a model's measures on a labelled set."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from deepetch.cli.arguments import Categories, Data, Datasets, Json, data_options, models_folder, require_choice
from deepetch.cli.progress import bar
from deepetch.errors import DatasetError

if TYPE_CHECKING:
    from deepetch.evaluate import Score

SHOWN = ("iou", "dice", "boundary_f", "boundary_iou", "mae", "sad", "mse")  # unless other measures are asked for
WIDTH = 120  # columns of text; more measures than fit go into a further table


def evaluate(
    model: Annotated[str, typer.Argument(help="A model's name, an ONNX file, or TOML.", show_default=False)],
    data: Data,
    split: Annotated[str, typer.Option(help="train, val or test.")] = "test",
    kind: Annotated[str | None, typer.Option(help="Only this kind of picture.")] = None,
    categories: Categories = None,
    datasets: Datasets = None,
    measures: Annotated[
        str, typer.Option(help="Columns of the table: names with commas between, or all. JSON always holds all.")
    ] = ",".join(SHOWN),
    as_json: Json = False,
) -> None:
    """Measure a model on labelled pictures, at their full size; needs no torch.

    Means over pictures by kind and by the subject's share of the frame: small below 5 %, large above 25 %.
    """
    from deepetch.datasets.read import read_dataset
    from deepetch.datasets.split import SPLITS
    from deepetch.evaluate import by_kind, by_size
    from deepetch.evaluate import evaluate as scores_of
    from deepetch.segment.segment import load_segmenter

    require_choice("--split", split, SPLITS)
    shown = measures_named(measures)
    found = read_dataset(data, data_options(split=split, kind=kind, categories=categories, datasets=datasets))
    examples = [example for example in found if example.has_subject]
    if not examples:
        raise DatasetError(f"{data}: no picture of kind {kind or 'any'} in {split} shows a subject to measure on.")
    loaded = load_segmenter(model, folder=models_folder())
    scores = []
    with bar("Measuring", len(examples)) as progress:
        for score in scores_of(loaded, examples):
            scores.append(score)
            progress(len(scores))
    if as_json:
        asked = {"model": loaded.spec.name, "data": str(data), "split": split, "kind": kind}
        typer.echo(json.dumps(document(scores, asked)))
        return
    kinds = by_kind(scores)
    say_table("kind", kinds | ({"all": scores} if len(kinds) > 1 else {}), shown)
    typer.echo("")
    say_table("size", by_size(scores), shown)


def measures_named(text: str) -> list[str]:
    """The measures that `--measures` asks for; InvalidOptions for a name that is none."""
    from deepetch.evaluate import MEASURES

    names = [part.strip() for part in text.split(",")]
    if names == ["all"]:
        return list(MEASURES)
    for name in names:
        require_choice("--measures", name, ("all", *MEASURES))
    return names


def document(scores: Sequence[Score], asked: dict[str, Any]) -> dict[str, Any]:
    """The JSON object of `evaluate --json`: all measures, of all pictures, by kind and by size; pixel calibration."""
    from deepetch.evaluate import by_kind, by_size, intervals, means, pixel_reliability

    def group(part: Sequence[Score]) -> dict[str, Any]:
        return means(part) | {"intervals": intervals(part)}

    pixels = pixel_reliability(scores)
    return (
        means(scores)
        | asked
        | {
            "intervals": intervals(scores),
            "kinds": {name: group(part) for name, part in by_kind(scores).items()},
            "sizes": {name: group(part) for name, part in by_size(scores).items()},
            "calibration": {
                "error": pixels.error,
                "points": [{"alpha": alpha, "true": true, "pixels": count} for alpha, true, count in pixels.points],
            },
        }
    )


def say_table(title: str, groups: Mapping[Any, Sequence[Score]], measures: Sequence[str]) -> None:
    """A row a group: its name, n, the means asked for, and how sure the first of them is."""
    from deepetch.evaluate import intervals, means

    first = measures[0]
    interval = f"   95 % of {first}"
    widths = {measure: max(9, len(measure) + 2) for measure in measures}
    named = max(12, *(len(name) + 2 for name in groups))
    for number, part in enumerate(fitting(measures, widths, WIDTH - named - 6 - max(len(interval), 17))):
        if number:
            typer.echo("")
        head = f"{title:<{named}}{'n':>6}" + "".join(f"{measure:>{widths[measure]}}" for measure in part)
        typer.echo(head + (interval if not number else ""))
        for name, scores in groups.items():
            row = means(scores)
            cells = "".join(f"{row[measure]:>{widths[measure]}.4f}" for measure in part)
            low, high = intervals(scores)[first]
            typer.echo(f"{name:<{named}}{row['n']:>6}{cells}" + (f"   {low:.3f} to {high:.3f}" if not number else ""))


def fitting(measures: Sequence[str], widths: Mapping[str, int], room: int) -> list[list[str]]:
    """The measures in lines of at most `room` characters, at least one a line."""
    lines: list[list[str]] = [[]]
    for measure in measures:
        if lines[-1] and sum(widths[name] for name in (*lines[-1], measure)) > room:
            lines.append([])
        lines[-1].append(measure)
    return lines
