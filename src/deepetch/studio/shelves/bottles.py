"""Bottles with a cap."""

from __future__ import annotations

import numpy as np

from deepetch.studio.product import Finish, Material, Part
from deepetch.studio.products.chance import chosen, pigment
from deepetch.studio.shapes.lathe import Corner
from deepetch.studio.shelves.labelled import FOODS, labelled
from deepetch.studio.shelves.pieces import turning
from deepetch.studio.shelves.ware import Ware


def bottle(draw: np.random.Generator) -> Ware:
    """Drinks and oil: coloured by what is in it, a slender neck."""
    radius = draw.uniform(0.03, 0.043)
    height = min(radius * draw.uniform(5.0, 7.4), 0.285)
    body, throat, neck = height * draw.uniform(0.55, 0.7), draw.uniform(0.0125, 0.018), height - 0.024
    shell: list[Corner] = [(0.0, 0.0, 0.0), (radius * 0.9, 0.0, 0.0), (radius, 0.006, 0.0), (radius, body, 0.03)]
    shell += [(throat, neck, 0.02), (throat, height - 0.012, 0.0), (0.0, height - 0.012, 0.0)]
    finish: Finish = chosen(draw, ("gloss plastic", "gloss plastic", "matt plastic"))
    filled = Material(finish=finish, colour=chosen(draw, (*FOODS, (0.93, 0.92, 0.88), pigment(draw))))
    return _capped(draw, radius, height, throat, shell, filled, body * draw.uniform(0.12, 0.4), body * 0.92)


def flat_bottle(draw: np.random.Generator) -> Ware:
    """Shampoo and cleaners: opaque, straight, a wide cap."""
    radius = draw.uniform(0.026, 0.042)
    height = draw.uniform(0.15, 0.27)
    body, throat = height - draw.uniform(0.03, 0.05), radius * draw.uniform(0.4, 0.75)
    shell: list[Corner] = [(0.0, 0.0, 0.0), (radius * 0.92, 0.0, 0.0), (radius, 0.005, 0.0), (radius, body, 0.016)]
    shell += [(throat, body + 0.012, 0.004), (throat, height - 0.012, 0.0), (0.0, height - 0.012, 0.0)]
    plastic = Material(finish=chosen(draw, ("gloss plastic", "matt plastic")), colour=pigment(draw))
    return _capped(draw, radius, height, throat, shell, plastic, 0.012, body * 0.86)


def _capped(
    draw: np.random.Generator,
    radius: float,
    height: float,
    throat: float,
    shell: list[Corner],
    filled: Material,
    low: float,
    high: float,
) -> Ware:
    wide, foot = throat + 0.002, height - 0.024
    cap = turning(
        [
            (0.0, foot, 0.0),
            (wide, foot, 0.0),
            (wide, height - 0.001, 0.0),
            (wide - 0.002, height, 0.0),
            (0.0, height, 0.0),
        ],
        steps=16,
    )
    rest = (
        Part(name="bottle", mesh=turning(shell), material=filled),
        Part(name="cap", mesh=cap, material=Material(finish="matt plastic", colour=pigment(draw))),
    )
    return labelled(radius, height, low, high, chosen(draw, ("paper", "gloss plastic")), rest)
