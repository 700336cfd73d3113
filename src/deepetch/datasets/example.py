"""A labelled picture: what every reader yields and everything else takes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from deepetch.arrays import Alpha, full_scale
from deepetch.errors import DatasetError
from deepetch.photo.photo import Photo
from deepetch.photo.read import read_photo

LEAST_LABEL = 8  # a mask that is nowhere brighter than this part of full scale holds class numbers, not opacity


@dataclass(frozen=True, kw_only=True)
class Example:
    """One row of a labelled set.

    mask    a file of its own; None when the truth is the picture's own alpha, or when there is no subject.
    kind    what sort of picture, e.g. "people"; measures are reported per kind.
    split   "train", "val" or "test".
    has_subject  False for pictures that show nothing to cut out: their true alpha is 0 everywhere.
    """

    name: str
    image: Path
    mask: Path | None
    kind: str
    source: str
    split: str
    has_subject: bool = True


def read_example(example: Example) -> tuple[Photo, Alpha]:
    """Read the photo and its true alpha, (h, w) float32 in [0, 1], both at full size.

    Raises  DatasetError when mask and photo differ in size, the truth is missing, or the mask holds class numbers;
            UnreadablePhoto when a file is damaged.
    """
    photo = read_photo(example.image)
    shape = (photo.height, photo.width)
    if not example.has_subject:
        return photo, np.zeros(shape, np.float32)
    if example.mask is None:
        if photo.alpha is None:
            raise DatasetError(f"{example.image}: expected a picture with alpha or a mask beside it; got neither.")
        levels = photo.alpha
    else:
        levels = read_photo(example.mask).samples[..., 0]
    if levels.shape != shape:
        raise DatasetError(
            f"{example.mask}: expected a mask of {shape[1]} x {shape[0]} like its picture; "
            f"got {levels.shape[1]} x {levels.shape[0]}."
        )
    highest = int(levels.max())
    if 0 < highest < full_scale(levels) // LEAST_LABEL:
        raise DatasetError(
            f"{example.mask or example.image}: expected a mask from 0 to {full_scale(levels)}; its highest value is "
            f"{highest}. Class numbers are no mask: make the subject white."
        )
    return photo, levels.astype(np.float32) / np.float32(full_scale(levels))
