"""What gives light: lamps and candles."""

from __future__ import annotations

import numpy as np

from deepetch.studio.mesh import joined
from deepetch.studio.product import Material
from deepetch.studio.products.chance import chosen, metal_tint
from deepetch.studio.props.materials import hard_material
from deepetch.studio.props.pieces import rod, turning
from deepetch.studio.props.prop import standing
from deepetch.studio.shapes.lathe import lathe
from deepetch.studio.surface import Surface, plain


def candle(draw: np.random.Generator) -> list[Surface]:
    """A candle in a flat candlestick."""
    radius, high = draw.uniform(0.011, 0.035), draw.uniform(0.06, 0.2)
    wax = turning(
        [
            (0.0, 0.0, 0.0),
            (radius, 0.0, 0.001),
            (radius, high, 0.002),
            (radius * 0.7, high - 0.003, 0.003),
            (0.0, high - 0.004, 0.0),
        ],
        28,
    )
    wick = rod([(0.0, 0.0, high - 0.006), (0.002, 0.0, high + 0.008)], 0.0009)
    base = turning(
        [
            (0.0, 0.0, 0.0),
            (radius + 0.02, 0.0, 0.001),
            (radius + 0.022, 0.008, 0.002),
            (radius + 0.018, 0.008, 0.001),
            (radius + 0.01, 0.003, 0.002),
            (0.0, 0.003, 0.0),
        ],
        36,
    )
    return standing(
        [
            plain("candlestick", base, Material(finish=chosen(draw, ("ceramic", "metal")), colour=metal_tint(draw))),
            plain(
                "wax",
                wax.moved((0, 0, 0.003)),
                Material(
                    finish="skin", colour=chosen(draw, ((0.95, 0.92, 0.84), (0.6, 0.12, 0.12), (0.35, 0.42, 0.45)))
                ),
            ),
            plain("wick", wick.moved((0, 0, 0.003)), Material(finish="paper", colour=(0.1, 0.1, 0.1))),
        ]
    )


def lamp(draw: np.random.Generator) -> list[Surface]:
    """A lamp's foot and stem, its shade above."""
    radius, high = draw.uniform(0.06, 0.09), draw.uniform(0.28, 0.42)
    foot = turning(
        [(0.0, 0.0, 0.0), (radius, 0.0, 0.003), (radius, 0.014, 0.006), (0.012, 0.02, 0.01), (0.0, 0.02, 0.0)], 40
    )
    lean = draw.uniform(-0.1, 0.1)
    stem = rod([(0.0, 0.0, 0.015), (lean / 2, 0.0, high * 0.6), (lean, 0.0, high)], 0.006)
    wide = draw.uniform(0.07, 0.12)
    shade = lathe(np.array([[wide, high - 0.05], [wide * draw.uniform(0.45, 0.9), high + 0.08]]), steps=40).moved(
        (lean, 0, 0)
    )
    body = hard_material(draw)
    return standing(
        [
            plain("stand", joined([foot, stem]), body),
            plain("shade", shade, Material(finish="paper", colour=(0.93, 0.88, 0.78)) if draw.random() < 0.6 else body),
        ]
    )
