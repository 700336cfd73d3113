"""Glasses to drink from: straight, conical, with a stem; empty or filled."""

from __future__ import annotations

import numpy as np

from deepetch.studio.product import Finish, Material, Part, Product
from deepetch.studio.products.chance import drink_tint, glass_tint
from deepetch.studio.products.labels import label
from deepetch.studio.products.vessels import filling, hollow
from deepetch.studio.shapes.lathe import Corner, filleted


def straight_tumbler(draw: np.random.Generator, *, plastic: bool) -> Product:
    """Cylindrical or conical, of glass or of clear plastic; a print on some."""
    outer, inner = _straight(draw)
    square = draw.uniform(0.2, 0.5) if draw.uniform() < 0.12 else 0.0
    glass: Finish = "frosted glass" if draw.uniform() < 0.09 else "clear glass"
    parts = _poured(draw, outer, inner, "clear plastic" if plastic else glass, square=square)
    if draw.uniform() < 0.6:
        return Product(kind="tumbler", parts=tuple(parts))
    height = outer[-1][1]
    mesh, sheet, faces = label(
        filleted(outer), height * 0.3, height * draw.uniform(0.55, 0.8), span=draw.uniform(0.9, 1.7), square=square
    )
    parts.append(Part(name="print", mesh=mesh, material=Material(finish="gloss plastic", printed=True)))
    return Product(kind="tumbler", parts=tuple(parts), sheet=sheet, faces=faces)


def stemmed_glass(draw: np.random.Generator) -> Product:
    """For wine, of clear glass."""
    return Product(kind="tumbler", parts=tuple(_poured(draw, *_stemmed(draw), "clear glass")))


def _poured(
    draw: np.random.Generator, outer: list[Corner], inner: list[Corner], finish: Finish, *, square: float = 0.0
) -> list[Part]:
    """A glass, empty or with a drink in it."""
    tint = glass_tint(draw) if draw.uniform() < 0.15 else (0.98, 0.99, 0.99)
    mesh = hollow(outer, inner, square=square)
    parts = [Part(name="glass", mesh=mesh, material=Material(finish=finish, colour=tint))]
    if draw.uniform() < 0.55:
        floor, lip = inner[0][1], inner[-1][1]
        level = floor + (lip - floor) * draw.uniform(0.3, 0.8)
        drink = filling(inner, level, square=square)
        parts.append(Part(name="drink", mesh=drink, material=Material(finish="liquid", colour=drink_tint(draw))))
    return parts


def _straight(draw: np.random.Generator) -> tuple[list[Corner], list[Corner]]:
    height, top = draw.uniform(0.075, 0.16), draw.uniform(0.028, 0.046)
    foot, wall, base = top * draw.uniform(0.68, 1.0), draw.uniform(0.0014, 0.0035), draw.uniform(0.004, 0.015)
    heel = draw.uniform(0.001, 0.006)
    outer: list[Corner] = [(0.0, 0.001, 0.0), (foot * 0.8, 0.0, 0.001), (foot, 0.0, heel), (top, height, wall * 0.45)]
    outer.append((top - wall, height, wall * 0.45))
    inner: list[Corner] = [(0.0, base, 0.0), (foot - wall, base, heel + 0.003), (top - wall, height - wall * 0.5, 0.0)]
    return outer, inner


def _stemmed(draw: np.random.Generator) -> tuple[list[Corner], list[Corner]]:
    height, bowl = draw.uniform(0.16, 0.235), draw.uniform(0.025, 0.046)
    foot, stem, wall = max(0.03, bowl * draw.uniform(0.78, 1.0)), draw.uniform(0.0032, 0.005), 0.0012
    low = height * draw.uniform(0.35, 0.5)  # of the bowl
    belly = low + (height - low) * draw.uniform(0.3, 0.5)
    mouth = bowl * draw.uniform(0.68, 1.02)
    bend = (height - low) * 0.4
    outer: list[Corner] = [(0.0, 0.001, 0.0), (foot * 0.9, 0.0, 0.001), (foot, 0.0, 0.0008), (foot, 0.0022, 0.0008)]
    outer += [
        (stem * 1.6, 0.006, 0.012),
        (stem, 0.02, 0.02),
        (stem, low - 0.004, 0.012),
        (bowl * 0.72, low + 0.004, bend),
    ]
    outer += [(bowl, belly, bend), (mouth, height, 0.0005), (mouth - wall, height, 0.0005)]
    inner: list[Corner] = [(0.0, low + 0.004, 0.0), (bowl * 0.66 - wall, low + 0.009, bend), (bowl - wall, belly, bend)]
    inner.append((mouth - wall, height - 0.0006, 0.0))
    return outer, inner
