"""A cooler's doors before shelves."""

from __future__ import annotations

import numpy as np

from deepetch.studio.mesh import joined
from deepetch.studio.product import Material
from deepetch.studio.products.chance import chosen
from deepetch.studio.shelves.frame import HEAD, Frame
from deepetch.studio.shelves.pieces import WHOLE, block, plate
from deepetch.studio.surface import Surface, plain


def door_surfaces(draw: np.random.Generator, frame: Frame, distance: float) -> list[Surface]:
    """Frames of glass doors with handles, mostly with their panes."""
    low, high = frame.floor + 0.08, frame.top + HEAD
    near, far = distance + 0.03, distance + 0.06
    width, thick = draw.uniform(0.68, 0.85), draw.uniform(0.02, 0.035)
    start = -frame.half + draw.uniform(0, width)
    edges = np.arange(start, frame.half, width)
    bars = [block((x - thick, near, low), (x + thick, far, high)) for x in edges]
    bars += [block((-frame.half, near, z - thick), (frame.half, far, z + thick)) for z in (low, high)]
    side = chosen(draw, (-1, 1)) * (thick + 0.02)
    middle = (low + high) / 2
    handles = [block((x + side - 0.01, distance, middle - 0.3), (x + side + 0.01, near, middle + 0.3)) for x in edges]
    dark = draw.random() < 0.5
    coat = Material(finish="matt plastic", colour=(0.08, 0.08, 0.09)) if dark else Material(finish="metal", rough=0.15)
    doors = [
        plain("doors", joined(bars), coat),
        plain("handles", joined(handles), Material(finish="metal", colour=(0.8, 0.8, 0.8))),
    ]
    if draw.random() < 0.6:
        pane = plate((-frame.half, frame.half), (low, high), far - 0.01, WHOLE)
        doors.append(plain("pane", pane, Material(finish="film", colour=(0.97, 1.0, 0.98))))
    return doors
