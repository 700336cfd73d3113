"""A surface over a grid of points, open or closed: what every other shape is made by."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from deepetch.studio.mesh import Mesh

Points = NDArray[np.floating]
Faces = NDArray[np.signedinteger]
Rectangle = tuple[float, float, float, float]  # left, bottom, right, top on the printed sheet, in [0, 1]

Scalar = TypeVar("Scalar", bound=np.generic)


def surface(
    points: Points,
    *,
    uv: Points | None = None,
    around: bool = False,
    along: bool = False,
    capped: bool = False,
    smooth: bool = True,
) -> Mesh:
    """Span quadrilaterals over a grid; seen from outside, columns run to the right and rows upward.

    points  (rows, columns, 3), metres. A first or last row that is all one point becomes a pole of triangles.
    uv      (rows, columns, 2), with one row more when `along` and one column more when `around`; None: zeros.
    around  the last column is joined to the first.
    along   the last row is joined to the first.
    capped  the first and the last row, each a convex ring of an even number of points, are closed by strips across.
    """
    rows, columns = points.shape[:2]
    index = np.arange(rows * columns).reshape(rows, columns)
    for row in (0, -1):
        if not along and np.ptp(points[row], axis=0).max() < 1e-9:
            index[row] = index[row, 0]
    if along:
        index = np.concatenate([index, index[:1]])
    if around:
        index = np.concatenate([index, index[:, :1]], axis=1)
    if uv is None:
        uv = np.zeros((*index.shape, 2))
    faces, corners = quads_of(index).reshape(-1, 4), quads_of(uv).reshape(-1, 4, 2)
    if capped:
        first = np.arange(columns // 2 - 1)
        strip = np.stack([first, first + 1, columns - 2 - first, columns - 1 - first], axis=1)
        for row, order in ((0, strip[:, ::-1]), (-1, strip)):
            faces = np.concatenate([faces, index[row][order]])
            corners = np.concatenate([corners, uv[row][order]])
    faces, corners = _without_points(faces, corners)
    used, renamed = np.unique(faces, return_inverse=True)
    if used[0] < 0:
        used, renamed = used[1:], renamed - 1
    return Mesh(
        vertices=points.reshape(-1, 3)[used].astype(np.float32),
        faces=renamed.reshape(-1, 4).astype(np.int32),
        uv=corners.astype(np.float32),
        smooth=smooth,
    )


def pillow(front: Points, back: Points, *, smooth: bool = True) -> Mesh:
    """Close two walls that face each other: pouches, sachets, anything with a seal around.

    front, back  (rows, columns, 3), rows upward and columns to the right as the viewer at negative y sees both;
                 nowhere may they touch.
    Returns      a closed surface; the front lies on the left half of the printed sheet, the back on its right half.
                 Rows and columns are spread on it as they lie in the front, so that it prints true to scale.
    """
    columns = front.shape[1]
    rise, across = _spread(front, 0), _spread(front, 1)
    u = np.concatenate([across / 2, 0.5 + across / 2, [1.0]])
    return surface(
        np.concatenate([front, back[:, ::-1]], axis=1),
        uv=np.stack(np.broadcast_arrays(u[None, :], rise[:, None]), axis=-1)[:, : 2 * columns + 1],
        around=True,
        capped=True,
        smooth=smooth,
    )


def evened(wall: Points) -> Points:
    """The same rows with their columns set at equal distances along each, so that print is not squeezed."""
    rows = []
    for row in wall:
        way = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(row, axis=0), axis=1))])
        even = np.linspace(0, way[-1], len(row))
        rows.append(np.stack([np.interp(even, way, coordinate) for coordinate in row.T], axis=1))
    return np.stack(rows)


def wall_size(wall: Points) -> tuple[float, float]:
    """Median length in metres of a grid's rows and of its columns: what `pillow` takes of the sheet for it."""
    across = np.linalg.norm(np.diff(wall, axis=1), axis=2).sum(axis=1)
    up = np.linalg.norm(np.diff(wall, axis=0), axis=2).sum(axis=0)
    return float(np.median(across)), float(np.median(up))


