"""Boxes with a lid over them: shoes, hats, gifts."""

from __future__ import annotations

import numpy as np

from deepetch.studio.mesh import Mesh
from deepetch.studio.product import Finish, Material, Part, Product
from deepetch.studio.products.chance import chosen
from deepetch.studio.shapes.box import Size, box, unfolded
from deepetch.studio.shapes.sheet import Rectangle, turned


def shoe_box(draw: np.random.Generator) -> Product:
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
