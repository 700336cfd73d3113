"""A box with rounded edges, printed with the unfolded sheet of a carton."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from deepetch.studio.mesh import Mesh
from deepetch.studio.shapes.sheet import Rectangle, quads_of

Size = tuple[float, float, float]  # width, depth, height, metres

# Each wall: the axis and side it faces, and the axis and direction of its u and of its v.
WALLS = {
    "front": ((1, -1), (0, 1), (2, 1)),
    "back": ((1, 1), (0, -1), (2, 1)),
    "left": ((0, -1), (1, -1), (2, 1)),
    "right": ((0, 1), (1, 1), (2, 1)),
    "top": ((2, 1), (0, 1), (1, 1)),
    "bottom": ((2, -1), (0, 1), (1, -1)),
}


def unfolded(size: Size) -> tuple[tuple[float, float], dict[str, Rectangle]]:
    """The sheet of a carton, and where its walls lie on it.

    Returns  width and height in metres, and rectangles in uv: left, front, right and back side by side, the top above
             the front and the bottom below it.
    """
    width, depth, height = size
    sheet = (2 * (width + depth), height + 2 * depth)
    metres = {
        "front": (depth, depth, width, height),
        "back": (2 * depth + width, depth, width, height),
        "left": (0.0, depth, depth, height),
        "right": (depth + width, depth, depth, height),
        "top": (depth, depth + height, width, depth),
        "bottom": (depth, 0.0, width, depth),
    }
    return sheet, {
        wall: (x / sheet[0], y / sheet[1], (x + w) / sheet[0], (y + h) / sheet[1])
        for wall, (x, y, w, h) in metres.items()
    }


def box(size: Size, *, radius: float, bulge: float = 0.0, segments: int = 3, cuts: int = 1) -> Mesh:
    """A closed box that stands on z = 0 around the z axis.

    size      width, depth and height over all, metres; a bulge is added to it.
    radius    of edges and corners, above 0; at most 0.49 of the shortest side.
    bulge     how far the middle of each upright wall stands out.
    segments  of half a rounded edge.
    cuts      parts into which each wall is cut both ways, for a bulge to show.
    Returns   uv of `unfolded`.
    """
    half = np.array(size) / 2
    radius = min(radius, 0.49 * min(size))
    inner = half - radius
    zone = radius * np.tan(np.linspace(0, math.pi / 4, segments + 1))
    lines = [
        np.concatenate([-(edge + zone)[::-1], np.linspace(-edge, edge, cuts + 1)[1:-1], edge + zone]) for edge in inner
    ]
    _, places = unfolded(size)
    points: list[NDArray[np.floating]] = []
    faces: list[NDArray[np.signedinteger]] = []
    corners: list[NDArray[np.floating]] = []
    for wall, ((axis, side), (u_axis, u_side), (v_axis, v_side)) in WALLS.items():
        u, v = np.meshgrid(lines[u_axis], lines[v_axis])
        flat = np.zeros((*u.shape, 3))
        flat[..., axis], flat[..., u_axis], flat[..., v_axis] = side * half[axis], u_side * u, v_side * v
        core = np.clip(flat, -inner, inner)
        out = flat - core
        round_ = core + radius * out / np.linalg.norm(out, axis=-1, keepdims=True)
        swell = bulge * (1 - (u / half[u_axis]) ** 2) * (1 - (v / half[v_axis]) ** 2)
        if axis != 2:
            round_[..., axis] += side * swell
        left, bottom, right, top = places[wall]
        uv = np.stack(
            [
                left + (u / half[u_axis] + 1) / 2 * (right - left),
                bottom + (v / half[v_axis] + 1) / 2 * (top - bottom),
            ],
            axis=-1,
        )
        index = np.arange(u.size).reshape(u.shape) + sum(len(block) for block in points)
        points.append(round_.reshape(-1, 3))
        faces.append(quads_of(index).reshape(-1, 4))
        corners.append(quads_of(uv).reshape(-1, 4, 2))
    every = np.concatenate(points)
    # walls meet in the same points but for rounding: a thousandth of the radius tells them apart
    _, first, merged = np.unique(np.round(every / (radius * 1e-3)), axis=0, return_index=True, return_inverse=True)
    return Mesh(
        vertices=(every[first] + (0, 0, half[2])).astype(np.float32),
        faces=merged.reshape(-1)[np.concatenate(faces)].astype(np.int32),
        uv=np.clip(np.concatenate(corners), 0, 1).astype(np.float32),
    )
