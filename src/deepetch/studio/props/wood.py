"""Blocks and boards of wood."""

from __future__ import annotations

import numpy as np

from deepetch.studio.product import Material
from deepetch.studio.products.chance import chosen
from deepetch.studio.props.materials import WOODS, bright
from deepetch.studio.props.pieces import clump
from deepetch.studio.props.prop import standing
from deepetch.studio.shapes.box import box
from deepetch.studio.shapes.sheet import turned
from deepetch.studio.surface import Surface, plain


def blocks(draw: np.random.Generator) -> list[Surface]:
    """Blocks of wood, plain or painted, some on each other."""
    prop = []
    side = draw.uniform(0.025, 0.045)
    painted = draw.random() < 0.5
    for place in clump(draw, int(draw.integers(2, 7)), side * 1.7):
        for level in range(1 if draw.random() < 0.6 else 2):
            size = (side * chosen(draw, (1.0, 1.0, 1.4)), side, side)
            block = turned(box(size, radius=0.0018, segments=2), (0, 0, 1), draw.uniform(-40, 40))
            wood = Material(finish="wood", colour=chosen(draw, WOODS))
            coat = Material(finish="matt plastic", colour=bright(draw)) if painted and draw.random() < 0.8 else wood
            prop.append(plain("block", block.moved(place + np.array([0, 0, side * level])), coat))
    return standing(prop)


def offcuts(draw: np.random.Generator) -> list[Surface]:
    """Boards sawn off, lying crosswise."""
    prop, z = [], 0.0
    for level in range(int(draw.integers(1, 5))):
        size = (draw.uniform(0.14, 0.34), draw.uniform(0.04, 0.09), draw.uniform(0.012, 0.03))
        mesh = turned(box(size, radius=0.001, segments=1), (0, 0, 1), draw.normal(90 * (level % 2), 9)).moved((0, 0, z))
        prop.append(plain("board", mesh, Material(finish="wood", colour=chosen(draw, WOODS))))
        z += size[2] + 0.0003
    return standing(prop)
