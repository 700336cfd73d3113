"""Plates and bowls."""

from __future__ import annotations

import numpy as np

from deepetch.studio.mesh import Mesh, joined
from deepetch.studio.product import Material
from deepetch.studio.products.chance import Colour, pigment
from deepetch.studio.props.pieces import turning
from deepetch.studio.props.prop import standing
from deepetch.studio.shapes.lathe import Corner
from deepetch.studio.surface import Surface, plain


def plate(draw: np.random.Generator) -> list[Surface]:
    """One plate or a small stack."""
    radius = draw.uniform(0.08, 0.14)
    line: list[Corner] = [
        (0.0, 0.003, 0.0),
        (radius * 0.55, 0.002, 0.0),
        (radius * 0.6, 0.0, 0.001),
        (radius * 0.63, 0.004, 0.002),
    ]
    line += [
        (radius, 0.02, 0.01),
        (radius, 0.022, 0.001),
        (radius * 0.68, 0.0105, 0.012),
        (radius * 0.6, 0.0065, 0.01),
        (0.0, 0.0065, 0.0),
    ]
    one = turning(line, 56)
    stack = [one.moved((draw.normal(0, 0.001), 0, 0.0067 * level)) for level in range(int(draw.integers(1, 5)))]
    return standing([plain("plates", joined(stack), Material(finish="ceramic", colour=_glaze(draw)))])


def bowl(draw: np.random.Generator) -> list[Surface]:
    """An empty bowl."""
    radius = draw.uniform(0.05, 0.1)
    mesh = hollow_bowl(radius, radius * draw.uniform(0.55, 0.95))
    return standing([plain("bowl", mesh, Material(finish="ceramic", colour=_glaze(draw)))])


def hollow_bowl(radius: float, high: float) -> Mesh:
    """A bowl on a foot, of an outer radius and a height in metres."""
    foot = radius * 0.45
    line: list[Corner] = [
        (0.0, 0.003, 0.0),
        (foot * 0.9, 0.003, 0.0),
        (foot * 0.92, 0.0, 0.0005),
        (foot, 0.0, 0.001),
        (foot, 0.005, 0.001),
    ]
    line += [(radius * 0.9, high * 0.45, radius * 0.6), (radius, high, 0.0), (radius - 0.004, high, 0.002)]
    line += [(radius * 0.9 - 0.005, high * 0.47, radius * 0.6), (foot * 0.8, 0.009, 0.01), (0.0, 0.009, 0.0)]
    return turning(line, 48)


def _glaze(draw: np.random.Generator) -> Colour:
    return (0.93, 0.92, 0.9) if draw.random() < 0.6 else pigment(draw)
