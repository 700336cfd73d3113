"""A band of board around what is packed, open left and right."""

from __future__ import annotations

import numpy as np

from deepetch.studio.mesh import Mesh
from deepetch.studio.shapes.sheet import Rectangle, surface
from deepetch.studio.shapes.sweep import rounded_rectangle

BOARD = 0.0005  # metres thick
COLUMNS = 9


def sleeve(long: float, depth: float, height: float) -> tuple[Mesh, tuple[float, float], tuple[Rectangle, ...]]:
    """A closed band that stands on z = 0.

    long           from left to right, metres.
    depth, height  over all.
    Returns        the surface, the sheet's size, and its faces: front, top and back, on one strip from the foot upward.
    """
    around = rounded_rectangle(depth, height, 0.002, arc=3, cuts=4)[::-1]
    # from the foot of the front up, over the top and down behind
    outline = np.roll(around, -int(np.argmin(around.sum(axis=1))), axis=0)
    x = np.linspace(-long / 2, long / 2, COLUMNS)
    within = outline * (1 - 2 * BOARD / np.array([depth, height]))
    outer, inner = (
        np.stack([np.insert(np.broadcast_to(point, (COLUMNS, 2)), 0, x, axis=1) for point in line])
        for line in (outline, within)
    )
    closed = np.concatenate([outline, outline[:1]])
    way = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(closed, axis=0), axis=1))])
    share = np.linspace(0, 1, COLUMNS)
    uv = np.stack(
        np.broadcast_arrays(np.concatenate([share, share[::-1], [0.0]])[None], (way / way[-1])[:, None]), axis=-1
    )
    band = surface(np.concatenate([outer, inner[:, ::-1]], axis=1), uv=uv, around=True, along=True)
    total = float(way[-1])
    up, over = height / total, (height + depth) / total
    faces = ((0.0, 0.0, 1.0, up), (0.0, up, 1.0, over), (0.0, over, 1.0, min(over + up, 1.0)))
    return band.moved((0, 0, height / 2)), (long, total), faces
