"""The surfaces of wares on shelves."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from deepetch.studio.artwork import draw_artwork
from deepetch.studio.mesh import joined
from deepetch.studio.product import Part
from deepetch.studio.shapes.sheet import turned
from deepetch.studio.shelves.stock import Copy
from deepetch.studio.shelves.ware import Ware
from deepetch.studio.surface import Surface

_ARTWORK_SIDE = 384  # pixels


def goods_surfaces(draw: np.random.Generator, ware: Ware, copies: Sequence[Copy]) -> list[Surface]:
    """All copies of a ware as one surface for each of its parts."""
    artwork = draw_artwork(draw, ware.sheet, ware.faces, longer_side=_ARTWORK_SIDE)
    surfaces = []
    for piece in (ware.print, *ware.rest):
        mesh = joined(turned(piece.mesh, (0, 0, 1), copy.turn).moved(copy.place) for copy in copies)
        whole = Part(name=piece.name, mesh=mesh, material=piece.material)
        surfaces.append(Surface(part=whole, picture=artwork if piece.material.printed else None))
    return surfaces
