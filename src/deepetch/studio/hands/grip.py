"""What is wanted of a grip, drawn at random."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from deepetch.studio.hands.anatomy import ROOTS
from deepetch.studio.hands.body import LAYER, Body, clearance, thickness
from deepetch.studio.hands.pose import HIGH, LOW, rotations
from deepetch.studio.shapes.sheet import Points


@dataclass(frozen=True, kw_only=True)
class Grip:
    """Poses to start from, and what is wanted of them.

    starts      (n, 29), see `pose.posed`; the best is gone on with.
    axes        (3, 3), columns the hand's own axes before a pose turns it.
    size        of the hand against the measures of `anatomy`.
    thumb_at    (3,) where the thumb's tip is to lie; fingers_at (3,) the middle of the others' tips.
    fingers     (4,) which of them find something to touch.
    """

    starts: Points
    axes: Points
    size: float
    thumb_at: Points
    fingers_at: Points
    fingers: NDArray[np.bool_]


def drawn_grip(draw: np.random.Generator, body: Body) -> Grip:
    """Where thumb and fingers are to lie, and a pose near it."""
    size = float(np.clip(draw.normal(1.0, 0.045), 0.9, 1.1))
    share = draw.uniform(0.36, 0.56)
    height = float(np.clip(body.top * share, min(0.03, body.top / 2), max(body.top - 0.03, body.top / 2)))
    section = body.reach[min(int(height / LAYER), len(body.reach) - 1)]
    right = float(section[0])
    width = right + float(section[len(section) // 2])
    front, back = thickness(body, height, right - min(0.035, width / 2))
    depth = back + front
    from_above = draw.random() < 0.07
    rise = math.radians(draw.uniform(-55, -25) if from_above else draw.triangular(0, 25, 60))
    rise *= float(np.clip(body.top / 0.12, 0.15, 1))  # across what is low, so that two fingers find it
    yaw = math.radians(165 - 50 * float(np.clip((depth - 0.015) / 0.06, 0, 1)) + draw.normal(0, 5))

    out = np.array([math.sin(yaw), -math.cos(yaw), 0.0])  # the back of the hand looks away from the product
    along = np.array([math.cos(yaw) * math.cos(rise), math.sin(yaw) * math.cos(rise), math.sin(rise)])
    axes = np.stack([along, np.cross(out, along), out], axis=1)
    deep = depth > 0.1 * size
    knuckles = np.array([right + 0.014, min(back + 0.012, -front + 0.062 * size), height])
    if body.top < 0.06:  # index and middle finger above and below its middle
        knuckles[2] -= ROOTS[1:3, 1].mean() * size
    onto = draw.uniform(0.025, 0.05) * size
    thumb_x = right - min(0.6 * width, onto)
    thumb_z = np.clip(
        height + draw.uniform(-0.012, 0.025), min(0.012, body.top / 2), max(body.top - 0.012, body.top / 2)
    )
    thumb_at = np.array([thumb_x, -thickness(body, thumb_z, thumb_x)[0], thumb_z])
    fingers_x = right - min(0.55 * width, draw.uniform(0.03, 0.055))
    fingers_at = np.array([fingers_x, thickness(body, height, fingers_x)[1], height])
    if deep:  # no hand reaches round it: the fingers lie on its side
        fingers_at = np.array([right + 0.005, -front + 0.1 * size, height])
        away, way = clearance(body, fingers_at)
        fingers_at[:2] -= away * way

    levels = knuckles[2] + ROOTS[1:, 1] * size * math.cos(rise)
    fingers = (levels > 0.004) & (levels < body.top - 0.004)
    fingers[int(np.abs(levels - height).argmin())] = True
    curl = math.radians(18 if deep else 38)
    rest = [
        [0.0, curl, curl, curl * 0.6] if touches else [0.0, curl, curl + 0.35, curl * 0.6 + 0.2] for touches in fingers
    ]
    angles = np.concatenate(
        [
            np.array(rest).ravel() + draw.normal(0, 0.08, 16),
            np.radians([38, 32, 0, 18, 15]) + draw.normal(0, 0.12, 5),
            np.radians([draw.uniform(10, 38), draw.uniform(-8, 18)]),
        ]
    )
    wrist = knuckles - axes @ (ROOTS[2] * size)
    starts = np.tile(np.concatenate([wrist, np.zeros(3), np.clip(angles, LOW, HIGH)]), (3, 1))
    for start, more in zip(starts[1:], (-0.45, 0.45), strict=True):
        start[5] = more  # turned about the z axis
        start[:3] = knuckles - rotations(start[None, 3:6])[0] @ axes @ (ROOTS[2] * size)
    return Grip(starts=starts, axes=axes, size=size, thumb_at=thumb_at, fingers_at=fingers_at, fingers=fingers)
