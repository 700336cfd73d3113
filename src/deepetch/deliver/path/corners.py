"""Corners of a contour: where it turns at once, not little by little."""

from __future__ import annotations

import numpy as np

from deepetch.deliver.path.bezier import Points
from deepetch.deliver.path.rings import Ids, Numbers, Rings

NEAR, FAR = 4, 8  # pixels of contour to either side whose directions are compared
SHARP = 0.7  # share of the corner's angle that is there within NEAR already; of a round bend it would be NEAR / FAR
ASTRAY = 2.5  # pixels: lines that cross farther away do not say where the corner is
LEAST_REACH = 0.2  # pixels: with less a corner is the contour's point
BLUNT = 0.75  # within so many pixels of a corner the contour is rounded off by the pixels


def find_corners(rings: Rings, *, angle: float, reach: Numbers) -> tuple[Numbers, Ids, Points]:
    """Find the corners of closed polylines, and where they were before pixels rounded them off.

    angle    the least turn of a corner, in degrees: between straight lines through the 8 pixels of contour before and
             after it, 70 % of it within 4; where a contour is shorter than 32 pixels, through a quarter of it.
    reach    a corner is where the lines beside it cross, but at most so many pixels (n,) from the contour; where they
             cross far away it is the contour's point.
    Returns  the places of the corners, ascending; the numbers of their polylines; and the corners (k, 2). A contour of
             less than 16 pixels has none.
    """
    count = np.rint(rings.length).astype(np.intp)
    far = np.minimum(FAR, count // 4)
    groups = [(number, np.flatnonzero(far == number)) for number in range(NEAR, FAR + 1)]
    found = [_found(rings, chosen, count[chosen], number, angle, reach) for number, chosen in groups if len(chosen)]
    if not found:
        return np.empty(0), np.empty(0, np.intp), np.empty((0, 2))
    places, owners, corners = (np.concatenate(values) for values in zip(*found, strict=True))
    order = np.argsort(places, kind="stable")
    return places[order], owners[order], corners[order]


def _found(
    rings: Rings, chosen: Ids, count: Ids, far: int, angle: float, reach: Numbers
) -> tuple[Numbers, Ids, Points]:
    """The corners of the chosen polylines, each drawn anew with `count` points at even steps."""
    margin = far // 2
    padding = far + margin  # each is continued around itself, so that all can be looked at as one row
    padded = count + 2 * padding
    owner = np.repeat(np.arange(len(chosen)), padded)
    step = np.arange(len(owner)) - (np.cumsum(padded) - padded + padding)[owner]
    around = step % count[owner]
    places = rings.begin[chosen][owner] + around * (rings.length[chosen] / count)[owner]
    closed = rings.points[rings.closed]
    even = np.stack([np.interp(places, rings.closed_along, closed[:, axis]) for axis in (0, 1)])
    nearby, turn = _turns(even, NEAR), _turns(even, far)
    score = nearby + turn
    least = np.radians(angle)
    highest = (turn >= least) & (nearby >= SHARP * least) & (step == around)
    for shift in range(1, margin + 1):  # of a plateau the first
        highest &= (score > np.roll(score, shift)) & (score >= np.roll(score, -shift))
    found = np.flatnonzero(highest)
    owners = chosen[owner[found]]
    nearest = np.searchsorted(rings.along, places[found])
    return places[found], owners, _drawn_back(_sharpened(even, found), rings, owners, nearest, reach)


def lengths_along(points: Points) -> Numbers:
    """(n + 1,): how far each point of a closed polyline is along it, and its whole length."""
    return Rings(points, np.array([len(points)])).closed_along


def _slopes(even: Points, count: int) -> Points:
    """Direction (2, n) of the straight line through the `count` points after each point, by least squares."""
    offsets = np.arange(1, count + 1) - (count + 1) / 2
    onward = np.concatenate([even, even[:, :count]], axis=1)
    size = even.shape[1]
    slopes = np.zeros_like(even)
    for step, offset in enumerate(offsets.tolist(), 1):
        slopes += offset * onward[:, step : step + size]
    return slopes


def _turns(even: Points, count: int) -> Numbers:
    after, before = _slopes(even, count), -_slopes(even[:, ::-1], count)[:, ::-1]
    cross = before[0] * after[1] - before[1] * after[0]
    return np.asarray(np.abs(np.arctan2(cross, (before * after).sum(axis=0))), np.float64)


def _sharpened(even: Points, found: Ids) -> Points:
    """Where the lines through the points on either side cross."""
    here = even[:, found].T
    steps = np.arange(2, NEAR + 2)  # beyond what pixels have rounded off
    sides = [even.T[found[:, None] + sign * steps] for sign in (-1, 1)]
    (p, d), (q, e) = ((side.mean(axis=1), np.einsum("j,kjx->kx", steps - steps.mean(), side)) for side in sides)
    # p + t d = q + s e
    crossed = d[:, 0] * e[:, 1] - d[:, 1] * e[:, 0]
    gap = q - p
    t = (gap[:, 0] * e[:, 1] - gap[:, 1] * e[:, 0]) / np.where(crossed == 0, 1, crossed)
    return np.where((crossed == 0)[:, None], here, p + t[:, None] * d)


def _drawn_back(corners: Points, rings: Rings, owners: Ids, places: Ids, reach: Numbers) -> Points:
    """Corners drawn back to `reach` from the contour around the points numbered `places`."""
    at = rings.turned(places, owners)
    here = nearest = rings.points[at]
    reach = reach[at]
    away = corners - here
    sharpened = (np.hypot(away[:, 0], away[:, 1]) <= ASTRAY) & (reach >= LEAST_REACH)
    corners = np.where(sharpened[:, None], corners, here)
    away = corners - nearest
    distance = np.hypot(away[:, 0], away[:, 1])
    for shift in range(-2, 2):
        start, end = (rings.points[rings.turned(places + shift + one, owners)] for one in (0, 1))
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
