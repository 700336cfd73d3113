"""Bottles: of glass, of PET, and opaque ones for cosmetics and cleaners."""

from __future__ import annotations

import numpy as np

from deepetch.studio.product import Product
from deepetch.studio.products.chance import chosen
from deepetch.studio.products.cosmetics_bottle import cosmetics_bottle
from deepetch.studio.products.glass_bottle import glass_bottle
from deepetch.studio.products.pet_bottle import pet_bottle


def bottle(draw: np.random.Generator) -> Product:
    return chosen(draw, (glass_bottle, pet_bottle, cosmetics_bottle))(draw)
