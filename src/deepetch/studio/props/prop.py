"""A prop as a list of surfaces: made, moved, measured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from deepetch.studio.mesh import Mesh
from deepetch.studio.shapes.sheet import Points
from deepetch.studio.surface import Surface


def with_mesh(each: Surface, mesh: Mesh) -> Surface:
    """The same material and picture on another mesh."""
    return Surface(part=replace(each.part, mesh=mesh), picture=each.picture)


def moved(prop: Sequence[Surface], by: Points) -> list[Surface]:
    """The same thing, shifted by (3,) metres."""
    return [with_mesh(each, each.part.mesh.moved(by)) for each in prop]


def standing(prop: Sequence[Surface]) -> list[Surface]:
    """The same thing, its lowest point on z = 0."""
    return moved(prop, np.array([0.0, 0.0, -extent(prop)[0][2]]))


def extent(prop: Sequence[Surface]) -> tuple[Points, Points]:
    """(3,) the smallest and (3,) the largest coordinates."""
    return (
        np.min([each.part.mesh.low for each in prop], axis=0).astype(float),
        np.max([each.part.mesh.high for each in prop], axis=0).astype(float),
    )
