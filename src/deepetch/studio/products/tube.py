"""Tubes of cream or paste, standing on their cap, the seal above."""

from __future__ import annotations

import math

import numpy as np

from deepetch.studio.product import Finish, Material, Part, Product
from deepetch.studio.products.chance import chosen, metal_tint, pigment
from deepetch.studio.products.closures import flip_top, screw_cap
from deepetch.studio.products.labels import AROUND
from deepetch.studio.shapes.lathe import filleted, lathe
from deepetch.studio.shapes.sheet import surface

COLUMNS = 64
SEAL = 0.0004  # metres: half its thickness


def tube(draw: np.random.Generator, *, wide: bool) -> Product:
    """A tube whose cap is as wide as it, or narrow."""
    radius = draw.uniform(0.0125, 0.026)
    length = radius * draw.uniform(4.6, 6.8)
    cap_height = draw.uniform(0.012, 0.032)
    plastic = Material(finish=chosen(draw, ("matt plastic", "gloss plastic")), colour=pigment(draw))
    if wide:
        cap = flip_top(radius * draw.uniform(0.9, 1.0), cap_height, flat=1.0, square=0.0)
    else:
        cap = screw_cap(radius * draw.uniform(0.42, 0.6), cap_height, ribs=chosen(draw, (0, 28)))
        plastic = Material(finish="metal", colour=metal_tint(draw)) if draw.uniform() < 0.2 else plastic
    crimp = draw.uniform(0.004, 0.009)
    rise = np.concatenate([np.linspace(0, 1 - crimp / length, 22), np.linspace(1 - crimp / length, 1, 13)[1:]])
    # flat where it is sealed, round at the cap; fuller tubes stay round longer
    half_depth = SEAL + (radius - SEAL) * (1 - np.minimum(rise / (1 - crimp / length), 1) ** draw.uniform(1.2, 2.2))
    half_width = np.array([_half_width(float(depth), math.tau * radius) for depth in half_depth])
    angle = np.linspace(-math.pi, math.pi, COLUMNS, endpoint=False)
    x = half_width[:, None] * np.sin(angle)
    y = -half_depth[:, None] * np.cos(angle)
    ribs = np.where(rise > 1 - crimp / length + 1e-6, 0.00012, 0.0) * np.where(np.arange(len(rise)) % 2, 1, -1)
    height = cap_height + 0.001 + rise * length
    points = np.stack([x, y + ribs[:, None], np.broadcast_to(height[:, None], x.shape)], axis=-1)
    ring = np.concatenate([points, points[:, :1]], axis=1)
    way = np.cumsum(np.linalg.norm(np.diff(ring, axis=1, prepend=ring[:, :1]), axis=2), axis=1)
    uv = np.stack(np.broadcast_arrays(way / way[:, -1:], rise[:, None]), axis=-1)
    body = surface(points, uv=uv, around=True, capped=True)
    neck = [(0.0, 0.0, 0.0), (radius * 0.45, 0.0, 0.0), (radius * 0.45, cap_height, 0.0)]
    shoulder = lathe(
        filleted(
            [
                *neck,
                (radius * 0.985, cap_height + 0.0005, 0.0005),
                (radius * 0.97, cap_height + 0.0016, 0.0),
                (0.0, cap_height + 0.0016, 0.0),
            ]
        )
    )
    finish: Finish = chosen(draw, ("matt plastic", "gloss plastic", "gloss plastic", "foil"))
    parts = (
        Part(name="tube", mesh=body, material=Material(finish=finish, printed=True)),
        Part(
            name="shoulder",
            mesh=shoulder.moved((0, 0, 0.0008)),
            material=Material(finish="gloss plastic", colour=(0.93, 0.93, 0.92)),
        ),
        Part(name="cap", mesh=cap, material=plastic),
    )
    return Product(kind="tube", parts=parts, sheet=(math.tau * radius, length), faces=AROUND)


def _half_width(half_depth: float, girth: float) -> float:
    """The other half axis of an ellipse of a given girth (Ramanujan 1914), found by halving an interval."""
    low, high = half_depth, girth / 3
    for _ in range(30):
        a = (low + high) / 2
        b = half_depth
        h = ((a - b) / (a + b)) ** 2
        around = math.pi * (a + b) * (1 + 3 * h / (10 + math.sqrt(4 - 3 * h)))
        low, high = (a, high) if around < girth else (low, a)
    return low
