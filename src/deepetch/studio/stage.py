"""What products stand on and in front of, as surfaces."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from deepetch.studio.mesh import Mesh
from deepetch.studio.product import Material, Part
from deepetch.studio.scene import Colour, Stage

WIDE, FRONT, HIGH = 4.0, 3.0, 4.0  # metres: beyond what any camera here sees
BEND = 0.35  # radius of a sweep where the floor becomes a wall
SHEER = {"white sweep": "paper", "light tent": "matt plastic", "coloured paper": "paper", "grey card": "paper"}


def stage_parts(stage: Stage) -> list[tuple[Part, str | None]]:
    """The surfaces of a stage, each with the file of the picture that lies on it, if one does."""
    if stage.ground == "table":
        return [
            (_part("table", _floor(), "wood" if sum(stage.colour) < 1.8 else "stone", stage.colour), None),
            (_part("wall", _wall(stage.depth), "paper", stage.wall), None),
        ]
    if stage.ground == "room":
        table = _part("table", _floor(back=stage.depth * 0.4), "wood", stage.colour)
        return [(table, None), (_part("room", _wall(stage.depth + 1.0), "paper", (1.0, 1.0, 1.0)), stage.picture)]
    if stage.ground == "cloth":
        return [(_part("cloth", _sweep(stage.depth), "cloth", stage.colour), None)]
    finish = SHEER.get(stage.ground, "cloth" if stage.colour[0] < 0.03 else "paper")
    return [(_part("sweep", _sweep(stage.depth), finish, stage.colour), None)]


def _part(name: str, mesh: Mesh, finish: str, colour: Colour) -> Part:
    return Part(name=name, mesh=mesh, material=Material(finish=finish, colour=colour))  # type: ignore[arg-type]


def _sweep(depth: float) -> Mesh:
    """A floor that bends up into a wall `depth` metres behind the origin."""
    bend = [
        (depth - BEND + BEND * math.sin(angle), BEND - BEND * math.cos(angle))
        for angle in np.linspace(0, math.pi / 2, 24)
    ]
    return _drawn_out([(-FRONT, 0.0), *bend, (depth, HIGH)])


def _floor(back: float = 4.0) -> Mesh:
    return _drawn_out([(-FRONT, 0.0), (back, 0.0), (back, -0.03)])


def _wall(depth: float) -> Mesh:
    """Upright, `depth` metres behind the origin; a picture on it is as high as the wall and repeats nowhere."""
    return _drawn_out([(depth, -0.6), (depth, 1.8)], wide=1.6)


def _drawn_out(profile: list[tuple[float, float]], wide: float = WIDE) -> Mesh:
    """A profile of (y, z) drawn out along x; u runs along x and v along the profile."""
    points: NDArray[np.float64] = np.array(profile)
    n = len(points)
    left = np.column_stack([np.full(n, -wide), points])
    right = np.column_stack([np.full(n, wide), points])
    lower, upper = np.arange(n - 1), np.arange(1, n)
    along = np.linspace(0, 1, n)
    corners = [
        np.column_stack([np.full(n - 1, u), along[at]]) for u, at in ((0, lower), (1, lower), (1, upper), (0, upper))
    ]
    return Mesh(
        vertices=np.concatenate([left, right]).astype(np.float32),
        faces=np.column_stack([lower, lower + n, upper + n, upper]).astype(np.int32),
        uv=np.stack(corners, 1).astype(np.float32),
    )
