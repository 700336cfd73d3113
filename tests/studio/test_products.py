from __future__ import annotations

import numpy as np
import pytest
from drawn_products import SEEDS, drawn

from deepetch.studio.catalogue import FAMILIES, KINDS
from deepetch.studio.product import Product

# Smallest and largest width, depth and height over all, metres, that one would believe of each kind.
EXTENTS = {
    "carton": ((0.025, 0.01, 0.03), (0.26, 0.18, 0.4)),
    "pouch": ((0.07, 0.02, 0.09), (0.25, 0.12, 0.42)),
    "can": ((0.05, 0.05, 0.02), (0.11, 0.11, 0.18)),
    "bottle": ((0.03, 0.02, 0.06), (0.11, 0.11, 0.36)),
    "jar": ((0.04, 0.04, 0.025), (0.11, 0.11, 0.18)),
    "tube": ((0.03, 0.02, 0.06), (0.09, 0.06, 0.22)),
    "pump": ((0.03, 0.02, 0.1), (0.12, 0.12, 0.32)),
    "blister": ((0.06, 0.008, 0.08), (0.16, 0.06, 0.27)),
    "sachet": ((0.01, 0.003, 0.03), (0.21, 0.09, 0.29)),
    "multipack": ((0.1, 0.04, 0.1), (0.4, 0.3, 0.36)),
    "compact": ((0.04, 0.008, 0.02), (0.09, 0.14, 0.1)),
    "shoe-box": ((0.13, 0.06, 0.035), (0.38, 0.38, 0.42)),
    "bag": ((0.15, 0.04, 0.17), (0.38, 0.2, 0.7)),
    "mug": ((0.09, 0.06, 0.07), (0.15, 0.12, 0.13)),
    "ring": ((0.015, 0.001, 0.002), (0.15, 0.15, 0.15)),
    "tumbler": ((0.045, 0.045, 0.07), (0.1, 0.1, 0.25)),
    "tray": ((0.11, 0.02, 0.02), (0.24, 0.21, 0.21)),
}  # fmt: skip


def bounds(product: Product) -> tuple[np.ndarray, np.ndarray]:
    return (
        np.min([part.mesh.low for part in product.parts], axis=0),
        np.max([part.mesh.high for part in product.parts], axis=0),
    )


def test_every_kind_has_a_believable_extent() -> None:
    assert tuple(EXTENTS) == KINDS


@pytest.mark.parametrize("family", FAMILIES)
def test_products_stand_on_the_ground_in_their_true_size(family: str) -> None:
    kind = FAMILIES[family].kind
    smallest, largest = EXTENTS[kind]
    for seed in SEEDS:
        product = drawn(family, seed)
        assert product.kind == kind
        low, high = bounds(product)
        assert abs(low[2]) < 1e-4, seed
        assert (high - low >= smallest).all(), (seed, high - low)
        assert (high - low <= largest).all(), (seed, high - low)
        # handles, spouts and triggers reach out to one side
        slack = 0.6 if kind in ("mug", "pump") else 0.12
        assert (np.abs(high + low)[:2] <= slack * (high - low)[:2]).all(), (seed, low, high)
        for part in product.parts:
            assert np.isfinite(part.mesh.vertices).all()
            assert part.mesh.vertices.dtype == np.float32
            assert part.mesh.faces.dtype == np.int32
            assert part.mesh.uv.shape == (len(part.mesh.faces), 4, 2)
            assert part.mesh.faces.max() == len(part.mesh.vertices) - 1


@pytest.mark.parametrize("family", FAMILIES)
def test_same_seed_draws_the_same_product_and_two_seeds_differ(family: str) -> None:
    first, again, other = drawn(family, 3), drawn(family, 3), drawn(family, 4)
    assert [part.material for part in first.parts] == [part.material for part in again.parts]
    for part, twin in zip(first.parts, again.parts, strict=True):
        assert np.array_equal(part.mesh.vertices, twin.mesh.vertices)
        assert np.array_equal(part.mesh.uv, twin.mesh.uv)
    assert not np.array_equal(bounds(first), bounds(other))