def holed_plate(
    outline: Points, *, hole: tuple[float, float, float, float], thickness: float, power: float = 2.0
) -> Mesh:
    """An upright plate with a hole in it, the printed sheet on its front.

    outline    (n, 2) x and z, counter-clockwise as the viewer sees it, star-shaped about the hole's middle.
    hole       x and z of its middle, half its width and half its height, metres.
    thickness  of the plate, half of it before and half behind y = 0.
    power      of the superellipse |x|^p + |z|^p = 1 that is the hole; 2 is an ellipse.
    """
    middle, reach = np.array(hole[:2]), np.array(hole[2:])
    ray = (outline - middle) / reach
    inside = middle + (outline - middle) / (np.abs(ray) ** power).sum(1, keepdims=True) ** (1 / power)
    rows = [(outline, 0.5), (outline, -0.5), (inside, -0.5), (inside, 0.5), (outline, 0.5)]
    points = np.stack([np.insert(flat, 1, side * thickness, axis=1) for flat, side in rows[:4]])
    low, size = outline.min(0), np.ptp(outline, axis=0)
    uv = np.stack([np.concatenate([flat, flat[:1]]) for flat, _ in rows])
    plate = surface(points, uv=(uv - low) / size, around=True, along=True, smooth=False)
    behind = np.repeat([False, False, False, True], len(outline))
    mirrored = np.where(behind[:, None, None], plate.uv * (-1, 1) + (1, 0), plate.uv)  # a print is read from both sides
    return replace(plate, uv=mirrored.astype(np.float32))


def on_sheet(mesh: Mesh, rectangle: Rectangle) -> Mesh:
    """The same surface with its uv squeezed from the whole sheet into a part of it."""
    left, bottom, right, top = rectangle
    return replace(mesh, uv=(mesh.uv * (right - left, top - bottom) + (left, bottom)).astype(np.float32))


def turned(mesh: Mesh, axis: tuple[float, float, float], degrees: float) -> Mesh:
    """The same surface, turned about an axis through the origin, counter-clockwise seen against the axis."""
    x, y, z = np.array(axis) / np.linalg.norm(axis)
    cosine, sine = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    # Rodrigues: R = I + sin(a) K + (1 - cos(a)) K K
    matrix = np.eye(3) + sine * cross + (1 - cosine) * cross @ cross
    return replace(mesh, vertices=(mesh.vertices @ matrix.T).astype(np.float32))


def _spread(points: Points, axis: int) -> Points:
    """Where rows (0) or columns (1) of a grid lie, as shares of its length that way; ragged seals count little."""
    steps = np.linalg.norm(np.diff(points, axis=axis), axis=2)
    length = np.concatenate([[0.0], np.cumsum(np.median(steps, axis=1 - axis))])
    return np.asarray(length / length[-1])


def quads_of(grid: NDArray[Scalar]) -> NDArray[Scalar]:
    """(rows - 1, columns - 1, 4, ...) the four corners of each cell of a grid, counter-clockwise."""
    return np.stack([grid[:-1, :-1], grid[:-1, 1:], grid[1:, 1:], grid[1:, :-1]], axis=2)


def _without_points(faces: Faces, corners: Points) -> tuple[Faces, Points]:
    """Quadrilaterals with a side of no length become triangles, and with two such sides nothing."""
    faces, corners = faces.copy(), corners.copy()
    for side in range(4):
        flat = (faces[:, side] == faces[:, (side + 1) % 4]) & (faces[:, 3] >= 0)
        if flat.any():
            kept = [corner for corner in range(4) if corner != (side + 1) % 4]
            faces[flat, :3], faces[flat, 3] = faces[flat][:, kept], -1
            corners[flat, :3], corners[flat, 3] = corners[flat][:, kept], 0
    triangle = faces[:, :3]
    real = (triangle != np.roll(triangle, 1, axis=1)).all(1)
    return faces[real], corners[real]
