from __future__ import annotations

import numpy as np
import pytest
from drawn_products import drawn, families_of
from shape_oracles import see_through_holes

from deepetch.studio.catalogue import FAMILIES
from deepetch.studio.product import Product

SEEDS = range(10)


def gaps(product: Product, axis: int) -> list[float]:
    return see_through_holes([part.mesh for part in product.parts], axis)


@pytest.mark.parametrize("family", families_of("bag", "mug"))
def test_one_sees_through_under_handles(family: str) -> None:
    for seed in SEEDS:
        product = drawn(family, seed)
        # a finger's breadth squared
        assert max(gaps(product, axis=1), default=0) > 0.015**2, seed


@pytest.mark.parametrize("family", families_of("ring"))
def test_one_sees_through_rings_from_the_front_or_from_above(family: str) -> None:
    for seed in SEEDS:
        product = drawn(family, seed)
        assert max(gaps(product, axis=1) + gaps(product, axis=2), default=0) > 0.008**2, seed


@pytest.mark.parametrize("family", ["hanging carton", *families_of("blister")])
def test_one_sees_through_a_hole_to_hang_by(family: str) -> None:
    for seed in range(8):
        assert 0.003**2 < max(gaps(drawn(family, seed), axis=1)) < 0.015**2, seed


def test_every_family_of_those_tests_is_said_to_have_a_hole_and_no_other() -> None:
    holed = {*families_of("bag", "mug", "ring", "blister"), "hanging carton"}
    assert {name for name, family in FAMILIES.items() if "hole" in family.traits} == holed


@pytest.mark.parametrize("family", [*families_of("jar"), "tucked carton", "six-sided carton", "gable-top carton"])
def test_one_sees_through_no_jar_and_no_carton_without_a_tab(family: str) -> None:
    for seed in range(3):
        assert gaps(drawn(family, seed), axis=1) == []


@pytest.mark.parametrize("family", families_of("bag"))
def test_bags_are_open_above(family: str) -> None:
    for seed in range(10):
        bag = drawn(family, seed).parts[0].mesh
        floor = bag.vertices[:, 2] < 0.0021
        above = np.abs(bag.vertices[:, :2]) < 0.3 * bag.high[:2]
        assert not (above.all(axis=1) & ~floor).any()
