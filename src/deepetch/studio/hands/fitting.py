"""A skeleton bent until it grips.

Joints, wrist and forearm are found by least squares, so that pads touch the product, nothing goes into it, fingers keep
off each other, and joints stay near a pose that was drawn.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from deepetch.studio.hands.anatomy import BALLS, RADII
from deepetch.studio.hands.body import Body, clearance
from deepetch.studio.hands.grip import Grip, drawn_grip
from deepetch.studio.hands.pose import HIGH, LOOSE, LOW, Pose, posed
from deepetch.studio.shapes.sheet import Points

_SOFT = 0.0012  # how far a bone's flesh is pressed flat
_FITS = 20.0  # misfit below which a grip is taken


def held(draw: np.random.Generator, body: Body, *, tries: int = 5) -> tuple[Grip, Pose]:
    """A grip and its pose: the first of a few that fits well, else the best of them."""
    best: tuple[float, Grip, Pose] | None = None
    for _ in range(tries):
        grip = drawn_grip(draw, body)
        pose, wrong = _gripping(body, grip)
        if best is None or wrong < best[0]:
            best = wrong, grip, pose
        if wrong < _FITS:
            break
    assert best is not None
    return best[1:]


def _gripping(body: Body, grip: Grip) -> tuple[Pose, float]:
    """The pose, of one skeleton, that touches and does not go in; and how much is wrong with it."""

    def misfit(numbers: Points) -> Points:
        return _misfits(posed(numbers, grip.axes, grip.size), numbers, body, grip)

    tried = np.stack([_settled(misfit, start, steps=8) for start in grip.starts])
    best = tried[int((misfit(tried) ** 2).sum(1).argmin())]
    found = _settled(misfit, best)[None]
    return posed(found, grip.axes, grip.size), float((misfit(found) ** 2).sum())


def _misfits(pose: Pose, numbers: Points, body: Body, grip: Grip) -> Points:
    """(n, m) what is wrong with each skeleton: 1 is a millimetre too deep, or a joint bent farther than it likes."""
    n, size = len(numbers), grip.size
    shares = np.array([0.15, 0.5, 0.85])[:, None]
    begins, ends = pose.joints[:, :, :-1, None], pose.joints[:, :, 1:, None]
    balls = (begins + shares * (ends - begins)).reshape(n, 5, 9, 3)
    radii = size * (RADII[:, :-1, None] + shares[:, 0] * np.diff(RADII)[:, :, None]).reshape(5, 9)
    palm = pose.wrist[:, None] + size * np.einsum("nij,kj->nki", pose.axes, BALLS[:, :3])
    forearm = pose.wrist[:, None] + np.array([0.03, 0.07, 0.12, 0.2])[:, None] * pose.arm[:, None]
    away, ways = clearance(body, np.concatenate([balls.reshape(n, 45, 3), palm, forearm], axis=1))
    room = np.concatenate([radii.ravel(), size * BALLS[:, 3], [0.036, 0.042, 0.045, 0.05]])
    inside = np.maximum(room - _SOFT - away, 0) * 1500

    digits = away[:, :45].reshape(n, 5, 9) - radii + _SOFT * 0.8
    touching = np.concatenate([[True], grip.fingers])
    pads = digits[:, touching][:, :, [7, 8]].reshape(n, -1) * 700  # both ends of each last phalanx
    inner = digits[:, touching][:, :, [4, 5]].reshape(n, -1) * 80
    facing = (pose.backs[:, :, 2, :2] * ways[:, :45].reshape(n, 5, 9, 2)[:, :, 7]).sum(-1)[:, touching]
    close = np.maximum(away[:, 46:50:2] - room[46:50:2], 0) * 60  # the palm lies near

    tips = pose.joints[:, :, 3]
    aim = np.concatenate(
        [(tips[:, :1] - grip.thumb_at) * 110, (tips[:, 1:][:, grip.fingers].mean(1) - grip.fingers_at)[:, None] * 60],
        axis=1,
    ).reshape(n, -1)
    between = np.linalg.norm(balls[:, 1:4, 1:] - balls[:, 2:, 1:], axis=-1) - 0.96 * (radii[1:4, 1:] + radii[2:, 1:])
    opposed = np.linalg.norm(balls[:, :1, 3:, None] - balls[:, 1:, None, :], axis=-1)
    opposed = opposed - (radii[:1, 3:, None] + radii[1:, None, :])
    curled = np.linalg.norm(balls[:, 1:, 4:, None] - palm[:, None, None], axis=-1)
    curled = curled - (radii[1:, 4:, None] + size * BALLS[:, 3])
    apart = np.concatenate([np.minimum(gap, 0).reshape(n, -1) for gap in (between, opposed, curled)], axis=1) * 700

    angles = numbers[:, 6:]
    bent = (angles - grip.starts[0, 6:]) / LOOSE * 0.6
    over = (np.maximum(angles - HIGH, 0) + np.minimum(angles - LOW, 0)) / math.radians(2)
    fingers = angles[:, :16].reshape(n, 4, 4)
    tied = (fingers[..., 3] - 0.6 * fingers[..., 2]) / math.radians(10)  # one tendon bends both
    alike = np.diff(fingers[..., 1:3], axis=1)[:, grip.fingers[1:] & grip.fingers[:-1]].reshape(n, -1) / 0.3
    turned = numbers[:, 3:6] / math.radians(18)
    wrong = [inside, pads, inner, (1 - facing) * 1.5, close, aim, apart, bent, over, tied, alike, turned]
    return np.concatenate(wrong, axis=1)


def _settled(misfit: Callable[[Points], Points], start: Points, *, steps: int = 45) -> Points:
    """Numbers (k,) whose misfits have about the least squares (Levenberg 1944, Marquardt 1963).

    misfit  of (n, k) numbers, (n, m).
    """
    numbers, damping = start.copy(), 1e-2
    nudge = 1e-5
    wrong = misfit(numbers[None])[0]
    for _ in range(steps):
        slopes = (misfit(numbers + nudge * np.eye(len(numbers))) - wrong).T / nudge
        normal, pull = slopes.T @ slopes, slopes.T @ wrong
        # several dampings at once: the best is kept
        tries = damping * np.array([0.1, 1.0, 10.0, 100.0, 1e4])
        moves = np.stack([np.linalg.solve(normal + t * np.diag(np.diag(normal) + 1e-3), -pull) for t in tries])
        found = misfit(numbers + moves)
        best = int((found**2).sum(1).argmin())
        if (found[best] ** 2).sum() >= (wrong**2).sum() * (1 - 1e-6):
            break
        numbers, wrong, damping = numbers + moves[best], found[best], max(float(tries[best]), 1e-6)
    return numbers
