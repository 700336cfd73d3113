"""Products for tests, by kind and seed."""

from __future__ import annotations

import numpy as np

from deepetch.studio.catalogue import PRODUCTS
from deepetch.studio.product import Product

SEEDS = range(30)
SKINS = ("label", "print", "film")  # one web on something solid; everything else is closed


def drawn(kind: str, seed: int) -> Product:
    return PRODUCTS[kind](np.random.default_rng(seed))
