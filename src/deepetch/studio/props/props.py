"""What clutters a table around products at home, in a kitchen, in a workshop or on a desk."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from deepetch.studio.products.chance import chosen
from deepetch.studio.props.places import bounds, free_place
from deepetch.studio.props.prop import extent, moved, with_mesh
from deepetch.studio.props.rooms import FACING, PROPS, ROOMS
from deepetch.studio.shapes.sheet import turned
from deepetch.studio.surface import Surface

_COUNTS = (4, 12)  # props around products, from and to


def props_surfaces(draw: np.random.Generator, *, reach: float, keep_clear: NDArray[np.floating]) -> list[Surface]:
    """4 to 12 things on z = 0 beside, behind and, low ones, before products; none inside another.

    reach       of the products around the origin, metres; nothing lies further back than 0.35 + 2.4 reach, where walls
                begin.
    keep_clear  (n, 3) points of the products where they stand. Neither does a prop reach into their bounding box, nor
                does one hide them from a viewer up to 35 degrees aside of negative y; 10 degrees if it is lower than an
                eighth of them. Empty: all is free.
    """
    low, high = bounds(keep_clear)
    room = ROOMS[chosen(draw, tuple(ROOMS))]
    taken = [(low, high)] if len(keep_clear) else []
    surfaces: list[Surface] = []
    for number in range(int(draw.integers(_COUNTS[0], _COUNTS[1] + 1))):
        if number % len(room) == 0:
            order = draw.permutation(len(room))
        name = room[order[number % len(room)]]
        spin = draw.normal(0, 25) if name in FACING else draw.uniform(-180, 180)
        prop = _turned(PROPS[name](draw), float(spin))
        place = free_place(draw, prop, (low, high), taken, reach)
        prop = moved(prop, place)
        taken.append(extent(prop))
        surfaces += prop
    return surfaces


def _turned(prop: Sequence[Surface], degrees: float) -> list[Surface]:
    return [with_mesh(each, turned(each.part.mesh, (0, 0, 1), degrees)) for each in prop]
