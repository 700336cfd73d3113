"""Several of one thing sold together: cans in film, cans under a carrier of rings, cans in a sleeve of board."""

from __future__ import annotations

import math

import numpy as np

from deepetch.studio.mesh import Mesh, joined
from deepetch.studio.product import Finish, Material, Part, Product
from deepetch.studio.products.can import drinks_can
from deepetch.studio.products.chance import chosen, crumple, pigment
from deepetch.studio.products.pet_bottle import pet_bottle
from deepetch.studio.products.sleeve import sleeve
from deepetch.studio.shapes.lathe import lathe
from deepetch.studio.shapes.sheet import surface, turned
from deepetch.studio.shapes.sweep import rounded_rectangle

LAYOUTS = ((2, 1), (3, 1), (2, 2), (3, 2), (3, 2), (4, 2), (4, 3))  # columns and rows
FEW = 40  # steps around a can, of which there are many


def shrunk_cans(draw: np.random.Generator) -> Product:
    return _shrunk(draw, drinks_can(draw, steps=FEW))


def shrunk_bottles(draw: np.random.Generator) -> Product:
    return _shrunk(draw, pet_bottle(draw))


def _shrunk(draw: np.random.Generator, one: Product) -> Product:
    """Several of one in film, which leaves a shrink tunnel tight around them."""
    columns, rows = chosen(draw, LAYOUTS[:5])
    parts, width, depth = _grouped(draw, one, columns, rows)
    height = max(float(part.mesh.high[2]) for part in parts)
    radius = width / columns / 2
    shoulder = height if one.kind == "can" else height * 0.8
    parts = [Part(name=part.name, mesh=part.mesh.moved((0, 0, 0.0005)), material=part.material) for part in parts]
    film = _film(draw, width + 0.0012, depth + 0.0012, height + 0.0012, shoulder, radius)
    parts.append(Part(name="film", mesh=film, material=Material(finish="film", colour=(0.97, 0.98, 1.0))))
    return Product(kind="multipack", parts=tuple(parts), sheet=one.sheet, faces=one.faces)


def carried(draw: np.random.Generator) -> Product:
    """Cans held together by a clear plate of rings around their necks."""
    one = drinks_can(draw, steps=FEW)
    columns, rows = chosen(draw, LAYOUTS[:4])
    parts, width, _ = _grouped(draw, one, columns, rows)
    height = max(float(part.mesh.high[2]) for part in parts)
    pitch = width / columns
    line = np.array([[pitch * 0.497, 0.0], [pitch * 0.497, 0.0012], [pitch * 0.4, 0.0012], [pitch * 0.4, 0.0]])
    one_ring = lathe(line, steps=48, loop=True, smooth=False)
    rings = joined([one_ring.moved((x, y, height - 0.0085)) for x, y in _places(pitch, columns, rows)])
    material = Material(finish="clear plastic", colour=(0.97, 0.98, 0.98))
    parts.append(Part(name="rings", mesh=rings, material=material))
    return Product(kind="multipack", parts=tuple(parts), sheet=one.sheet, faces=one.faces)


def sleeved(draw: np.random.Generator) -> Product:
    """Cans in a printed sleeve of board, open left and right."""
    one = drinks_can(draw, steps=FEW)
    columns, rows = chosen(draw, LAYOUTS[2:])
    parts, width, depth = _grouped(draw, one, columns, rows)
    plain = Material(finish=chosen(draw, ("metal", "gloss plastic")), colour=pigment(draw))
    parts = [
        Part(name=part.name, mesh=part.mesh, material=plain if part.material.printed else part.material)
        for part in parts
    ]
    height = max(float(part.mesh.high[2]) for part in parts)
    wrap, sheet, faces = sleeve(width * draw.uniform(0.86, 1.0), depth + 0.0016, height + 0.0016)
    parts = [Part(name=part.name, mesh=part.mesh.moved((0, 0, 0.0008)), material=part.material) for part in parts]
    board: Finish = chosen(draw, ("coated board", "paper"))
    parts.append(Part(name="sleeve", mesh=wrap, material=Material(finish=board, printed=True)))
    return Product(kind="multipack", parts=tuple(parts), sheet=sheet, faces=faces)


def _places(pitch: float, columns: int, rows: int) -> list[tuple[float, float]]:
    return [
        ((c - (columns - 1) / 2) * pitch, (r - (rows - 1) / 2) * pitch) for c in range(columns) for r in range(rows)
    ]


def _grouped(draw: np.random.Generator, one: Product, columns: int, rows: int) -> tuple[list[Part], float, float]:
    """Copies side by side, each turned a little: a part for all copies of a part; width and depth of the group."""
    radius = max(float(part.mesh.high[0]) for part in one.parts)
    pitch = 2 * radius + 0.0004
    places = [(x, y, draw.uniform(-20, 20)) for x, y in _places(pitch, columns, rows)]
    parts = [
        Part(
            name=part.name,
            mesh=joined([turned(part.mesh, (0, 0, 1), turn).moved((x, y, 0)) for x, y, turn in places]),
            material=part.material,
        )
        for part in one.parts
    ]
    return parts, columns * pitch, rows * pitch


def _film(draw: np.random.Generator, width: float, depth: float, height: float, shoulder: float, radius: float) -> Mesh:
    """One web around everything, drawn in between the columns and over the necks."""
    outline = rounded_rectangle(width, depth, radius, arc=6, cuts=max(2, round(width / radius) * 3))
    drawn = 1 - 0.5 * radius / max(width, depth) if shoulder < height else 1 - 0.14 * radius / max(width, depth)
    rows = [(0.96, 0.0), (1.0, 0.004), *((1.0, share * shoulder) for share in (0.2, 0.4, 0.6, 0.8))]
    rows += [(1.0, shoulder - 0.008), (drawn, height - 0.001), (drawn - 0.02, height), (0.7, height), (0.35, height)]
    rings = np.stack([np.insert(outline * share, 2, level, axis=1) for share, level in rows])
    x, y, z = rings[..., 0], rings[..., 1], rings[..., 2]
    gap = (
        0.5 - 0.5 * np.cos(math.tau * x / (2 * radius))
        if round(width / (2 * radius)) % 2 == 0
        else 0.5 + 0.5 * np.cos(math.tau * x / (2 * radius))
    )
    slack = crumple(draw, x, y + z, wave=0.05, amount=0.0005)
    on_top = np.linspace(0, 1, len(rows))[:, None] > 0.7
    # hollows only where no product is: between columns in front and behind, and between tops
    hollow = np.where(np.abs(y) > depth / 2 - radius * 0.4, (1 - gap) * 0.12 * radius, 0.0)
    rings[..., 1] -= np.where(on_top, 0.0, np.sign(y) * (hollow + np.abs(slack) * (1 - gap)))
    rings[8:, :, 2] -= np.abs(slack[8:]) * 2
    ends = [np.broadcast_to([0.0, 0.0, level], rings[:1].shape) for level in (0.0, height - 0.0005)]
    return surface(np.concatenate([ends[0], rings, ends[1]]), around=True)
