"""Where closed curves cross themselves or each other."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from deepetch.deliver.path.bezier import Curve, Points, flatten
from deepetch.deliver.path.rings import Rings

FLAT = 0.05  # pixels that the straight pieces that are compared may leave the curves
PAIRS = 2_000_000  # compared at a time
BAND = 32  # rows


def crossing_segments(curves: Sequence[Curve]) -> list[NDArray[np.intp]]:
    """For each closed curve (n, 4, 2) the numbers of its segments that cross a segment of any, in ascending order.

    Curves that only touch do not cross. Looked for on straight pieces at most 0.05 pixels from the curves.
    """
    if not curves:
        return []
    sizes = np.array([len(curve) for curve in curves])
    points, segment = flatten(np.concatenate(curves), FLAT)
    pieces = Rings(points, np.add.reduceat(np.bincount(segment), np.cumsum(sizes) - sizes))
    first, second = _crossing_pairs(points, points[pieces.shifted(1)])
    crossing = np.unique(segment[np.concatenate([first, second])])
    limits = np.cumsum(sizes)
    of_each = np.split(crossing, np.searchsorted(crossing, limits[:-1]))
    return [one - low for one, low in zip(of_each, limits - sizes, strict=True)]


def _crossing_pairs(start: Points, end: Points) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Numbers of the straight pieces that properly cross, a pair more than once: those with a common end do not."""
    low, high = np.minimum(start, end), np.maximum(start, end)
    # in a band of rows, in order of left ends, a piece can meet those that begin before its right end
    top, bottom = (np.floor(ends[:, 1] / BAND).astype(np.intp) for ends in (low, high))
    piece = np.repeat(np.arange(len(low)), bottom - top + 1)
    first = np.cumsum(bottom - top + 1) - (bottom - top + 1)
    band = np.arange(len(piece)) - first[piece] + top[piece]
    base = band * (high[:, 0].max(initial=0) - low[:, 0].min(initial=0) + 1)
    left, right = base + low[piece, 0], base + high[piece, 0]
    order = np.argsort(left, kind="stable")
    counts = np.searchsorted(left[order], right[order], side="right") - np.arange(len(order)) - 1
    order = piece[order]
    found = [(np.empty(0, np.intp), np.empty(0, np.intp))]
    begin = 0
    total = np.cumsum(counts)
    while begin < len(order):
        done = total[begin - 1] if begin else 0
        stop = max(int(np.searchsorted(total, done + PAIRS, side="right")), begin + 1)
        here = np.repeat(np.arange(begin, stop), counts[begin:stop])
        there = (
            here
            + 1
            + np.arange(len(here))
            - np.repeat(total[begin:stop] - counts[begin:stop] - done, counts[begin:stop])
        )
        a, b = order[here], order[there]
        near = (low[a, 1] <= high[b, 1]) & (low[b, 1] <= high[a, 1])
        a, b = a[near], b[near]
        apart = _side(start[a], end[a], start[b]) * _side(start[a], end[a], end[b]) < 0
        apart &= _side(start[b], end[b], start[a]) * _side(start[b], end[b], end[a]) < 0
        found.append((a[apart], b[apart]))
        begin = stop
    return np.concatenate([a for a, _ in found]), np.concatenate([b for _, b in found])


def _side(start: Points, end: Points, point: Points) -> NDArray[np.float64]:
    way, there = end - start, point - start
    return np.asarray(way[:, 0] * there[:, 1] - way[:, 1] * there[:, 0], np.float64)
