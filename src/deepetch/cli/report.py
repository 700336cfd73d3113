"""`deepetch report`: what a run came to, as one page."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from deepetch.cli.arguments import Categories, Datasets, data_options, require_choice, require_training
from deepetch.cli.progress import bar, counted
from deepetch.errors import DatasetError


def report(
    run: Annotated[Path, typer.Argument(help="The folder of a run.", show_default=False)],
    on: Annotated[
        Path | None, typer.Option(help="A labelled set to judge on, at full size. Default: val of the run's own.")
    ] = None,
    split: Annotated[str, typer.Option(help="Of that set: train, val or test.")] = "test",
    categories: Categories = None,
    datasets: Datasets = None,
) -> None:
    """Export a run's best network to model.onnx in its folder, judge it on labelled pictures, and write report.html.

    The page loads nothing from elsewhere: curves, worst, median and best pictures, scores with intervals, calibration,
    speed and size.
    """
    require_training()
    from deepetch.assess import from_examples
    from deepetch.datasets.read import read_dataset
    from deepetch.datasets.split import SPLITS
    from deepetch.run_report import report_run

    if on is None:
        typer.echo(f"report: {report_run(run)}")
        return
    require_choice("--split", split, SPLITS)
    found = read_dataset(on, data_options(split=split, categories=categories, datasets=datasets))
    examples = [example for example in found if example.has_subject]
    if not examples:
        raise DatasetError(f"{on}: no picture in {split} shows a subject to judge the run on.")
    with bar("Judging", len(examples)) as progress:
        page = report_run(
            run,
            pictures=counted(from_examples(examples), progress),
            judged_on=f"{on.resolve().name}, {split}",
        )
    typer.echo(f"report: {page}")
