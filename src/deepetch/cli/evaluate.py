"""`deepetch evaluate`: a model's measures on a labelled set."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from deepetch.cli.arguments import Categories, Data, Datasets, Json, data_options, require_choice
from deepetch.errors import DatasetError


def evaluate(
    model: Annotated[str, typer.Argument(help="A model's name or an ONNX file.", show_default=False)],
    data: Data,
    split: Annotated[str, typer.Option(help="train, val or test.")] = "test",
    kind: Annotated[str | None, typer.Option(help="Only this kind of picture.")] = None,
    categories: Categories = None,
    datasets: Datasets = None,
    as_json: Json = False,
) -> None:
    """Measure a model on labelled pictures, at their full size; needs no torch."""
    from deepetch.datasets.example import SPLITS
    from deepetch.datasets.read import read_dataset
    from deepetch.evaluate import MEASURES, bootstrap_interval, means
    from deepetch.evaluate import evaluate as scores_of
    from deepetch.inference.session import load_model

    require_choice("--split", split, SPLITS)
    found = read_dataset(data, data_options(split=split, kind=kind, categories=categories, datasets=datasets))
    examples = [example for example in found if example.has_subject]
    if not examples:
        raise DatasetError(f"{data}: no picture of kind {kind or 'any'} in {split} shows a subject to measure on.")
    loaded = load_model(model)
    scores = list(scores_of(loaded, examples))
    if as_json:
        typer.echo(
            json.dumps(means(scores) | {"model": loaded.spec.name, "data": str(data), "split": split, "kind": kind})
        )
        return
    typer.echo(f"{'kind':<12}{'n':>6}" + "".join(f"{measure:>12}" for measure in MEASURES) + "   95 % of iou")
    groups = {
        name: [score for score in scores if score.kind == name] for name in sorted({score.kind for score in scores})
    }
    if len(groups) > 1:
        groups["all"] = scores
    for name, group in groups.items():
        row = means(group)
        low, high = bootstrap_interval([score.iou for score in group])
        cells = "".join(f"{row[measure]:>12.4f}" for measure in MEASURES)
        typer.echo(f"{name:<12}{row['n']:>6}{cells}   {low:.3f} to {high:.3f}")
