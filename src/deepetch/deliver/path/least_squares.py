"""One cubic Bezier curve a part, fitted by least squares to a part of a contour; all parts at once.

Schneider 1990, "An Algorithm for Automatically Fitting Digitized Curves" (Graphics Gems): chord-length parameters, the
handles that leave the least sum of squares, and Newton's method for better parameters, in turn.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from deepetch.deliver.path.bezier import Curve, Points, straight
from deepetch.deliver.path.rings import Ids, Numbers

ROUNDS = 8  # of new parameters and a new fit
HOPELESS = 6.0  # times the tolerance: new parameters will not bring such a fit below it
PRIOR = 1e-3  # weight of handles a third of the chord long, which decide where the points do not
FAR_BENT, SHORT = 1.4, 16.0  # times its chord, and pixels, that a part with such handles is long at least
TINY = 1e-9


@dataclass(frozen=True, eq=False)
class Outline:
    """The points of all contours in one row, each contour's first repeated at its end.

    along      (n,) places along all contours, ascending, in pixels; see `Rings`.
    slack      (n, 2) as `Contour` has it.
    tolerance  (n,) how far a curve may pass from the point, beyond its slack.
    size       (2,) width and height of the picture, which no curve leaves.
    """

    points: Points
    along: Numbers
    slack: Points
    tolerance: Numbers
    size: Numbers


@dataclass(frozen=True, eq=False)
class Parts:
    """Pieces of contour from point `start` to point `end`, and the curves fitted to them.

    sharp   (m,) bool: the part starts at a corner.
    ends_sharp  (m,) bool: it ends at one.
    leave, arrive  (m, 2) unit directions at the ends; NaN where the fit is free to choose.
    fixed   (m,) bool: the joint at the start stays.
    curves  (m, 4, 2).
    """

    start: Ids
    end: Ids
    sharp: NDArray[np.bool_]
    ends_sharp: NDArray[np.bool_]
    leave: Points
    arrive: Points
    fixed: NDArray[np.bool_]
    curves: Curve

    def fields(self) -> tuple[NDArray[Any], ...]:
        return self.start, self.end, self.sharp, self.ends_sharp, self.leave, self.arrive, self.fixed, self.curves

    def at(self, chosen: Ids | NDArray[np.bool_]) -> Parts:
        return Parts(*(values[chosen] for values in self.fields()))


def fit_parts(outline: Outline, parts: Parts) -> tuple[Curve, Numbers, Ids]:
    """Fit a curve to each part.

    Returns  curves (m, 4, 2) from the parts' first points to their last; the largest distance (m,) of a point from each
             as a share of the point's tolerance; and which point that is. Between two corners the chord, if that does.
    """
    count = len(parts.start)
    curves = straight(outline.points[parts.start], outline.points[parts.end])
    error, worst = np.full(count, np.inf), parts.start.copy()
    batch, active = _Batch(outline, parts), np.arange(count)
    between_corners = np.flatnonzero(parts.sharp & parts.ends_sharp)
    if len(between_corners):
        off, places = batch.at(between_corners).off_chord()
        kept = off <= 1
        done = between_corners[kept]
        error[done], worst[done] = off[kept], places[kept]
        active = np.flatnonzero(np.isinf(error))
        batch = batch.at(active)
    last = np.full(len(active), np.inf)
    for left in reversed(range(ROUNDS)):
        if not len(active):
            break
        fitted = batch.solve()
        off, places = batch.off_curve(fitted)
        better = off < error[active]
        improved = active[better]
        curves[improved], error[improved], worst[improved] = fitted[better], off[better], places[better]
        # a round leaves about the share that the one before left
        hopeful = (off > 1) & (off <= HOPELESS) & (off * np.minimum(off / last, 1) ** left <= 1)
        batch.improve()
        batch, active, last = batch.at(np.flatnonzero(hopeful)), active[hopeful], off[hopeful]
    return curves, error, worst


class _Batch:
    """The points (2, n) of some parts in one row, and a parameter u in [0, 1] for each."""

    def __init__(self, outline: Outline, parts: Parts, u: Numbers | None = None) -> None:
        self.outline, self.parts = outline, parts
        self.counts = parts.end - parts.start + 1
        self.begin = np.cumsum(self.counts) - self.counts
        self.index = np.arange(self.counts.sum()) + self._each(parts.start - self.begin)
        self.points = outline.points.T[:, self.index]
        self.length = outline.along[parts.end] - outline.along[parts.start]
        if u is None:
            u = (outline.along[self.index] - self._each(outline.along[parts.start])) / self._each(self.length)
        self.u = u

    def at(self, chosen: Ids) -> _Batch:
        if len(chosen) == len(self.counts):
            return self
        taken = np.zeros(len(self.counts), bool)
        taken[chosen] = True
        return _Batch(self.outline, self.parts.at(chosen), self.u[self._each(taken)])

    def solve(self) -> Curve:
        """The curves whose handles leave the least sum of squares; bound ones keep to their direction."""
        start, end = self.outline.points[self.parts.start], self.outline.points[self.parts.end]
        chord = end - start
        u, v = self.u, 1 - self.u
        b1, b2 = 3 * u * v * v, 3 * u * u * v
        s11, s12, s22 = self._sums(b1 * b1), self._sums(b1 * b2), self._sums(b2 * b2)
        # from the start: what the curve would do with both handles at its ends is b2 + b3 = u u (3 - 2 u) of the chord
        rest = self.points - self._each(start.T) - u * u * (3 - 2 * u) * self._each(chord.T)
        first_sum, second_sum = self._sums(b1 * rest).T, self._sums(b2 * rest).T
        third = np.hypot(*chord.T) / 3
        first_axes, first_bound = _axes(self.parts.leave, chord)
        second_axes, second_bound = _axes(-self.parts.arrive, -chord)
        # unknown: each handle along its axis and, where it is free, across it
        cross = s12[:, None, None] * np.einsum("mxi,mxj->mij", first_axes, second_axes)
        cross[first_bound, 1] = 0
        cross[second_bound, :, 1] = 0
        matrix = np.zeros((len(start), 4, 4))
        matrix[:, [0, 1], [0, 1]] = s11[:, None] + PRIOR
        matrix[:, [2, 3], [2, 3]] = s22[:, None] + PRIOR
        matrix[:, :2, 2:], matrix[:, 2:, :2] = cross, cross.transpose(0, 2, 1)
        right = np.concatenate(
            [
                np.einsum("mxi,mx->mi", first_axes, first_sum),
                np.einsum("mxi,mx->mi", second_axes, second_sum),
            ],
            axis=1,
        )
        right[:, [0, 2]] += PRIOR * third[:, None]
        right[first_bound, 1] = right[second_bound, 3] = 0
        handles = np.linalg.solve(matrix, right[..., None])[..., 0]
        bound = np.stack([first_bound, second_bound], axis=1)
        astray = (bound & (handles[:, [0, 2]] < 0.05 * third[:, None])).any(axis=1)
        astray |= (np.abs(handles) > 1.5 * self.length[:, None]).any(axis=1)
        # handles against the chord, or longer than it, would make a loop or a wave where a part does not bend far
        ahead = np.stack(
            [
                (np.einsum("mxi,mi->mx", first_axes, handles[:, :2]) * chord).sum(axis=1),
                -(np.einsum("mxi,mi->mx", second_axes, handles[:, 2:]) * chord).sum(axis=1),
            ]
        )
        wild = (ahead < 0).any(axis=0) | (np.abs(handles) > 3 * third[:, None]).any(axis=1)
        astray |= wild & ((self.length < FAR_BENT * 3 * third) | (self.length < SHORT))
        handles[astray] = third[astray, None] * np.array([1, 0, 1, 0])
        first = self._in_picture(start, np.einsum("mxi,mi->mx", first_axes, handles[:, :2]), first_bound)
        second = self._in_picture(end, np.einsum("mxi,mi->mx", second_axes, handles[:, 2:]), second_bound)
        return np.stack([start, first, second, end], axis=1)

    def _in_picture(self, places: Points, handles: Points, bound: NDArray[np.bool_]) -> Points:
        """The ends of handles, shortened where they are bound and bent where they are free, to end in the picture."""
        room = np.where(handles > 0, self.outline.size - places, places)
        share = np.minimum(room / np.maximum(np.abs(handles), TINY), 1).clip(0).min(axis=1)
        handles = np.where(bound[:, None], share[:, None] * handles, handles)
        return np.clip(places + handles, 0, self.outline.size)

    def off_curve(self, curves: Curve) -> tuple[Numbers, Ids]:
        self.gaps = self._gaps(curves)
        return self._largest(self.gaps)

    def off_chord(self) -> tuple[Numbers, Ids]:
        start = self.outline.points[self.parts.start]
        chord = self.outline.points[self.parts.end] - start
        rest, way = self.points - self._each(start.T), self._each(chord.T)
        share = (rest * way).sum(axis=0) / np.maximum((way**2).sum(axis=0), TINY)
        return self._largest(rest - np.clip(share, 0, 1) * way)

    def improve(self) -> None:
        """One step of Newton's method from where `off_curve` was towards the nearest point, for each parameter."""
        b, c, d = self.powers[1:]
        speed = (3 * d * self.u + 2 * c) * self.u + b
        change = 6 * d * self.u + 2 * c
        slope = (speed**2).sum(axis=0) + (self.gaps * change).sum(axis=0)
        step = (self.gaps * speed).sum(axis=0) / np.where(slope > TINY, slope, np.inf)
        self.u = np.clip(self.u - step, 0, 1)

    def _gaps(self, curves: Curve) -> Points:
        """From the points (2, n) to the places of the curves at their parameters."""
        p0, p1, p2, p3 = curves.transpose(1, 2, 0)
        powers = np.stack([p0, 3 * (p1 - p0), 3 * (p0 - 2 * p1 + p2), p3 - p0 + 3 * (p1 - p2)])
        self.powers = self._each(powers)
        a, b, c, d = self.powers
        return np.asarray(((d * self.u + c) * self.u + b) * self.u + a - self.points, np.float64)

    def _largest(self, gaps: Points) -> tuple[Numbers, Ids]:
        slack = self.outline.slack.T[:, self.index]
        distance = np.sqrt((gaps**2).sum(axis=0))
        room = np.abs((gaps * slack).sum(axis=0)) / np.maximum(distance, TINY)
        off = np.maximum(distance - room, 0) / self.outline.tolerance[self.index]
        largest = np.maximum.reduceat(off, self.begin)
        places = np.flatnonzero(off == self._each(largest))
        return largest, self.index[places[np.searchsorted(places, self.begin)]]

    def _each(self, values: NDArray[Any]) -> NDArray[Any]:
        """(..., m) of the parts as (..., n) of their points."""
        return np.repeat(values, self.counts, axis=-1)

    def _sums(self, values: Numbers) -> Numbers:
        return np.asarray(np.add.reduceat(values, self.begin, axis=-1), np.float64)


def _axes(direction: Points, chord: Points) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """(m, 2, 2) with a direction and its normal as columns, the chord's where there is none; and where there is one."""
    bound = ~np.isnan(direction[:, 0])
    along = np.where(bound[:, None], direction, unit(chord))
    return np.stack([along, np.stack([-along[:, 1], along[:, 0]], axis=1)], axis=2), bound


def unit(vectors: Points) -> Points:
    return np.asarray(vectors / np.maximum(np.hypot(*vectors.T), TINY)[:, None], np.float64)
