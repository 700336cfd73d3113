"""Closed Bezier curves fitted to closed polylines, with as few joints as a tolerance allows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from deepetch.deliver.path.bezier import Curve, Points, straight
from deepetch.deliver.path.contour import Contour
from deepetch.deliver.path.corners import BLUNT, FAR, find_corners, lengths_along
from deepetch.deliver.path.least_squares import Ids, Numbers, Outline, Parts, fit_parts, unit

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
    pieces = [
        _cut(contour, limits, np.array(size, np.float64), corner_angle)
        for contour, limits in zip(contours, tolerances, strict=True)
    ]
    outline, parts = _in_one_row(pieces)
    limits = np.cumsum([0] + [len(piece.along) for piece, _, _ in pieces])
    parts = _merged(outline, _split(outline, parts, bound=False))
    parts = _smoothed(parts, np.searchsorted(parts.start, limits[1:]) - 1, corner_angle)
    parts = _merged(outline, _split(outline, parts, bound=True))
    first = np.searchsorted(parts.start, limits)
    return [parts.curves[low:high] for low, high in pairwise(first)]


def _cut(contour: Contour, tolerance: Numbers, size: Numbers, angle: float) -> tuple[Outline, Ids, NDArray[np.bool_]]:
    """A contour that starts at a joint and ends with its first point; its joints, and which of them are corners."""
    along = lengths_along(contour.points)
    along, length = along[:-1], along[-1]
    where, corners = find_corners(contour.points, angle=angle, reach=np.minimum(tolerance, 1.0))
    corners = np.clip(corners, 0, size)
    blunt = np.minimum(BLUNT, 1.5 * tolerance)
    kept = _to_nearest(along, where, length) > blunt
    bends = _bends_of_frame(contour)
    if len(bends):  # known exactly
        others = _to_nearest(where, along[bends], length) > FAR
        kept = _to_nearest(along, where[others], length) > blunt
        kept[bends] = False
        where = np.concatenate([where[others], along[bends]])
        order = np.argsort(where, kind="stable")
        where, corners = where[order], np.concatenate([corners[others], contour.points[bends]])[order]
    points, slack, joints = contour.points, contour.slack, np.empty(0, np.intp)
    if len(corners):
        order = np.argsort(np.concatenate([where, along[kept]]), kind="stable")
        near = np.minimum(np.searchsorted(along, where), len(along) - 1)
        points = np.concatenate([corners, points[kept]])[order]
        slack = np.concatenate([np.zeros_like(corners), slack[kept]])[order]
        tolerance = np.concatenate([tolerance[near], tolerance[kept]])[order]
        joints = np.flatnonzero(order < len(where))
        points, slack = (np.roll(values, -joints[0], axis=0) for values in (points, slack))
        tolerance, joints = np.roll(tolerance, -joints[0]), joints - joints[0]
    along = lengths_along(points)
    least = 2 if len(joints) else min(QUARTERS, len(points))
    sharp = joints
    if len(joints) < least:
        even = np.searchsorted(along[:-1], np.arange(least) * along[-1] / least)
        joints = np.unique(np.concatenate([joints, np.minimum(even, len(points) - 1)]))
    closed = [np.concatenate([values, values[:1]]) for values in (points, slack, tolerance)]
    return Outline(closed[0], along, closed[1], closed[2], size), joints, np.isin(joints, sharp)


def _bends_of_frame(contour: Contour) -> Ids:
    """The points where a contour reaches the frame, leaves it, or turns with it."""
    points, framed = contour.points, contour.framed
    ahead, behind = (np.roll(points, step, axis=0) == points for step in (-1, 1))
    onward = (ahead & behind).any(axis=1) & np.roll(framed, -1) & np.roll(framed, 1)
    return np.flatnonzero(framed & ~onward)


def _to_nearest(along: Numbers, where: Numbers, length: float) -> Numbers:
    if not len(where):
        return np.full(len(along), np.inf)
    around = np.concatenate([where[-1:] - length, where, where[:1] + length])
    after = np.searchsorted(around, along)
    distance = np.minimum(along - around[after - 1], around[np.minimum(after, len(around) - 1)] - along)
    return np.asarray(distance, np.float64)


def _in_one_row(pieces: Sequence[tuple[Outline, Ids, NDArray[np.bool_]]]) -> tuple[Outline, Parts]:
    outlines = [piece for piece, _, _ in pieces]
    outline = Outline(
        np.concatenate([piece.points for piece in outlines]),
        np.concatenate([piece.along for piece in outlines]),
        np.concatenate([piece.slack for piece in outlines]),
        np.concatenate([piece.tolerance for piece in outlines]),
        outlines[0].size,
    )
    sizes = [len(piece.along) for piece in outlines]
    offsets = (np.cumsum(sizes) - sizes).tolist()
    start = np.concatenate([joints + offset for (_, joints, _), offset in zip(pieces, offsets, strict=True)])
    ends = [np.append(joints[1:], size - 1) for (_, joints, _), size in zip(pieces, sizes, strict=True)]
    end = np.concatenate([local + offset for local, offset in zip(ends, offsets, strict=True)])
    free = np.full((len(start), 2), np.nan)
    parts = Parts(
        start,
        end,
        np.concatenate([sharp for _, _, sharp in pieces]),
        np.concatenate([np.roll(sharp, -1) for _, _, sharp in pieces]),
        free,
        free.copy(),
        np.ones(len(start), bool),
        straight(outline.points[start], outline.points[end]),
    )
    return outline, parts


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
    spans = zip(parts.start.tolist(), parts.end.tolist(), place.tolist(), strict=True)
    middle = [start + int(np.searchsorted(outline.along[start:end], value)) for start, end, value in spans]
    return np.asarray(np.clip(np.array(middle, np.intp), parts.start + 1, parts.end - 1), np.intp)


def _merged(outline: Outline, parts: Parts) -> Parts:
    """Parts without the joints that a curve through both neighbours can do without."""
    tried: set[tuple[int, int]] = set()
    while True:
        unions = zip(parts.start[:-1].tolist(), parts.end[1:].tolist(), strict=True)
        untried = np.array([union not in tried for union in unions], bool)
        chosen = _every_other(np.flatnonzero(untried & ~parts.fixed[1:] & ~parts.sharp[1:]))
        if not len(chosen):
            return parts
        before, after = parts.at(chosen), parts.at(chosen + 1)
        union = replace(before, end=after.end, ends_sharp=after.ends_sharp, arrive=after.arrive)
        curves, error, _ = fit_parts(outline, union)
        good = error <= 1
        tried.update(zip(union.start[~good].tolist(), union.end[~good].tolist(), strict=True))
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
