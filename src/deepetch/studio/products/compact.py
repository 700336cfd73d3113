"""Compacts for powder: closed and stood on edge, their printed lid in front, or open with pan and mirror."""

from __future__ import annotations

import numpy as np

from deepetch.studio.mesh import Mesh
from deepetch.studio.product import Finish, Material, Part, Product
from deepetch.studio.products.chance import chosen, metal_tint, pigment
from deepetch.studio.shapes.lathe import Corner, filleted, lathe
from deepetch.studio.shapes.sheet import turned


def closed_compact(draw: np.random.Generator) -> Product:
    """Stood on its edge, the printed lid in front."""
    return _closed(draw, *_case(draw))


def open_compact(draw: np.random.Generator) -> Product:
    """Lying open: pan below, mirror behind."""
    return _open(draw, *_case(draw))


def _case(draw: np.random.Generator) -> tuple[float, tuple[float, float], float, float, Material]:
    """Radius, heights of base and lid, how square and how flat, and the material."""
    radius = draw.uniform(0.022, 0.042)
    base, lid = draw.uniform(0.006, 0.011), draw.uniform(0.004, 0.008)
    square = draw.uniform(0.4, 0.85) if draw.uniform() < 0.4 else 0.0
    flat = draw.uniform(0.6, 1.0) if square else 1.0
    metal = draw.uniform() < 0.4
    finish: Finish = "metal" if metal else chosen(draw, ("gloss plastic", "matt plastic"))
    case = Material(finish=finish, colour=metal_tint(draw) if metal else pigment(draw))
    return radius, (base, lid), square, flat, case


def _closed(
    draw: np.random.Generator, radius: float, heights: tuple[float, float], square: float, flat: float, case: Material
) -> Product:
    base, lid = heights
    edge = draw.uniform(0.001, 0.003)

    def stood(mesh: Mesh, above: float) -> Mesh:
        """From lying to standing on its edge, the lid to negative y."""
        return turned(mesh.moved((0, 0, above - (base + lid) / 2)), (1, 0, 0), 90).moved((0, 0, radius * flat))

    lower = lathe(filleted(_slab(radius, base, edge, 0.0005)), square=square, flat=flat)
    upper = lathe(filleted(_slab(radius, lid, 0.0005, edge)), square=square, flat=flat)
    inset = radius - edge - 0.0005
    disc = lathe(np.array([[inset * share, 0.0] for share in (1.0, 0.9, 0.6, 0.3, 0.0)]), square=square, flat=flat)
    plane = disc.vertices[:, :2] / (2 * inset, 2 * inset * flat) + 0.5
    uv = np.clip(plane[disc.faces], 0, 1).astype(np.float32)
    disc = Mesh(vertices=disc.vertices, faces=disc.faces, uv=uv, smooth=False)
    rough = draw.uniform(-0.05, 0.1)
    parts = (
        Part(name="base", mesh=stood(lower, 0.0), material=case),
        Part(name="lid", mesh=stood(upper, base + 0.0003), material=case),
        Part(
            name="print",
            mesh=stood(disc, base + lid + 0.00042),
            material=Material(finish=case.finish, printed=True, rough=rough),
        ),
    )
    # the largest upright rectangle that a circle holds, or a square with round corners
    margin = 0.147 * (1 - square)
    face = (margin, margin, 1 - margin, 1 - margin)
    return Product(kind="compact", parts=parts, sheet=(2 * inset, 2 * inset * flat), faces=(face,))


def _open(
    draw: np.random.Generator, radius: float, heights: tuple[float, float], square: float, flat: float, case: Material
) -> Product:
    base, lid = heights
    wall = draw.uniform(0.0025, 0.005)
    rim = radius - wall
    dish = [(0.0, 0.0, 0.0), (radius, 0.0, 0.002), (radius, base, 0.0006), (rim, base, 0.0006)]
    dish += [(rim - 0.0004, base - 0.003, 0.0004), (0.0, base - 0.003, 0.0)]
    powder = [(0.0, 0.0, 0.0), (rim - 0.001, 0.0, 0.0), (rim - 0.001, 0.0018, 0.0008), (0.0, 0.0024, 0.0)]
    cover = [(0.0, 0.0, 0.0), (radius, 0.0, 0.002), (radius, lid, 0.0006), (rim, lid, 0.0006)]
    cover += [(rim - 0.0004, lid - 0.0015, 0.0004), (0.0, lid - 0.0015, 0.0)]
    glass = [
        (0.0, lid - 0.0018, 0.0),
        (rim - 0.001, lid - 0.0018, 0.0),
        (rim - 0.001, lid - 0.0011, 0.0002),
        (0.0, lid - 0.0011, 0.0),
    ]
    tilt = draw.uniform(98, 125)
    hinge = radius * flat

    def opened(line: list[Corner]) -> Mesh:
        """The lid lies on its back behind the base, inner side up, then is raised about the hinge."""
        mesh = lathe(filleted(line), square=square, flat=flat)
        return turned(mesh.moved((0, hinge, -lid)), (1, 0, 0), 180 - tilt).moved((0, hinge, base))

    skin = (draw.uniform(0.75, 0.95), draw.uniform(0.5, 0.75), draw.uniform(0.4, 0.65))
    parts = [
        Part(name="base", mesh=lathe(filleted(dish), square=square, flat=flat), material=case),
        Part(
            name="powder",
            mesh=lathe(filleted(powder), square=square, flat=flat).moved((0, 0, base - 0.0031)),
            material=Material(finish="paper", colour=chosen(draw, (skin, pigment(draw)))),
        ),
        Part(name="lid", mesh=opened(cover), material=case),
        Part(
            name="mirror", mesh=opened(glass), material=Material(finish="metal", colour=(0.95, 0.95, 0.95), rough=-0.2)
        ),
    ]
    pin = filleted(
        [
            (0.0, -radius * 0.3, 0.0),
            (0.0022, -radius * 0.3, 0.0004),
            (0.0022, radius * 0.3, 0.0004),
            (0.0, radius * 0.3, 0.0),
        ]
    )
    bar = turned(lathe(pin, steps=20), (0, 1, 0), 90).moved((0, hinge, base))
    parts.append(Part(name="hinge", mesh=bar, material=Material(finish="metal", colour=(0.8, 0.8, 0.8))))
    middle = (min(float(p.mesh.low[1]) for p in parts) + max(float(p.mesh.high[1]) for p in parts)) / 2
    return Product(
        kind="compact",
        parts=tuple(Part(name=p.name, mesh=p.mesh.moved((0, -middle, 0)), material=p.material) for p in parts),
    )


def _slab(radius: float, height: float, below: float, above: float) -> list[Corner]:
    return [(0.0, 0.0, 0.0), (radius, 0.0, below), (radius, height, above), (0.0, height, 0.0)]
