"""A hand's skeleton, bent."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from deepetch.studio.hands.anatomy import LENGTHS, RADII, ROOTS, SPLAY
from deepetch.studio.shapes.sheet import Points

# What makes a pose: 0:3 the wrist's place, 3:6 its turn; 6:22 of each finger its spread and three bends; 22:27 of the
# thumb how far it is out of the palm and to the side, its roll and two bends; 27:29 the wrist's lift and lean.
LOW = np.radians([-12, -12, 0, 0] * 4 + [0, 0, -40, -5, -20] + [-20, -25])
HIGH = np.radians([12, 88, 105, 65] * 4 + [68, 70, 40, 55, 60] + [55, 35])
LOOSE = np.radians([5, 30, 30, 14] * 4 + [22, 20, 15, 22, 22] + [14, 10])  # how lightly each leaves the pose drawn


class Pose(NamedTuple):
    """Many skeletons at once: n of them, metres and directions in the product's axes.

    wrist   (n, 3).
    axes    (n, 3, 3), columns the hand's own axes.
    joints  (n, 5, 4, 3), of each digit from its root to the middle of its tip.
    backs   (n, 5, 3, 3), where the back of each phalanx looks.
    arm     (n, 3), from the wrist along the forearm.
    """

    wrist: Points
    axes: Points
    joints: Points
    backs: Points
    arm: Points


def posed(numbers: Points, axes: Points, size: float) -> Pose:
    """The skeletons of (n, 29) numbers; `axes` (3, 3) is what their turns start from."""
    turn = rotations(numbers[:, 3:6]) @ axes
    angles = numbers[:, 6:22].reshape(-1, 4, 4)
    spread = angles[..., 0] + SPLAY[1:]
    bends = np.cumsum(angles[..., 1:], axis=-1)
    flat = np.stack([np.cos(spread), np.sin(spread), np.zeros_like(spread)], axis=-1)[:, :, None]
    up = np.array([0.0, 0.0, 1.0])
    ways = np.cos(bends)[..., None] * flat - np.sin(bends)[..., None] * up
    backs = np.sin(bends)[..., None] * flat + np.cos(bends)[..., None] * up

    out, aside, roll = numbers[:, 22], numbers[:, 23], numbers[:, 24]
    first = np.stack([np.cos(out) * np.cos(aside), np.cos(out) * np.sin(aside), -np.sin(out)], axis=-1)
    pad = np.array([0.6, -0.55, -0.3]) - (first @ np.array([0.6, -0.55, -0.3]))[:, None] * first
    pad /= np.linalg.norm(pad, axis=1, keepdims=True)
    pad = np.cos(roll)[:, None] * pad + np.sin(roll)[:, None] * np.cross(first, pad)
    bend = np.cumsum(np.column_stack([np.zeros(len(numbers)), numbers[:, 25:27]]), axis=1)[..., None]
    thumb = np.cos(bend) * first[:, None] + np.sin(bend) * pad[:, None]
    nail = np.sin(bend) * first[:, None] - np.cos(bend) * pad[:, None]

    ways = np.concatenate([thumb[:, None], ways], axis=1)
    backs = np.concatenate([nail[:, None], backs], axis=1)
    lengths = LENGTHS.copy()
    lengths[:, 2] -= RADII[:, 3]
    steps = np.cumsum(ways * lengths[..., None], axis=2)
    local = np.concatenate([np.zeros_like(steps[:, :, :1]), steps], axis=2) + ROOTS[:, None]
    lift, lean = numbers[:, 27], numbers[:, 28]
    arm = np.stack([-np.cos(lift) * np.cos(lean), -np.cos(lift) * np.sin(lean), np.sin(lift)], axis=-1)
    wrist = numbers[:, :3]
    joints = wrist[:, None, None] + size * np.einsum("nij,ndkj->ndki", turn, local)
    return Pose(wrist, turn, joints, np.einsum("nij,ndkj->ndki", turn, backs), np.einsum("nij,nj->ni", turn, arm))


def rotations(turns: Points) -> Points:
    """(n, 3, 3) of (n, 3) axes times angles (Rodrigues 1840)."""
    angle = np.linalg.norm(turns, axis=1)[:, None, None]
    x, y, z = (turns / np.maximum(angle[:, 0], 1e-12)).T
    zero = np.zeros_like(x)
    cross = np.stack([zero, -z, y, z, zero, -x, -y, x, zero], axis=1).reshape(-1, 3, 3)
    return np.asarray(np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * cross @ cross)
