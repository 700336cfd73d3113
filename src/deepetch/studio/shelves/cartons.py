"""Cartons, dry and for drinks."""

from __future__ import annotations

import math

import numpy as np

from deepetch.studio.product import Finish, Material, Part
from deepetch.studio.products.chance import chosen, pigment
from deepetch.studio.shapes.box import box, unfolded
from deepetch.studio.shapes.sheet import surface, turned
from deepetch.studio.shapes.sweep import rounded_rectangle
from deepetch.studio.shelves.pieces import turning
from deepetch.studio.shelves.ware import Ware


def carton(draw: np.random.Generator) -> Ware:
    """A box of board; low ones stack."""
    width = draw.uniform(0.07, 0.19)
    size = (width, min(width * draw.uniform(0.3, 0.7), 0.1), float(np.clip(width * draw.uniform(0.6, 1.9), 0.06, 0.29)))
    return _boxed(size, "coated board", stacks=size[2] < 0.14)


def brick(draw: np.random.Generator) -> Ware:
    """A carton for drinks with a flat top and a cap."""
    width = draw.uniform(0.06, 0.095)
    size = (width, width * draw.uniform(0.65, 1.0), width * draw.uniform(1.7, 2.7))
    size = (size[0], size[1], min(size[2], 0.235))
    ware = _boxed(size, "coated board", stacks=False)
    if draw.random() < 0.3:
        return ware
    cap = turning([(0.0, 0.0, 0.0), (0.016, 0.0, 0.0), (0.016, 0.014, 0.002), (0.0, 0.014, 0.0)], steps=16)
    plastic = Material(finish="matt plastic", colour=pigment(draw))
    lid = Part(name="cap", mesh=cap.moved((0, -size[1] * 0.2, size[2])), material=plastic)
    return Ware(size=(*size[:2], size[2] + 0.014), print=ware.print, sheet=ware.sheet, faces=ware.faces, rest=(lid,))


def _boxed(size: tuple[float, float, float], finish: Finish, *, stacks: bool) -> Ware:
    sheet, walls = unfolded(size)
    shell = box(size, radius=0.0015, segments=1)
    return Ware(
        size=size,
        print=Part(name="carton", mesh=shell, material=Material(finish=finish, printed=True)),
        sheet=sheet,
        faces=tuple(walls.values()),
        stacks=stacks,
    )


def gable_top(draw: np.random.Generator) -> Ware:
    """A carton for milk or juice with a roof and a fin, mostly with a cap."""
    side = chosen(draw, (0.07, 0.07, 0.095, 0.06)) * draw.uniform(0.96, 1.04)
    body = min(side * draw.uniform(1.5, 2.7), 0.19)
    slope, fin = math.radians(draw.uniform(40, 52)), 0.016
    rise = side / 2 * math.tan(slope)
    outline = rounded_rectangle(side, side, 0.003, arc=1, cuts=2)
    x, y = outline.T
    lengths, rings = [], []
    for share, above in ((-1.0, 0.0), (0.0, 0.0), (0.5, 0.0), (1.0, 0.0), (1.0, fin)):
        shut = max(share, 0.0)
        folded = np.where(np.abs(x) > side / 2 - 1e-6, (1 - (2 * y / side) ** 2) * shut * side * 0.36, 0.0)
        z = 0.0 if share < 0 else body + rise * share + above
        rings.append(np.stack([x - np.sign(x) * folded, y * (1 - shut * 0.975), np.full(len(x), z)], axis=1))
        lengths.append(0.0 if share < 0 else body + math.hypot(rise, side / 2) * share + above)
    round_ = np.concatenate([outline, outline[:1]])
    way = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(round_, axis=0), axis=1))])
    uv = np.stack(np.broadcast_arrays((way / way[-1])[None], np.array(lengths)[:, None] / lengths[-1]), axis=-1)
    mesh = surface(np.stack(rings), uv=uv, around=True, capped=True, smooth=False)
    rest: tuple[Part, ...] = ()
    if draw.random() < 0.75:
        radius = side * 0.21
        cap = turning([(0.0, -0.001, 0.0), (radius, -0.001, 0.0), (radius, 0.012, 0.002), (0.0, 0.012, 0.0)], steps=16)
        cap = turned(cap, (1, 0, 0), math.degrees(slope)).moved((0, -side / 4, body + rise / 2))
        colour = (0.93, 0.93, 0.92) if draw.random() < 0.6 else pigment(draw)
        rest = (Part(name="cap", mesh=cap, material=Material(finish="matt plastic", colour=colour)),)
    return Ware(
        size=(side, side, body + rise + fin),
        print=Part(name="gable top", mesh=mesh, material=Material(finish="coated board", printed=True)),
        sheet=(float(way[-1]), lengths[-1]),
        faces=tuple((k / 4, 0.0, (k + 1) / 4, body / lengths[-1]) for k in (1, 3, 0, 2)),
        rest=rest,
    )
