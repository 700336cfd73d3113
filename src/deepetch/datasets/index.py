"""Reader for `index.csv`: one row a picture, with kind, source and a fixed split."""

from __future__ import annotations

import csv
from collections.abc import Collection
from pathlib import Path

from deepetch.datasets.example import Example
from deepetch.datasets.truth import MaskFile, NoSubject, OwnAlpha, Truth
from deepetch.errors import DatasetError

COLUMNS = ("image", "mask", "kind", "split")
SPLITS = ("train", "val", "test")
NO_SUBJECT = "backgrounds"  # the kind whose pictures show nothing to cut out
OWN_ALPHA = "cutouts"  # the kind whose truth is the picture's own alpha


def read_index(folder: Path, *, split: str | None = None, kinds: Collection[str] | None = None) -> list[Example]:
    """Read the rows of `folder/index.csv` that belong to a split (train, val or test), in the file's order.

    split   None: all three; rows of any other split (unlabelled pictures) are left out.
    kinds   None: every kind.
    Raises  DatasetError when the file is missing, lacks a column, or no row fits.
    """
    path = folder / "index.csv"
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:  # spreadsheets write a byte order mark
            reader = csv.DictReader(file)
            missing = [column for column in COLUMNS if column not in (reader.fieldnames or ())]
            if missing:
                raise DatasetError(f"{path}: expected the columns {', '.join(COLUMNS)}; {missing[0]} is missing.")
            examples = []
            for row in reader:
                if any(row[column] is None for column in COLUMNS):
                    raise DatasetError(f"{path}: line {reader.line_num}: expected a value for every column.")
                if row["split"] in SPLITS:
                    examples.append(_example(folder, row))
    except OSError as error:
        raise DatasetError(f"{folder}: no index.csv to read ({error.strerror}).") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise DatasetError(f"{path}: expected UTF-8 text with commas between; got other bytes.") from error
    chosen = [
        example
        for example in examples
        if (split is None or example.split == split) and (kinds is None or example.kind in kinds)
    ]
    if not chosen:
        known = ", ".join(sorted({example.kind for example in examples})) or "none"
        raise DatasetError(f"{path}: no row fits split {split or 'any'} and kind {kinds or 'any'}; kinds: {known}.")
    return chosen


def _example(folder: Path, row: dict[str, str]) -> Example:
    if not row["image"]:
        raise DatasetError(f"{folder / 'index.csv'}: a row of kind {row['kind']} names no image.")
    image = folder / row["image"]
    return Example(
        name=Path(row["image"]).stem,
        image=image,
        truth=_truth(folder, image, row),
        kind=row["kind"],
        source=row.get("source") or "",
        split=row["split"],
        group=row.get("group") or "",
    )


def _truth(folder: Path, image: Path, row: dict[str, str]) -> Truth:
    if row["kind"] == NO_SUBJECT:
        return NoSubject()
    if row["mask"]:
        return MaskFile(folder / row["mask"])
    if row["kind"] == OWN_ALPHA:
        return OwnAlpha(image)
    raise DatasetError(f"{folder / 'index.csv'}: {row['image']} of kind {row['kind']} names no mask.")
