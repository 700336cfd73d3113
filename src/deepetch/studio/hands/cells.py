"""A field of signed distances in which flesh is laid round bones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from deepetch.studio.shapes.sheet import Points

Bone = tuple[Points, Points, float, float]  # its ends, and how thick the flesh is round each, metres
PIECE = 0.0015  # metres, side of the cells in which flesh is laid
FAR = 0.02  # metres; the distance beyond which none is kept


@dataclass(frozen=True, eq=False, kw_only=True)
class Cells:
    """A grid of cells in a hand's own axes, for a hand of size 1: its lowest corner, and its lines along x, y and z."""

    low: Points
    lines: tuple[NDArray[np.float32], ...]

    def empty(self) -> NDArray[np.float32]:
        """Distances far from any flesh."""
        return np.full([len(line) for line in self.lines], FAR, np.float32)

    def around(self, low: Points, high: Points) -> tuple[slice, ...]:
        """The cells between two corners."""
        count = [len(line) for line in self.lines]
        starts = np.floor((low - self.low) / PIECE).astype(int).clip(0, count)
        stops = (np.ceil((high - self.low) / PIECE).astype(int) + 1).clip(0, count)
        return tuple(slice(i, j) for i, j in zip(starts, stops, strict=True))

    def capsule(self, a: Points, b: Points, r: float, s: float) -> tuple[tuple[slice, ...], NDArray[np.float32]]:
        """Where flesh of radius r at a and s at b can matter, and about its signed distance there."""
        reach = max(r, s) + 0.012
        where = self.around(np.minimum(a, b) - reach, np.maximum(a, b) + reach)
        x, y, z = np.meshgrid(*(line[w] for line, w in zip(self.lines, where, strict=True)), indexing="ij", sparse=True)
        way = (b - a).astype(np.float32)
        share = (x - a[0]) * way[0] + (y - a[1]) * way[1] + (z - a[2]) * way[2]
        share = np.clip(share / (way @ way), 0, 1).astype(np.float32)
        gap = (x - a[0] - share * way[0]) ** 2 + (y - a[1] - share * way[1]) ** 2 + (z - a[2] - share * way[2]) ** 2
        return where, np.asarray(np.sqrt(gap) - (r + (s - r) * share), np.float32)

    def lay(self, field: NDArray[np.float32], bones: Sequence[Bone], width: float) -> None:
        """Add the flesh of bones to a field, rounding what is between over a width."""
        for bone in bones:
            where, gap = self.capsule(*bone)
            field[where] = melted(field[where], gap, width)


def melted(a: NDArray[np.float32], b: NDArray[np.float32], width: float) -> NDArray[np.float32]:
    """The smaller of two distances, rounded where they differ by less than `width`, by a quadratic."""
    share = np.maximum(width - np.abs(a - b), 0) / width
    return np.asarray(np.minimum(a, b) - share * share * (width / 4), np.float32)
