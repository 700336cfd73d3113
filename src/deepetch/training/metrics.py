"""What a run writes down as it goes: `metrics.csv`, and the same numbers for TensorBoard."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path

from tensorboardX import SummaryWriter

from deepetch.errors import OutputFailed, TrainingError
from deepetch.photo.atomic import atomic_output

METRICS, EVENTS = "metrics.csv", "tensorboard"


class Metrics:
    """Rows of one run, each with its step; a cell without a value stays blank.

    first_step  rows behind it are of steps that are about to be done again, and are dropped.
    Raises      OutputFailed when the disk is full, TrainingError when what lies there is no table of a run.
    """

    def __init__(self, run: Path, columns: Sequence[str], *, first_step: int) -> None:
        self.path, self.columns = run / METRICS, list(columns)
        rows = [row for row in read_metrics(self.path) if float(row["step"]) <= first_step] if first_step else []
        with atomic_output(self.path, overwrite=True) as temporary:
            temporary.write_text(self._lines([dict(zip(columns, columns, strict=True)), *rows]))
        self.events = SummaryWriter(str(run / EVENTS), purge_step=first_step + 1 if first_step else None)

    def add(self, row: Mapping[str, float]) -> None:
        """Write a row; it must have a `step`."""
        try:
            with self.path.open("a") as file:
                file.write(self._lines([{name: str(value) for name, value in row.items()}]))
            for name, value in row.items():
                if name != "step":
                    self.events.add_scalar(name, value, int(row["step"]))
            self.events.flush()
        except OSError as error:
            raise OutputFailed(f"{self.path}: not written ({error.strerror}). Make room; --resume goes on.") from error

    def close(self) -> None:
        """End TensorBoard's file."""
        self.events.close()

    def _lines(self, rows: Sequence[Mapping[str, str]]) -> str:
        text = io.StringIO()
        csv.DictWriter(text, self.columns, restval="", extrasaction="ignore", lineterminator="\n").writerows(rows)
        return text.getvalue()


def read_metrics(path: Path) -> list[dict[str, str]]:
    """The rows of a run's metrics, as they stand there; [] when there is no file.

    Raises  TrainingError when it is no table with steps.
    """
    try:
        with path.open(newline="") as file:
            rows = list(csv.DictReader(file))
        for row in rows:
            float(row["step"])
    except FileNotFoundError:
        return []
    except (OSError, ValueError, KeyError, TypeError, csv.Error) as error:
        raise TrainingError(
            f"{path}: cannot be read as the metrics of a run; remove it to begin a new table."
        ) from error
    return rows
