"""Lines of one colour along a picture's sides: borders that somebody drew, or what a crop left."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from deepetch.arrays import Samples, full_scale

CONTRAST = 10 / 255  # a line differs from the background by more than this in one channel
SAME = 16 / 255  # a pixel is of the line's colour if no channel differs by more; JPEG rings
UNIFORM = 0.98  # share of a side that is of one colour
BEYOND = 0.5  # two pixels further in, at most this share still is
THICKEST = 0.03  # share of the shorter side; more is a backdrop


@dataclass(frozen=True)
class EdgeLines:
    """How thick the line along each side is, in pixels; 0 where there is none."""

    top: int = 0
    right: int = 0
    bottom: int = 0
    left: int = 0

    def __bool__(self) -> bool:
        return any((self.top, self.right, self.bottom, self.left))


def edge_lines(samples: Samples, background: int) -> EdgeLines:
    """Find lines along the sides of samples (h, w, c).

    background  the value of all channels that is no line: full for white, 0 for no ink or no opacity.
    A backdrop of another colour is no line: it does not end within 3 % of the shorter side.
    """
    across = samples.swapaxes(0, 1)
    return EdgeLines(
        top=_thickness(samples, background),
        right=_thickness(across[::-1], background),
        bottom=_thickness(samples[::-1], background),
        left=_thickness(across, background),
    )


def _thickness(rows: Any, background: int) -> int:
    full = full_scale(rows)
    colour = np.median(rows[0], axis=0)
    if np.abs(colour - background).max() <= CONTRAST * full:
        return 0

    def share(row: Any) -> float:
        return float((np.abs(row - colour) <= SAME * full).all(axis=1).mean())

    thickest = max(1, round(THICKEST * min(rows.shape[:2])))
    for depth in range(min(thickest + 1, len(rows) - 2)):
        if share(rows[depth]) < UNIFORM:
            # the next but one: a line's own edge may be soft
            return depth if depth and share(rows[depth + 1]) <= BEYOND else 0
    return 0
