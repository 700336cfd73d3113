"""What a run came to: its model exported, judged, and reported."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable
from pathlib import Path

from deepetch.assess import Labelled, assess, assessed, from_pack
from deepetch.datasets.pack import open_pack
from deepetch.inference.session import load_model
from deepetch.options import REFINER
from deepetch.report.page import write_html
from deepetch.report.report import Report, read_arm
from deepetch.training.cross_validation import fold_folder, read_cross_validation
from deepetch.training.export import export_network
from deepetch.training.networks.build import parameter_count
from deepetch.training.stored_options import read_options
from deepetch.training.weights import trained_network

MODEL, PAGE = "model.onnx", "report.html"


def report_run(run: Path, *, pictures: Iterable[Labelled] | None = None, judged_on: str = "val") -> Path:
    """Export a run's best model to `model.onnx`, judge it, and write `report.html`, both in its folder.

    A cross-validation is reported as its configurations side by side, the model being the ensemble of the best one.
    pictures   to judge on; None: `val` of what the run was trained with, and if that is empty there are curves only.
               A refiner is no segmenter to judge: curves only.
    judged_on  what those are, in a word, for the title.
    Returns    the page's path.
    Raises     TrainingError for a folder without a run, or without a finished cross-validation.
    """
    stored = read_cross_validation(run)
    if stored is None:
        pack, options = read_options(run)
        arms, best = [read_arm(run)], 0
    else:
        pack, names = stored["pack"], list(stored["configurations"])
        best = names.index(stored.get("best", names[0]))
        options = stored["configurations"][names[best]]
        arms = [read_arm(*(fold_folder(run, name, n + 1) for n in range(stored["folds"])), name=name) for name in names]
    export_network(run, run / MODEL, input_size=options.size, overwrite=True)
    assessment = None
    if options.network != REFINER.network:
        judged = from_pack(open_pack(pack), split="val") if pictures is None else pictures
        assessment = assess(load_model(str(run / MODEL)), judged)
    if assessment is not None and assessment.scores:
        networks = [run] if stored is None else [fold_folder(run, names[best], n + 1) for n in range(stored["folds"])]
        arms[best] = assessed(
            arms[best],
            assessment,
            model=run / MODEL,
            parameters=sum(parameter_count(trained_network(folder)) for folder in networks),
            measured_on=f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, reading not counted",
        )
    page = run / PAGE
    write_html(
        Report(title=f"{run.resolve().name}, judged on {judged_on}", arms=arms, monitor=options.monitor),
        page,
        overwrite=True,
    )
    return page
