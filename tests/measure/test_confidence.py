from __future__ import annotations

import itertools

import numpy as np
import pytest

from deepetch.measure.confidence import calibrate, calibrated, expected_iou


def test_sure_mask_is_expected_to_be_perfect():
    alpha = np.zeros((20, 20), np.float32)
    alpha[5:15, 5:15] = 1
    assert expected_iou(alpha) == 1


def test_empty_mask_is_expected_to_be_worst():
    assert expected_iou(np.full((20, 20), 0.49, np.float32)) == 0
    assert expected_iou(np.zeros((0, 3), np.float32)) == 0


def test_formula_on_two_flat_regions():
    alpha = np.full((10, 10), 0.1, np.float32)
    alpha[:5] = 0.8
    # inside 50 x 0.8 = 40; mask 50 + outside 50 x 0.1 = 55
    assert expected_iou(alpha) == pytest.approx(40 / 55)


def test_expectation_agrees_with_drawing_truths():
    rng = np.random.default_rng(0)
    alpha = np.clip(rng.normal(0.5, 0.4, (60, 60)), 0, 1).astype(np.float32)
    mask = alpha >= 0.5
    truths = rng.random((400, 60, 60)) < alpha
    ious = (truths & mask).sum((1, 2)) / (truths | mask).sum((1, 2))
    # the ratio of expectations and 400 draws of 3600 pixels are each good to well below a percent
    assert expected_iou(alpha) == pytest.approx(ious.mean(), abs=0.005)


def test_without_knots_the_raw_value_stays():
    assert calibrated(0.37, ()) == 0.37


def test_knots_are_joined_by_lines_and_flat_above():
    knots = ((0.2, 0.1), (0.6, 0.5), (0.8, 0.9))
    assert calibrated(0.4, knots) == pytest.approx(0.3)
    assert calibrated(0.7, knots) == pytest.approx(0.7)
    assert calibrated(1.0, knots) == pytest.approx(0.9)


def test_below_the_first_knot_confidence_falls_to_nothing():
    knots = ((0.8, 0.6), (0.9, 0.8))
    assert calibrated(0.4, knots) == pytest.approx(0.3)
    assert calibrated(0.0, knots) == 0
    assert calibrated(0.0, ((0.0, 0.2), (0.9, 0.8))) == pytest.approx(0.2)  # a knot at 0 says it itself


def test_no_picture_gives_no_knots():
    assert calibrate(np.array([]), np.array([])) == []


def test_monotone_data_give_the_means_of_equal_bins():
    raw = np.linspace(0, 1, 16)
    knots = calibrate(raw, raw**2, bins=4)
    expected = [(raw[i : i + 4].mean(), (raw[i : i + 4] ** 2).mean()) for i in range(0, 16, 4)]
    assert knots == [(round(x, 4), round(y, 4)) for x, y in expected]


def test_knots_never_fall_and_keep_the_mean():
    rng = np.random.default_rng(3)
    raw = rng.random(200)
    observed = np.clip(raw + rng.normal(0, 0.5, 200), 0, 1)
    knots = calibrate(raw, observed, bins=20)
    assert all(x1 < x2 and y1 <= y2 for (x1, y1), (x2, y2) in itertools.pairwise(knots))


def test_falling_data_are_pooled_to_one_knot():
    raw = np.array([0.1, 0.2, 0.3, 0.4])
    assert calibrate(raw, 1 - raw, bins=4) == [(0.25, 0.75)]


def test_fewer_pictures_than_bins():
    assert calibrate(np.array([0.5, 0.9]), np.array([0.4, 0.8])) == [(0.5, 0.4), (0.9, 0.8)]
