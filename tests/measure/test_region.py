from __future__ import annotations

import numpy as np
import pytest

from deepetch.errors import InvalidArray
from deepetch.measure.region import accuracy, dice, intersection_over_union, precision, recall

EMPTY = np.zeros((4, 6), bool)
FULL = np.ones((4, 6), bool)


def halves():
    """Left half, and the middle half of the columns: they share a quarter."""
    left, middle = np.zeros((4, 8), bool), np.zeros((4, 8), bool)
    left[:, :4] = True
    middle[:, 2:6] = True
    return left, middle


def test_iou_of_two_halves_that_share_a_quarter_is_a_third():
    assert intersection_over_union(*halves()) == pytest.approx(8 / 24)


def test_dice_of_two_halves_that_share_a_quarter_is_a_half():
    assert dice(*halves()) == pytest.approx(2 * 8 / 32)


@pytest.mark.parametrize("measure", [intersection_over_union, dice])
def test_both_empty_is_perfect_and_one_empty_is_worst(measure):
    assert measure(EMPTY, EMPTY) == 1
    assert measure(EMPTY, FULL) == measure(FULL, EMPTY) == 0
    assert measure(FULL, FULL) == 1


@pytest.mark.parametrize("measure", [intersection_over_union, dice])
def test_array_without_pixels_is_perfect(measure):
    none = np.zeros((0, 5), bool)
    assert measure(none, none) == 1


@pytest.mark.parametrize("measure", [intersection_over_union, dice])
def test_measures_equal_set_arithmetic_on_random_masks(measure):
    rng = np.random.default_rng(1)
    for share in (0.1, 0.5, 0.9):
        a, b = rng.random((2, 9, 7)) < share
        p, t = set(np.flatnonzero(a).tolist()), set(np.flatnonzero(b).tolist())
        expected = len(p & t) / len(p | t) if measure is intersection_over_union else 2 * len(p & t) / (len(p) + len(t))
        assert measure(a, b) == pytest.approx(expected)
        assert measure(a, b) == measure(b, a)


@pytest.mark.parametrize("measure", [intersection_over_union, dice])
def test_masks_of_other_type_or_shape_are_refused(measure):
    with pytest.raises(InvalidArray, match="expected bool"):
        measure(FULL.astype(np.float32), FULL)
    with pytest.raises(InvalidArray):
        measure(FULL, FULL[:, :5])


def counted(predicted, true):
    """True and false positives and negatives, pixel by pixel."""
    pairs = list(zip(predicted.ravel().tolist(), true.ravel().tolist(), strict=True))
    return [pairs.count(case) for case in ((True, True), (True, False), (False, True), (False, False))]


@pytest.mark.parametrize("seed", range(4))
def test_accuracy_precision_and_recall_equal_counting_pixels(seed):
    rng = np.random.default_rng(seed)
    predicted, true = rng.random((9, 7)) < 0.3, rng.random((9, 7)) < 0.6
    hit, false, missed, rest = counted(predicted, true)
    assert accuracy(predicted, true) == pytest.approx((hit + rest) / 63)
    assert precision(predicted, true) == pytest.approx(hit / (hit + false))
    assert recall(predicted, true) == pytest.approx(hit / (hit + missed))


def test_left_half_against_everything():
    left, _ = halves()
    everything = np.ones_like(left)
    assert (precision(everything, left), recall(everything, left)) == (0.5, 1)
    assert (precision(left, everything), recall(left, everything)) == (1, 0.5)
    assert accuracy(left, everything) == accuracy(everything, left) == 0.5


@pytest.mark.parametrize("measure", [precision, recall])
def test_precision_and_recall_of_both_empty_are_perfect_and_of_one_empty_worst(measure):
    assert measure(EMPTY, EMPTY) == measure(FULL, FULL) == 1
    assert measure(EMPTY, FULL) == measure(FULL, EMPTY) == 0


def test_accuracy_knows_no_empty_case():
    corner = EMPTY.copy()
    corner[0, :6] = True
    assert accuracy(EMPTY, EMPTY) == 1
    assert accuracy(EMPTY, corner) == accuracy(corner, EMPTY) == 0.75


@pytest.mark.parametrize("measure", [accuracy, precision, recall])
def test_shares_of_arrays_without_pixels_are_perfect_and_wrong_arrays_refused(measure):
    none = np.zeros((0, 5), bool)
    assert measure(none, none) == 1
    with pytest.raises(InvalidArray, match="expected bool"):
        measure(FULL.astype(np.float32), FULL)
    with pytest.raises(InvalidArray, match="one shape"):
        measure(FULL, FULL[:, :5])
