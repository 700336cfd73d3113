"""Where alpha is one half, to a fraction of a pixel: closed polylines around the subject and its holes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from deepetch.arrays import Levels, full_scale
from deepetch.deliver.path.rings import Rings
from deepetch.errors import InvalidArray

Points: TypeAlias = NDArray[np.float64]  # (n, 2) x, y in pixels; (0, 0) is the picture's top left corner
Ids: TypeAlias = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Contour:
    """A closed polyline, and how sure its points are.

    points  (n, 2) float64, the last joined to the first. The subject lies to the right of the way, y pointing down.
    slack   (n, 2): where alpha jumps from nothing to everything the contour may lie anywhere between the two centres,
            and the point is in the middle: (0.5, 0) or (0, 0.5). Elsewhere 0.
    framed  (n,) bool: the point lies on the picture's frame.
    """

    points: Points
    slack: Points
    framed: NDArray[np.bool_]


def trace_contours(alpha: Levels, *, smallest: float = 0.0) -> list[Contour]:
    """Follow the contour of alpha at one half, alpha being bilinear between the pixels' centres.

    alpha     (h, w) uint8 or uint16; beyond its frame there is nothing, and up to the frame, half a pixel from the
              outermost centres, it is as it is at those: what the frame cuts is closed along the frame.
    smallest  contours that enclose less than so many square pixels are left out.
    Returns   the contours. Those around the subject run clockwise as one sees them and have a positive area, those of
              holes the other way round. They neither cross nor touch: between two centres is at most one point, and in
              a cell with one diagonal in and the other out the asymptotes of the bilinear surface decide (Nielson,
              Hamann 1991), at a draw, as in every binary mask, for one subject. No subject, or an empty array: none.
    Raises    InvalidArray if dtype or shape differ.
    Memory    four bytes a pixel.
    """
    if alpha.ndim != 2:
        raise InvalidArray(f"alpha: expected uint8 or uint16 (h, w); got {alpha.dtype} {alpha.shape}.")
    full = full_scale(alpha)
    if alpha.size == 0:
        return []
    # Nodes of the grid are the centres, a ring of the outermost centres' values on the frame, and a ring of nothing
    # outside, on the frame too.
    inside = np.pad(np.pad(alpha > full // 2, 1, mode="edge"), 1)
    width = inside.shape[1]
    across = np.flatnonzero(inside[:, 1:] != inside[:, :-1])
    across += across // (width - 1)  # number of its left node
    down = np.flatnonzero(inside[1:] != inside[:-1])  # number of its upper node
    starts = np.concatenate([across, down])
    ends = np.concatenate([across + 1, down + width])
    levels = _Levels(alpha, full)
    points, slack = _crossings(levels, starts, ends)
    order, sizes = _loops(_following(levels, inside.reshape(-1)[starts], across, down))
    if not len(order):
        return []
    traced = Rings(points[order], sizes)
    new = (traced.points != traced.points[traced.shifted(-1)]).any(axis=1)
    sizes = np.add.reduceat(new, traced.first, dtype=np.intp)
    # of the rest those with three points; the area of each about its first point
    order, sizes = order[new & np.repeat(sizes > 2, traced.sizes)], sizes[sizes > 2]
    if not len(order):
        return []
    traced = Rings(points[order], sizes)
    x, y = (traced.points - np.repeat(traced.points[traced.first], sizes, axis=0)).T
    after = traced.shifted(1)
    areas = np.add.reduceat(x * y[after] - x[after] * y, traced.first) / 2
    framed = ((traced.points == 0) | (traced.points == alpha.shape[::-1])).any(axis=1)
    large = np.abs(areas) >= max(smallest, 1e-9)
    spans = map(slice, traced.first[large], (traced.first + sizes)[large])
    return [Contour(traced.points[span], slack[order[span]], framed[span]) for span in spans]


def enclosed_area(points: Points) -> float:
    """Signed area of a closed polyline (n, 2): positive when it runs clockwise, y pointing down."""
    x, y = (points - points[0]).T
    return float(x[:-1] @ y[1:] - x[1:] @ y[:-1]) / 2


class _Levels:
    """Alpha minus one half, and the places, at the nodes of the grid with its two rings."""

    def __init__(self, alpha: Levels, full: int) -> None:
        self.alpha, self.half = alpha, full / 2
        self.width = alpha.shape[1] + 4

    def above_half(self, nodes: Ids) -> NDArray[np.float64]:
        height, width = self.alpha.shape
        rows, columns = np.divmod(nodes, self.width)
        levels: Any = self.alpha[np.clip(rows - 2, 0, height - 1), np.clip(columns - 2, 0, width - 1)]
        return np.asarray(levels - self.half, np.float64)

    def places(self, nodes: Ids) -> Points:
        height, width = self.alpha.shape
        rows, columns = np.divmod(nodes, self.width)
        return np.stack([np.clip(columns - 1.5, 0, width), np.clip(rows - 1.5, 0, height)], axis=1)


def _crossings(levels: _Levels, starts: Ids, ends: Ids) -> tuple[Points, Points]:
    first, second = levels.above_half(starts), levels.above_half(ends)
    steps = np.where(first == second, 1.0, first - second)  # between the rings, whose nodes lie at one place
    here, way = levels.places(starts), levels.places(ends)
    way -= here
    hard = np.abs(first - second) == 2 * levels.half
    return here + (first / steps)[:, None] * way, 0.5 * hard[:, None] * np.abs(way)


def _following(levels: _Levels, first_inside: NDArray[np.bool_], across: Ids, down: Ids) -> Ids:
    """For each crossing the one that comes after it, the subject being to the right.

    A cell is named by its upper left node. Between a left node inside and a right one outside the way leads down,
    between an upper node inside and a lower one outside to the left, and the other way round.
    """
    width = levels.width
    on_row = np.arange(across.size + down.size) < across.size
    edges = np.concatenate([across, down])
    before = edges - np.where(on_row, width, 1)  # the cell above or to the left; the other has the edge's own number
    onward = first_inside == on_row  # down or to the right: into the edge's own cell
    into, out_of = np.where(onward, edges, before), np.where(onward, before, edges)
    # The two ways into a saddle, and the two out of it, have a number: north and west 0, south and east 1; out of it,
    # east and north 0, west and south 1. Equal numbers belong together where the subject is one.
    way_in = ~onward
    way_out = np.where(on_row, onward, ~onward) ^ ~_joined(levels, out_of)
    following = np.empty(edges.size, np.int64)
    following[np.argsort(2 * into + way_in)] = np.argsort(2 * out_of + way_out)
    return following


def _joined(levels: _Levels, cells: Ids) -> NDArray[np.bool_]:
    """Whether the two nodes inside of a cell with four crossings belong together."""
    corners = (levels.above_half(cells + step) for step in (0, levels.width + 1, 1, levels.width))
    first, opposite, second, third = corners
    falling, rising = first * opposite, second * third
    return np.asarray(np.where(first > 0, falling >= rising, rising >= falling), np.bool_)


def _loops(following: Ids) -> tuple[Ids, Ids]:
    """The crossings in the order in which they are come to, loop after loop, and the loops' sizes."""
    after = following.tolist()
    seen = bytearray(len(after))
    order: list[int] = []
    sizes: list[int] = []
    start = seen.find(0)
    while start >= 0:
        before, place = len(order), start
        while not seen[place]:
            seen[place] = 1
            order.append(place)
            place = after[place]
        sizes.append(len(order) - before)
        start = seen.find(0, start)
    return np.array(order, np.int64), np.array(sizes, np.intp)
