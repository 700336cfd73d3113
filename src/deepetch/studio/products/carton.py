"""Folding cartons: tucked boxes, boxes with a tab to hang them by, six-sided ones, and gable tops for drinks."""

from __future__ import annotations

import math

import numpy as np

from deepetch.studio.mesh import Mesh
from deepetch.studio.product import Finish, Material, Part, Product
from deepetch.studio.products.chance import chosen, pigment
from deepetch.studio.products.closures import screw_cap
from deepetch.studio.shapes.box import box, unfolded
from deepetch.studio.shapes.lathe import filleted, lathe
from deepetch.studio.shapes.sheet import Rectangle, holed_plate, on_sheet, surface, turned
from deepetch.studio.shapes.sweep import rounded_rectangle

BOARD: tuple[Finish, ...] = ("coated board", "coated board", "paper")


def tucked_box(draw: np.random.Generator) -> Product:
    """A box whose lid is tucked in: a flap a hair above the top, hinged behind."""
    size = _box_size(draw)
    board = Material(finish=chosen(draw, BOARD), printed=True)
    parts = _body_and_flap(draw, size, board)
    sheet, walls = unfolded(size)
    return Product(kind="carton", parts=tuple(parts), sheet=sheet, faces=tuple(walls.values()))


def hanging_box(draw: np.random.Generator) -> Product:
    """A box whose back reaches up into a tab with a hole."""
    size = (draw.uniform(0.05, 0.11), draw.uniform(0.015, 0.035), draw.uniform(0.07, 0.16))
    board = Material(finish=chosen(draw, BOARD), printed=True)
    parts = _body_and_flap(draw, size, board)
    sheet, walls = unfolded(size)
    rise = draw.uniform(0.022, 0.032)
    width = size[0] * draw.uniform(0.6, 0.98)
    # its foot is glued to the inner side of the back
    outline = rounded_rectangle(width, rise + 0.004, 0.006, arc=5, cuts=6) + np.array([0.0, (rise - 0.004) / 2])
    hole = (0.0, rise * 0.55, draw.uniform(0.003, 0.012), 0.0032)
    tab = holed_plate(outline, hole=hole, thickness=0.0006, power=chosen(draw, (2.0, 4.0)))
    place = _part_of(walls["top"], 0.5 - width / size[0] / 2, 0.0, 0.5 + width / size[0] / 2, 1.0)
    parts.append(Part(name="tab", mesh=on_sheet(tab, place).moved((0, size[1] / 2 - 0.0012, size[2])), material=board))
    return Product(kind="carton", parts=tuple(parts), sheet=sheet, faces=tuple(walls.values()))


def six_sided_box(draw: np.random.Generator) -> Product:
    """A prism on a hexagon under a lid of another colour."""
    radius, height = draw.uniform(0.03, 0.065), draw.uniform(0.05, 0.19)
    lid, thick = height * draw.uniform(0.15, 0.4), draw.uniform(0.0008, 0.0015)
    board: Finish = chosen(draw, BOARD)
    foot = 0.0008
    profile = np.array([(0.0, 0.0), (radius - foot, 0.0), (radius, foot), (radius, height), (0.0, height)])
    rim = np.array([(0.0, 0.0), (radius + thick, 0.0), (radius + thick, lid - foot), (radius, lid), (0.0, lid)])
    # half of a sixth of a turn, so that a side and no corner is in front
    base, cover = (turned(lathe(line, steps=6, smooth=False), (0, 0, 1), 30) for line in (profile, rim))
    length = float(np.linalg.norm(np.diff(profile, axis=0), axis=1).sum())
    below, above = radius / length, (radius + height - lid) / length
    faces = tuple((k / 6, below, (k + 1) / 6, above) for k in (2, 1, 3, 0, 4, 5))
    parts = (
        Part(name="carton", mesh=base, material=Material(finish=board, printed=True)),
        Part(
            name="lid",
            mesh=cover.moved((0, 0, height - lid + thick)),
            material=Material(finish=board, colour=pigment(draw)),
        ),
    )
    return Product(kind="carton", parts=parts, sheet=(6 * radius, length), faces=faces)


def gable_top(draw: np.random.Generator) -> Product:
    """A carton for milk or juice: sloping roof, sealed fin, sides folded in, often a cap on the slope."""
    side = chosen(draw, (0.07, 0.057, 0.085)) * draw.uniform(0.95, 1.05)
    body = side * draw.uniform(1.4, 2.9)
    slope = math.radians(draw.uniform(42, 54))
    roof = side / 2 * math.tan(slope)
    fin = draw.uniform(0.013, 0.02)
    mesh, sheet = _gabled(side, body, roof, fin)
    board = Material(finish="coated board", printed=True)
    parts = [Part(name="carton", mesh=mesh, material=board)]
    if draw.uniform() < 0.7:
        radius = side * draw.uniform(0.19, 0.25)
        flange = lathe(
            filleted([(0, -0.0005, 0), (radius * 1.25, -0.0005, 0), (radius * 1.25, 0.0014, 0.0006), (0, 0.0016, 0)])
        )
        cap = screw_cap(radius, draw.uniform(0.009, 0.015), ribs=chosen(draw, (36, 48)), band=0.002).moved(
            (0, 0, 0.0016)
        )
        plastic = Material(finish="matt plastic", colour=pigment(draw))
        for name, piece in (("flange", flange), ("cap", cap)):
            tilted = turned(piece, (1, 0, 0), math.degrees(math.atan2(roof, side / 2)))
            parts.append(Part(name=name, mesh=tilted.moved((0, -side / 4, body + roof / 2 + 0.0002)), material=plastic))
    top = body / sheet[1]
    faces = tuple((k / 4, 0.0, (k + 1) / 4, top) for k in (1, 3, 0, 2))
    return Product(kind="carton", parts=tuple(parts), sheet=sheet, faces=faces)


