"""Draw docs/images/before-after.jpg: the sample picture, its cut-out on a checkerboard, and the same on white.

Run it with deepetch installed: python experiments/sample-picture/before_after.py
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from deepetch import cut_out, load_model, read_photo
from deepetch.photo.photo import Metadata
from deepetch.photo.write import write_picture

ROOT = Path(__file__).parent.parent.parent
PANEL_WIDTH, GAP = 560, 12
SQUARE = 16  # of the checkerboard, in pixels


def main() -> None:
    cutout = cut_out(read_photo(ROOT / "examples" / "packshot.jpg"), load_model())
    subject, alpha = cutout.over("transparent")
    white, _ = cutout.over("white")
    cover = (alpha / 255.0)[..., None]
    on_squares = np.rint(cover * subject + (1 - cover) * checkerboard(*alpha.shape)).astype(np.uint8)
    panels = [reduced(picture) for picture in (cutout.photo.samples, on_squares, white)]
    gap = np.full((panels[0].shape[0], GAP, 3), 255, np.uint8)
    sheet = np.hstack([panels[0], gap, panels[1], gap, panels[2]])
    target = ROOT / "docs" / "images" / "before-after.jpg"
    target.unlink(missing_ok=True)
    write_picture(target, np.ascontiguousarray(sheet), "rgb", metadata=Metadata())


def checkerboard(height: int, width: int) -> np.ndarray:
    rows, columns = np.indices((height, width)) // (SQUARE * width // (2 * PANEL_WIDTH))
    return np.where((rows + columns) % 2 == 0, 255.0, 214.0)[..., None]


def reduced(picture: np.ndarray) -> np.ndarray:
    height = round(picture.shape[0] * PANEL_WIDTH / picture.shape[1])
    return cv2.resize(picture, (PANEL_WIDTH, height), interpolation=cv2.INTER_AREA)


if __name__ == "__main__":
    main()
