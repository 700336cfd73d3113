"""Blisters: a clear bubble on a printed card with a hole to hang it by, round things inside."""

from __future__ import annotations

from typing import Literal

import numpy as np

from deepetch.studio.mesh import Mesh
from deepetch.studio.product import Finish, Material, Part, Product
from deepetch.studio.products.chance import chosen, metal_tint, pigment
from deepetch.studio.shapes.lathe import Corner, filleted, lathe
from deepetch.studio.shapes.sheet import holed_plate, surface, turned
from deepetch.studio.shapes.sweep import rounded_rectangle

CARD = 0.0006  # metres thick
WALL = 0.0004

Contents = Literal["ball", "disc", "rod"]


def blister(draw: np.random.Generator, round_: Contents) -> Product:
    """One to four things of a form under the bubble."""
    width = draw.uniform(0.07, 0.15)
    height = width * draw.uniform(1.2, 1.7)
    outline = rounded_rectangle(width, height, draw.uniform(0.003, 0.012), arc=6, cuts=8) + np.array([0.0, height / 2])
    hole = (0.0, height - draw.uniform(0.011, 0.016), draw.uniform(0.003, 0.013), draw.uniform(0.003, 0.0042))
    card = holed_plate(outline, hole=hole, thickness=CARD, power=chosen(draw, (2.0, 4.0)))
    board: Finish = chosen(draw, ("coated board", "paper"))
    parts = [Part(name="card", mesh=card, material=Material(finish=board, printed=True))]

    count = int(draw.integers(1, 5))
    wide, tall = width * draw.uniform(0.55, 0.8), height * draw.uniform(0.35, 0.52)
    middle = tall / 2 + height * draw.uniform(0.06, 0.12)
    radius = 0.42 * min(wide / count, tall if round_ != "rod" else wide, 0.05)
    deep = 2 * radius if round_ in ("ball", "rod") else draw.uniform(0.008, 0.02)
    deep += 0.002
    for k in range(count):
        thing = _thing(draw, round_, radius, tall * 0.84, deep - 0.002)
        x = (k - (count - 1) / 2) * wide / count
        metal = draw.uniform() < 0.35
        material = Material(
            finish="metal" if metal else "gloss plastic", colour=metal_tint(draw) if metal else pigment(draw)
        )
        parts.append(Part(name=round_, mesh=thing.moved((x, -CARD / 2 - deep / 2, middle)), material=material))
    bubble = _bubble(wide, tall, deep, draw.uniform(0.004, 0.012)).moved((0, -CARD / 2 - 0.0001, middle))
    parts.append(Part(name="bubble", mesh=bubble, material=Material(finish="clear plastic", colour=(0.98, 0.99, 1.0))))
    high = (middle + tall / 2 + 0.006) / height
    faces = ((0.04, min(high, 0.75), 0.96, (hole[1] - hole[3]) / height - 0.01), (0.04, 0.0, 0.96, min(high, 0.75)))
    centred = tuple(
        Part(name=part.name, mesh=part.mesh.moved((0, deep / 2, 0)), material=part.material) for part in parts
    )
    return Product(kind="blister", parts=centred, sheet=(width, height), faces=faces)


def _thing(draw: np.random.Generator, form: Contents, radius: float, tall: float, deep: float) -> Mesh:
    """Around the origin, its face to negative y."""
    if form == "ball":
        angle = np.linspace(-np.pi / 2, np.pi / 2, 25)
        arc = radius * np.stack([np.cos(angle), np.sin(angle)], axis=1)
        arc[[0, -1], 0] = 0.0
        return lathe(arc, steps=40)
    if form == "disc":
        edge = min(deep, radius) * draw.uniform(0.1, 0.45)
        line: list[Corner] = [(0.0, 0.0, 0.0), (radius, 0.0, edge), (radius, deep, edge), (radius * 0.5, deep, 0.001)]
        line += [(radius * 0.45, deep * 0.8, 0.001), (0.0, deep * 0.8, 0.0)]
        ribs = int(draw.integers(0, 2)) * 24
        return turned(lathe(filleted(line), steps=96, flutes=ribs, depth=radius * 0.03), (1, 0, 0), 90).moved(
            (0, deep / 2, 0)
        )
    nib = radius * 0.35
    line = [(0.0, 0.0, 0.0), (radius, 0.0, 0.001), (radius, tall - 0.003, 0.001), (nib, tall - 0.002, 0.0)]
    line += [(nib, tall, 0.0005), (0.0, tall, 0.0)]
    return lathe(filleted(line), steps=48).moved((0, 0, -tall / 2))


def _bubble(wide: float, tall: float, deep: float, radius: float) -> Mesh:
    """A thin shell with a flange, open towards the card; closed as a wall of two sides."""
    flange = 0.005

    def line(inset: float) -> list[tuple[float, float]]:
        """Distance from the bubble's foot, outwards positive, and height over the card."""
        arc = np.linspace(0, np.pi / 2, 7)
        soft = min(0.006, deep * 0.6)
        climb = [(-inset - (1 - np.cos(a)) * soft - 0.0006, deep - soft + np.sin(a) * soft - inset) for a in arc]
        return [(flange, 0.0005 - inset), (0.0, 0.0005 - inset), *climb]

    outer, inner = line(0.0), line(WALL)
    rings = [(inner[-1], True), *[(p, False) for p in inner[::-1]], *[(p, False) for p in outer], (outer[-1], True)]
    points = []
    for (out, high), centre in rings:
        outline = rounded_rectangle(wide + 2 * out, tall + 2 * out, radius + max(out, -radius * 0.5), arc=6, cuts=3)
        flat = np.stack([outline[:, 0], np.full(len(outline), -high), outline[:, 1]], axis=1)
        points.append(np.broadcast_to([0.0, -high, 0.0], flat.shape) if centre else flat)
    return surface(np.stack(points), around=True)
