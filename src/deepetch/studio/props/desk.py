"""Pens, keys and coins."""

from __future__ import annotations

import math

import numpy as np

from deepetch.studio.mesh import Mesh, joined
from deepetch.studio.product import Material
from deepetch.studio.products.chance import chosen, pigment
from deepetch.studio.props.materials import bright
from deepetch.studio.props.pieces import clump, turning
from deepetch.studio.props.prop import standing
from deepetch.studio.shapes.box import box
from deepetch.studio.shapes.sheet import turned
from deepetch.studio.surface import Surface, plain


def pens(draw: np.random.Generator) -> list[Surface]:
    """Pens, brushes and pencils in a cup."""
    radius, high = draw.uniform(0.03, 0.042), draw.uniform(0.08, 0.11)
    cup = turning(
        [
            (0.0, 0.0, 0.0),
            (radius, 0.0, 0.003),
            (radius, high, 0.001),
            (radius - 0.003, high, 0.001),
            (radius - 0.003, 0.004, 0.002),
            (0.0, 0.004, 0.0),
        ],
        36,
    )
    prop = [
        plain("cup", cup, Material(finish=chosen(draw, ("ceramic", "metal", "matt plastic")), colour=pigment(draw)))
    ]
    for _ in range(int(draw.integers(3, 9))):
        thick, long = draw.uniform(0.0032, 0.005), draw.uniform(0.13, 0.19)
        pen = _pencil(thick, long)
        # leaning on the rim from the opposite foot
        lean = math.degrees(math.atan2((radius - 0.003 - thick) * draw.uniform(1.0, 1.6), high))
        spin = draw.uniform(0, 360)
        lent = turned(pen, (0, 1, 0), lean).moved((-(radius - 0.012) * 0.7, 0, 0.007))
        prop.append(
            plain(
                "pen",
                turned(lent, (0, 0, 1), spin),
                Material(finish="gloss plastic", colour=bright(draw) if draw.random() < 0.6 else pigment(draw)),
            )
        )
    return standing(prop)


def pencils(draw: np.random.Generator) -> list[Surface]:
    """One to three lying on the table."""
    prop = []
    for number in range(int(draw.integers(1, 4))):
        thick = draw.uniform(0.0034, 0.005)
        lying = turned(_pencil(thick, draw.uniform(0.12, 0.18)), (0, 1, 0), 90)
        lying = turned(lying.moved((-0.08, 0.02 * number, thick)), (0, 0, 1), draw.normal(0, 3))
        prop.append(plain("pen", lying, Material(finish="gloss plastic", colour=bright(draw))))
    return standing(prop)


def _pencil(thick: float, long: float) -> Mesh:
    return turning(
        [
            (0.0, 0.0, 0.0),
            (thick * 0.9, 0.0, 0.001),
            (thick, 0.004, 0.0),
            (thick, long - 0.014, 0.0),
            (thick * 0.3, long - 0.002, 0.0),
            (0.0, long, 0.0),
        ],
        12,
    )


def keyboard(draw: np.random.Generator) -> list[Surface]:
    """A computer's keys on their board."""
    rows, columns, pitch = 5, int(draw.integers(12, 18)), 0.019
    wide, deep = columns * pitch + 0.012, rows * pitch + 0.012
    keys = [
        box((pitch - 0.003, pitch - 0.003, 0.004), radius=0.0012, segments=1).moved(
            ((column - (columns - 1) / 2) * pitch, (row - (rows - 1) / 2) * pitch, 0.0075)
        )
        for row in range(rows)
        for column in range(columns)
    ]
    shades = (
        ((0.92, 0.92, 0.92), (0.75, 0.75, 0.77)),
        ((0.08, 0.08, 0.09), (0.15, 0.15, 0.16)),
        ((0.1, 0.1, 0.1), (0.7, 0.7, 0.72)),
    )
    caps, base = chosen(draw, shades)
    board = box((wide, deep, 0.009), radius=0.003, segments=2)
    return standing(
        [
            plain("board", board, Material(finish="matt plastic", colour=base)),
            plain("keys", joined(keys), Material(finish="matt plastic", colour=caps)),
        ]
    )


def coins(draw: np.random.Generator) -> list[Surface]:
    """Coins, strewn and in little piles."""
    radius = draw.uniform(0.009, 0.013)
    coin = turning(
        [
            (0.0, 0.0, 0.0),
            (radius, 0.0, 0.0003),
            (radius, 0.0019, 0.0003),
            (radius * 0.9, 0.0019, 0.0),
            (radius * 0.88, 0.0016, 0.0),
            (0.0, 0.0016, 0.0),
        ],
        28,
    )
    pieces = []
    for place in clump(draw, int(draw.integers(2, 9)), 2.2 * radius):
        for level in range(int(draw.choice((1, 1, 1, 3, 6)))):
            pieces.append(coin.moved(place + np.array([*draw.normal(0, 0.0004, 2), 0.0019 * level])))
    return standing(
        [
            plain(
                "coins",
                joined(pieces),
                Material(finish="metal", colour=chosen(draw, ((0.8, 0.8, 0.78), (0.85, 0.7, 0.4), (0.75, 0.48, 0.32)))),
            )
        ]
    )
