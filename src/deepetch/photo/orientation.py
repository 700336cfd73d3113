"""The eight ways a camera may have been held (Exif 2.32, tag 274)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import pyvips


def turned(samples: Any, orientation: int) -> Any:
    """Turn an array by its EXIF orientation (1 to 8; anything else counts as 1), c-contiguous.

    6, the most frequent, is "turn a quarter clockwise to see it upright".
    """
    shape = samples.shape[2:]
    if orientation == 2:
        out = cv2.flip(samples, 1)
    elif orientation == 3:
        out = cv2.rotate(samples, cv2.ROTATE_180)
    elif orientation == 4:
        out = cv2.flip(samples, 0)
    elif orientation == 5:
        out = cv2.transpose(samples)
    elif orientation == 6:
        out = cv2.rotate(samples, cv2.ROTATE_90_CLOCKWISE)
    elif orientation == 7:
        out = cv2.flip(cv2.transpose(samples), -1)
    elif orientation == 8:
        out = cv2.rotate(samples, cv2.ROTATE_90_COUNTERCLOCKWISE)
    else:
        out = samples
    return out.reshape(*out.shape[:2], *shape)  # OpenCV drops the axis of a single channel


def stored_orientation(file: Path) -> int:
    """How far the pixels in a file that can be read lie from upright: 1 to 8."""
    image = pyvips.Image.new_from_file(str(file), access="sequential")
    return int(image.get("orientation")) if "orientation" in image.get_fields() else 1
