"""Boxes for shoes, hats, gifts: with a lid over them, or with one that is hinged behind."""

from __future__ import annotations

import math

import numpy as np

from deepetch.studio.mesh import Mesh
from deepetch.studio.product import Finish, Material, Part, Product
from deepetch.studio.products.chance import chosen, pigment
from deepetch.studio.products.labels import HAIR
from deepetch.studio.shapes.box import Size, box, unfolded
from deepetch.studio.shapes.sheet import Rectangle, on_sheet, surface, turned
from deepetch.studio.shapes.sweep import rounded_rectangle

BOARD = 0.0015  # metres thick


def lidded_box(draw: np.random.Generator) -> Product:
    """A box under a lid that is lifted off."""
    width = draw.uniform(0.14, 0.36)
    size = (width, width * draw.uniform(0.5, 1.0), width * draw.uniform(0.28, 0.45))
    lid_height = size[2] * draw.uniform(0.2, 0.5)
    gap = draw.uniform(0.0008, 0.002)
    board: Finish = chosen(draw, ("coated board", "paper", "matt plastic"))
    material = Material(finish=board, printed=True)
    inner = (size[0] - 2 * gap, size[1] - 2 * gap, size[2] - 0.001)
    lid = box((size[0], size[1], lid_height), radius=draw.uniform(0.0006, 0.0016), cuts=6)
    sheet, walls = unfolded(size)
    top = size[2] - lid_height
    lid_at = _stretched(lid, (size[0], size[1], lid_height), size, top)
    base = _stretched(box(inner, radius=0.0008, bulge=0.0, cuts=6), inner, size, 0.0)
    turn = draw.uniform(-0.5, 0.5)
    parts = (
        Part(name="box", mesh=base, material=material),
        Part(name="lid", mesh=turned(lid_at, (0, 0, 1), turn).moved((0, 0, top)), material=material),
    )
    share = top / size[2]
    faces = tuple(_lower(walls[wall], share) for wall in ("front", "back", "left", "right"))
    return Product(kind="shoe-box", parts=parts, sheet=sheet, faces=(*faces, walls["top"]))


def hinged_box(draw: np.random.Generator) -> Product:
    """A box whose lid hangs on its back, with a flap to tuck in; shut or open."""
    width = draw.uniform(0.14, 0.32)
    depth, height = width * draw.uniform(0.55, 0.85), width * draw.uniform(0.28, 0.45)
    flap = min(height * draw.uniform(0.3, 0.6), 0.4 * depth)
    # a flap swings clear of the front from here on; what is less open than that is shut
    opening = draw.uniform(math.degrees(math.atan2(flap, depth)) + 3, 75) if draw.uniform() < 0.6 else 0.0
    finish: Finish = chosen(draw, ("coated board", "paper", "matt plastic"))
    plain = Material(finish=finish, colour=chosen(draw, ((0.94, 0.94, 0.92), (0.72, 0.58, 0.42), pigment(draw))))
    printed = Material(finish=finish, printed=True)
    sheet, walls = unfolded((width, depth, height))

    def raised(mesh: Mesh) -> Mesh:
        """From lying before the x axis to hanging on the box's back."""
        return turned(mesh, (1, 0, 0), -opening).moved((0, depth / 2, height + 0.0003))

    lid = box((width, depth, BOARD), radius=0.0005).moved((0, -depth / 2, 0))
    tongue = box((width - 0.012, BOARD, flap), radius=0.0005).moved((0, BOARD * 2 - depth, -flap))
    x, y = np.meshgrid((-width / 2, width / 2), (-depth, 0.0))
    uv = np.stack([x / width + 0.5, y / depth + 1], axis=-1)
    cover = on_sheet(surface(np.stack([x, y, np.full_like(x, BOARD + HAIR)], axis=-1), uv=uv), walls["top"])
    parts = (
        Part(name="box", mesh=_open_box(width, depth, height), material=plain),
        Part(name="print", mesh=_wrap(width, depth, height, sheet), material=printed),
        Part(name="lid", mesh=raised(lid), material=plain),
        Part(name="flap", mesh=raised(tongue), material=plain),
        Part(name="print", mesh=raised(cover), material=printed),
    )
    faces = tuple(walls[wall] for wall in ("front", "back", "left", "right", "top"))
    return Product(kind="shoe-box", parts=parts, sheet=sheet, faces=faces)


def _open_box(width: float, depth: float, height: float) -> Mesh:
    """Walls and floor of board, open above."""
    outline = rounded_rectangle(width, depth, 0.0012, arc=2, cuts=2)
    inner = outline * (1 - 2 * BOARD / np.array([width, depth]))
    rings = ((outline, 0.0), (outline, height), (inner, height), (inner, BOARD))
    return surface(np.stack([np.insert(line, 2, level, axis=1) for line, level in rings]), around=True, capped=True)


def _wrap(width: float, depth: float, height: float, sheet: tuple[float, float]) -> Mesh:
    """What is printed around a box, a hair outside it: left, front, right and back of `unfolded`."""
    outline = rounded_rectangle(width + 2 * HAIR, depth + 2 * HAIR, 0.0012, arc=2, cuts=6)
    closed = np.concatenate([outline, outline[:1]])
    way = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(closed, axis=0), axis=1))])
    levels = np.linspace(0.0, height, 4)
    rings = np.stack([np.insert(outline, 2, level, axis=1) for level in levels])
    rise = (depth + levels[:, None]) / sheet[1]
    return surface(rings, uv=np.stack(np.broadcast_arrays(way[None] / way[-1], rise), axis=-1), around=True)


def _stretched(mesh: Mesh, own: Size, whole: Size, foot: float) -> Mesh:
    """Print a box of size `own` whose foot is at a height with its part of the sheet of the whole box."""
    (_, tall), (_, own_tall) = unfolded(whole)[0], unfolded(own)[0]
    own_depth, depth = own[1], whole[1]
    v = mesh.uv[..., 1] * own_tall
    share = np.interp(
        v,
        [0.0, own_depth, own_depth + own[2], own_tall],
        [depth + foot if foot else 0.0, depth + foot, depth + foot + own[2], tall if foot else depth + foot + own[2]],
    )
    uv = np.stack([mesh.uv[..., 0], share / tall], axis=-1).astype(np.float32)
    return Mesh(vertices=mesh.vertices, faces=mesh.faces, uv=uv, smooth=mesh.smooth)


def _lower(wall: Rectangle, share: float) -> Rectangle:
    left, bottom, right, top = wall
    return left, bottom, right, bottom + share * (top - bottom)
