from __future__ import annotations

import numpy as np
import pytest
from drawn_alphas import WRONG, in_levels, noise, soft_disc

from deepetch.errors import InvalidArray
from deepetch.measure.calibration import BINS, NO_PIXELS, calibration_error, reliability


def error_by_hand(predicted, true):
    """Guo et al. 2017, eq. 3, bin by bin with comparisons."""
    p, t = predicted.ravel().astype(float), true.ravel().astype(float)
    total = 0.0
    for index in range(BINS):
        upper = 2.0 if index == BINS - 1 else (index + 1) / BINS
        inside = (p >= index / BINS) & (p < upper)
        if inside.any():
            total += inside.mean() * abs(p[inside].mean() - t[inside].mean())
    return total


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_error_equals_the_formula_bin_by_bin(seed):
    predicted, true = noise(seed), (noise(seed + 10) < noise(seed) ** 2).astype(np.float32)
    assert calibration_error(predicted, true) == pytest.approx(error_by_hand(predicted, true), abs=1e-6)
    assert calibration_error(soft_disc(ramp=9), soft_disc(ramp=2)) == pytest.approx(
        error_by_hand(soft_disc(ramp=9), soft_disc(ramp=2)), abs=1e-6
    )


def test_truths_drawn_with_the_probability_stated_are_calibrated():
    predicted = noise(0, 400, 400)
    drawn = (noise(1, 400, 400) < predicted).astype(np.float32)
    # 10,667 pixels a bin know their share to about 0.004
    assert calibration_error(predicted, drawn) < 0.01
    assert calibration_error(predicted, (noise(1, 400, 400) < 0.5).astype(np.float32)) > 0.2


def test_flat_prediction_of_a_half_against_a_tenth():
    predicted, true = np.full((10, 10), 0.5, np.float32), np.zeros((10, 10), np.float32)
    true[0] = 1
    assert calibration_error(predicted, true) == pytest.approx(0.4)
    assert reliability(predicted, true).points == [(0.5, pytest.approx(0.1), 100)]


def test_points_are_bin_centres_observed_shares_and_counts():
    predicted = np.array([[0, 0, 0.05, 1, 1, 1]], np.float32)
    true = np.array([[0, 0, 1, 1, 1, 0]], np.float32)
    assert reliability(predicted, true).points == [
        (pytest.approx(1 / 30), pytest.approx(1 / 3), 3),
        (pytest.approx(29 / 30), pytest.approx(2 / 3), 3),
    ]


def test_every_pixel_is_in_one_bin_whatever_its_level():
    levels = np.arange(256, dtype=np.float32)[None] / np.float32(255)
    counts = reliability(levels, levels).pixels
    # 255 / 15 = 17 levels a bin, and full alpha in the last
    assert counts == (17,) * 14 + (18,)


def test_pictures_add_up_to_the_picture_of_them_all():
    a, b = (in_levels(noise(0)), soft_disc()), (noise(2), soft_disc(r=0.2))
    together = reliability(np.vstack([a[0], b[0]]), np.vstack([a[1], b[1]]))
    added = reliability(*a) + reliability(*b) + NO_PIXELS
    assert added.pixels == together.pixels
    assert added.error == pytest.approx(together.error)
    assert added.predicted == pytest.approx(together.predicted)


def test_opposite_errors_of_two_pictures_cancel_in_the_sum_of_both():
    flat, one, none = (np.full((5, 5), value, np.float32) for value in (0.5, 1, 0))
    assert calibration_error(flat, one) == calibration_error(flat, none) == 0.5
    assert (reliability(flat, one) + reliability(flat, none)).error == 0


def test_no_pixels_are_no_error_and_no_points():
    empty = np.zeros((0, 4), np.float32)
    assert calibration_error(empty, empty) == NO_PIXELS.error == 0
    assert NO_PIXELS.points == reliability(empty, empty).points == []


def test_both_empty_is_perfect_and_one_empty_is_the_others_mean():
    empty, disc = np.zeros((40, 50), np.float32), (soft_disc() >= 0.5).astype(np.float32)
    assert calibration_error(empty, empty) == 0
    assert calibration_error(empty, disc) == calibration_error(disc, empty) == pytest.approx(disc.mean())


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_what_is_no_alpha_is_refused(wrong):
    with pytest.raises(InvalidArray, match=r"predicted: expected"):
        reliability(wrong, noise(0))
    with pytest.raises(InvalidArray, match=r"true: expected"):
        calibration_error(noise(0), wrong)


def test_alphas_of_two_shapes_are_refused():
    with pytest.raises(InvalidArray, match="one shape"):
        reliability(noise(0), noise(0)[:, :9])