def _box_size(draw: np.random.Generator) -> tuple[float, float, float]:
    form = draw.uniform()
    if form < 0.3:  # upright: medicine, perfume, cereal
        width = draw.uniform(0.04, 0.2)
        return width, width * draw.uniform(0.25, 0.6), width * draw.uniform(1.3, 2.2)
    if form < 0.55:  # slim: tubes, lamps, toothpaste on end
        width = draw.uniform(0.03, 0.06)
        return width, width * draw.uniform(0.7, 1.0), width * draw.uniform(2.5, 4.5)
    if form < 0.8:  # wide and low
        width = draw.uniform(0.09, 0.24)
        return width, width * draw.uniform(0.25, 0.7), width * draw.uniform(0.25, 0.6)
    width = draw.uniform(0.06, 0.15)
    return width, width * draw.uniform(0.9, 1.0), width * draw.uniform(0.9, 1.1)


def _body_and_flap(draw: np.random.Generator, size: tuple[float, float, float], board: Material) -> list[Part]:
    width, depth, height = size
    shell = box(size, radius=draw.uniform(0.0004, 0.0014), bulge=draw.uniform(0.0, 0.004) * min(width, height), cuts=8)
    _, walls = unfolded(size)
    gap = draw.uniform(0.0003, 0.0008)
    outline = rounded_rectangle(width - 2 * gap, depth - gap, 0.002, arc=4) + np.array([0.0, gap / 2])
    rings = np.stack([np.insert(outline, 2, level, axis=1) for level in (-0.0006, 0.0)])
    uv = (outline / (width, depth) + 0.5)[None].repeat(2, axis=0)
    uv = np.concatenate([uv, uv[:, :1]], axis=1)
    flap = on_sheet(surface(rings, uv=np.clip(uv, 0, 1), around=True, capped=True, smooth=False), walls["top"])
    lift = draw.uniform(0.0, 1.2) if draw.uniform() < 0.5 else 0.0
    flap = turned(flap.moved((0, -depth / 2, 0)), (1, 0, 0), -lift).moved((0, depth / 2, height + 0.0003))
    return [Part(name="carton", mesh=shell, material=board), Part(name="flap", mesh=flap, material=board)]


def _gabled(side: float, body: float, roof: float, fin: float) -> tuple[Mesh, tuple[float, float]]:
    """The carton and its sheet: left, front, right and back side by side, each as high as from the foot to the fin."""
    outline = rounded_rectangle(side, side, 0.0022, arc=3, cuts=8)
    slope = math.hypot(roof, side / 2)
    length = body + slope + fin
    steps = np.concatenate([np.linspace(0, 1, 9), [1.02, 2.0]])
    heights = [0.0, 0.0012, body * 0.5]
    seal = 0.0011
    rings, ups = [], []
    for height in heights:
        inset = 1 - 0.0012 / side * (height == 0.0)
        rings.append(np.insert(outline * inset, 2, height, axis=1))
        ups.append(height)
    for step in steps:
        share = min(step, 1.0)
        tall = body + roof * share + fin * max(step - 1, 0)
        along = body + slope * share + fin * max(step - 1, 0)
        x, y = outline.T
        closing = seal + (side / 2 - seal) * (1 - share)
        narrow = y / (side / 2) * closing
        # the middle of each side wall is folded in, the edges to front and back stay
        fold = np.where(np.abs(x) > side / 2 - 0.0023, (1 - (y / (side / 2)) ** 2) * share * side * 0.36, 0.0)
        rings.append(np.stack([x - np.sign(x) * fold, narrow, np.full(len(x), tall)], axis=1))
        ups.append(along)
    ring = np.concatenate([outline, outline[:1]])
    way = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(ring, axis=0), axis=1))])
    uv = np.stack(np.broadcast_arrays((way / way[-1])[None], np.array(ups)[:, None] / length), axis=-1)
    return surface(np.stack(rings), uv=uv, around=True, capped=True), (float(way[-1]), length)


def _part_of(rectangle: Rectangle, left: float, bottom: float, right: float, top: float) -> Rectangle:
    x, y, high_x, high_y = rectangle
    width, height = high_x - x, high_y - y
    return x + left * width, y + bottom * height, x + right * width, y + top * height
