"""Surfaces as arrays, before Blender sees them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False, kw_only=True)
class Mesh:
    """A surface of quadrilaterals and triangles; lengths in metres, z up, x to the right, the viewer at negative y.

    vertices  (n, 3) float32.
    faces     (m, 4) int32, corners counter-clockwise from outside; -1 in the last place of a triangle.
    uv        (m, 4, 2) float32, where each corner lies on the printed sheet: u to the right, v up, the sheet in [0, 1].
    smooth    shaded as one curved surface; sharp edges where faces meet at more than 30 degrees.
    """

    vertices: NDArray[np.float32]
    faces: NDArray[np.int32]
    uv: NDArray[np.float32]
    smooth: bool = True

    @property
    def low(self) -> NDArray[np.float32]:
        """(3,) smallest coordinates."""
        return np.asarray(self.vertices.min(0))

    @property
    def high(self) -> NDArray[np.float32]:
        """(3,) largest coordinates."""
        return np.asarray(self.vertices.max(0))

    def moved(self, by: Iterable[float]) -> Mesh:
        """The same surface, shifted by (x, y, z) metres."""
        shift = np.asarray(tuple(by), np.float32)
        return Mesh(vertices=self.vertices + shift, faces=self.faces, uv=self.uv, smooth=self.smooth)


def joined(meshes: Iterable[Mesh]) -> Mesh:
    """One surface of several; smooth if the first is."""
    parts = list(meshes)
    starts = np.cumsum([0, *(len(part.vertices) for part in parts)])[:-1]
    return Mesh(
        vertices=np.concatenate([part.vertices for part in parts]),
        faces=np.concatenate(
            [np.where(p.faces < 0, -1, p.faces + s) for p, s in zip(parts, starts, strict=True)]
        ).astype(np.int32),
        uv=np.concatenate([part.uv for part in parts]),
        smooth=parts[0].smooth,
    )
