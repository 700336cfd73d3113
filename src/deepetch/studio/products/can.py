"""Cans for drinks, for food and for fish: aluminium or tinplate, printed around, a ring to pull on the lid."""

from __future__ import annotations

import numpy as np

from deepetch.studio.product import Finish, Material, Part, Product
from deepetch.studio.products.chance import chosen, metal_tint
from deepetch.studio.products.closures import pull_tab
from deepetch.studio.products.labels import label
from deepetch.studio.shapes.lathe import Corner, filleted, lathe

DRINKS = ((0.0331, 0.115), (0.0331, 0.168), (0.0331, 0.15), (0.0289, 0.156), (0.0265, 0.134), (0.0289, 0.146))
FOODS = ((0.0365, 0.109), (0.0425, 0.11), (0.0325, 0.1), (0.043, 0.036), (0.0325, 0.055), (0.05, 0.12), (0.0365, 0.06))


def drinks_can(draw: np.random.Generator, *, steps: int = 64) -> Product:
    """A can with a dome below and a neck above.

    steps  around it.
    """
    radius, height = chosen(draw, DRINKS)
    height *= draw.uniform(0.95, 1.05)
    rim, stand = radius - draw.uniform(0.0045, 0.006), radius * 0.76
    shoulder = height - draw.uniform(0.011, 0.015)
    corners: list[Corner] = [(0.0, 0.009, 0.0), (stand * 0.7, 0.005, 0.006), (stand - 0.001, 0.0, 0.0008)]
    corners += [(stand + 0.001, 0.0, 0.0012), (radius, 0.0095, 0.006), (radius, shoulder, 0.006)]
    corners += [(rim, height - 0.0038, 0.003), (rim, height - 0.003, 0.0004), (rim + 0.0012, height - 0.0026, 0.0004)]
    corners += [(rim + 0.0012, height, 0.0006), (rim - 0.0006, height, 0.0006), (rim - 0.0022, height - 0.0065, 0.001)]
    corners += [
        (rim - 0.004, height - 0.0065, 0.001),
        (rim - 0.0045, height - 0.005, 0.0008),
        (0.0, height - 0.005, 0.0),
    ]
    profile = filleted(corners, segments=4)
    silver = Material(finish="metal", colour=(0.86, 0.86, 0.87))
    tab = Material(finish="metal", colour=(0.86, 0.86, 0.87) if draw.uniform() < 0.7 else metal_tint(draw))
    low, high = 0.0075, shoulder + 0.004
    wrap, sheet, faces = label(profile, low, high, steps=steps)
    printed: Finish = chosen(draw, ("metal", "gloss plastic", "matt plastic"))
    parts = (
        Part(name="can", mesh=lathe(profile, steps=steps), material=silver),
        Part(name="print", mesh=wrap, material=Material(finish=printed, printed=True)),
        Part(name="tab", mesh=pull_tab(0.025).moved((0, 0, height - 0.005)), material=tab),
    )
    return Product(kind="can", parts=parts, sheet=sheet, faces=faces)


def food_can(draw: np.random.Generator) -> Product:
    """A straight round can with rolled seams."""
    radius, height = chosen(draw, FOODS)
    return _tinned(draw, radius, height * draw.uniform(0.95, 1.05))


def fish_tin(draw: np.random.Generator) -> Product:
    """A low tin, longer than deep, with round corners."""
    return _tinned(
        draw,
        draw.uniform(0.046, 0.053),
        draw.uniform(0.022, 0.032),
        square=draw.uniform(0.45, 0.7),
        flat=draw.uniform(0.56, 0.7),
    )


def _tinned(
    draw: np.random.Generator, radius: float, height: float, *, square: float = 0.0, flat: float = 1.0
) -> Product:
    seam = radius + 0.0012
    corners: list[Corner] = [(0.0, 0.0025, 0.0), (radius - 0.004, 0.0025, 0.001), (radius - 0.001, 0.0, 0.0006)]
    corners += [(seam, 0.0, 0.0006), (seam, 0.003, 0.0006), (radius, 0.0036, 0.0004)]
    corners += [(radius, height - 0.0036, 0.0004), (seam, height - 0.003, 0.0006), (seam, height, 0.0006)]
    corners += [(radius - 0.001, height, 0.0006), (radius - 0.002, height - 0.004, 0.001)]
    corners += [(radius - 0.006, height - 0.004, 0.0005), (radius - 0.0065, height - 0.0034, 0.0005)]
    corners += [
        (radius - 0.0085, height - 0.0034, 0.0005),
        (radius - 0.009, height - 0.004, 0.0005),
        (0.0, height - 0.004, 0.0),
    ]
    profile = filleted(corners, segments=3)
    tin = Material(finish="metal", colour=chosen(draw, ((0.83, 0.83, 0.82), (0.85, 0.7, 0.42))))
    wrap, sheet, faces = label(profile, 0.0045, height - 0.0045, square=square, flat=flat)
    paper: Finish = chosen(draw, ("coated board", "gloss plastic", "metal"))
    parts = [
        Part(name="can", mesh=lathe(profile, square=square, flat=flat), material=tin),
        Part(name="print", mesh=wrap, material=Material(finish=paper, printed=True)),
    ]
    if draw.uniform() < 0.7:
        tab = pull_tab(min(0.03, radius * 0.75)).moved((0, -radius * 0.2 * flat, height - 0.004))
        parts.append(Part(name="tab", mesh=tab, material=tin))
    return Product(kind="can", parts=tuple(parts), sheet=sheet, faces=faces)
