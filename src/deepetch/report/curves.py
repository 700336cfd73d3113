"""The curves of a training run, as its `metrics.csv` holds them: the best row, and training against validation."""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from deepetch.errors import InvalidOptions, TrainingError

METRICS = "metrics.csv"
VALIDATION = "val_"  # before the name of every column that was measured on pictures held back
PROGRESS = ("step", "epoch", "seconds", "learning_rate")  # columns that measure nothing
SMALLER_IS_BETTER = ("loss", "mae", "mse", "sad")

Values = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Curves:
    """What one run wrote down as it went.

    name     of the run: its folder's.
    columns  name to (n,) float64, all of one length, NaN where a row has no value; `step` is there, and ascends.
    """

    name: str
    columns: Mapping[str, Values]

    def points(self, column: str) -> tuple[Values, Values]:
        """Steps and values of the rows that have a value; both empty for a column without any, or of no such name."""
        steps = self.columns["step"]
        values = self.columns.get(column, np.full_like(steps, np.nan))
        there = np.isfinite(values)
        return steps[there], values[there]


@dataclass(frozen=True, kw_only=True)
class Best:
    """The row with the best monitored score.

    value  of the monitor.
    epoch  None where the run counts none.
    """

    value: float
    step: float
    epoch: float | None


@dataclass(frozen=True, kw_only=True)
class Gap:
    """How far training and validation are apart in one measure, row by row.

    difference  (n,) by how much training is better: positive where the run does better on what it learns from. For a
                score training minus validation, for a loss validation minus training.
    """

    steps: Values
    training: Values
    validation: Values
    difference: Values


def read_curves(path: Path) -> Curves:
    """Read a run's `metrics.csv`; a blank cell, or one that holds no finite number, is no value.

    Raises  TrainingError when the file is missing, holds no row, or is damaged; it names the line.
    """
    try:
        # bytes that are no UTF-8 become characters that are no number: so their line is named
        with path.open(newline="", encoding="utf-8-sig", errors="replace") as file:
            reader = csv.reader(file)
            header = next(reader, [])
            if header and "step" not in header:
                raise TrainingError(f"{path}: line 1: expected names of columns, `step` among them. Check the file.")
            rows: list[list[float]] = []
            for cells in reader:
                if cells:
                    rows.append(_numbers(cells, header, f"{path}: line {reader.line_num}"))
                    _require_ascent([row[header.index("step")] for row in rows[-2:]], path, reader.line_num)
    except OSError as error:
        raise TrainingError(f"{path}: no metrics of a run can be read ({error.strerror}). Check the path.") from error
    except csv.Error as error:
        raise TrainingError(f"{path}: line {reader.line_num}: no row of a table ({error}). Check the file.") from error
    if not rows:
        raise TrainingError(f"{path}: holds no row; a run writes its first one after some steps of training.")
    table = np.array(rows, np.float64)
    return Curves(path.absolute().parent.name, dict(zip(header, table.T, strict=True)))


def _numbers(cells: Sequence[str], header: Sequence[str], where: str) -> list[float]:
    if len(cells) != len(header):
        raise TrainingError(
            f"{where}: expected {len(header)} values; got {len(cells)}. Remove the line if it was cut off."
        )
    numbers = []
    for name, cell in zip(header, cells, strict=True):
        try:
            number = float(cell) if cell.strip() else math.nan
        except ValueError as error:
            raise TrainingError(f"{where}: expected a number for {name}; got {cell[:40]!r}. Correct it.") from error
        numbers.append(number if math.isfinite(number) else math.nan)
    return numbers


def _require_ascent(steps: Sequence[float], path: Path, line: int) -> None:
    """Raise TrainingError unless the last step is a number, above the one before it."""
    if math.isnan(steps[-1]):
        raise TrainingError(f"{path}: line {line}: expected a step; got none. Correct the line or remove it.")
    if len(steps) > 1 and not steps[1] > steps[0]:
        raise TrainingError(f"{path}: line {line}: expected a step above {steps[0]:g}; got {steps[1]:g}. Correct it.")


def smaller_is_better(column: str) -> bool:
    """Whether a measure is better the smaller it is; `val_loss_people` counts as `loss`."""
    return column.removeprefix(VALIDATION).split("_")[0] in SMALLER_IS_BETTER


def best_row(curves: Curves, monitor: str) -> Best | None:
    """The first of the rows with the best value of the column `monitor`; None for a run that was never validated.

    Raises  InvalidOptions when the run was validated, but has no values of that name.
    """
    steps, values = curves.points(monitor)
    if not len(values):
        known = [name for name in curves.columns if name.startswith(VALIDATION) and len(curves.points(name)[0])]
        if known:
            raise InvalidOptions(
                f"monitor: expected what the run {curves.name} has, {', '.join(known)}; got {monitor!r}."
            )
        return None
    at = int(np.argmin(values) if smaller_is_better(monitor) else np.argmax(values))
    epochs = curves.columns.get("epoch")
    epoch = math.nan if epochs is None else float(epochs[curves.columns["step"] == steps[at]][0])
    return Best(value=float(values[at]), step=float(steps[at]), epoch=None if math.isnan(epoch) else epoch)


def measures_of(runs: Sequence[Curves]) -> list[str]:
    """What the runs measured, without `val_`: loss, IoU and accuracy first, the rest in the order of their columns.

    A column such as `val_iou_people`, of one kind, belongs to the measure `iou` and is none of its own.
    """
    found = {name: None for run in runs for name in run.columns if name not in PROGRESS and len(run.points(name)[0])}
    names = dict.fromkeys(name.removeprefix(VALIDATION) for name in found)
    whole = [name for name in names if not any(name.startswith(f"{other}_") for other in names)]
    order = {"loss": 0, "iou": 1, "accuracy": 2}
    return sorted(whole, key=lambda name: order.get(name, len(order)))


def kinds_of(runs: Sequence[Curves], measure: str) -> list[str]:
    """The kinds of picture for which the runs have validation values of their own, in the order of their columns."""
    start = f"{VALIDATION}{measure}_"
    return list(
        dict.fromkeys(
            name.removeprefix(start)
            for run in runs
            for name in run.columns
            if name.startswith(start) and len(run.points(name)[0])
        )
    )


def gap_measure(runs: Sequence[Curves], monitor: str) -> str | None:
    """The measure whose gap is told: the monitor's, else IoU, else the loss; None when no run has one of them twice."""
    for measure in (monitor.removeprefix(VALIDATION), "iou", "loss"):
        if any(len(gap_of(run, measure).steps) for run in runs):
            return measure
    return None


def gap_of(curves: Curves, measure: str) -> Gap:
    """Training against validation in the rows that have both; empty where none has."""
    nothing = np.full_like(curves.columns["step"], np.nan)
    training = curves.columns.get(measure, nothing)
    validation = curves.columns.get(VALIDATION + measure, nothing)
    both = np.isfinite(training) & np.isfinite(validation)
    training, validation = training[both], validation[both]
    difference = validation - training if smaller_is_better(measure) else training - validation
    return Gap(steps=curves.columns["step"][both], training=training, validation=validation, difference=difference)


def mean_points(series: Sequence[tuple[Values, Values]]) -> tuple[Values, Values]:
    """The mean of several curves at the steps that all of them have; both empty where they share none."""
    if not series:
        return np.zeros(0), np.zeros(0)
    shared = series[0][0]
    for steps, _ in series[1:]:
        shared = np.intersect1d(shared, steps)
    return shared, np.mean([values[np.isin(steps, shared)] for steps, values in series], axis=0)
