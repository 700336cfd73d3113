"""Carrier bags of paper: folded sides, an open mouth, handles one can see through."""

from __future__ import annotations

import numpy as np

from deepetch.studio.mesh import Mesh
from deepetch.studio.product import Finish, Material, Part, Product
from deepetch.studio.products.chance import chosen, crumple, pigment
from deepetch.studio.shapes.sheet import Points, Rectangle, surface
from deepetch.studio.shapes.sweep import circle, rounded_rectangle, smooth_path, sweep

PAPER = 0.0005  # metres thick


def bag(draw: np.random.Generator, *, flat: bool) -> Product:
    """A bag with flat or with twisted handles."""
    width = draw.uniform(0.16, 0.36)
    depth, height = width * draw.uniform(0.28, 0.48), width * draw.uniform(0.9, 1.45)
    mouth = draw.uniform(0.55, 1.0)  # its depth, of the bottom's
    mesh, sheet, faces = _body(draw, width, depth, height, mouth)
    finish: Finish = chosen(draw, ("paper", "paper", "coated board"))
    parts = [Part(name="bag", mesh=mesh, material=Material(finish=finish, printed=True))]
    reach, rise = width * draw.uniform(0.17, 0.25), width * draw.uniform(0.22, 0.4)
    colour = pigment(draw) if draw.uniform() < 0.6 else (0.72, 0.58, 0.42)
    material = Material(finish="paper" if flat else "cloth", colour=colour)
    lean = draw.uniform(0.0, 0.15)
    for side in (-1, 1):
        y = side * (depth / 2 * mouth - 0.0018)
        spread = 0.0 if flat else 0.12
        knots = [
            (-reach, y, height - 0.03),
            (-reach, y, height),
            (-reach * (0.92 - spread), y * (1 - lean), height + rise * 0.7),
        ]
        knots += [(-reach * 0.45, y * (1 - 1.6 * lean), height + rise * 0.97)]
        knots += [(-x, y_, z) for x, y_, z in knots[::-1]]
        section = rounded_rectangle(0.011, 0.0012, 0.0004, arc=2) if flat else circle(draw.uniform(0.0016, 0.0028), 10)
        # head to negative y: a flat strip shows its broad side to the viewer
        handle = sweep(smooth_path(np.array(knots)), section, up=(0.0, -1.0, 0.0))
        parts.append(Part(name="handle", mesh=handle, material=material))
    return Product(kind="bag", parts=tuple(parts), sheet=sheet, faces=faces)


def _body(
    draw: np.random.Generator, width: float, depth: float, height: float, mouth: float
) -> tuple[Mesh, tuple[float, float], tuple[Rectangle, ...]]:
    """Outer side, rim, inner side, each closed below: a wall all around. With its sheet and faces."""
    outline = rounded_rectangle(width, depth, 0.0012, arc=2, cuts=14)
    inner = outline * (1 - 2 * PAPER / np.array([width, depth]))
    levels = np.concatenate([[0.0], np.linspace(0.001, height, 18)])
    fold = draw.uniform(0.0, 0.3) if mouth < 0.95 else 0.0
    dents = [draw.uniform(-0.5, 0.5) for _ in range(2)]
    level, x = levels[:, None], outline[:, 0]
    uneven = crumple(draw, x + np.sign(outline[:, 1]), level, wave=width * 0.5, amount=0.0007)
    on_side = np.abs(x) > width / 2 - 0.0016
    uneven = np.where(on_side, 0.0, uneven) * np.sin(np.pi * np.minimum(level / height, 0.98))

    def ring(line: Points, row: int) -> Points:
        share = levels[row] / height
        x, y = line.T
        y = y * (1 - (1 - mouth) * share)
        # side walls crease inwards along their middle, more towards the mouth
        crease = (1 - np.abs(2 * line[:, 1] / depth)) * fold * depth * share**1.5
        x = x - np.sign(x) * np.where(on_side, crease, 0.0)
        middle = np.clip(1 - (2 * line[:, 0] / width) ** 2, 0, 1)
        soft = np.where(on_side, 0.0, np.sign(y) * middle * np.sin(np.pi * share) * 0.02 * depth)
        soft = soft * np.where(y < 0, 1 + dents[0], 1 + dents[1])
        return np.stack([x, y + soft + uneven[row], np.full(len(x), levels[row])], axis=1)

    last = len(levels) - 1
    rows = [ring(outline, row) for row in range(last + 1)] + [ring(inner, row) for row in range(last, 1, -1)]
    floor = ring(inner, 1)
    floor[:, 2] = 0.002
    rows.append(floor)
    ring_line = np.concatenate([outline, outline[:1]])
    way = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(ring_line, axis=0), axis=1))])
    up = np.concatenate([levels, np.full(len(rows) - len(levels), height)]) / height
    uv = np.stack(np.broadcast_arrays((way / way[-1])[None], up[:, None]), axis=-1)
    mesh = surface(np.stack(rows), uv=uv, around=True, capped=True)
    total = 2 * (width + depth)
    edges = np.cumsum([depth, width, depth, width]) / total
    broad = ((float(edges[0]), 0.0, float(edges[1]), 1.0), (float(edges[2]), 0.0, 1.0, 1.0))
    narrow = ((0.0, 0.0, float(edges[0]), 1.0), (float(edges[1]), 0.0, float(edges[2]), 1.0))
    return mesh, (float(way[-1]), height), broad + narrow
