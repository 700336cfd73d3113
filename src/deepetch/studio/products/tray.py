"""Trays of food under film: lying, with a printed sleeve around, or stood up with a label on the film."""

from __future__ import annotations

import math

import numpy as np

from deepetch.studio.mesh import Mesh
from deepetch.studio.product import Finish, Material, Part, Product
from deepetch.studio.products.chance import chosen, crumple, pigment
from deepetch.studio.products.sleeve import sleeve
from deepetch.studio.shapes.lathe import filleted, lathe
from deepetch.studio.shapes.sheet import Points, surface, turned

FOODS = (
    (0.72, 0.2, 0.16),
    (0.85, 0.62, 0.35),
    (0.45, 0.6, 0.2),
    (0.85, 0.3, 0.1),
    (0.55, 0.3, 0.16),
    (0.93, 0.83, 0.6),
    (0.8, 0.12, 0.12),
)


def sleeved_tray(draw: np.random.Generator) -> Product:
    """Lying, a printed sleeve around it."""
    width, depth, height = _size(draw)
    parts = _filled(draw, width, depth, height)
    wrap, sheet, faces = sleeve(width * draw.uniform(0.35, 0.9), depth + 0.0045, height + 0.004)
    board: Finish = chosen(draw, ("coated board", "paper"))
    parts = [Part(name=part.name, mesh=part.mesh.moved((0, 0, 0.0012)), material=part.material) for part in parts]
    parts.append(Part(name="sleeve", mesh=wrap, material=Material(finish=board, printed=True)))
    return Product(kind="tray", parts=tuple(parts), sheet=sheet, faces=faces)


def stickered_tray(draw: np.random.Generator) -> Product:
    """Stood up, a label on its film."""
    width, depth, height = _size(draw)
    parts = _filled(draw, width, depth, height)
    sticker, sheet = _sticker(draw, width, depth, height)
    parts.append(
        Part(
            name="label",
            mesh=sticker,
            material=Material(finish=chosen(draw, ("paper", "coated board", "gloss plastic")), printed=True),
        )
    )
    stood = [turned(part.mesh.moved((0, 0, -height / 2)), (1, 0, 0), 90) for part in parts]
    low = min(float(mesh.low[2]) for mesh in stood)
    parts = [
        Part(name=part.name, mesh=mesh.moved((0, 0, -low)), material=part.material)
        for part, mesh in zip(parts, stood, strict=True)
    ]
    return Product(kind="tray", parts=tuple(parts), sheet=sheet, faces=((0.0, 0.0, 1.0, 1.0),))


def _size(draw: np.random.Generator) -> tuple[float, float, float]:
    width = draw.uniform(0.12, 0.23)
    return width, width * draw.uniform(0.6, 0.85), draw.uniform(0.022, 0.05)


def _filled(draw: np.random.Generator, width: float, depth: float, height: float) -> list[Part]:
    """A tray, food in it, film over both."""
    square = draw.uniform(0.72, 0.86)
    colour = chosen(draw, ((0.05, 0.05, 0.05), (0.95, 0.95, 0.95), (0.78, 0.65, 0.48), pigment(draw)))
    finish: Finish = "paper" if colour == (0.78, 0.65, 0.48) else chosen(draw, ("matt plastic", "gloss plastic"))
    parts = [
        Part(
            name="tray",
            mesh=_shell(draw, width, depth, height, square),
            material=Material(finish=finish, colour=colour),
        )
    ]
    parts += _lumps(draw, width, depth, height)
    parts.append(
        Part(
            name="film",
            mesh=_film(width, depth, height, square),
            material=Material(finish="film", colour=(0.97, 0.98, 1.0)),
        )
    )
    return parts


def _shell(draw: np.random.Generator, width: float, depth: float, height: float, square: float) -> Mesh:
    """A rounded rectangle with sloping walls and a rim."""
    wall, rim = 0.0012, draw.uniform(0.004, 0.009)
    half, foot = width / 2 - rim, (width / 2 - rim) * 0.88
    corners = [(0.0, 0.0, 0.0), (foot, 0.0, 0.004), (half, height - wall, 0.002), (half + rim, height - wall, 0.0003)]
    corners += [
        (half + rim, height, 0.0003),
        (half - wall, height, 0.0015),
        (foot - wall, wall, 0.004),
        (0.0, wall, 0.0),
    ]
    return lathe(filleted(corners), steps=96, square=square, flat=depth / width)


