"""Pictures with their masks drawn in."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from deepetch.arrays import Alpha, View
from deepetch.datasets.example import Example, read_example
from deepetch.errors import DatasetError, PhotoError
from deepetch.options import SaveOptions
from deepetch.photo.atomic import require_free
from deepetch.photo.contact_sheet import contact_sheet
from deepetch.photo.view import reduced, working_view
from deepetch.photo.write import write_picture

COLUMNS, TILE = 6, 240
TINT = np.array([0.0, 0.75, 0.2], np.float32)  # no colour that people, packs or clothes often have


def overlay(example: Example, *, size: int) -> View:
    """A picture with its subject tinted and outlined, its longer side at most `size` pixels; (h, w, 3).

    Raises  what `read_example` raises.
    """
    photo, alpha = read_example(example)
    levels = reduced(np.rint(alpha * 255).astype(np.uint8)[..., None], size)[..., 0]
    return tinted(working_view(photo, size), np.divide(levels, 255, dtype=np.float32))


def tinted(view: View, alpha: Alpha) -> View:
    """A view (h, w, 3) with a colour laid over its subject by a third, and over the contour at 0.5 in full."""
    shown = np.asarray(view + (TINT - view) * (alpha[..., None] / 3), np.float32)
    inside = (alpha >= 0.5).astype(np.uint8)
    contour = cv2.morphologyEx(inside, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)) > 0
    shown[contour] = TINT
    return shown


def write_overlays(examples: Sequence[Example], path: Path, *, count: int, overwrite: bool) -> None:
    """Write a sheet of at most `count` examples, spread over the set; what cannot be read is left out.

    Raises  DatasetError when none can be read; UnsupportedOutput, OutputExists, OutputFailed.
    """
    require_free(path, overwrite=overwrite)
    tiles, reason = [], "the set is empty"
    for index in np.linspace(0, len(examples) - 1, min(count, len(examples))).astype(int):
        try:
            tiles.append(overlay(examples[index], size=TILE))
        except (DatasetError, PhotoError) as error:
            reason = str(error)
    if not tiles:
        raise DatasetError(f"no picture to show: {reason}")
    sheet = contact_sheet(tiles, columns=COLUMNS, tile=TILE)
    write_picture(path, sheet, "rgb", options=SaveOptions(overwrite=overwrite))
