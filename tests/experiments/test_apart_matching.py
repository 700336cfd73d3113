"""Which of the things found is which of the true ones."""

from __future__ import annotations

import numpy as np
import pytest
from apart import matched


def box(left, right):
    mask = np.zeros((4, 100), bool)
    mask[:, left:right] = True
    return mask


def test_each_thing_is_one_product_at_most_the_best_pairs_first():
    true = [box(0, 40), box(40, 80)]
    assert matched([box(40, 80), box(0, 40)], true) == [1.0, 1.0]
    # one thing over both: it counts for one of them
    assert matched([box(0, 80)], true) == pytest.approx([0.5])
    # a poor thing does not take a product from a good one
    assert matched([box(0, 20), box(0, 36), box(44, 80)], true) == pytest.approx([0.9, 0.9])


def test_nothing_matches_nothing():
    assert matched([], [box(0, 10)]) == []
    assert matched([box(0, 10)], []) == []
    assert matched([box(0, 10)], [box(50, 60)]) == [0.0]
