"""Plants in pots, stems in vases."""

from __future__ import annotations

import math

import numpy as np

from deepetch.studio.mesh import Mesh, joined
from deepetch.studio.product import Material
from deepetch.studio.products.chance import Colour, chosen, pigment
from deepetch.studio.props.materials import bright
from deepetch.studio.props.pieces import ellipsoid, turning
from deepetch.studio.props.prop import standing
from deepetch.studio.shapes.lathe import Corner, lathe
from deepetch.studio.shapes.sheet import surface, turned
from deepetch.studio.shapes.sweep import circle, smooth_path, sweep
from deepetch.studio.surface import Surface, plain

_GREENS: tuple[Colour, ...] = ((0.2, 0.42, 0.16), (0.32, 0.5, 0.22), (0.15, 0.32, 0.2), (0.5, 0.58, 0.4))


def plant(draw: np.random.Generator) -> list[Surface]:
    """Leaves that bend out of a pot."""
    radius, high = draw.uniform(0.035, 0.075), draw.uniform(0.05, 0.13)
    pot: list[Corner] = [
        (0.0, 0.0, 0.0),
        (radius * 0.72, 0.0, 0.003),
        (radius, high, 0.002),
        (radius * 0.9, high, 0.002),
    ]
    pot += [(radius * 0.86, high * 0.85, 0.0), (0.0, high * 0.85, 0.0)]
    clay: Colour = (0.68, 0.36, 0.24)
    body = (
        Material(finish="stone", colour=clay, rough=0.3)
        if draw.random() < 0.4
        else Material(finish="ceramic", colour=pigment(draw))
    )
    earth = lathe(np.array([[radius * 0.87, high * 0.86], [0.0, high * 0.9]]), steps=24)
    count = int(draw.integers(8, 34))
    long, broad = draw.uniform(0.07, 0.24), draw.uniform(0.12, 0.55)
    upright = draw.uniform(0.3, 1.1)
    leaves = []
    for _ in range(count):
        length = long * draw.uniform(0.5, 1.1)
        leaf = _leaf(
            length,
            length * broad * draw.uniform(0.35, 0.5),
            rise=draw.uniform(upright, 1.45),
            fall=draw.uniform(0.4, 2.0),
        )
        leaf = leaf.moved((radius * 0.3 * draw.random(), 0, high * 0.86))
        leaves.append(turned(leaf, (0, 0, 1), draw.uniform(0, 360)))
    green = Material(finish="matt plastic", colour=chosen(draw, _GREENS))
    return standing(
        [
            plain("pot", turning(pot, 36), body),
            plain("earth", earth, Material(finish="cloth", colour=(0.16, 0.11, 0.08))),
            plain("leaves", joined(leaves), green),
        ]
    )


def _leaf(length: float, width: float, *, rise: float, fall: float) -> Mesh:
    """A sheet that leaves the origin towards x at an angle of `rise`, and bends by `fall` on its way; radians."""
    share = np.linspace(0, 1, 9)
    angle = rise - fall * share
    step = length / 8
    x = np.concatenate([[0.0], np.cumsum(np.cos(angle[:-1]) * step)])
    z = np.concatenate([[0.0], np.cumsum(np.sin(angle[:-1]) * step)])
    wide = width * (np.sin(math.pi * share**0.75) ** 0.8 + 0.06)
    across = np.array([-1.0, -0.5, 0.0, 0.5, 1.0])
    y = wide[:, None] * across
    lift = wide[:, None] * 0.35 * np.abs(across)  # halves rise from the middle rib
    points = np.stack(
        [x[:, None] - np.sin(angle)[:, None] * lift, y, z[:, None] + np.cos(angle)[:, None] * lift], axis=-1
    )
    return surface(points[:, ::-1])


def vase(draw: np.random.Generator) -> list[Surface]:
    """A ceramic vase, mostly with dry stems or flowers."""
    high, radius = draw.uniform(0.12, 0.26), draw.uniform(0.03, 0.065)
    throat = radius * draw.uniform(0.3, 0.7)
    line: list[Corner] = [(0.0, 0.0, 0.0), (radius * 0.6, 0.0, 0.004), (radius, high * draw.uniform(0.3, 0.6), radius)]
    line += [
        (throat, high * 0.85, 0.03),
        (throat * 1.2, high, 0.002),
        (throat * 0.95, high, 0.001),
        (throat * 0.8, high * 0.85, 0.0),
    ]
    line += [(0.0, high * 0.5, 0.0)]
    prop = [plain("vase", turning(line, 40), Material(finish="ceramic", colour=pigment(draw)))]
    stems, heads = [], []
    for _ in range(int(draw.integers(0, 9))):
        way = draw.normal(0, 0.35, 2)
        tip = np.array([*(way * high * 0.6), high * draw.uniform(1.25, 1.7)])
        bent = np.array([[0.0, 0.0, high * 0.55], [*(way * throat), high], tip])
        stems.append(sweep(smooth_path(bent, steps=5), circle(0.0014, 6), up=(0.31, 1.0, 0.0)))
        bud = draw.uniform(0.008, 0.022)
        heads.append(ellipsoid((bud, bud, bud * draw.uniform(0.6, 1.4)), steps=12).moved(tip))
    if stems:
        prop.append(plain("stems", joined(stems), Material(finish="matt plastic", colour=chosen(draw, _GREENS))))
        prop.append(plain("heads", joined(heads), Material(finish="cloth", colour=bright(draw))))
    return standing(prop)
