"""Hollow bodies of glass and PET: a wall with an inner side, so that light is bent as it should be."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from deepetch.studio.mesh import Mesh
from deepetch.studio.shapes.lathe import Corner, filleted, lathe, radius_at
from deepetch.studio.shapes.sheet import Points

OVERLAP = 0.0001  # metres that a liquid reaches into the wall: without air between, rays bend once, as they do in truth
ALWAYS = (1e3, 2e3)  # metres: no body is so high that it turns round again


def hollow(
    outer: Sequence[Corner],
    inner: Sequence[Corner],
    *,
    steps: int = 64,
    square: float = 0.0,
    flat: float = 1.0,
    fade: tuple[float, float] = ALWAYS,
) -> Mesh:
    """A closed wall between two sides.

    outer  corners from the axis below to the lip.
    inner  corners from the axis inside to the lip.
    steps, square, flat  as `lathe` has them.
    fade   heights between which a square or flat body becomes round, as necks are.
    """
    line = np.concatenate([filleted(outer), filleted(inner)[::-1]])
    share = np.interp(line[:, 1], fade, [1.0, 0.0])
    return lathe(line, steps=steps, square=square * share, flat=1 + (flat - 1) * share)


def filling(
    inner: Sequence[Corner],
    level: float,
    *,
    steps: int = 64,
    square: float = 0.0,
    flat: float = 1.0,
    fade: tuple[float, float] = ALWAYS,
) -> Mesh:
    """What a hollow body holds up to a height, reaching `OVERLAP` into its wall; closed.

    inner  corners from the axis inside to the lip, as `hollow` has them; so are steps, square, flat and fade.
    level  of its surface, metres, between the inner floor and the lip.
    """
    line = filled_line(inner, level)
    share = np.interp(line[:, 1], fade, [1.0, 0.0])
    return lathe(line, steps=steps, square=square * share, flat=1 + (flat - 1) * share)


def filled_line(inner: Sequence[Corner], level: float) -> Points:
    """The profile of `filling`, to be turned by its caller."""
    line = filleted(inner)
    lip = int(line[:, 1].argmax())
    wall = line[:lip][line[:lip, 1] < level - 1e-4]
    side = max(float(radius_at(line, level)), 0.0015)
    bowl = np.concatenate([wall + np.array([OVERLAP, -OVERLAP]) * (wall[:, :1] > 0), [[side + OVERLAP, level]]])
    # the surface climbs the wall by a millimetre
    top = np.array([[side - 0.0012, level - 0.0008], [0.0, level - 0.001]])
    return np.concatenate([bowl, top])
