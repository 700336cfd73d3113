"""Opaque bottles of shampoo, lotion, cleaner: round, oval or square, with a cap of one of several forms."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np

from deepetch.studio.product import Finish, Material, Part, Product
from deepetch.studio.products.chance import chosen, metal_tint, pigment
from deepetch.studio.products.closures import flip_top, screw_cap
from deepetch.studio.products.labels import label
from deepetch.studio.products.vessels import ALWAYS
from deepetch.studio.shapes.lathe import Corner, filleted, lathe
from deepetch.studio.shapes.sheet import Points, Rectangle

Shape = Literal["round", "oval", "squared"]

PLASTICS: tuple[Finish, ...] = ("matt plastic", "gloss plastic")


def cosmetics_bottle(draw: np.random.Generator, shape: Shape) -> Product:
    parts, sheet, faces, top, neck = opaque_body(draw, shape)
    wide = draw.uniform(1.1, 1.5) * neck
    form = chosen(draw, ("flip", "screw", "tall", "dome"))
    plastic = Material(finish=chosen(draw, PLASTICS), colour=pigment(draw))
    if form == "flip":
        cap = flip_top(wide, draw.uniform(0.018, 0.03), flat=1.0, square=0.0)
    elif form == "screw":
        cap = screw_cap(wide, draw.uniform(0.014, 0.024), ribs=chosen(draw, (0, 32)))
    elif form == "tall":
        cap = screw_cap(wide, draw.uniform(0.03, 0.055))
        plastic = Material(finish="metal", colour=metal_tint(draw)) if draw.uniform() < 0.4 else plastic
    else:
        cap = screw_cap(wide, draw.uniform(0.015, 0.03), dome=wide * draw.uniform(0.2, 0.7))
    parts.append(Part(name="cap", mesh=cap.moved((0, 0, top + 0.0006)), material=plastic))
    return Product(kind="bottle", parts=tuple(parts), sheet=sheet, faces=faces)


def opaque_body(
    draw: np.random.Generator, shape: Shape
) -> tuple[list[Part], tuple[float, float], tuple[Rectangle, ...], float, float]:
    """A closed body with a neck and its label.

    Returns  the parts, the sheet, its faces, the height of the neck's lower edge, on which a closure stands, and the
             neck's radius, metres.
    """
    radius = draw.uniform(0.02, 0.042)
    body = draw.uniform(0.07, 0.18)
    neck = draw.uniform(0.34, 0.55) * radius
    square, flat = 0.0, 1.0
    if shape == "oval":
        flat = draw.uniform(0.5, 0.8)
    elif shape == "squared":
        square, flat = draw.uniform(0.3, 0.75), draw.uniform(0.6, 1.0)
    rise = draw.uniform(0.004, 0.03)
    waist = radius * draw.uniform(0.88, 1.0) if draw.uniform() < 0.3 else radius
    neck = min(neck, radius * flat * 0.75)
    corners: list[Corner] = [(0.0, 0.0015, 0.0), (radius * 0.7, 0.0012, 0.002), (radius * 0.75, 0.0, 0.001)]
    corners += [(radius, 0.0, draw.uniform(0.002, 0.008)), (waist, body * 0.55, body * 0.4)]
    corners += [
        (radius * draw.uniform(0.9, 1.0), body, rise + draw.uniform(0.001, 0.01)),
        (neck * 1.04, body + rise, 0.003),
    ]
    corners += [
        (neck * 1.02, body + rise + 0.003, 0.0),
        (neck, body + rise + 0.003, 0.0),
        (neck, body + rise + 0.012, 0.001),
    ]
    profile = filleted([*corners, (0.0, body + rise + 0.012, 0.0)])
    fade = (body, body + rise) if square or flat != 1.0 else ALWAYS
    share = np.interp(profile[:, 1], fade, [1.0, 0.0])
    shell = lathe(profile, square=square * share, flat=1 + (flat - 1) * share)
    finish: Finish = chosen(draw, PLASTICS)
    parts = [Part(name="body", mesh=shell, material=Material(finish=finish, colour=pigment(draw)))]
    low, high = 0.012 + 0.1 * body * draw.uniform(), body * draw.uniform(0.8, 0.9) - 0.4 * rise
    high = max(high, low + 0.03)
    around = draw.uniform() < 0.5
    mesh, sheet, faces = label(
        _rising(profile, body), low, high, span=math.tau if around else draw.uniform(1.3, 2.6), square=square, flat=flat
    )
    material: Finish = finish if draw.uniform() < 0.6 else chosen(draw, ("paper", "coated board", "foil"))
    parts.append(Part(name="label", mesh=mesh, material=Material(finish=material, printed=True)))
    return parts, sheet, faces, body + rise + 0.003, neck


def _rising(profile: Points, top: float) -> Points:
    start = int(profile[:, 1].argmin())
    return profile[start:][profile[start:, 1] <= top]
