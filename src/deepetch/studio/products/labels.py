"""Printed labels round bodies: a hair outside them, so that nothing flickers through."""

from __future__ import annotations

import math

import numpy as np

from deepetch.studio.mesh import Mesh
from deepetch.studio.shapes.lathe import lathe, radius_at
from deepetch.studio.shapes.sheet import Points, Rectangle

HAIR = 0.00012  # metres between a body and its label

# Of a label all around: the front, then what lies left and right of it; a third of a turn faces the viewer.
AROUND: tuple[Rectangle, ...] = ((0.34, 0.0, 0.66, 1.0), (0.03, 0.0, 0.3, 1.0), (0.7, 0.0, 0.97, 1.0))


def label(
    profile: Points,
    low: float,
    high: float,
    *,
    span: float = math.tau,
    square: float = 0.0,
    flat: float = 1.0,
    steps: int = 64,
) -> tuple[Mesh, tuple[float, float], tuple[Rectangle, ...]]:
    """Lay a label on a turned body.

    profile    of the body, rising from `low` to `high`, metres.
    span       angle it covers, its middle in front; a whole turn meets itself behind.
    square, flat, steps  of the body, as `lathe` has them; the label must be as finely cut to lie on it.
    Returns    the surface, the sheet's width and height in metres, and its faces.
    """
    inner = profile[(profile[:, 1] > low + 1e-4) & (profile[:, 1] < high - 1e-4), 1]
    height = np.unique(np.concatenate([[low, high], np.linspace(low, high, 5), inner]).round(6))
    line = np.stack([radius_at(profile, height) + HAIR, height], axis=1)
    cut = steps if span >= math.tau else max(8, round(steps * span / math.tau))
    mesh = lathe(line, steps=cut, span=span, square=square, flat=flat)
    ring = lathe(
        np.array([[line[:, 0].mean(), 0.0], [line[:, 0].mean(), 1.0]]), steps=cut, span=span, square=square, flat=flat
    )
    first = ring.vertices[: len(ring.vertices) // 2]
    path = np.concatenate([first, first[:1]]) if span >= math.tau else first
    sheet = (float(np.linalg.norm(np.diff(path, axis=0), axis=1).sum()), _length(line))
    return mesh, sheet, AROUND if span >= math.tau else ((0.0, 0.0, 1.0, 1.0),)


def _length(line: Points) -> float:
    return float(np.linalg.norm(np.diff(line, axis=0), axis=1).sum())
