"""A surface of revolution, and its relatives: rounded squares, ovals and fluted caps."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from deepetch.studio.mesh import Mesh
from deepetch.studio.shapes.sheet import Points, surface

Corner = tuple[float, float, float]  # radius from the axis, height, and radius of the fillet, metres


def filleted(corners: Sequence[Corner], *, segments: int = 5) -> Points:
    """A line through corners that are rounded off.

    corners   from the bottom outwards and up: (distance from the axis, height, radius of the arc); the first and the
              last stay sharp. An arc that would need more than half of a neighbouring side is made smaller.
    segments  of each arc; a radius of 0 is one point.
    Returns   (n, 2) float64.
    """
    points = np.array([corner[:2] for corner in corners], float)
    line = [points[:1]]
    for (*_, radius), before, corner, after in zip(corners[1:-1], points[:-2], points[1:-1], points[2:], strict=True):
        back, on = before - corner, after - corner
        reach = float(min(np.linalg.norm(back), np.linalg.norm(on)))
        if radius <= 0 or reach == 0:
            line.append(corner[None])
            continue
        back, on = back / np.linalg.norm(back), on / np.linalg.norm(on)
        half = math.acos(np.clip(back @ on, -1, 1)) / 2  # of the angle at the corner
        if half > math.radians(89.5) or half < math.radians(0.5):
            line.append(corner[None])
            continue
        tangent = min(radius / math.tan(half), 0.49 * reach)
        radius = tangent * math.tan(half)
        middle = corner + (back + on) / np.linalg.norm(back + on) * radius / math.sin(half)
        start, end = corner + back * tangent - middle, corner + on * tangent - middle
        turn = math.pi - 2 * half
        share = np.linspace(0, 1, segments + 1)[:, None]
        # on the circle between two directions (Shoemake 1985)
        line.append(middle + (np.sin((1 - share) * turn) * start + np.sin(share * turn) * end) / math.sin(turn))
    line.append(points[-1:])
    return np.concatenate(line)


def lathe(
    profile: Points,
    *,
    steps: int = 64,
    span: float = math.tau,
    square: float | Points = 0.0,
    flat: float | Points = 1.0,
    flutes: int = 0,
    depth: float | Points = 0.0,
    loop: bool = False,
    smooth: bool = True,
) -> Mesh:
    """Turn a profile about the z axis.

    profile  (n, 2) distance from the axis (at least 0) and height: from the bottom outwards and up, so that outside
             lies to the right of its way. Ends on the axis close the surface; other ends leave it open.
    steps    around.
    span     angle of the part that is made, its middle to negative y; less than a turn is an open patch.
    square   0 a circle to almost 1 a square, for all rows or (n,): the superellipse of power 2 / (1 - square).
    flat     depth over width, for all rows or (n,).
    flutes   number of grooves around.
    depth    of the grooves, metres, for all rows or (n,).
    loop     the profile's end is joined to its start: a ring.
    Returns  uv with u from the left end of the span to its right, 0.5 in front, and v along the profile, by length.
    """
    whole = span >= math.tau
    angle = np.linspace(-span / 2, span / 2, steps + 1)
    radius, height = profile[:, :1], profile[:, 1:]
    power = 2 / (1 - _column(square, profile))
    groove = _column(depth, profile) * (0.5 - 0.5 * np.cos(flutes * angle)) if flutes else 0.0
    radius = np.maximum(radius - np.where(radius > 0, groove, 0.0), 0.0)
    radius = radius * (np.abs(np.sin(angle)) ** power + np.abs(np.cos(angle)) ** power) ** (-1 / power)
    x, y = radius * np.sin(angle), -radius * np.cos(angle) * _column(flat, profile)
    points = np.stack([x, y, np.broadcast_to(height, x.shape)], axis=-1)
    widest = points[profile[:, 0].argmax()]
    up = np.concatenate([profile, profile[:1]]) if loop else profile
    u, v = _share(widest), _share(up)
    uv = np.stack(np.broadcast_arrays(u[None, :], v[:, None]), axis=-1)
    return surface(points[:, :-1] if whole else points, uv=uv, around=whole, along=loop, smooth=smooth)


def radius_at(profile: Points, height: float | Points) -> Points:
    """How far from the axis the outer side of a profile lies at a height; the profile must only rise there."""
    outer = profile[: int(profile[:, 1].argmax()) + 1]
    start = int(outer[:, 1].argmin())
    return np.asarray(np.interp(height, outer[start:, 1], outer[start:, 0]))


def _column(value: float | Points, profile: Points) -> NDArray[np.floating]:
    return np.broadcast_to(np.asarray(value, float), len(profile))[:, None]


def _share(line: Points) -> Points:
    length = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(line, axis=0), axis=1))])
    return np.asarray(length / length[-1])
