"""The nails of a hand."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import map_coordinates

from deepetch.studio.hands.cells import PIECE, Cells
from deepetch.studio.mesh import Mesh
from deepetch.studio.shapes.sheet import Points, surface


def nail_plate(joints: Points, back: Points, radii: Points, cells: Cells, field: NDArray[np.float32]) -> Mesh:
    """A nail on the skin of a digit's last phalanx.

    joints  (4, 3) of the digit; back (3,) where the phalanx' back looks; radii (2,) at its root and tip.
    """
    root, tip = joints[2:]
    r, s = radii
    way = (tip - root) / np.linalg.norm(tip - root)
    side = np.cross(way, back)
    long = float(np.linalg.norm(tip - root))
    rows = np.linspace(0, 1, 9)
    wide = math.radians(52) * (1 - (1 - rows[:, None]) ** 4 * 0.75) * (1 - 0.35 * rows[:, None] ** 6)
    angle = wide * np.linspace(-1, 1, 9)
    reach = long - 0.95 * s + rows * 1.62 * s
    out = np.cos(angle)[..., None] * back + np.sin(angle)[..., None] * side
    skin = root + reach[:, None, None] * way + out * (r + s) / 2
    for _ in range(4):
        at = ((skin - cells.low) / PIECE).reshape(-1, 3).T
        skin = skin - out * map_coordinates(field, at, order=1, mode="nearest").reshape(*angle.shape, 1)
    # a plate bends across and hardly along: it does not follow the tip down
    rings = np.concatenate([skin + 0.0004 * out, (skin - 0.0012 * out)[:, ::-1]], axis=1)
    return surface(rings, around=True, capped=True)
