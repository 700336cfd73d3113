"""The pictures of a side, all of one size."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np

from deepetch.arrays import Mask, View
from deepetch.datasets.index import INDEX, read_index
from deepetch.datasets.split import folds
from deepetch.errors import DatasetError
from deepetch.measure.photograph import blockiness, tones
from deepetch.photo.read import read_photo
from deepetch.photo.signature import READ_SUFFIXES
from deepetch.photo.view import working_view


@dataclass(frozen=True, eq=False, kw_only=True)
class Picture:
    """A picture of one of the two sides.

    kind        its side; pictures of a group stay in one fold.
    view        (h, w, 3) float32 in [0, 1], its longer side as long as that of all others.
    mask        (h, w) bool; None where nobody knows its subject.
    blockiness  of its file, before it was resized.
    """

    name: str
    image: Path
    kind: str
    view: View
    mask: Mask | None
    blockiness: float
    split: str = ""
    group: str = ""


def read_pictures(
    places: Sequence[Path], side: str, *, size: int, kinds: Collection[str] | None = None
) -> tuple[list[Picture], int]:
    """Read folders, or sets with an index.csv, and reduce every picture until its longer side is `size`.

    kinds    rows of an index that are taken; None: all. A plain folder has none and is taken whole.
    Returns  the pictures, and how many were left out because they are smaller: enlarging would blur one side only.
    Raises   DatasetError for a place without pictures, or when all are too small; what reading raises.
    """
    pictures, small = list[Picture](), 0
    for place in places:
        for picture in _read_all(place, side, size, kinds):
            if max(picture.view.shape[:2]) < size:
                small += 1
            else:
                pictures.append(picture)
    if not pictures:
        raise DatasetError(f"{side}: expected pictures of at least {size} pixels; got {small} smaller ones. Ask less.")
    return pictures, small


def not_white(pictures: Sequence[Picture], share: float) -> list[Picture]:
    """Those of which no more than a share of the pixels is clipped to white: what no studio lit."""
    return [picture for picture in pictures if tones(picture.view).white <= share]


def as_side(pictures: Sequence[Picture], side: str) -> list[Picture]:
    """The same pictures on another side."""
    return [replace(picture, kind=side) for picture in pictures]


def fold_numbers(pictures: Sequence[Picture], count: int, *, seed: int) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    """The fold of each picture, 0 to count - 1: sides spread evenly, groups whole; the same for the same names.

    Raises  InvalidOptions for fewer than two folds or more than pictures.
    """
    numbers = np.empty(len(pictures), np.intp)
    for fold, divided in enumerate(folds(pictures, count, seed=seed)):
        numbers[[picture.split == "val" for picture in divided]] = fold
    return numbers


def _read_all(place: Path, side: str, size: int, kinds: Collection[str] | None) -> Iterator[Picture]:
    if (place / INDEX).exists():
        for example in read_index(place, kinds=kinds):
            photo = read_photo(example.image)
            alpha = example.truth.read(photo) if example.has_subject else None
            whole, view = working_view(photo), working_view(photo, size)
            mask = None
            if alpha is not None:
                mask = cv2.resize(alpha, view.shape[1::-1], interpolation=cv2.INTER_AREA) >= 0.5
            yield Picture(
                name=example.name,
                image=example.image,
                kind=side,
                view=view,
                mask=mask,
                blockiness=blockiness(whole),
                group=example.group,
            )
        return
    files = sorted(file for file in place.rglob("*") if file.suffix.lower() in READ_SUFFIXES)
    if not files:
        raise DatasetError(f"{place}: expected pictures or an {INDEX}; got neither.")
    for file in files:
        photo = read_photo(file)
        yield Picture(
            name=file.relative_to(place).with_suffix("").as_posix(),
            image=file,
            kind=side,
            view=working_view(photo, size),
            mask=None,
            blockiness=blockiness(working_view(photo)),
        )
