"""Corners of a contour: where it turns at once, not little by little."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from deepetch.deliver.path.contour import Points

Numbers: TypeAlias = NDArray[np.float64]  # (n,)

NEAR, FAR = 4, 8  # pixels of contour to either side whose directions are compared
SHARP = 0.7  # share of the corner's angle that is there within NEAR already; of a round bend it would be NEAR / FAR
ASTRAY = 2.5  # pixels: lines that cross farther away do not say where the corner is
LEAST_REACH = 0.2  # pixels: with less a corner is the contour's point
BLUNT = 0.75  # within so many pixels of a corner the contour is rounded off by the pixels


def find_corners(points: Points, *, angle: float, reach: Numbers) -> tuple[Numbers, Points]:
    """Find the corners of a closed polyline, and where they were before pixels rounded them off.

    points   (n, 2), the last point joined to the first.
    angle    the least turn of a corner, in degrees: between straight lines through the 8 pixels of contour before and
             after it, 70 % of it within 4.
    reach    a corner is where the lines beside it cross, but at most so many pixels (n,) from the contour; where they
             cross far away it is the contour's point.
    Returns  how far along the contour from its first point each corner lies, ascending, in pixels, and the corners
             (k, 2). A contour of less than 16 pixels has none.
    """
    along = lengths_along(points)
    count = round(along[-1])
    if count < 2 * FAR:
        return np.empty(0), np.empty((0, 2))
    step = along[-1] / count
    closed = np.concatenate([points, points[:1]])
    places = np.arange(count) * step
    even = np.stack([np.interp(places, along, closed[:, axis]) for axis in (0, 1)], axis=1)
    far = min(FAR, count // 4)
    near = min(NEAR, far)
    nearby, turn = _turns(even, near), _turns(even, far)
    score = nearby + turn
    highest = np.ones(count, bool)
    margin = far // 2
    around = np.concatenate([score[count - margin :], score, score[:margin]])
    for shift in range(1, margin + 1):  # of a plateau the first
        before, after = (around[margin + step : margin + step + count] for step in (-shift, shift))
        highest &= (score > before) & (score >= after)
    least = np.radians(angle)
    found = np.flatnonzero(highest & (turn >= least) & (nearby >= SHARP * least))
    nearest = np.searchsorted(along[:-1], found * step)
    return found * step, _drawn_back(_sharpened(even, found, near), points, nearest, reach)


def lengths_along(points: Points) -> Numbers:
    """(n + 1,): how far each point of a closed polyline is along it, and its whole length."""
    steps = np.hypot(*(np.roll(points, -1, axis=0) - points).T)
    return np.concatenate([[0.0], np.cumsum(steps)])


def _slopes(even: Points, count: int) -> Points:
    """Direction of the straight line through the `count` points after each point, by least squares."""
    offsets = np.arange(1, count + 1) - (count + 1) / 2
    onward = np.concatenate([even, even[:count]])
    return np.asarray(
        sum(offset * onward[step : step + len(even)] for step, offset in enumerate(offsets.tolist(), 1)), np.float64
    )


def _turns(even: Points, count: int) -> Numbers:
    after, before = _slopes(even, count), -_slopes(even[::-1], count)[::-1]
    cross = before[:, 0] * after[:, 1] - before[:, 1] * after[:, 0]
    return np.asarray(np.abs(np.arctan2(cross, (before * after).sum(axis=1))), np.float64)


def _sharpened(even: Points, found: NDArray[np.intp], near: int) -> Points:
    """Where the lines through the points on either side cross."""
    here, n = even[found], len(even)
    steps = np.arange(2, near + 2)  # beyond what pixels have rounded off
    sides = [even[(found[:, None] + sign * steps) % n] for sign in (-1, 1)]
    (p, d), (q, e) = ((side.mean(axis=1), np.einsum("j,kjx->kx", steps - steps.mean(), side)) for side in sides)
    # p + t d = q + s e
    crossed = d[:, 0] * e[:, 1] - d[:, 1] * e[:, 0]
    gap = q - p
    t = (gap[:, 0] * e[:, 1] - gap[:, 1] * e[:, 0]) / np.where(crossed == 0, 1, crossed)
    return np.where((crossed == 0)[:, None], here, p + t[:, None] * d)


def _drawn_back(corners: Points, contour: Points, places: NDArray[np.intp], reach: Numbers) -> Points:
    """Corners drawn back to `reach` from the contour around the points at `places`."""
    here = nearest = contour[places % len(contour)]
    reach = reach[places % len(contour)]
    sharpened = (np.hypot(*(corners - here).T) <= ASTRAY) & (reach >= LEAST_REACH)
    corners = np.where(sharpened[:, None], corners, here)
    distance = np.hypot(*(corners - nearest).T)
    for shift in range(-2, 2):
        start, end = (contour[(places + shift + one) % len(contour)] for one in (0, 1))
        foot = _foot(corners, start, end)
        apart = np.hypot(*(corners - foot).T)
        nearest = np.where((apart < distance)[:, None], foot, nearest)
        distance = np.minimum(distance, apart)
    share = np.minimum(1, reach / np.maximum(distance, 1e-9))
    return np.asarray(nearest + share[:, None] * (corners - nearest), np.float64)


def _foot(points: Points, start: Points, end: Points) -> Points:
    """The nearest points on the segments from `start` to `end`."""
    way = end - start
    share = ((points - start) * way).sum(axis=1) / np.maximum((way**2).sum(axis=1), 1e-12)
    return np.asarray(start + np.clip(share, 0, 1)[:, None] * way, np.float64)