def _lumps(draw: np.random.Generator, width: float, depth: float, height: float) -> list[Part]:
    """Uneven balls on a grid, of one or two sorts, that fill the tray to just below the film."""
    size = draw.uniform(0.8, 1.15) * height
    across, along = max(2, round(width * 0.8 / size)), max(2, round(depth * 0.8 / size))
    colours = [chosen(draw, FOODS) for _ in range(chosen(draw, (1, 2)))]
    finish: Finish = chosen(draw, ("matt plastic", "gloss plastic", "paper"))
    parts = []
    for k in range(across):
        for j in range(along):
            reach = np.array([width * 0.76 / across, depth * 0.76 / along, height * 0.9]) / 2
            reach *= (draw.uniform(0.9, 1.1), draw.uniform(0.9, 1.1), draw.uniform(0.8, 1.0))
            middle = (
                (k - (across - 1) / 2) * width * 0.78 / across,
                (j - (along - 1) / 2) * depth * 0.78 / along,
                0.0018 + reach[2],
            )
            lump = turned(_lump(draw, reach), (0, 0, 1), draw.uniform(-12, 12)).moved(middle)
            shade = np.clip(np.array(chosen(draw, colours)) * draw.uniform(0.85, 1.12), 0, 1)
            parts.append(
                Part(
                    name="food",
                    mesh=lump,
                    material=Material(finish=finish, colour=(float(shade[0]), float(shade[1]), float(shade[2]))),
                )
            )
    return parts


def _lump(draw: np.random.Generator, reach: Points) -> Mesh:
    """A ball with bumps around the origin, no larger than `reach` along each axis."""
    polar, turn = np.linspace(-math.pi / 2, math.pi / 2, 13), np.linspace(0, math.tau, 20, endpoint=False)
    x = np.cos(polar)[:, None] * np.sin(turn)
    y = -np.cos(polar)[:, None] * np.cos(turn)
    z = np.broadcast_to(np.sin(polar)[:, None], x.shape)
    bumps = crumple(draw, x + 0.7 * z, y - 0.4 * z, wave=1.6, amount=0.05)
    radius = 1 / (np.abs(x) ** 2.6 + np.abs(y) ** 2.6 + np.abs(z) ** 2.6) ** (1 / 2.6) * (1 + bumps)
    radius[[0, -1]] = radius[[0, -1], :1]
    points = np.stack([x, y, z], axis=-1) * radius[..., None]
    points[[0, -1], :, :2] = 0.0
    return surface(points / np.abs(points).max(axis=(0, 1)) * reach, around=True)


def _film(width: float, depth: float, height: float, square: float) -> Mesh:
    """One web over the rim and down its sides."""
    side, top = width / 2 + 0.0005, height + 0.0006
    rows = [(side, height * 0.6), (side, height - 0.001), (side - 0.0004, top)]
    rows += [(side * share, top) for share in (0.97, 0.8, 0.6, 0.4, 0.2, 0.0)]
    return lathe(np.array(rows), steps=96, square=square, flat=depth / width)


def _sticker(draw: np.random.Generator, width: float, depth: float, height: float) -> tuple[Mesh, tuple[float, float]]:
    """A label on the film."""
    if draw.uniform() < 0.5:
        wide, tall = width * draw.uniform(0.3, 0.6), depth * draw.uniform(0.25, 0.5)
        at = (draw.uniform(-0.08, 0.08) * width, draw.uniform(-0.15, 0.15) * depth)
    else:
        wide, tall, at = width * draw.uniform(0.25, 0.5), depth * 0.98, (0.0, 0.0)
    x, y = np.meshgrid(np.linspace(-wide / 2, wide / 2, 7), np.linspace(-tall / 2, tall / 2, 7))
    points = np.stack([x + at[0], y + at[1], np.full_like(x, height + 0.0012)], axis=-1)
    uv = np.stack([x / wide + 0.5, y / tall + 0.5], axis=-1)
    return surface(points, uv=np.clip(uv, 0, 1)), (wide, tall)
