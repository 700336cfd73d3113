"""Everything that shelves sell."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from deepetch.studio.shelves.bottles import bottle, flat_bottle
from deepetch.studio.shelves.cartons import brick, carton, gable_top
from deepetch.studio.shelves.pouches import pouch
from deepetch.studio.shelves.tins import can, jar, tub
from deepetch.studio.shelves.ware import Ware

WARES: Mapping[str, Callable[[np.random.Generator], Ware]] = {
    "carton": carton,
    "brick": brick,
    "gable top": gable_top,
    "can": can,
    "jar": jar,
    "bottle": bottle,
    "flat bottle": flat_bottle,
    "tub": tub,
    "pouch": pouch,
}
