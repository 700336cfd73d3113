"""Pieces of which props are made."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from deepetch.studio.mesh import Mesh
from deepetch.studio.shapes.lathe import Corner, filleted, lathe
from deepetch.studio.shapes.sheet import Points
from deepetch.studio.shapes.sweep import circle, smooth_path, sweep


def ellipsoid(half: tuple[float, float, float], *, steps: int) -> Mesh:
    """An ellipsoid around the origin with these half-axes."""
    angle = np.linspace(-math.pi / 2, math.pi / 2, steps // 2 + 1)
    profile = np.stack([np.cos(angle).clip(0, 1), np.sin(angle)], axis=1)
    profile[[0, -1], 0] = 0.0
    ball = lathe(profile, steps=steps)
    return replace(ball, vertices=(ball.vertices * np.array(half)).astype(np.float32))


def rod(points: Sequence[tuple[float, float, float]], radius: float) -> Mesh:
    """A round bar along a smooth curve that nowhere runs along y."""
    path = smooth_path(np.array(points), steps=5)
    way = np.ptp(path, axis=0)
    up = (0.0, 1.0, 0.0) if way[1] < max(way[0], way[2]) * 0.5 else (1.0, 0.0, 0.0)
    return sweep(path, circle(radius, 10), up=up)


def turning(corners: Sequence[Corner], steps: int) -> Mesh:
    """A turned body whose profile has rounded corners."""
    return lathe(filleted(corners, segments=4), steps=steps)


def clump(draw: np.random.Generator, count: int, apart: float) -> list[Points]:
    """(3,) places on the ground near each other, no two closer than `apart`."""
    places: list[Points] = [np.zeros(3)]
    while len(places) < count:
        angle = draw.uniform(0, math.tau)
        away = apart * draw.uniform(1.0, 1.3)
        place = places[int(draw.integers(len(places)))] + away * np.array([math.cos(angle), math.sin(angle), 0.0])
        if all(np.linalg.norm(place - other) >= apart for other in places):
            places.append(place)
    return places
