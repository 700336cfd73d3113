"""Every kind of product that the studio can draw."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from deepetch.studio.product import Product
from deepetch.studio.products.bag import bag
from deepetch.studio.products.blister import blister
from deepetch.studio.products.bottle import bottle
from deepetch.studio.products.can import can
from deepetch.studio.products.carton import carton
from deepetch.studio.products.compact import compact
from deepetch.studio.products.jar import jar
from deepetch.studio.products.mug import mug
from deepetch.studio.products.multipack import multipack
from deepetch.studio.products.pouch import pouch
from deepetch.studio.products.pump import pump
from deepetch.studio.products.ring import ring
from deepetch.studio.products.sachet import sachet
from deepetch.studio.products.shoe_box import shoe_box
from deepetch.studio.products.tray import tray
from deepetch.studio.products.tube import tube
from deepetch.studio.products.tumbler import tumbler

PRODUCTS: Mapping[str, Callable[[np.random.Generator], Product]] = {
    "carton": carton,
    "pouch": pouch,
    "can": can,
    "bottle": bottle,
    "jar": jar,
    "tube": tube,
    "pump": pump,
    "blister": blister,
    "sachet": sachet,
    "multipack": multipack,
    "compact": compact,
    "shoe-box": shoe_box,
    "bag": bag,
    "mug": mug,
    "ring": ring,
    "tumbler": tumbler,
    "tray": tray,
}
