"""Where the true alpha of a picture comes from; nothing is read before it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from deepetch.arrays import Alpha, Levels, full_scale
from deepetch.datasets.objects import Annotation, foreground_mask
from deepetch.errors import DatasetError
from deepetch.photo.photo import Photo
from deepetch.photo.read import read_photo

LEAST_LABEL = 8  # a mask that is nowhere brighter than this part of full scale holds class numbers, not opacity


class Truth(Protocol):
    """Gives the true alpha (h, w) float32 in [0, 1] of a photo, at its full size.

    Raises  DatasetError when the truth is missing, of another size, or no alpha; UnreadablePhoto for a damaged file.
    """

    def read(self, photo: Photo) -> Alpha: ...


@dataclass(frozen=True)
class NoSubject:
    """The picture shows nothing to cut out: alpha 0 everywhere."""

    def read(self, photo: Photo) -> Alpha:
        return np.zeros((photo.height, photo.width), np.float32)


@dataclass(frozen=True)
class OwnAlpha:
    """The picture is a cut-out: its own alpha. `image` names it in messages."""

    image: Path

    def read(self, photo: Photo) -> Alpha:
        if photo.alpha is None:
            raise DatasetError(f"{self.image}: expected a picture with alpha or a mask beside it; got neither.")
        return _opacity(photo.alpha, self.image)


@dataclass(frozen=True)
class MaskFile:
    """A grey picture of the same size, white where the subject is."""

    path: Path

    def read(self, photo: Photo) -> Alpha:
        levels = read_photo(self.path).samples[..., 0]
        require_size(self.path, levels.shape, photo)
        return _opacity(levels, self.path)


@dataclass(frozen=True)
class Objects:
    """Objects of an annotation; the union of those of some categories is the subject.

    load        reads the annotation of this one picture.
    categories  None: every category.
    where       names the annotation in messages.
    """

    load: Callable[[], Annotation]
    categories: Collection[str] | None
    where: str

    def read(self, photo: Photo) -> Alpha:
        annotation = self.load()
        require_size(self.where, (annotation.height, annotation.width), photo)
        return foreground_mask(annotation, self.categories).astype(np.float32)


def require_size(where: Path | str, shape: tuple[int, ...], photo: Photo) -> None:
    """Raise DatasetError unless a mask of `shape` (h, w) has the size of its photo."""
    if shape != (photo.height, photo.width):
        raise DatasetError(
            f"{where}: expected a mask of {photo.width} x {photo.height} like its picture; got {shape[1]} x {shape[0]}."
        )


def _opacity(levels: Levels, path: Path) -> Alpha:
    highest, full = int(levels.max(initial=0)), full_scale(levels)
    if 0 < highest < full // LEAST_LABEL:
        raise DatasetError(
            f"{path}: expected a mask from 0 to {full}; its highest value is {highest}. "
            "Class numbers are no mask: make the subject white."
        )
    return levels.astype(np.float32) / np.float32(full)
