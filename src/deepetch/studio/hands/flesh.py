"""Flesh round a hand's bones, pressed flat where it lies on the product, and the nails on it."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from skimage.measure import marching_cubes

from deepetch.studio.hands.anatomy import CARPUS, FOREARM, RADII
from deepetch.studio.hands.body import Body, clearance
from deepetch.studio.hands.cells import FAR, PIECE, Bone, Cells, melted
from deepetch.studio.hands.nails import nail_plate
from deepetch.studio.hands.pose import Pose
from deepetch.studio.mesh import Mesh, joined
from deepetch.studio.shapes.sheet import Points

_GAP = 0.0002  # between skin and product


def laid_flesh(draw: np.random.Generator, pose: Pose, size: float, body: Body) -> tuple[Mesh, Mesh]:
    """The surface of one skeleton's flesh, and its nails, in the product's axes."""
    axes, wrist = pose.axes[0], pose.wrist[0]
    joints = (pose.joints[0] - wrist) @ axes / size
    backs, arm = pose.backs[0] @ axes, pose.arm[0] @ axes
    ends = np.concatenate([joints.reshape(-1, 3), [0.27 * arm], np.zeros((1, 3))])
    low, high = ends.min(0) - 0.052, ends.max(0) + 0.052
    lines = tuple(np.arange(a, b, PIECE).astype(np.float32) for a, b in zip(low, high, strict=True))
    cells = Cells(low=low, lines=lines)

    field = cells.empty()
    cells.lay(field, _forearm_bones(arm), 0.012)
    cells.lay(field, _palm_bones(joints, backs), 0.01)
    _lay_digits(cells, field, joints, backs)
    _press(cells, field, body, axes * size, wrist)

    # "descent" is what turns faces outward where values grow outward; the normals look inward either way
    surfaced: Any = marching_cubes  # untyped
    points, faces, inward, _ = surfaced(field, 0.0, spacing=(PIECE,) * 3, gradient_direction="descent")
    points = points + low
    points = points + inward * _dents(draw, points, joints)[:, None]
    flesh = _without_print(points * size @ axes.T + wrist, faces)
    plates = joined(nail_plate(joints[k], backs[k, 2], RADII[k, 2:], cells, field) for k in range(5))
    placed = (plates.vertices * size @ axes.T + wrist).astype(np.float32)
    return flesh, Mesh(vertices=placed, faces=plates.faces, uv=plates.uv)


def _forearm_bones(arm: Points) -> list[Bone]:
    """Two side by side, as an arm has them: flat at the wrist, thicker towards the elbow."""
    across = np.cross(arm, (0.0, 0.0, 1.0))
    across *= 0.0085 / np.linalg.norm(across)
    return [
        (side * across + a * arm, side * across + b * arm, r, s)
        for side in (-1, 1)
        for (a, r), (b, s) in pairwise(FOREARM)
    ]


def _palm_bones(joints: Points, backs: Points) -> list[Bone]:
    """Metacarpals, the balls of thumb and little finger, pads under the knuckles, the web of the thumb."""
    root, first, index = joints[0, 0], joints[0, 1] - joints[0, 0], joints[1, 0] - CARPUS[1]
    fixed = [
        ((12, -14, -8), (58, -27, -7), 13.5, 11.5),
        ((75, 20, -6), (72, -24, -7), 9.0, 9.0),
    ]
    ball = np.array((0.014, 0.008, -0.01))
    return [
        *((CARPUS[k], joints[k, 0] - (0.004, 0, 0.001), 0.0125, 0.0108) for k in range(1, 5)),
        *((np.array(a) / 1000, np.array(b) / 1000, r / 1000, s / 1000) for a, b, r, s in fixed),
        (CARPUS[0], root, 0.014, 0.0145),
        (root, joints[0, 1], 0.0145, 0.0118),
        (ball, root + 0.62 * first - 0.003 * backs[0, 0], 0.014, 0.0125),
        *(
            (root + high * first, CARPUS[1] + low * index, 0.0075, 0.008)
            for low, high in ((0.35, 0.35), (0.5, 0.6), (0.62, 0.85))
        ),
    ]


def _lay_digits(cells: Cells, field: NDArray[np.float32], joints: Points, backs: Points) -> None:
    """Add thumb and fingers: each melts into the palm at its first phalanx, and into no other digit."""
    roots, digits, own = cells.empty(), cells.empty(), cells.empty()
    for digit in range(5):
        window = cells.around(joints[digit].min(0) - 0.03, joints[digit].max(0) + 0.03)
        own[window] = FAR
        first = 1 if digit == 0 else 0  # the thumb's metacarpal is the palm's
        for phalanx in range(first, 3):
            a, b = joints[digit, phalanx], joints[digit, phalanx + 1]
            r, s = (float(radius) for radius in RADII[digit, phalanx : phalanx + 2])
            back, way = backs[digit, phalanx], b - a
            if phalanx == first:
                where, gap = cells.capsule(a, b, r, s)
                roots[where] = np.minimum(roots[where], gap)
            waist = (r + s) / 2 - 0.0006
            pulp, end = -0.0017 * back, 0.95 if phalanx == 2 else 0.7
            bones = [(a, a + way / 2, r, waist), (a + way / 2, b, waist, s)]
            bones.append((a + 0.3 * way + pulp, a + end * way + pulp, r * 0.9, s * 0.94))
            if phalanx < 2:
                bones.append((b - 0.03 * way + 0.0008 * back, b + 0.0008 * back, s, s * 0.98))  # the knuckle
            cells.lay(own, bones, 0.003)
        digits[window] = np.minimum(digits[window], own[window])
    window = cells.around(joints.min((0, 1)) - 0.03, joints.max((0, 1)) + 0.03)
    field[window] = np.minimum(melted(field[window], roots[window], 0.009), digits[window])


def _press(cells: Cells, field: NDArray[np.float32], body: Body, axes: Points, wrist: Points) -> None:
    """Take away the flesh that would be inside the product, so that it lies flat on it.

    axes  (3, 3), columns the hand's own axes times its size.
    """
    side, top = float(body.reach.max()) + 0.004, body.top + 0.004
    corners = np.array([(x, y, z) for x in (-side, side) for y in (-side, side) for z in (-0.004, top)])
    own = (corners - wrist) @ np.linalg.inv(axes).T
    window = cells.around(own.min(0), own.max(0))
    near = np.argwhere(field[window] < 0.004) + [part.start for part in window]
    places = (cells.low + near * PIECE) @ axes.T + wrist
    within = (places[:, 2] > -0.004) & (places[:, 2] < top)
    within &= (places[:, :2] @ body.ways[::4].T < body.reach.max(0)[::4] + 0.004).all(1)
    near, places = near[within], places[within]
    away = np.concatenate([clearance(body, block)[0] for block in np.array_split(places, len(near) // 4096 + 1)])
    at = tuple(near.T)
    depth = (away - _GAP) / np.linalg.norm(axes[:, 0])
    field[at] = -melted(-field[at], depth.astype(np.float32), 0.0012)


def _dents(draw: np.random.Generator, points: Points, joints: Points) -> Points:
    """How deep the skin lies below the flesh at (n, 3) points, never above it: creases at joints, and unevenness."""
    depth = np.full(len(points), 0.0001)
    for _ in range(4):
        wave = draw.normal(0, 1, 3)
        wave *= math.tau / draw.uniform(0.007, 0.02) / np.linalg.norm(wave)
        depth += 0.00005 * (1 + np.sin(points @ wave + draw.uniform(0, math.tau)))
    for digit in joints:
        for before, joint, after in zip(digit[:-2], digit[1:-1], digit[2:], strict=True):
            way = (after - before) / np.linalg.norm(after - before)
            gap = points - joint
            along = gap @ way + 0.0012 * np.sin(800 * gap[:, 0])  # not quite straight
            inside = (gap**2).sum(1) < 0.015**2
            for shift in (-0.0022, 0.0022):
                depth += 0.0003 * inside * np.exp(-(((along - shift) / 0.001) ** 2))
    return depth


def _without_print(points: Points, faces: NDArray[np.integer[Any]]) -> Mesh:
    """Triangles as a surface without print."""
    four = np.column_stack([faces, np.full(len(faces), -1)]).astype(np.int32)
    return Mesh(vertices=points.astype(np.float32), faces=four, uv=np.zeros((len(four), 4, 2), np.float32))
