"""Patches of pictures, as the classifier sees them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from pictures import Picture

from deepetch.arrays import Mask, View
from deepetch.measure.boundary import mask_border
from deepetch.measure.photograph import CLIPPED

SIDE = 64  # pixels
QUALITIES = (75, 95)  # of the JPEG that both sides go through
BLOCK = 8  # JPEG's


@dataclass(frozen=True, eq=False)
class Patches:
    """The same number of patches of each of some pictures.

    levels  (pictures, count, SIDE, SIDE, 3) uint8.
    places  (pictures, count, 2): row and column of their corners in the picture.
    """

    levels: NDArray[np.uint8]
    places: NDArray[np.intp]


def draw_patches(
    pictures: Sequence[Picture], count: int, draw: np.random.Generator, *, border: bool, encoded: bool
) -> Patches:
    """Cut `count` squares out of every picture, anywhere, or around pixels of its subject's border.

    Anywhere is where no more than half of a square is clipped to white or black, if there is such a place: that a
    ground is blank says which scenes a set holds, nothing of how they look.

    encoded  pictures go through a JPEG of a quality of 75 to 95 first, drawn alike for both sides, whose blocks begin
             anywhere, so that no grid of a file lies on them.
    A picture narrower than a patch is continued by reflection. With `border` every picture has a mask with a border
    (`has_border`).
    """
    levels, places = [], []
    for picture in pictures:
        view, mask = picture.view, picture.mask
        origin = np.zeros(2, np.intp)
        if encoded:
            origin = draw.integers(BLOCK, size=2)
            view = _encoded(view[origin[0] :, origin[1] :], int(draw.integers(QUALITIES[0], QUALITIES[1] + 1)))
            mask = None if mask is None else mask[origin[0] :, origin[1] :]
        down, right = (max(0, SIDE - side) for side in view.shape[:2])
        whole = np.asarray(cv2.copyMakeBorder(view, 0, down, 0, right, cv2.BORDER_REFLECT))
        if border and mask is not None:
            corners = _corners_around(mask, count, draw)
        else:
            corners = _corners_within(whole, count, draw)
        cut = np.stack([whole[y : y + SIDE, x : x + SIDE] for y, x in corners])
        levels.append(np.rint(cut * 255).clip(0, 255).astype(np.uint8))
        places.append(corners + origin)
    return Patches(np.stack(levels), np.stack(places))


def has_border(picture: Picture) -> bool:
    """Whether patches can be drawn around a border, however a few rows and columns are cut off."""
    return picture.mask is not None and bool(mask_border(picture.mask)[BLOCK:, BLOCK:].any())


def _corners_within(view: View, count: int, draw: np.random.Generator) -> NDArray[np.intp]:
    """(count, 2) rows and columns of patches of a view of at least a patch's size, most of each unclipped."""
    clipped = ((view <= CLIPPED) | (view >= 1 - CLIPPED)).all(2)
    total = cv2.integral(clipped.astype(np.uint8))
    inside = total[SIDE:, SIDE:] - total[SIDE:, :-SIDE] - total[:-SIDE, SIDE:] + total[:-SIDE, :-SIDE]
    free = inside <= SIDE * SIDE // 2
    places = np.argwhere(free if free.any() else np.ones_like(free))
    return places[draw.integers(len(places), size=count)]


def _corners_around(mask: Mask, count: int, draw: np.random.Generator) -> NDArray[np.intp]:
    """(count, 2) rows and columns of patches around pixels of a mask's border, pushed inside the frame."""
    border = np.argwhere(mask_border(mask))
    most = np.maximum(np.array(mask.shape) - SIDE, 0)
    return np.clip(border[draw.integers(len(border), size=count)] - SIDE // 2, 0, most)


def _encoded(view: View, quality: int) -> View:
    levels = np.rint(view[..., ::-1] * 255).clip(0, 255).astype(np.uint8)
    _, file = cv2.imencode(".jpg", levels, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return cv2.imdecode(file, cv2.IMREAD_COLOR)[..., ::-1].astype(np.float32) / np.float32(255)
