"""Bags and pouches."""

from __future__ import annotations

import numpy as np

from deepetch.studio.product import Finish, Material, Part
from deepetch.studio.products.chance import chosen
from deepetch.studio.shapes.sheet import pillow
from deepetch.studio.shelves.ware import Ware


def pouch(draw: np.random.Generator) -> Ware:
    """A bag of crisps, coffee or rice that stands."""
    width = draw.uniform(0.1, 0.19)
    height, deep = min(width * draw.uniform(1.2, 1.6), 0.27), width * draw.uniform(0.3, 0.45)
    up, across = np.linspace(0, 1, 7), np.linspace(-1, 1, 7)
    belly = 0.001 + deep / 2 * (
        np.sqrt(1 - across**2 * 0.98) * np.interp(up, [0, 0.12, 0.55, 0.9, 1], [0.75, 1, 0.85, 0.1, 0])[:, None]
    )
    side = np.broadcast_to(across * width / 2, belly.shape)
    rise = np.broadcast_to(up[:, None] * height, belly.shape)
    mesh = pillow(np.stack([side, -belly, rise], axis=-1), np.stack([side, belly, rise], axis=-1))
    finish: Finish = chosen(draw, ("foil", "matt plastic", "gloss plastic"))
    return Ware(
        size=(width, deep + 0.002, height),
        print=Part(name="pouch", mesh=mesh, material=Material(finish=finish, printed=True)),
        sheet=(2 * width, height),
        faces=((0.02, 0.1, 0.48, 0.92), (0.52, 0.1, 0.98, 0.92)),
    )
