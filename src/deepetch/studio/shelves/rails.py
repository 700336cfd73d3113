"""Price rails along the boards, with their tags."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from deepetch.studio.barcode import draw_ean13_number, print_ean13
from deepetch.studio.mesh import joined
from deepetch.studio.palette import Colour as Ink
from deepetch.studio.product import Material
from deepetch.studio.products.chance import chosen
from deepetch.studio.shelves.frame import Frame
from deepetch.studio.shelves.pieces import block, plate
from deepetch.studio.surface import Surface, pictured, plain
from deepetch.studio.typography import Lettering, fit_line, print_at
from deepetch.studio.wording import TRADES, draw_brand, one_of

_TAGS = 8  # different price tags, one above the other in their picture


def rail_surfaces(
    draw: np.random.Generator, groups: Sequence[tuple[float, float]], levels: Sequence[float], frame: Frame
) -> list[Surface]:
    """A strip along each board's edge with a tag at each group of goods."""
    high = draw.uniform(0.034, 0.045)
    below = high * draw.uniform(0.55, 0.95)  # the part that hangs under the board's upper side
    front = frame.front - 0.009
    strips = [
        block((-frame.half, front, z - below), (frame.half, frame.front - 0.0005, z - below + high)) for z in levels
    ]
    colour = chosen(
        draw,
        (
            (0.88, 0.88, 0.88),
            (0.7, 0.71, 0.72),
            (0.5, 0.5, 0.52),
            (0.12, 0.12, 0.13),
            (0.75, 0.1, 0.1),
            (0.15, 0.4, 0.2),
        ),
    )
    wide = draw.uniform(0.055, 0.085)
    tags = []
    for x, z in groups:
        if draw.random() < 0.92:
            kind = int(draw.integers(_TAGS))
            place = (0.0, kind / _TAGS, 1.0, (kind + 1) / _TAGS)
            low = z - below + high * 0.04
            tags.append(plate((x - wide / 2, x + wide / 2), (low, low + high * 0.92), front - 0.001, place))
    rail = plain("rails", joined(strips), Material(finish="gloss plastic", colour=colour, rough=0.15))
    return [rail, pictured("tags", joined(tags), "paper", _print_tags(draw))]


def _print_tags(draw: np.random.Generator) -> NDArray[np.uint8]:
    """Price tags, one above the other: a name, a price, a bar code."""
    canvas = np.empty((_TAGS * 128, 256, 3), np.uint8)
    ground: Ink = chosen(draw, ((250, 250, 246), (250, 250, 246), (255, 232, 120)))
    for number in range(_TAGS):
        tag = canvas[number * 128 : (number + 1) * 128]
        tag[:] = ground
        ink: Ink = (20, 20, 22)
        if draw.random() < 0.2:
            tag[:], ink = ((255, 220, 40), (190, 10, 20)) if draw.random() < 0.6 else ((200, 20, 30), (255, 255, 255))
        nouns, qualities, _ = TRADES[one_of(draw, tuple(TRADES))]
        name = f"{draw_brand(draw)} {one_of(draw, qualities)} {one_of(draw, nouns)}"
        print_at(tag, fit_line(name, Lettering(weight=0.03), 230, 22), 128, 18, ink)
        price = f"{draw.integers(1, 60)}.{chosen(draw, ('00', '50', '90', '95', '99', '49'))}"
        print_at(tag, fit_line(price, Lettering(weight=0.1, stretch=0.8), 110, 68), 190, 76, ink)
        print_ean13(tag[40:118, 6:122], draw_ean13_number(draw), bars=(15, 15, 15), ground=(255, 255, 255))
    return canvas
