"""A section moved along a path: handles, wires, rings, nozzles."""

from __future__ import annotations

import math

import numpy as np

from deepetch.studio.mesh import Mesh
from deepetch.studio.shapes.sheet import Points, surface


def circle(radius: float, steps: int = 12) -> Points:
    """(steps, 2) a round section, counter-clockwise; `steps` even."""
    angle = np.arange(steps) * math.tau / steps
    return radius * np.stack([np.cos(angle), np.sin(angle)], axis=1)


def rounded_rectangle(width: float, height: float, radius: float, *, arc: int = 4, cuts: int = 1) -> Points:
    """(4 (arc + cuts), 2) an outline around the origin, counter-clockwise.

    It starts at the top of the left side and goes down it; `arc` steps round each corner, `cuts` parts of each straight
    side. The radius is at most 0.49 of the shorter side.
    """
    radius = min(radius, 0.49 * min(width, height))
    reach = np.array([width / 2 - radius, height / 2 - radius])
    turn = np.linspace(0, math.pi / 2, arc + 1)
    bends = []
    for quarter, sides in enumerate(((-1, -1), (1, -1), (1, 1), (-1, 1))):
        angle = math.pi + quarter * math.pi / 2 + turn
        bends.append(sides * reach + radius * np.stack([np.cos(angle), np.sin(angle)], axis=1))
    outline = []
    for before, bend in zip([bends[-1], *bends[:-1]], bends, strict=True):
        straight = before[-1] + (bend[0] - before[-1]) * np.linspace(0, 1, cuts + 1)[:-1, None]
        outline += [straight, bend[:-1]]
    return np.concatenate(outline)


def smooth_path(points: Points, *, steps: int = 8, closed: bool = False) -> Points:
    """A curve through points (Catmull and Rom 1974), `steps` pieces between each two.

    points   (n, 3), n at least 2.
    Returns  ((n - 1) steps + 1, 3), or (n steps, 3) when closed.
    """
    if closed:
        around = np.concatenate([points[-1:], points, points[:2]])
    else:
        around = np.concatenate([2 * points[:1] - points[1:2], points, 2 * points[-1:] - points[-2:-1]])
    a, b, c, d = (around[k : len(around) - 3 + k, None] for k in range(4))
    t = np.linspace(0, 1, steps, endpoint=False)[None, :, None]
    curve = b + t / 2 * ((c - a) + t * ((2 * a - 5 * b + 4 * c - d) + t * (3 * (b - c) + d - a)))
    curve = curve.reshape(-1, 3)
    return curve if closed else np.concatenate([curve, points[-1:]])


def sweep(
    path: Points,
    section: Points,
    *,
    scale: float | Points = 1.0,
    up: tuple[float, float, float] = (0.0, 1.0, 0.0),
    closed: bool = False,
    smooth: bool = True,
) -> Mesh:
    """Move a section along a path, at right angles to it; the ends are closed.

    path     (n, 3), metres, no point twice in a row.
    section  (k, 2), k even, convex and counter-clockwise as seen when the path comes towards the eye: its second
             coordinate points along `up`, its first to the left of one who walks the path head up.
    scale    of the section, for the whole path or (n,).
    up       nowhere along the path.
    closed   the path's end is joined to its start.
    """
    before, after = np.roll(path, 1, axis=0), np.roll(path, -1, axis=0)
    if not closed:
        before[0], after[-1] = path[0], path[-1]
    tangent = after - before
    tangent = tangent / np.linalg.norm(tangent, axis=1, keepdims=True)
    side = np.cross(np.array(up), tangent)
    side /= np.linalg.norm(side, axis=1, keepdims=True)
    over = np.cross(tangent, side)
    size = np.broadcast_to(np.asarray(scale, float), len(path))[:, None, None]
    rings = path[:, None] + size * (side[:, None] * section[:, :1] + over[:, None] * section[:, 1:])
    return surface(rings, around=True, along=closed, capped=not closed, smooth=smooth)
