"""Fruit, loose and in bowls."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from deepetch.studio.mesh import Mesh, joined
from deepetch.studio.product import Finish, Material
from deepetch.studio.products.chance import Colour, chosen, pigment
from deepetch.studio.props.crockery import hollow_bowl
from deepetch.studio.props.materials import WOODS
from deepetch.studio.props.pieces import clump, rod
from deepetch.studio.props.prop import standing
from deepetch.studio.shapes.lathe import lathe
from deepetch.studio.shapes.sheet import turned
from deepetch.studio.shapes.sweep import rounded_rectangle, sweep
from deepetch.studio.surface import Surface, plain

# half the width in metres, height over width, colours, finish
_FRUITS: Mapping[str, tuple[float, float, tuple[Colour, ...], Finish]] = {
    "apple": (0.038, 0.9, ((0.7, 0.12, 0.1), (0.55, 0.68, 0.18), (0.8, 0.3, 0.18)), "gloss plastic"),
    "orange": (0.038, 1.0, ((0.92, 0.5, 0.08), (0.9, 0.42, 0.06)), "skin"),
    "lemon": (0.028, 1.3, ((0.92, 0.82, 0.2), (0.5, 0.65, 0.15)), "skin"),
    "plum": (0.022, 1.1, ((0.3, 0.1, 0.22), (0.45, 0.12, 0.2)), "matt plastic"),
    "tomato": (0.034, 0.82, ((0.8, 0.12, 0.06), (0.85, 0.3, 0.08)), "gloss plastic"),
}


def fruit(draw: np.random.Generator) -> list[Surface]:
    """A few fruits of one sort beside each other."""
    kind = chosen(draw, tuple(_FRUITS))
    radius, tall, colours, finish = _FRUITS[kind]
    radius *= draw.uniform(0.9, 1.1)
    bodies, stalks = [], []
    for place in clump(draw, int(draw.integers(1, 6)), radius * 2.06):
        body, stalk = _one_fruit(draw, radius, tall)
        bodies.append(body.moved(place))
        stalks.append(stalk.moved(place))
    skin = Material(finish=finish, colour=chosen(draw, colours), rough=0.15)
    return standing(
        [
            plain("fruit", joined(bodies), skin),
            plain("stalks", joined(stalks), Material(finish="paper", colour=(0.3, 0.22, 0.12))),
        ]
    )


def fruit_bowl(draw: np.random.Generator) -> list[Surface]:
    """Fruit heaped in a bowl."""
    radius = draw.uniform(0.09, 0.13)
    high = radius * draw.uniform(0.45, 0.6)
    bowl = hollow_bowl(radius, high)
    material = (
        Material(finish="wood", colour=chosen(draw, WOODS))
        if draw.random() < 0.4
        else Material(finish="ceramic", colour=pigment(draw))
    )
    prop = [plain("bowl", bowl, material)]
    for kind in (chosen(draw, tuple(_FRUITS)), chosen(draw, tuple(_FRUITS))):
        small, tall, colours, finish = _FRUITS[kind]
        bodies = []
        for _ in range(3):
            body, _stalk = _one_fruit(draw, small, tall)
            away, angle = radius * 0.5 * math.sqrt(draw.random()), draw.uniform(0, math.tau)
            bodies.append(body.moved((away * math.cos(angle), away * math.sin(angle), high * draw.uniform(0.25, 0.75))))
        prop.append(plain("fruit", joined(bodies), Material(finish=finish, colour=chosen(draw, colours), rough=0.15)))
    return standing(prop)


def _one_fruit(draw: np.random.Generator, radius: float, tall: float) -> tuple[Mesh, Mesh]:
    """One that stands on z = 0, and its stalk; dimples above and below, tilted a little."""
    angle = np.linspace(-math.pi / 2, math.pi / 2, 15)
    around = radius * np.cos(angle) ** 0.85
    up = radius * tall * np.sin(angle) * (1 - 0.28 * (np.abs(np.sin(angle)) > 0.97))
    body = lathe(np.stack([np.where(np.abs(angle) > 1.57, 0.0, around), up], axis=1), steps=24)
    stalk = rod([(0.0, 0.0, radius * tall * 0.7), (radius * 0.1, 0.0, radius * tall * 1.1)], 0.0014)
    tilt = draw.normal(0, 18)
    tilted = turned(body, (1, 0.3, 0), tilt)
    rise = -float(tilted.low[2])
    return tilted.moved((0, 0, rise)), turned(stalk, (1, 0.3, 0), tilt).moved((0, 0, rise))


def bananas(draw: np.random.Generator) -> list[Surface]:
    """Two to four beside each other, each tilted a little more."""
    share = np.linspace(0, 1, 15)
    thick = np.interp(share, [0, 0.06, 0.15, 0.5, 0.85, 0.95, 1.0], [0.3, 0.32, 0.75, 1.0, 0.8, 0.4, 0.25])
    fruits = []
    for number in range(int(draw.integers(2, 5))):
        bow = (share - 0.5) * 1.7
        path = np.stack([0.1 * np.sin(bow), 0.03 * number + 0.1 * (1 - np.cos(bow)), np.full(15, 0.0)], axis=1)
        banana = sweep(path, rounded_rectangle(0.034, 0.034, 0.013, arc=2), scale=thick, up=(0.0, 0.0, 1.0))
        fruits.append(turned(banana, (1, 0, 0), -8 * number).moved((0, 0, 0.017 + 0.004 * number)))
    return standing([plain("bananas", joined(fruits), Material(finish="skin", colour=(0.9, 0.74, 0.2)))])
