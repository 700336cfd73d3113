"""`index.csv`: one row a picture, with kind, source and a fixed split."""

from __future__ import annotations

import csv
from collections.abc import Callable, Collection, Sequence
from pathlib import Path, PurePosixPath

import numpy as np
from numpy.typing import NDArray

from deepetch.datasets.example import Example, read_example
from deepetch.datasets.pack import BACKGROUNDS
from deepetch.datasets.place import Names, copy_picture, make_folder, remove_old
from deepetch.datasets.read_instances import few_enough, read_instances
from deepetch.datasets.split import SPLITS
from deepetch.datasets.truth import MaskFile, NoSubject, OwnAlpha, Truth
from deepetch.errors import DatasetError
from deepetch.options import SaveOptions
from deepetch.photo.atomic import atomic_output, require_free
from deepetch.photo.write import write_picture

INDEX = "index.csv"
COLUMNS = ("image", "mask", "kind", "split")
INSTANCES = "instances"  # the folder of pictures of numbers, named as those in `images/`; a set need not have it
OWN_ALPHA = "cutouts"  # the kind whose truth is the picture's own alpha


def read_index(folder: Path, *, split: str | None = None, kinds: Collection[str] | None = None) -> list[Example]:
    """Read the rows of `folder/index.csv` that belong to a split (train, val or test), in the file's order.

    split   None: all three; rows of any other split (unlabelled pictures) are left out.
    kinds   None: every kind.
    Raises  DatasetError when the file is missing, lacks a column, or no row fits.
    """
    path = folder / INDEX
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


def write_index(
    examples: Sequence[Example],
    folder: Path,
    *,
    overwrite: bool = False,
    progress: Callable[[int], None] = lambda done: None,
) -> None:
    """Write a set as `images/`, `masks/` and `index.csv`.

    The index comes last, and an old one goes first: what a failure leaves behind has none, and says no kinds or splits.
    Pictures, and masks that are files, are copied byte for byte; other masks become grey PNGs of 8 bits, and objects
    pictures of numbers, if they are no more than 255; their classes are lost. A picture without subject gets the kind
    "backgrounds" and no mask, one that is its own truth the kind "cutouts".
    Raises  OutputExists before anything is written if there is an index; what `read_example` and `read_instances`
            raise; OutputFailed.
    """
    require_free(folder / INDEX, overwrite=overwrite)
    remove_old(folder / INDEX)
    names, rows = Names(), []
    for done, example in enumerate(examples, 1):
        stem = names.free(example.name)  # masks and numbers are named as pictures, but for the suffix
        image = f"images/{stem}{example.image.suffix.lower()}"
        copy_picture(example.image, folder / image, overwrite=overwrite)
        numbers = folder / INSTANCES / f"{stem}.png"
        mask, kind, numbered = "", example.kind, False
        if isinstance(example.truth, NoSubject):
            kind = BACKGROUNDS
        elif isinstance(example.truth, OwnAlpha):
            kind = OWN_ALPHA
        elif isinstance(example.truth, MaskFile):
            mask = f"masks/{stem}{example.truth.path.suffix.lower()}"
            copy_picture(example.truth.path, folder / mask, overwrite=overwrite)
            if numbered := example.instances is not None:
                copy_picture(example.instances, numbers, overwrite=overwrite)
        else:
            mask = f"masks/{stem}.png"
            photo, alpha = read_example(example)
            _write_grey(folder / mask, np.rint(alpha * 255).astype(np.uint8), overwrite=overwrite)
            if numbered := few_enough(example):
                _write_grey(numbers, read_instances(example, photo, alpha).numbers, overwrite=overwrite)
        if overwrite and not numbered:  # of a picture that was called so in another set
            remove_old(numbers)
        rows.append((image, mask, kind, example.source, example.split, example.group))
        progress(done)
    with (
        atomic_output(folder / INDEX, overwrite=overwrite) as temporary,
        temporary.open("w", newline="", encoding="utf-8") as file,
    ):
        writer = csv.writer(file)
        writer.writerow(("image", "mask", "kind", "source", "split", "group"))
        writer.writerows(rows)


def _write_grey(path: Path, levels: NDArray[np.uint8], *, overwrite: bool) -> None:
    make_folder(path.parent)
    write_picture(path, levels[..., None], "grey", options=SaveOptions(overwrite=overwrite))


def _example(folder: Path, row: dict[str, str]) -> Example:
    if not row["image"]:
        raise DatasetError(f"{folder / INDEX}: a row of kind {row['kind']} names no image.")
    image = folder / row["image"]
    return Example(
        name=Path(row["image"]).stem,
        image=image,
        truth=_truth(folder, image, row),
        kind=row["kind"],
        source=row.get("source") or "",
        split=row["split"],
        group=row.get("group") or "",
        instances=_numbers(folder, row),
    )


def _numbers(folder: Path, row: dict[str, str]) -> Path | None:
    """The picture that numbers the things of a row with a mask, if there is one."""
    image = PurePosixPath(row["image"])
    if not row["mask"] or image.parts[0] != "images":
        return None
    numbers = folder / INSTANCES / image.relative_to("images").with_suffix(".png")
    return numbers if numbers.is_file() else None


def _truth(folder: Path, image: Path, row: dict[str, str]) -> Truth:
    if row["kind"] == BACKGROUNDS:
        return NoSubject()
    if row["mask"]:
        return MaskFile(folder / row["mask"])
    if row["kind"] == OWN_ALPHA:
        return OwnAlpha(image)
    raise DatasetError(f"{folder / INDEX}: {row['image']} of kind {row['kind']} names no mask.")
