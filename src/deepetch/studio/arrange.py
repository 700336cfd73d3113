"""Place products beside and behind each other on the ground, touching or not, never inside one another."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from deepetch.studio.product import Product
from deepetch.studio.scene import Vector

Points = NDArray[np.float64]
GAP = 0.0008  # metres between things that touch


def arrange(draw: np.random.Generator, products: Sequence[Product], turns: Sequence[Vector]) -> list[Vector]:
    """Positions (x, y, z) of turned products: a front row from left to right, the last of many behind a gap of it.

    turns    degrees about x, y and z, one a product.
    Returns  where each product's own origin goes; the middle of all stands at x = y = 0, every one of them on z = 0.
    """
    clouds = [turned(product, turn) for product, turn in zip(products, turns, strict=True)]
    behind = len(clouds) - 1 if len(clouds) > 2 and draw.random() < 0.6 else len(clouds)
    places: list[NDArray[np.float64]] = []
    right = 0.0
    for cloud in clouds[:behind]:
        low, high = cloud.min(0), cloud.max(0)
        gap = GAP if draw.random() < 0.4 else draw.uniform(0.002, 0.3) * (high[0] - low[0])
        jitter = draw.uniform(-0.25, 0.25) * (high[1] - low[1]) if places else 0.0
        places.append(np.array([right + gap - low[0], jitter - (low[1] + high[1]) / 2, -low[2]]))
        right = places[-1][0] + high[0]
    for cloud in clouds[behind:]:
        back = max(place[1] + other.max(0)[1] for place, other in zip(places, clouds, strict=False))
        low = cloud.min(0)
        side = draw.uniform(0.1, 0.9) * right - (low[0] + cloud.max(0)[0]) / 2
        places.append(np.array([side, back + GAP + draw.uniform(0, 0.04) - low[1], -low[2]]))
    corners = np.concatenate([cloud + place for cloud, place in zip(clouds, places, strict=True)])
    middle = (corners.min(0) + corners.max(0)) / 2
    return [(float(x - middle[0]), float(y - middle[1]), float(z)) for x, y, z in places]


def turned(product: Product, turn: Vector) -> Points:
    """All vertices (n, 3) of a product turned about x, then y, then z, in degrees, as Blender's XYZ order does it."""
    points = np.concatenate([part.mesh.vertices for part in product.parts]).astype(np.float64)
    return points @ rotation(turn).T


def rotation(turn: Vector) -> Points:
    """(3, 3) matrix of turns about x, then y, then z, in degrees."""
    (sx, sy, sz), (cx, cy, cz) = np.sin(np.radians(turn)), np.cos(np.radians(turn))
    about_x = np.array([[1, 0, 0], [0, cx, -sx], [0, sx, cx]])
    about_y = np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
    about_z = np.array([[cz, -sz, 0], [sz, cz, 0], [0, 0, 1]])
    return np.asarray(about_z @ about_y @ about_x)
