from __future__ import annotations

import numpy as np
import pytest
from drawn_products import SEEDS, drawn
from shape_oracles import see_through_holes

from deepetch.studio.product import Product


def gaps(product: Product, axis: int) -> list[float]:
    return see_through_holes([part.mesh for part in product.parts], axis)


@pytest.mark.parametrize("kind", ["bag", "mug"])
def test_one_sees_through_under_handles(kind: str) -> None:
    for seed in SEEDS:
        product = drawn(kind, seed)
        # a finger's breadth squared
        assert max(gaps(product, axis=1), default=0) > 0.015**2, seed


def test_one_sees_through_rings_from_the_front_or_from_above() -> None:
    for seed in SEEDS:
        product = drawn("ring", seed)
        assert max(gaps(product, axis=1) + gaps(product, axis=2), default=0) > 0.008**2, seed


def test_one_sees_through_no_jar_and_no_carton_but_for_its_tab() -> None:
    for seed in range(4):
        assert gaps(drawn("jar", seed), axis=1) == []
    assert all(hole < 0.013**2 for seed in range(8) for hole in gaps(drawn("carton", seed), axis=1))


def test_bags_are_open_above() -> None:
    for seed in range(10):
        bag = drawn("bag", seed).parts[0].mesh
        floor = bag.vertices[:, 2] < 0.0021
        above = np.abs(bag.vertices[:, :2]) < 0.3 * bag.high[:2]
        assert not (above.all(axis=1) & ~floor).any()
