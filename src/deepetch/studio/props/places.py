"""Where things stand around products without hiding them."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from deepetch.studio.props.prop import extent
from deepetch.studio.shapes.sheet import Points
from deepetch.studio.surface import Surface

_GAP = 0.006  # metres between two things
_SIGHT = math.tan(math.radians(35))  # viewers as far aside as this see the products past everything but flat things
_FLAT, _FLAT_SIGHT = 0.12, math.tan(math.radians(10))  # of the products' height; what is lower hardly hides anything
_LOW = 0.5  # of the products' height: what stands before them is no higher


def free_place(
    draw: np.random.Generator,
    prop: Sequence[Surface],
    clear: tuple[Points, Points],
    taken: Sequence[tuple[Points, Points]],
    reach: float,
) -> Points:
    """(3,) a shift onto free ground; the more often there is none, the further aside it is looked for.

    clear, taken  lowest and highest corners of the products, and of all that nothing may stand in.
    reach         of the products around the origin, metres.
    """
    low, high = extent(prop)
    half = (high - low)[:2] / 2
    back = 0.35 + 2.4 * reach - half[1]
    before = 0.7 if high[2] < _FLAT * clear[1][2] else 0.4 if high[2] < _LOW * clear[1][2] else 0.0
    tries = 0
    while True:
        tries += 1
        if draw.random() < before:
            y = clear[0][1] - draw.uniform(0, 0.9) * reach
        else:
            y = min(clear[0][1], back) + (back - min(clear[0][1], back)) * draw.random() ** 1.4
        aside = 1.1 * reach + 0.4 * max(y - clear[1][1], 0.0) + 0.01 * tries
        x = draw.uniform(-1, 1) * aside
        shift = np.array([x, y, -low[2]]) - np.append((low + high)[:2] / 2, 0.0)
        if _is_free(low + shift, high + shift, clear, taken):
            return np.asarray(shift)


def _is_free(low: Points, high: Points, clear: tuple[Points, Points], taken: Sequence[tuple[Points, Points]]) -> bool:
    if any((low[:2] < other[1][:2] + _GAP).all() and (high[:2] > other[0][:2] - _GAP).all() for other in taken):
        return False
    depth = clear[1][1] - low[1]  # of the ground beside and before the products that it reaches into
    aside = max(low[0] - clear[1][0], clear[0][0] - high[0])
    sight = _FLAT_SIGHT if high[2] < _FLAT * clear[1][2] else _SIGHT
    return bool(depth <= 0 or aside >= depth * sight)


def bounds(points: NDArray[np.floating]) -> tuple[Points, Points]:
    """(3,) the smallest and (3,) the largest coordinates of (n, 3) points; zeros of none."""
    if not len(points):
        return np.zeros(3), np.zeros(3)
    return np.asarray(points, float).min(0), np.asarray(points, float).max(0)
