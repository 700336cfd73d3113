"""Stones worn round."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from deepetch.studio.mesh import Mesh, joined
from deepetch.studio.product import Material
from deepetch.studio.products.chance import crumple
from deepetch.studio.props.pieces import clump, ellipsoid
from deepetch.studio.props.prop import standing
from deepetch.studio.surface import Surface, plain


def pebbles(draw: np.random.Generator) -> list[Surface]:
    """Stones beside each other, or piled up by size."""
    stones = []
    if draw.random() < 0.4:
        z = 0.0
        for level in range(int(draw.integers(3, 6))):
            radius = 0.036 * 0.78**level * draw.uniform(0.9, 1.1)
            high = radius * draw.uniform(0.45, 0.6)
            stones.append(_stone(draw, radius, high).moved((draw.normal(0, 0.0015), draw.normal(0, 0.0015), z)))
            z += 2 * high * 0.94
    else:
        radius = draw.uniform(0.008, 0.028)
        for place in clump(draw, int(draw.integers(3, 12)), radius * 2.2):
            big = radius * draw.uniform(0.5, 1.0)
            stones.append(_stone(draw, big, big * draw.uniform(0.45, 0.75)).moved(place))
    grey = draw.uniform(0.25, 0.85)
    colour = (grey, grey * draw.uniform(0.93, 1.0), grey * draw.uniform(0.85, 1.0))
    return standing([plain("pebbles", joined(stones), Material(finish="stone", colour=colour, rough=0.3))])


def _stone(draw: np.random.Generator, radius: float, high: float) -> Mesh:
    ball = ellipsoid((radius, radius * draw.uniform(0.75, 1.0), high), steps=20)
    x, y, z = ball.vertices.T
    swell = 1 + crumple(draw, x + z, y - z, wave=3 * radius, amount=0.05)
    uneven = replace(ball, vertices=(ball.vertices * swell[:, None]).astype(np.float32))
    return uneven.moved((0, 0, -float(uneven.low[2])))
