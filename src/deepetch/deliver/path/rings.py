"""Closed polylines laid one after the other in a row, so that one call works on all of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from deepetch.deliver.path.bezier import Points

Numbers: TypeAlias = NDArray[np.float64]  # (n,)
Ids: TypeAlias = NDArray[np.intp]  # (n,)

GAP = 1.0  # pixels between one polyline's end and the next one's begin, so that no place belongs to two


@dataclass(frozen=True, eq=False)
class Rings:
    """Closed polylines, none of them empty; a place is a number of pixels along the whole row.

    points  (n, 2) of all; the last of each is joined to its first.
    sizes   (k,) how many points each one has.
    """

    points: Points
    sizes: Ids

    @cached_property
    def first(self) -> Ids:
        """(k,) number of each one's first point."""
        return np.asarray(np.cumsum(self.sizes) - self.sizes, np.intp)

    @cached_property
    def owner(self) -> Ids:
        """(n,) which polyline a point is of."""
        return np.repeat(np.arange(len(self.sizes)), self.sizes)

    def turned(self, numbers: Ids, rings: Ids) -> Ids:
        """Numbers of points that may lie before the first or after the last of their ring, counted around it."""
        first = self.first[rings]
        return np.asarray(first + (numbers - first) % self.sizes[rings], np.intp)

    def shifted(self, step: int) -> Ids:
        """(n,) number of the point that is `step` points farther around than each."""
        return self.turned(np.arange(len(self.points)) + step, self.owner)

    @cached_property
    def closed(self) -> Ids:
        """(n + k,) numbers of the points, each polyline's first again at its end."""
        return np.insert(np.arange(len(self.points)), self.first + self.sizes, self.first)

    @cached_property
    def _steps(self) -> Numbers:
        way = self.points[self.shifted(1)] - self.points
        return np.asarray(np.hypot(way[:, 0], way[:, 1]), np.float64)

    @cached_property
    def length(self) -> Numbers:
        """(k,) pixels around each."""
        return np.asarray(np.add.reduceat(self._steps, self.first), np.float64)

    @cached_property
    def begin(self) -> Numbers:
        """(k,) places of the first points."""
        return np.asarray(np.cumsum(self.length + GAP) - self.length - GAP, np.float64)

    @cached_property
    def along(self) -> Numbers:
        """(n,) places of the points, ascending."""
        before = np.cumsum(self._steps) - self._steps
        return np.asarray(before - np.repeat(before[self.first] - self.begin, self.sizes), np.float64)

    @cached_property
    def closed_along(self) -> Numbers:
        """(n + k,) places of the points in `closed`, ascending."""
        return np.insert(self.along, self.first + self.sizes, self.begin + self.length)

    def to_nearest(self, places: Numbers, rings: Ids, others: Numbers) -> Numbers:
        """Pixels around the polylines from places to the nearest of others, which ascend; infinite where there is none.

        rings  of the places.
        """
        if not len(others):
            return np.full(len(places), np.inf)
        low = np.searchsorted(others, self.begin)[rings]
        high = np.searchsorted(others, self.begin + self.length, side="right")[rings]
        after = np.searchsorted(others, places)
        around = self.length[rings]
        behind = np.where(after > low, others[after - 1], others[high - 1] - around)
        ahead = np.where(after < high, others[np.minimum(after, len(others) - 1)], around)
        ahead += np.where(after < high, 0, others[np.minimum(low, len(others) - 1)])
        return np.where(high > low, np.minimum(places - behind, ahead - places), np.inf)
