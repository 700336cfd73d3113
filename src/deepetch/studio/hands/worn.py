"""What is worn on a forearm."""

from __future__ import annotations

import math

import numpy as np

from deepetch.studio.hands.anatomy import FOREARM
from deepetch.studio.hands.pose import Pose
from deepetch.studio.product import Finish, Material, Part
from deepetch.studio.products.chance import chosen, pigment
from deepetch.studio.shapes.sheet import Points, surface


def sleeve(draw: np.random.Generator, pose: Pose, size: float) -> Part:
    """Cloth over the forearm, in folds, from a cuff to beyond its end."""
    cuff, loose = draw.uniform(0.03, 0.1), draw.uniform(0.003, 0.009)
    out = np.linspace(0, 1, 40)
    reach = np.concatenate([[cuff + 0.03, cuff + 0.001, cuff], cuff + 0.001 + out * (0.33 - cuff)])
    angle = np.arange(48) * math.tau / 48
    folds = np.zeros((40, 48))
    for _ in range(5):
        turns, phase = draw.integers(-2, 3), draw.uniform(0, math.tau)
        folds += draw.uniform(0.1, 0.3) * np.sin(turns * angle + out[:, None] * draw.uniform(12, 40) + phase)
    folds = loose + 0.003 + loose * 0.7 * np.clip(folds, -1, 1) * np.minimum(1, out / 0.1)[:, None]
    rise = np.concatenate([np.array([-0.004, loose, loose + 0.0012])[:, None].repeat(48, 1), folds])
    material = Material(finish="cloth", colour=pigment(draw))
    return Part(
        name="sleeve", mesh=surface(_ringed(pose, size, reach, rise), around=True, capped=True), material=material
    )


def watch_band(draw: np.random.Generator, pose: Pose, size: float) -> Part:
    """A band round the wrist."""
    at, wide = draw.uniform(0.032, 0.05), draw.uniform(0.007, 0.011)
    reach = at + wide * np.array([-1, -1, -0.95, 0.95, 1, 1])
    rise = np.array([-0.003, 0.0024, 0.0034, 0.0034, 0.0024, -0.003])
    finish: Finish = chosen(draw, ("matt plastic", "metal", "gloss plastic"))
    colour = pigment(draw) if finish != "metal" else (0.8, 0.79, 0.77)
    mesh = surface(_ringed(pose, size, reach, rise), around=True, capped=True)
    return Part(name="watch band", mesh=mesh, material=Material(finish=finish, colour=colour))


def _ringed(pose: Pose, size: float, reach: Points, rise: Points) -> Points:
    """(n, k, 3) rings round the forearm, counter-clockwise as seen from the elbow.

    reach  (n,) metres from the wrist.
    rise   (n,) or (n, k) metres above the skin there.
    """
    arm, back = pose.arm[0], pose.axes[0, :, 2]
    across = np.cross(arm, back)
    across /= np.linalg.norm(across)
    up = np.cross(across, arm)
    rise = np.broadcast_to(rise if rise.ndim == 2 else rise[:, None], (len(reach), 48))
    bone = np.interp(reach / size, *np.transpose(FOREARM))[:, None] * size
    angle = np.arange(48) * math.tau / 48
    # across x up points against the arm: walk it the other way round
    wide = (bone + 0.009 * size + rise) * np.cos(angle)
    high = (bone + 0.0015 * size + rise) * -np.sin(angle)
    middle = pose.wrist[0] + reach[:, None] * arm
    return np.asarray(middle[:, None] + wide[..., None] * across + high[..., None] * up)
