"""Every kind of product that the studio can draw, and the families that each kind falls into."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal

import numpy as np

from deepetch.errors import InvalidOptions
from deepetch.studio.product import Product
from deepetch.studio.products.bag import bag
from deepetch.studio.products.blister import blister
from deepetch.studio.products.can import drinks_can, fish_tin, food_can
from deepetch.studio.products.carton import gable_top, hanging_box, six_sided_box, tucked_box
from deepetch.studio.products.compact import closed_compact, open_compact
from deepetch.studio.products.cosmetics_bottle import cosmetics_bottle
from deepetch.studio.products.glass_bottle import FORMS, glass_bottle
from deepetch.studio.products.jar import cream_jar, food_jar
from deepetch.studio.products.mug import mug
from deepetch.studio.products.multipack import carried, shrunk_bottles, shrunk_cans, sleeved
from deepetch.studio.products.pet_bottle import pet_bottle
from deepetch.studio.products.pouch import pouch
from deepetch.studio.products.pump import dispenser_bottle, trigger_bottle
from deepetch.studio.products.ring import bangle, key_ring, padlock, tape
from deepetch.studio.products.sachet import sachet
from deepetch.studio.products.shoe_box import hinged_box, lidded_box
from deepetch.studio.products.tray import sleeved_tray, stickered_tray
from deepetch.studio.products.tube import tube
from deepetch.studio.products.tumbler import stemmed_glass, straight_tumbler

Build = Callable[[np.random.Generator], Product]
Trait = Literal[
    "opaque",  # no light comes through any of it
    "glass",  # clear or frosted
    "film",  # or clear plastic
    "hole",  # one sees through it, or under its handle
    "thin",  # wire, stem, strap or lever, a centimetre wide or less
]


@dataclass(frozen=True, kw_only=True)
class Family:
    """Products of one form.

    share     how often it is drawn, against the others of its kind on its side.
    held_out  kept for the benchmark: no training picture shows it.
    traits    what each of its products shows.
    """

    kind: str
    build: Build
    share: float = 1.0
    held_out: bool = False
    traits: frozenset[Trait] = frozenset()


def _traits(*traits: Trait) -> frozenset[Trait]:
    return frozenset(traits)


def _glass(form: str) -> Build:
    return partial(glass_bottle, form=FORMS[form])


OPAQUE, GLASS, FILM = _traits("opaque"), _traits("glass"), _traits("film")
RING = _traits("opaque", "hole")
HANDLED = _traits("opaque", "hole", "thin")

FAMILIES: Mapping[str, Family] = {
    "tucked carton": Family(kind="carton", build=tucked_box, share=3, traits=OPAQUE),
    "gable-top carton": Family(kind="carton", build=gable_top, traits=OPAQUE),
    "hanging carton": Family(kind="carton", build=hanging_box, held_out=True, traits=RING),
    "six-sided carton": Family(kind="carton", build=six_sided_box, held_out=True, traits=OPAQUE),
    "plain pouch": Family(kind="pouch", build=pouch, traits=OPAQUE),
    "zipped pouch": Family(kind="pouch", build=partial(pouch, zipped=True), traits=OPAQUE),
    "spouted pouch": Family(kind="pouch", build=partial(pouch, spouted=True), held_out=True, traits=OPAQUE),
    "drinks can": Family(kind="can", build=drinks_can, traits=OPAQUE),
    "food can": Family(kind="can", build=food_can, traits=OPAQUE),
    "fish tin": Family(kind="can", build=fish_tin, held_out=True, traits=OPAQUE),
    "straight-shouldered wine bottle": Family(
        kind="bottle", build=_glass("straight-shouldered wine bottle"), share=0.4, traits=GLASS
    ),
    "sloping wine bottle": Family(kind="bottle", build=_glass("sloping wine bottle"), share=0.4, traits=GLASS),
    "beer bottle": Family(kind="bottle", build=_glass("beer bottle"), share=0.4, traits=GLASS),
    "sauce bottle": Family(kind="bottle", build=_glass("sauce bottle"), share=0.4, traits=GLASS),
    "phial": Family(kind="bottle", build=_glass("phial"), share=0.4, traits=GLASS),
    "spirits bottle": Family(kind="bottle", build=_glass("spirits bottle"), held_out=True, traits=GLASS),
    "PET bottle": Family(kind="bottle", build=pet_bottle, share=2, traits=FILM),
    "round lotion bottle": Family(kind="bottle", build=partial(cosmetics_bottle, shape="round"), traits=OPAQUE),
    "squared lotion bottle": Family(kind="bottle", build=partial(cosmetics_bottle, shape="squared"), traits=OPAQUE),
    "oval lotion bottle": Family(
        kind="bottle", build=partial(cosmetics_bottle, shape="oval"), held_out=True, traits=OPAQUE
    ),
    "food jar": Family(kind="jar", build=partial(food_jar, squared=False), share=2, traits=GLASS),
    "squared food jar": Family(kind="jar", build=partial(food_jar, squared=True), held_out=True, traits=GLASS),
    "cream jar": Family(kind="jar", build=partial(cream_jar, frosted=False), share=0.7, traits=OPAQUE),
    "frosted cream jar": Family(kind="jar", build=partial(cream_jar, frosted=True), share=0.3, traits=GLASS),
    "tube on a wide cap": Family(kind="tube", build=partial(tube, wide=True), traits=OPAQUE),
    "tube on a narrow cap": Family(kind="tube", build=partial(tube, wide=False), held_out=True, traits=OPAQUE),
    "dispenser bottle": Family(kind="pump", build=dispenser_bottle, traits=_traits("opaque", "thin")),
    "trigger bottle": Family(kind="pump", build=trigger_bottle, held_out=True, traits=_traits("opaque", "thin")),
    "blister of balls": Family(kind="blister", build=partial(blister, round_="ball"), traits=_traits("film", "hole")),
    "blister of discs": Family(kind="blister", build=partial(blister, round_="disc"), traits=_traits("film", "hole")),
    "blister of rods": Family(
        kind="blister", build=partial(blister, round_="rod"), held_out=True, traits=_traits("film", "hole")
    ),
    "flat sachet": Family(kind="sachet", build=partial(sachet, form="sachet"), traits=OPAQUE),
    "crisps bag": Family(kind="sachet", build=partial(sachet, form="crisps"), traits=OPAQUE),
    "wrapped bar": Family(kind="sachet", build=partial(sachet, form="bar"), traits=OPAQUE),
    "stick sachet": Family(kind="sachet", build=partial(sachet, form="stick"), held_out=True, traits=OPAQUE),
    "shrunk cans": Family(kind="multipack", build=shrunk_cans, traits=FILM),
    "shrunk bottles": Family(kind="multipack", build=shrunk_bottles, share=0.7, traits=FILM),
    "sleeved cans": Family(kind="multipack", build=sleeved, traits=OPAQUE),
    "carried cans": Family(kind="multipack", build=carried, held_out=True, traits=FILM),
    "closed compact": Family(kind="compact", build=closed_compact, traits=OPAQUE),
    "open compact": Family(kind="compact", build=open_compact, held_out=True, traits=OPAQUE),
    "lidded shoe box": Family(kind="shoe-box", build=lidded_box, traits=OPAQUE),
    "hinged shoe box": Family(kind="shoe-box", build=hinged_box, held_out=True, traits=OPAQUE),
    "bag with twisted handles": Family(kind="bag", build=partial(bag, flat=False), traits=HANDLED),
    "bag with flat handles": Family(kind="bag", build=partial(bag, flat=True), held_out=True, traits=HANDLED),
    "straight mug": Family(kind="mug", build=partial(mug, form="straight"), traits=RING),
    "tapering mug": Family(kind="mug", build=partial(mug, form="tapering"), traits=RING),
    "bellied mug": Family(kind="mug", build=partial(mug, form="bellied"), held_out=True, traits=RING),
    "bangle": Family(kind="ring", build=bangle, traits=RING),
    "tape": Family(kind="ring", build=tape, traits=RING),
    "padlock": Family(kind="ring", build=padlock, traits=RING),
    "key ring": Family(kind="ring", build=key_ring, held_out=True, traits=HANDLED),
    "straight tumbler": Family(kind="tumbler", build=partial(straight_tumbler, plastic=False), share=2, traits=GLASS),
    "plastic tumbler": Family(kind="tumbler", build=partial(straight_tumbler, plastic=True), traits=FILM),
    "stemmed glass": Family(kind="tumbler", build=stemmed_glass, held_out=True, traits=_traits("glass", "thin")),
    "sleeved tray": Family(kind="tray", build=sleeved_tray, traits=FILM),
    "stickered tray": Family(kind="tray", build=stickered_tray, held_out=True, traits=FILM),
}
KINDS: tuple[str, ...] = tuple(dict.fromkeys(family.kind for family in FAMILIES.values()))


def families(kinds: Sequence[str] | None, *, held_out: bool) -> list[str]:
    """Names of the families that training pictures show, or of those held out for the benchmark, as FAMILIES has them.

    kinds   of these kinds only; None: of all; none: the empty list.
    Raises  InvalidOptions for a kind that there is none of.
    """
    unknown = [kind for kind in kinds or () if kind not in KINDS]
    if unknown:
        raise InvalidOptions(f"kind: expected {', '.join(KINDS)}; got {unknown[0]!r}.")
    wanted = KINDS if kinds is None else kinds
    return [name for name, family in FAMILIES.items() if family.kind in wanted and family.held_out == held_out]


def build(family: str, seed: int) -> Product:
    """The product of a family that a seed draws.

    Raises  InvalidOptions for a family that there is none of.
    """
    if family not in FAMILIES:
        raise InvalidOptions(f"family: expected one of the {len(FAMILIES)} of the catalogue; got {family!r}.")
    return FAMILIES[family].build(np.random.default_rng(seed))
