"""Closed Bezier curves fitted to closed polylines, with as few joints as a tolerance allows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from deepetch.deliver.path.bezier import Curve, Points, straight
from deepetch.deliver.path.contour import Contour
from deepetch.deliver.path.corners import BLUNT, FAR, find_corners
from deepetch.deliver.path.least_squares import Outline, Parts, fit_parts, unit
from deepetch.deliver.path.rings import Ids, Numbers, Rings

QUARTERS = 4  # joints that a contour without a corner has at least
ONWARD = 0.2  # cosine of the largest angle between a smooth joint's direction and the chords beside it
MIDDLE = 0.15  # share of a part at either end that is not split off


def fit_curves(
    contours: Sequence[Contour], tolerances: Sequence[Numbers], *, size: tuple[int, int], corner_angle: float
) -> list[Curve]:
    """Fit closed cubic Bezier curves to contours.

    tolerances    (n,) for each contour: largest distance of a point from its curve, beyond the point's slack, in
                  pixels.
    size          width and height of the picture; the curves stay in it.
    corner_angle  least turn of a corner in degrees: of the contour, as `find_corners` has it, and between two fitted
                  curves.
    Returns       for each contour (m, 4, 2). At a joint that is no corner the tangents before and after are one line. A
                  contour without a corner has at least four joints. Between corners a part that keeps to its chord is
                  straight. No contours: no curves.

    Parts are split where a fit is worst until all fit, then joints are taken away that a fit can do without; first with
    handles free at every joint, which says how the curves run through it, then bound to one direction each.
    """
    if not contours:
        return []
    outline, parts, limits = _cut(contours, np.concatenate(tolerances), np.array(size, np.float64), corner_angle)
    parts = _merged(outline, _split(outline, parts, bound=False))
    parts = _smoothed(parts, np.searchsorted(parts.start, limits[1:]) - 1, corner_angle)
    parts = _merged(outline, _split(outline, parts, bound=True))
    first = np.searchsorted(parts.start, limits)
    return [parts.curves[low:high] for low, high in pairwise(first)]


def _cut(contours: Sequence[Contour], tolerance: Numbers, size: Numbers, angle: float) -> tuple[Outline, Parts, Ids]:
    """The contours, those with corners starting at one, cut into parts; and where in the outline each one begins."""
    rings = Rings(
        np.concatenate([contour.points for contour in contours]), np.array([len(one.points) for one in contours])
    )
    places, owner, corners = find_corners(rings, angle=angle, reach=np.minimum(tolerance, 1.0))
    bends = _bends_of_frame(rings, np.concatenate([contour.framed for contour in contours]))  # known exactly
    others = rings.to_nearest(places, owner, rings.along[bends]) > FAR
    places, owner, corners = places[others], owner[others], np.clip(corners[others], 0, size)
    kept = rings.to_nearest(rings.along, rings.owner, places) > np.minimum(BLUNT, 1.5 * tolerance)
    kept[bends] = False
    places, owner = np.concatenate([places, rings.along[bends]]), np.concatenate([owner, rings.owner[bends]])
    corners = np.concatenate([corners, rings.points[bends]])
    near = np.minimum(np.searchsorted(rings.along, places), (rings.first + rings.sizes - 1)[owner])
    order = np.argsort(np.concatenate([places, rings.along[kept]]), kind="stable")
    slack = np.concatenate([contour.slack for contour in contours])
    points = np.concatenate([corners, rings.points[kept]])[order]
    slack = np.concatenate([np.zeros_like(corners), slack[kept]])[order]
    tolerance = np.concatenate([tolerance[near], tolerance[kept]])[order]
    owner = np.concatenate([owner, rings.owner[kept]])[order]
    sharp = order < len(places)

    cut = Rings(points, np.bincount(owner, minlength=len(contours)))
    leading = cut.first.copy()
    joints = np.flatnonzero(sharp)[::-1]
    leading[owner[joints]] = joints  # of several the first, which is assigned last
    start = cut.turned(np.arange(len(points)) + (leading - cut.first)[owner], owner)
    rings, sharp = Rings(points[start], cut.sizes), sharp[start]
    outline = Outline(
        rings.points[rings.closed],
        rings.closed_along,
        slack[start][rings.closed],
        tolerance[start][rings.closed],
        size,
    )
    limits = np.append(rings.first, len(points)) + np.arange(len(contours) + 1)
    return outline, _first_parts(outline, rings, sharp), limits


def _first_parts(outline: Outline, rings: Rings, sharp: NDArray[np.bool_]) -> Parts:
    """The parts between corners; a contour with none has four at least, with one two."""
    corners = np.add.reduceat(sharp, rings.first, dtype=np.intp)
    least = np.where(corners > 0, 2, np.minimum(QUARTERS, rings.sizes))
    joint = sharp.copy()
    for number in range(QUARTERS):
        asking = np.flatnonzero((corners < least) & (number < least))
        even = np.searchsorted(rings.along, rings.begin[asking] + number * rings.length[asking] / least[asking])
        joint[np.minimum(even, (rings.first + rings.sizes - 1)[asking])] = True
    joints = np.flatnonzero(joint)
    owner = rings.owner[joints]
    start = joints + owner  # the outline has one point more for each contour before
    last = np.append(owner[1:] != owner[:-1], True)
    end = np.where(last, (rings.first + rings.sizes)[owner] + owner, np.append(start[1:], 0))
    opening = np.searchsorted(owner, np.arange(len(rings.sizes)))
    following = np.where(last, opening[owner], np.arange(len(joints)) + 1)
    free = np.full((len(start), 2), np.nan)
    curves = straight(outline.points[start], outline.points[end])
    sharp = sharp[joints]
    return Parts(start, end, sharp, sharp[following], free, free.copy(), np.ones(len(start), bool), curves)


def _bends_of_frame(rings: Rings, framed: NDArray[np.bool_]) -> Ids:
    """The points where a contour reaches the frame, leaves it, or turns with it."""
    bends = np.flatnonzero(framed)
    owner, here = rings.owner[bends], rings.points[bends]
    ahead, behind = (rings.turned(bends + step, owner) for step in (1, -1))
    along = ((rings.points[ahead] == here) & (rings.points[behind] == here)).any(axis=1)
    return np.asarray(bends[~(along & framed[ahead] & framed[behind])], np.intp)


def _split(outline: Outline, parts: Parts, *, bound: bool) -> Parts:
    """Split parts until a curve fits each."""
    done = []
    while len(parts.start):
        curves, error, worst = fit_parts(outline, parts)
        good = (error <= 1) | (parts.end - parts.start < 2)
        done.append(replace(parts, curves=curves).at(good))
        parts = _halves(outline, parts.at(~good), worst[~good], bound=bound)
    return _in_order(done)


def _halves(outline: Outline, parts: Parts, worst: Ids, *, bound: bool) -> Parts:
    middle = _kept_off_the_ends(outline, parts, worst)
    no = np.zeros(len(middle), bool)
    free = np.full((len(middle), 2), np.nan)
    before = replace(parts, end=middle, ends_sharp=no, arrive=free)
    after = replace(parts, start=middle, sharp=no, leave=free, fixed=no)
    if bound and len(middle):
        direction = _between(fit_parts(outline, before)[0], fit_parts(outline, after)[0])
        kink = np.isnan(direction[:, 0])
        before = replace(before, arrive=direction, ends_sharp=kink)
        after = replace(after, leave=direction, sharp=kink)
    return _in_order([before, after])


def _kept_off_the_ends(outline: Outline, parts: Parts, worst: Ids) -> Ids:
    low, high = outline.along[parts.start], outline.along[parts.end]
    place = np.clip(outline.along[worst], low + MIDDLE * (high - low), high - MIDDLE * (high - low))
    middle = np.searchsorted(outline.along, place)
    return np.asarray(np.clip(middle, parts.start + 1, parts.end - 1), np.intp)


def _merged(outline: Outline, parts: Parts) -> Parts:
    """Parts without the joints that a curve through both neighbours can do without."""
    tried = np.empty(0, np.intp)
    while True:
        unions = parts.start[:-1] * len(outline.along) + parts.end[1:]
        chosen = _every_other(np.flatnonzero(~parts.fixed[1:] & ~parts.sharp[1:] & ~np.isin(unions, tried)))
        if not len(chosen):
            return parts
        before, after = parts.at(chosen), parts.at(chosen + 1)
        union = replace(before, end=after.end, ends_sharp=after.ends_sharp, arrive=after.arrive)
        curves, error, _ = fit_parts(outline, union)
        good = error <= 1
        tried = np.concatenate([tried, unions[chosen[~good]]])
        kept = np.ones(len(parts.start), bool)
        kept[chosen[good]] = kept[chosen[good] + 1] = False
        parts = _in_order([parts.at(kept), replace(union, curves=curves).at(good)])


def _every_other(places: Ids) -> Ids:
    """Of ascending whole numbers those that leave no two neighbours: of each run the first, third, fifth."""
    if not len(places):
        return places
    order = np.arange(len(places))
    run = np.maximum.accumulate(np.where(np.diff(places, prepend=-2) > 1, order, 0))
    return np.asarray(places[(order - run) % 2 == 0], np.intp)


def _smoothed(parts: Parts, last: Ids, corner_angle: float) -> Parts:
    """Parts with one direction at both sides of each joint, unless their curves make a corner there."""
    previous = np.arange(-1, len(parts.start) - 1)
    previous[0] = last[0]
    previous[last[:-1] + 1] = last[1:]
    incoming = unit(parts.curves[previous, 3] - parts.curves[previous, 2])
    outgoing = unit(parts.curves[:, 1] - parts.curves[:, 0])
    sharp = parts.sharp | ((incoming * outgoing).sum(axis=1) < np.cos(np.radians(corner_angle)))
    leave = _between(parts.curves[previous], parts.curves)
    sharp |= np.isnan(leave[:, 0])
    leave[sharp] = np.nan
    arrive, ends_sharp = np.empty_like(leave), np.empty_like(sharp)
    arrive[previous], ends_sharp[previous] = leave, sharp
    return replace(parts, sharp=sharp, ends_sharp=ends_sharp, leave=leave, arrive=arrive)


def _between(before: Curve, after: Curve) -> Points:
    """Unit directions (m, 2) between that in which curves arrive and that in which the next ones leave.

    NaN where it leads away from either curve's other end: bound to it, the curve would make a loop.
    """
    direction = unit((before[:, 3] - before[:, 2]) + (after[:, 1] - after[:, 0]))
    for curves in (before, after):
        away = (direction * unit(curves[:, 3] - curves[:, 0])).sum(axis=1) < ONWARD
        direction[away] = np.nan
    return direction


def _in_order(groups: Sequence[Parts]) -> Parts:
    parts = Parts(*(np.concatenate(values) for values in zip(*(group.fields() for group in groups), strict=True)))
    return parts.at(np.argsort(parts.start, kind="stable"))
