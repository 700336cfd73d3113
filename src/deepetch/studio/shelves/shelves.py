"""A shop's shelves behind the products: boards, price rails with tags, rows of goods, now and then a cooler's doors."""

from __future__ import annotations

import math

import numpy as np

from deepetch.studio.products.chance import chosen
from deepetch.studio.shelves.aisles import AISLES
from deepetch.studio.shelves.boards import board_surfaces
from deepetch.studio.shelves.crates import crate_surfaces
from deepetch.studio.shelves.doors import door_surfaces
from deepetch.studio.shelves.frame import BOARD, ROOM_ABOVE, Frame
from deepetch.studio.shelves.goods import goods_surfaces
from deepetch.studio.shelves.rails import rail_surfaces
from deepetch.studio.shelves.stock import stocked
from deepetch.studio.shelves.surroundings import surroundings_surfaces
from deepetch.studio.shelves.wares import WARES
from deepetch.studio.surface import Surface

_CAMERA = 1.0  # metres that a camera with the widest lens stands from the origin, at most
_WIDEST = 18 / 28 / math.cos(math.radians(12))  # tangent of half the angle in plan of a 28 mm lens that looks down
_ASKANCE = math.radians(45)


def shelf_surfaces(draw: np.random.Generator, *, distance: float, height: float) -> list[Surface]:
    """Shelves that fill what a 28 mm lens sees at up to 45 degrees, a metre or less from the origin.

    distance  metres from the origin to what stands nearest; only the floor comes nearer, 0.9 to 1.4 m below `height`.
    height    of what the camera aims at, metres above z = 0.
    Returns   surfaces, copies of one thing joined; at most 14 pictures of artwork and three others.
    """
    aisle = AISLES[chosen(draw, tuple(AISLES))]
    doors, wire = draw.random() < aisle.doors, draw.random() < aisle.wire
    front = distance + (0.1 if doors else 0.014)
    floor = height - draw.uniform(0.9, 1.4)
    wares = [WARES[chosen(draw, aisle.wares)](draw) for _ in range(int(draw.integers(9, 15)))]
    least = min(ware.size[2] for ware in wares) + BOARD + ROOM_ABOVE + 0.001
    levels = _levels(draw, floor + 0.14, height + draw.uniform(0.6, 0.95), max(0.25, least))
    frame = Frame(
        front=front,
        back=front + draw.uniform(0.32, 0.42),
        half=_half_width(distance),
        floor=floor,
        top=levels[-1],
    )
    stock, groups = stocked(draw, wares, levels, frame, height, crates=draw.random() < aisle.crates)
    goods = [
        each
        for ware, copies in zip(wares, stock.wares, strict=True)
        if copies
        for each in goods_surfaces(draw, ware, copies)
    ]
    body = chosen(
        draw, ((0.93, 0.93, 0.92), (0.8, 0.8, 0.79), (0.62, 0.62, 0.63), (0.1, 0.1, 0.11), (0.85, 0.83, 0.78))
    )
    return [
        *goods,
        *board_surfaces(draw, levels, frame, body, wire=wire),
        *rail_surfaces(draw, groups, levels, frame),
        *surroundings_surfaces(draw, frame, body),
        *(crate_surfaces(draw, stock.crates) if stock.crates else []),
        *(door_surfaces(draw, frame, distance) if doors else []),
    ]


def _half_width(distance: float) -> float:
    """x of the shelf's furthest point in view, at 45 degrees from the other side."""
    aside = _CAMERA * math.sin(_ASKANCE)
    return (aside + distance) * math.tan(_ASKANCE + math.atan(_WIDEST)) - aside


def _levels(draw: np.random.Generator, low: float, high: float, least: float) -> list[float]:
    """Heights of the boards from the lowest up, at least `least` and at most 0.4 m apart."""
    pitch = draw.uniform(0.25, 0.36)
    levels = [low]
    while levels[-1] < high:
        levels.append(levels[-1] + float(np.clip(pitch + draw.normal(0, 0.025), least, 0.4)))
    return levels
