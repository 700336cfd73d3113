"""Round wares in a label, and what shows through them."""

from __future__ import annotations

import math

import numpy as np

from deepetch.studio.product import Finish, Material, Part
from deepetch.studio.products.chance import Colour
from deepetch.studio.products.labels import AROUND
from deepetch.studio.shapes.lathe import lathe
from deepetch.studio.shelves.ware import Ware

FOODS: tuple[Colour, ...] = (
    (0.55, 0.1, 0.05),  # tomato
    (0.75, 0.5, 0.1),  # honey, oil
    (0.35, 0.4, 0.1),  # gherkins
    (0.25, 0.08, 0.12),  # berries, wine
    (0.8, 0.45, 0.1),  # orange juice
    (0.2, 0.12, 0.07),  # coffee, cola
    (0.12, 0.25, 0.12),  # green glass
    (0.75, 0.85, 0.88),  # water
)


def labelled(
    radius: float,
    height: float,
    low: float,
    high: float,
    finish: Finish,
    rest: tuple[Part, ...],
    *,
    stacks: bool = False,
) -> Ware:
    """A round ware with a label all around between the heights `low` and `high`, of a finish; `rest` is its body."""
    wide = radius + 0.0004
    return Ware(
        size=(2 * wide, 2 * wide, height),
        print=Part(
            name="label",
            mesh=lathe(np.array([[wide, low], [wide, high]]), steps=20),
            material=Material(finish=finish, printed=True),
        ),
        sheet=(math.tau * wide, high - low),
        faces=AROUND,
        rest=rest,
        stacks=stacks,
    )
