"""What goods stand on: boards, or wire racks."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from deepetch.studio.mesh import Mesh, joined
from deepetch.studio.product import Finish, Material
from deepetch.studio.products.chance import Colour, chosen
from deepetch.studio.shelves.frame import BOARD, Frame
from deepetch.studio.shelves.pieces import block
from deepetch.studio.surface import Surface, plain


def board_surfaces(
    draw: np.random.Generator, levels: Sequence[float], frame: Frame, colour: Colour, *, wire: bool
) -> list[Surface]:
    """One board at each level, or one wire rack."""
    finish: Finish = chosen(draw, ("metal", "matt plastic", "gloss plastic"))
    if wire:
        metal = Material(
            finish="metal" if draw.random() < 0.6 else "gloss plastic", colour=(0.85, 0.85, 0.85), rough=0.1
        )
        return [plain("rack", joined(_rack(levels, frame)), metal)]
    painted = Material(finish="matt plastic" if finish == "metal" and sum(colour) > 2.5 else finish, colour=colour)
    slabs = [block((-frame.half, frame.front, z - BOARD), (frame.half, frame.back, z)) for z in levels]
    return [plain("boards", joined(slabs), painted)]


def _rack(levels: Sequence[float], frame: Frame) -> list[Mesh]:
    """Rods from front to back, and along both edges."""
    count = min(int(2 * frame.half / 0.03), 200)
    across = np.linspace(-frame.half, frame.half, count)
    rods = []
    for z in levels:
        for y in (frame.front, (frame.front + frame.back) / 2, frame.back - 0.006):
            rods.append(block((-frame.half, y, z - 0.012), (frame.half, y + 0.006, z - 0.005)))
        rods += [block((x - 0.0025, frame.front, z - 0.005), (x + 0.0025, frame.back, z)) for x in across]
    return rods
