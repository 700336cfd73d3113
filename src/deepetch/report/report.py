"""What a report is made of: plain data about one run, or about the arms of a comparison."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from deepetch.errors import InvalidOptions, TrainingError
from deepetch.report.curves import METRICS, Curves, read_curves
from deepetch.report.gallery import Gallery

OPTIONS, PROVENANCE = "options.json", "provenance.json"


@dataclass(frozen=True, kw_only=True)
class Cost:
    """What a model costs to run and to keep; None: not measured.

    measured_on  the device and threads behind `ms_per_picture`, in words.
    peak_bytes   the most memory that a process with nothing but this model held.
    """

    ms_per_picture: float | None = None
    peak_bytes: int | None = None
    measured_on: str = ""
    file_bytes: int | None = None
    parameters: int | None = None


@dataclass(frozen=True, eq=False, kw_only=True)
class Arm:
    """What is known of one run, or of several that differ in their seed only; all of it may be missing.

    runs         the curves, one a seed.
    options      as the run stores them.
    provenance   where the run comes from: data, versions, device; may hold tables in tables.
    gallery      its worst, median and best pictures.
    scores       what the pictures are grouped by ("kind", "size") to one row a group: the group's name under that word,
                 `n` pictures, and the mean of each measure; `iou_low` and `iou_high` are the 95 % interval of `iou`.
    reliability  bins of the confidence: centre, observed share or IoU, both in [0, 1], and how many it holds.
    confidence   a picture's confidence and its IoU, both in [0, 1].
    """

    name: str
    runs: Sequence[Curves] = ()
    options: Mapping[str, Any] = field(default_factory=dict)
    provenance: Mapping[str, Any] = field(default_factory=dict)
    gallery: Gallery | None = None
    scores: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)
    reliability: Sequence[tuple[float, float, int]] = ()
    confidence: Sequence[tuple[float, float]] = ()
    cost: Cost | None = None


@dataclass(frozen=True, eq=False, kw_only=True)
class Report:
    """One run, or several arms side by side.

    monitor  the column by which a run's best row is the best.
    Raises   InvalidOptions without an arm, or when two arms have one name.
    """

    title: str
    arms: Sequence[Arm]
    monitor: str = "val_iou"

    def __post_init__(self) -> None:
        names = [arm.name for arm in self.arms]
        if not names or len(set(names)) < len(names):
            raise InvalidOptions(f"a report needs one arm or more, each with a name of its own; got {names}.")


def read_arm(*folders: Path, name: str | None = None) -> Arm:
    """Read the curves, options and provenance of a run, or of several that differ in their seed only.

    name    None: the first folder's.
    Raises  InvalidOptions without a folder; TrainingError when metrics or options are missing or damaged; a run without
            `provenance.json` has none.
    """
    if not folders:
        raise InvalidOptions("an arm needs the folder of one run or more; got none.")
    options = [_read_table(folder / OPTIONS) for folder in folders]
    for table in options:
        table.pop("minutes", None)  # how long a call might take says nothing of the run
    provenance = [_read_table(folder / PROVENANCE) if (folder / PROVENANCE).exists() else {} for folder in folders]
    return Arm(
        name=name or folders[0].absolute().name,
        runs=tuple(read_curves(folder / METRICS) for folder in folders),
        options=_merged(options),
        provenance=_merged(provenance),
    )


def _read_table(path: Path) -> dict[str, Any]:
    try:
        table = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise TrainingError(f"{path}: cannot be read ({error.strerror}); a run keeps it beside its metrics.") from error
    except ValueError as error:
        raise TrainingError(f"{path}: expected JSON; got other text ({error}). Check the file.") from error
    if not isinstance(table, dict):
        raise TrainingError(f"{path}: expected a JSON object of names and values. Check the file.")
    return table


def _merged(tables: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """One table of several: a value that differs between them becomes the text of all, in order."""
    merged = {}
    for name in dict.fromkeys(name for table in tables for name in table):
        values = list(dict.fromkeys(json.dumps(table.get(name)) for table in tables))
        merged[name] = json.loads(values[0]) if len(values) == 1 else ", ".join(values)
    return merged
