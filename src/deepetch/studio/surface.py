"""What stands around products: surfaces that carry a picture each, or none."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from deepetch.studio.mesh import Mesh
from deepetch.studio.product import Finish, Material, Part


@dataclass(frozen=True, kw_only=True)
class Surface:
    """A part of the scenery, in metres where it stands.

    picture  what lies on it by its uv: (h, w, 3) uint8 encoded sRGB, or a photograph's file; None: its material's
             colour.
    """

    part: Part
    picture: NDArray[np.uint8] | Path | None = None


def plain(name: str, mesh: Mesh, material: Material) -> Surface:
    """A surface without print."""
    return Surface(part=Part(name=name, mesh=mesh, material=material))


def pictured(name: str, mesh: Mesh, finish: Finish, picture: NDArray[np.uint8]) -> Surface:
    """A surface with a picture, (h, w, 3) uint8 encoded sRGB, on it."""
    return Surface(part=Part(name=name, mesh=mesh, material=Material(finish=finish, printed=True)), picture=picture)
