"""What products stand on and in front of, as surfaces."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from deepetch.studio.mesh import Mesh
from deepetch.studio.product import Finish, Material, Part
from deepetch.studio.props.props import props_surfaces
from deepetch.studio.scene import Colour, Stage
from deepetch.studio.shelves.shelves import shelf_surfaces
from deepetch.studio.surface import Surface

WIDE, FRONT, HIGH = 4.0, 3.0, 4.0  # metres: beyond what any camera here sees
BEND = 0.35  # radius of a sweep where the floor becomes a wall
SHELF_GAP = 0.25  # metres between what is held and shelves behind it
SHEER: dict[str, Finish] = {
    "white sweep": "paper",
    "light tent": "matt plastic",
    "coloured paper": "paper",
    "grey card": "paper",
}


def stage_surfaces(stage: Stage, products: NDArray[np.float64]) -> list[Surface]:
    """The ground, and what stands behind.

    products  (n, 3) their points: shelves are as far behind as they must.
    """
    if stage.ground == "shop":
        behind = max(stage.depth, float(products[:, 1].max()) + SHELF_GAP)
        return shelf_surfaces(np.random.default_rng(stage.shop), distance=behind, height=stage.level)
    return [_moved(surface, stage.floor) for surface in _grounds(stage)]


def lying_about(stage: Stage, products: NDArray[np.float64]) -> list[Surface]:
    """The things around products, which may stand before them; none where the place is tidy.

    products  (n, 3) their points, which are kept clear of.
    """
    if stage.props is None:
        return []
    reach = float(np.linalg.norm(products, axis=1).max())
    return props_surfaces(np.random.default_rng(stage.props), reach=reach, keep_clear=products)


def _grounds(stage: Stage) -> list[Surface]:
    if stage.ground == "table":
        return [
            _surface("table", _floor(), "wood" if sum(stage.colour) < 1.8 else "stone", stage.colour),
            _surface("wall", _wall(stage.depth), "paper", stage.wall),
        ]
    if stage.ground == "room":
        table = _surface("table", _floor(back=stage.depth * 0.4), "wood", stage.colour)
        photograph = Path(stage.picture) if stage.picture else None
        return [table, _surface("room", _photograph(stage.depth + 1.0), "paper", (1.0, 1.0, 1.0), photograph)]
    if stage.ground == "cloth":
        return [_surface("cloth", _sweep(stage.depth), "cloth", stage.colour)]
    if stage.ground == "acrylic":
        return [
            _surface("acrylic", _floor(), "gloss plastic", stage.colour),
            _surface("wall", _wall(stage.depth), "paper", stage.wall),
        ]
    finish: Finish = SHEER.get(stage.ground, "cloth" if stage.colour[0] < 0.03 else "paper")
    return [_surface("sweep", _sweep(stage.depth), finish, stage.colour)]


def _surface(name: str, mesh: Mesh, finish: Finish, colour: Colour, picture: Path | None = None) -> Surface:
    return Surface(part=Part(name=name, mesh=mesh, material=Material(finish=finish, colour=colour)), picture=picture)


def _moved(surface: Surface, height: float) -> Surface:
    return replace(surface, part=replace(surface.part, mesh=surface.part.mesh.moved((0, 0, height))))


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
    return _drawn_out([(depth, -0.6), (depth, HIGH)])


def _photograph(depth: float) -> Mesh:
    """Upright, 6 x 4.5 m: as wide as a telephone sees, which is some two metres in front of it."""
    return _drawn_out([(depth, -1.4), (depth, 3.1)], wide=3.0)


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
