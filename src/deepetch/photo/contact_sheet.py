"""Many small pictures on one sheet, to look at."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from deepetch.arrays import View
from deepetch.errors import InvalidArray, InvalidOptions

GAP = 6  # white pixels between pictures


def contact_sheet(pictures: Sequence[View], *, columns: int, tile: int) -> NDArray[np.uint8]:
    """Lay pictures out in rows, each fitted into a square of `tile` pixels, never enlarged, in the middle of it.

    pictures  (h, w, 3) float32 in [0, 1], sRGB, of any sizes.
    Returns   (H, W, 3) uint8, white between; as many rows as it takes.
    Raises    InvalidOptions for no column or no tile; InvalidArray for no picture, or one without pixels.
    """
    if columns < 1 or tile < 1:
        raise InvalidOptions(f"contact sheet: expected at least one column and one pixel; got {columns} and {tile}.")
    if not pictures or any(picture.size == 0 for picture in pictures):
        raise InvalidArray("contact sheet: expected pictures with at least one pixel.")
    columns = min(columns, len(pictures))
    rows = -(-len(pictures) // columns)
    pitch = tile + GAP
    sheet = np.full((rows * pitch + GAP, columns * pitch + GAP, 3), 1.0, np.float32)
    for index, picture in enumerate(pictures):
        small = _fitted(picture, tile)
        height, width = small.shape[:2]
        top = GAP + index // columns * pitch + (tile - height) // 2
        left = GAP + index % columns * pitch + (tile - width) // 2
        sheet[top : top + height, left : left + width] = small
    levels: NDArray[np.uint8] = np.rint(sheet.clip(0, 1) * 255).astype(np.uint8)
    return levels


def _fitted(picture: View, tile: int) -> View:
    height, width = picture.shape[:2]
    scale = tile / max(height, width)
    if scale >= 1:
        return picture
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.float32)
