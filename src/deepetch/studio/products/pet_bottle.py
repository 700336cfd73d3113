"""Bottles of clear PET: a foot in lobes, grooves, a label all around, a screw cap with its ring."""

from __future__ import annotations

import numpy as np

from deepetch.studio.mesh import Mesh
from deepetch.studio.product import Finish, Material, Part, Product
from deepetch.studio.products.chance import chosen, drink_tint, pigment
from deepetch.studio.products.closures import screw_cap, thread
from deepetch.studio.products.labels import label
from deepetch.studio.products.vessels import filled_line
from deepetch.studio.shapes.lathe import Corner, filleted, lathe
from deepetch.studio.shapes.sheet import Points

WALL = 0.0005
THROAT = 0.0125  # metres: half a PCO 1881 neck


def pet_bottle(draw: np.random.Generator) -> Product:
    radius = draw.uniform(0.028, 0.046)
    height = radius * draw.uniform(5.8, 7.6)
    body, neck = height * draw.uniform(0.6, 0.72), height - 0.026
    slope = neck - body
    low = height * draw.uniform(0.22, 0.38)
    high = low + (body - low) * draw.uniform(0.5, 0.95)
    grooves = int(draw.integers(0, 5))

    def side(inset: float) -> list[Corner]:
        """Corners of the wall's outer side, or of the inner one, from the axis to the lip."""
        wide, floor = radius - inset, 1.5 * inset
        line: list[Corner] = [(0.0, 0.006 + floor, 0.0), (wide * 0.45, floor, 0.004), (wide * 0.75, floor, 0.006)]
        line += [(wide, radius * 0.5 + floor, radius * 0.5), *_grooves(wide, radius * 0.6, low - 0.004, grooves)]
        line += [
            (wide, low - 0.003, 0.001),
            (wide - 0.0008, low - 0.001, 0.0006),
            (wide - 0.0008, high + 0.001, 0.0006),
            (wide, high + 0.003, 0.001),
        ]
        line += [(wide, body + 0.003, slope * 0.7), (THROAT + 0.001 - inset, neck, slope * 0.6)]
        return [*line, (THROAT - inset, neck + 0.004, 0.0)]

    outer, inner = side(0.0), side(WALL)
    collar: list[Corner] = [(THROAT + 0.0035, neck + 0.0045, 0.0004), (THROAT + 0.0035, neck + 0.006, 0.0004)]
    collar += [(THROAT, neck + 0.0062, 0.0), (THROAT, height - 0.001, 0.0005), (THROAT - WALL * 3, height - 0.001, 0.0)]
    line = np.concatenate([filleted(outer, segments=3), filleted([outer[-1], *collar], segments=3)[1:]])
    within = filleted([*inner, (THROAT - WALL * 3, height - 0.002, 0.0)], segments=3)
    profile = np.concatenate([line, within[::-1]])
    lobes = 5 if draw.uniform() < 0.6 else 0  # of the foot, as bottles under pressure have

    def turn(along: Points) -> Mesh:
        depth = np.interp(along[:, 1], [0.0, 0.004, radius * 0.55], [0.18, 0.14, 0.0]) * along[:, 0]
        return lathe(along, steps=60, flutes=lobes, depth=depth)

    mesh = turn(profile)
    tint = (
        (0.96, 0.98, 1.0)
        if draw.uniform() < 0.7
        else chosen(draw, ((0.7, 0.9, 0.75), (0.7, 0.85, 0.97), (0.55, 0.35, 0.2)))
    )
    parts = [Part(name="wall", mesh=mesh, material=Material(finish="clear plastic", colour=tint))]
    cloudy = draw.uniform() < 0.25
    kind: Finish = "gloss plastic" if cloudy else "liquid"
    level = height * draw.uniform(0.84, 0.9)
    drink = turn(filled_line(inner, level))
    colour = pigment(draw) if cloudy else drink_tint(draw)
    parts.append(Part(name="drink", mesh=drink, material=Material(finish=kind, colour=colour)))
    cap = screw_cap(THROAT + 0.002, draw.uniform(0.0145, 0.019), ribs=chosen(draw, (30, 40)), band=0.003)
    finish: Finish = chosen(draw, ("gloss plastic", "matt plastic"))
    above = float(cap.high[2])
    parts.append(
        Part(name="cap", mesh=cap.moved((0, 0, height - above)), material=Material(finish=finish, colour=pigment(draw)))
    )
    ridge = thread(THROAT, 0.008).moved((0, 0, height - 0.011))
    parts.append(Part(name="thread", mesh=ridge, material=Material(finish="clear plastic", colour=tint)))
    wrap, sheet, faces = label(line, low + 0.001, high - 0.001, steps=60)
    film: Finish = chosen(draw, ("gloss plastic", "matt plastic", "paper"))
    parts.append(Part(name="label", mesh=wrap, material=Material(finish=film, printed=True)))
    return Product(kind="bottle", parts=tuple(parts), sheet=sheet, faces=faces)


def _grooves(radius: float, low: float, high: float, count: int) -> list[Corner]:
    """Corners of horizontal grooves, none where there is no room for them."""
    pitch = (high - low) / max(count, 1)
    if pitch < 0.007:
        return []
    return [
        (radius - inset, low + (k + 0.5) * pitch + rise, 0.001)
        for k in range(count)
        for inset, rise in ((0.0, -0.0025), (0.0016, -0.0003), (0.0016, 0.0003), (0.0, 0.0025))
    ]
