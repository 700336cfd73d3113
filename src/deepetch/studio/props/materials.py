"""Woods, bright colours and hard materials that several props share."""

from __future__ import annotations

import colorsys

import numpy as np

from deepetch.studio.product import Material
from deepetch.studio.products.chance import Colour, metal_tint, pigment

WOODS: tuple[Colour, ...] = ((0.78, 0.6, 0.4), (0.62, 0.42, 0.26), (0.45, 0.29, 0.18), (0.86, 0.73, 0.55))


def bright(draw: np.random.Generator) -> Colour:
    """A strong colour."""
    return colorsys.hsv_to_rgb(draw.random(), draw.uniform(0.5, 0.9), draw.uniform(0.5, 0.9))


def hard_material(draw: np.random.Generator) -> Material:
    """Metal or plastic."""
    if draw.random() < 0.4:
        return Material(finish="metal", colour=metal_tint(draw))
    return Material(finish="matt plastic", colour=pigment(draw))
