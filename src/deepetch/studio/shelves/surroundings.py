"""What shelves stand in: the panel behind, posts, the wall above with signs, the floor."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from deepetch.studio.mesh import Mesh, joined
from deepetch.studio.palette import Colour as Ink
from deepetch.studio.product import Material
from deepetch.studio.products.chance import Colour, chosen, pigment
from deepetch.studio.shapes.sheet import surface
from deepetch.studio.shelves.frame import HEAD, Frame
from deepetch.studio.shelves.pieces import WHOLE, block, plate
from deepetch.studio.surface import Surface, pictured, plain
from deepetch.studio.typography import Lettering, fit_line, print_at
from deepetch.studio.wording import TRADES, one_of


def surroundings_surfaces(draw: np.random.Generator, frame: Frame, colour: Colour) -> list[Surface]:
    """Back panel, uprights, plinth, the wall above with signs, the floor."""
    beyond = 2 * frame.half  # further than asked, for a camera that is shifted or rolled
    lighter = tuple(min(1.0, value * draw.uniform(0.85, 1.1)) for value in colour)
    painted = Material(finish="matt plastic", colour=(lighter[0], lighter[1], lighter[2]))
    panel = plate((-beyond, beyond), (frame.floor, frame.top + 0.45), frame.back, WHOLE)
    plinth = block((-beyond, frame.front + 0.03, frame.floor), (beyond, frame.front + 0.05, frame.floor + 0.11))
    bay = draw.uniform(0.9, 1.25)
    posts = [
        block((x - 0.015, frame.back - 0.02, frame.floor), (x + 0.015, frame.back - 0.001, frame.top + HEAD))
        for x in np.arange(-frame.half, frame.half, bay)
    ]
    over = frame.top + HEAD
    head = block((-beyond, frame.front - 0.005, over), (beyond, frame.back, over + 6.0))
    signs = [
        plate((x + 0.05, x + 0.85), (over + 0.04, over + 0.28), frame.front - 0.006, WHOLE)
        for x in np.arange(-frame.half, frame.half, 1.6)
    ]
    parts = [
        plain("panel", panel, painted),
        plain("posts", joined([*posts, plinth]), Material(finish="metal", colour=(0.6, 0.6, 0.61), rough=0.2)),
        plain("head", head, Material(finish="matt plastic", colour=pigment(draw))),
        pictured("signs", joined(signs), "matt plastic", _print_sign(draw)),
        pictured("floor", _floor(frame, beyond), "stone", _print_tiles(draw)),
    ]
    if draw.random() < 0.5:
        strips = [block((-frame.half, frame.front + 0.004, over - 0.03), (frame.half, frame.front + 0.04, over))]
        parts.append(plain("lamp", joined(strips), Material(finish="paper", colour=(1.0, 1.0, 1.0))))
    return parts


def _floor(frame: Frame, beyond: float) -> Mesh:
    y, x = np.array([-3.0, frame.back]), np.array([-beyond, beyond])
    corners = np.array([[[x[i], y[j], frame.floor] for i in range(2)] for j in range(2)])
    return surface(corners, uv=np.array([[[0.0, 0.0], [1.0, 0.0]], [[0.0, 1.0], [1.0, 1.0]]]), smooth=False)


def _print_tiles(draw: np.random.Generator) -> NDArray[np.uint8]:
    """A floor of tiles, or of one piece with specks."""
    level = draw.uniform(0.35, 0.85)
    base = 255 * np.clip(level + np.array([0.03, 0.0, -0.05]) * draw.uniform(0, 1.5), 0, 1)
    canvas = np.clip(base + draw.normal(0, 5, (512, 1024, 1)), 0, 255)
    if draw.random() < 0.7:
        canvas[::64], canvas[:, ::20] = base * 0.7, base * 0.7
    return np.rint(canvas).astype(np.uint8)


def _print_sign(draw: np.random.Generator) -> NDArray[np.uint8]:
    canvas = np.empty((154, 512, 3), np.uint8)
    ground: Ink = chosen(draw, ((245, 245, 240), (30, 90, 50), (180, 25, 30), (30, 60, 120), (250, 210, 60)))
    canvas[:] = ground
    ink: Ink = (250, 250, 250) if sum(ground) < 330 else (25, 25, 30)
    nouns, _, _ = TRADES[one_of(draw, tuple(TRADES))]
    print_at(canvas, fit_line(one_of(draw, nouns), Lettering(weight=0.06, capitals=True), 430, 84), 256, 77, ink)
    return canvas
