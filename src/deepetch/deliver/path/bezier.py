"""Cubic Bezier curves in numbers: points of them, and polylines that do not leave them by more than told."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Curve: TypeAlias = NDArray[np.float64]  # (n, 4, 2): cubic segments, each one's last point the next one's first
Points: TypeAlias = NDArray[np.float64]  # (n, 2)

STRAIGHT = 0.02  # pixels that control points may lie beside the chord of a segment that counts as straight


def bernstein(u: NDArray[np.float64]) -> NDArray[np.float64]:
    """(4, n) weights of the control points at parameters (n,) in [0, 1]."""
    v = 1 - u
    return np.stack([v**3, 3 * u * v**2, 3 * u**2 * v, u**3])


def straight(start: Points, end: Points) -> Curve:
    """Straight segments from (n, 2) to (n, 2), their control points at the thirds."""
    way = (end - start) / 3
    return np.stack([start, start + way, end - way, end], axis=1)


def is_straight(curve: Curve) -> NDArray[np.bool_]:
    """(n,): whether a segment is its chord, to within STRAIGHT pixels."""
    chord = curve[:, 3] - curve[:, 0]
    length = np.maximum(np.hypot(*chord.T), 1e-9)
    handles = curve[:, 1:3] - curve[:, :1]
    beside = np.abs(handles[..., 0] * chord[:, None, 1] - handles[..., 1] * chord[:, None, 0]) / length[:, None]
    ahead = (handles * chord[:, None]).sum(axis=2) / length[:, None]
    between = (ahead >= -STRAIGHT) & (ahead <= length[:, None] + STRAIGHT)
    return np.asarray(((beside <= STRAIGHT) & between).all(axis=1), np.bool_)


def flatten(curve: Curve, tolerance: float) -> tuple[Points, NDArray[np.intp]]:
    """A polyline at most `tolerance` pixels from a closed curve.

    Returns  its points (m, 2), the last joined to the first, and for each the segment that it begins in; a straight
             segment gives its first point alone.
    The parts of a segment are as many as the second differences of its control points ask for (Wang 1984).
    """
    bend = np.maximum(
        np.hypot(*(curve[:, 0] - 2 * curve[:, 1] + curve[:, 2]).T),
        np.hypot(*(curve[:, 1] - 2 * curve[:, 2] + curve[:, 3]).T),
    )
    parts = np.maximum(np.ceil(np.sqrt(0.75 * bend / tolerance)), 1).astype(np.intp)
    parts[is_straight(curve)] = 1
    owner = np.repeat(np.arange(len(curve)), parts)
    first = np.concatenate([[0], np.cumsum(parts)[:-1]])
    u = (np.arange(owner.size) - first[owner]) / parts[owner]
    points = np.einsum("kn,nkx->nx", bernstein(u), curve[owner])
    return np.asarray(points, np.float64), owner
