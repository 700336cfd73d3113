"""Crates in which goods stand on a board."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from deepetch.studio.mesh import joined
from deepetch.studio.product import Material
from deepetch.studio.products.chance import pigment
from deepetch.studio.shelves.pieces import block
from deepetch.studio.surface import Surface, plain

CRATE = (0.4, 0.29, 0.13)  # metres


def crate_surfaces(draw: np.random.Generator, places: Sequence[tuple[float, float, float]]) -> list[Surface]:
    """Crates of plastic: four walls of three rails each between posts, and a floor."""
    wide, deep, high = CRATE
    x, y = wide / 2, deep / 2
    pieces = [block((-x, -y, 0.0), (x, y, 0.005))]
    for low, top in ((0.005, 0.035), (0.055, 0.08), (0.1, high)):
        pieces += [
            block((-x, side * (y - 0.005) - 0.005, low), (x, side * (y - 0.005) + 0.005, top)) for side in (-1, 1)
        ]
        pieces += [
            block((side * (x - 0.005) - 0.005, -y, low), (side * (x - 0.005) + 0.005, y, top)) for side in (-1, 1)
        ]
    pieces += [block((at - 0.012, -y, 0.0), (at + 0.012, -y + 0.01, high)) for at in (-x + 0.012, 0.0, x - 0.012)]
    crate = joined(pieces)
    colour = (0.72, 0.06, 0.08) if draw.random() < 0.6 else pigment(draw)
    mesh = joined(crate.moved(place) for place in places)
    return [plain("crates", mesh, Material(finish="matt plastic", colour=colour))]
