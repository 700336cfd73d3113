"""Whether rendered pictures of packshot-bench are the published ones, by what those measure."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from deepetch.arrays import full_scale
from deepetch.photo.read import read_photo

MEASURES_FILE = Path(__file__).with_name("packshot-bench.csv")
TOLERANCE = 0.002  # half a level of 255: another machine's denoiser and JPEG coder stay far below it


class Measures(NamedTuple):
    """Means over a picture, in [0, 1]: of its alpha, and of its encoded colours."""

    foreground: float
    red: float
    green: float
    blue: float


def measure(folder: Path, name: str) -> Measures:
    """What a rendered picture measures. Raises the errors of `read_photo`."""
    mask = read_photo(folder / "masks" / f"{name}.png").samples
    image = read_photo(folder / "images" / f"{name}.jpg").samples
    red, green, blue = (image.mean((0, 1)) / full_scale(image)).tolist()
    return Measures(float(mask.mean() / full_scale(mask)), red, green, blue)


def write_measures(folder: Path, names: Sequence[str], path: Path = MEASURES_FILE) -> None:
    """Keep what pictures measure, a row a picture."""
    with path.open("w", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(("name", *Measures._fields))
        for name in names:
            rows.writerow((name, *(f"{value:.5f}" for value in measure(folder, name))))


def read_measures(path: Path = MEASURES_FILE) -> dict[str, Measures]:
    """What the published pictures measure, by name."""
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    return {row["name"]: Measures(*(float(row[field]) for field in Measures._fields)) for row in rows}


def unlike(folder: Path, names: Sequence[str], published: dict[str, Measures]) -> list[str]:
    """Those of the pictures in a folder that differ from the published ones by more than TOLERANCE in any measure.

    A name that was not published is left out.
    """
    return [
        name
        for name in names
        if name in published
        and max(abs(a - b) for a, b in zip(measure(folder, name), published[name], strict=True)) > TOLERANCE
    ]
