"""Pieces of which shelves are made."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from deepetch.studio.mesh import Mesh
from deepetch.studio.shapes.lathe import Corner, filleted, lathe
from deepetch.studio.shapes.sheet import Rectangle, surface

WHOLE: Rectangle = (0.0, 0.0, 1.0, 1.0)  # of a sheet


def block(low: tuple[float, float, float], high: tuple[float, float, float]) -> Mesh:
    """A sharp box between two corners, of eight vertices."""
    (left, near, foot), (right, far, top) = low, high
    ring = np.array([(left, near), (right, near), (right, far), (left, far)])
    return surface(
        np.stack([np.insert(ring, 2, z, axis=1) for z in (foot, top)]), around=True, capped=True, smooth=False
    )


def plate(x: tuple[float, float], z: tuple[float, float], y: float, place: Rectangle) -> Mesh:
    """An upright rectangle that faces the viewer, printed with a part of its sheet."""
    left, bottom, right, top = place
    return surface(
        np.array([[(x[0], y, z[0]), (x[1], y, z[0])], [(x[0], y, z[1]), (x[1], y, z[1])]]),
        uv=np.array([[(left, bottom), (right, bottom)], [(left, top), (right, top)]]),
        smooth=False,
    )


def turning(corners: Sequence[Corner], *, steps: int = 20) -> Mesh:
    """A turned body whose profile has rounded corners, of few vertices."""
    return lathe(filleted(corners, segments=2), steps=steps)
