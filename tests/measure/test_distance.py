from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from deepetch.errors import InvalidArray
from deepetch.measure.boundary import TOLERANCE
from deepetch.measure.distance import BANDS, EDGES, band_name, distance_bands, error_by_distance

SIDES = [(band.side, band.nearest, band.furthest) for band in BANDS]


def blobs(seed, shape=(40, 48)):
    return gaussian_filter(np.random.default_rng(seed).random(shape), 3) > 0.5


def soft(seed, shape=(40, 48)):
    alpha = gaussian_filter(np.random.default_rng(seed).random(shape), 3)
    return ((alpha - alpha.min()) / (alpha.max() - alpha.min())).astype(np.float32)


def distance_by_hand(truth):
    """To the nearest pixel of the other side, every pair compared, less half a pixel."""
    points = np.argwhere(np.ones_like(truth))
    apart = np.sqrt(((points[:, None] - points[None]) ** 2).sum(-1))
    apart[truth.ravel()[:, None] == truth.ravel()[None]] = math.inf
    return apart.min(1).reshape(truth.shape) - 0.5


def rows_by_hand(predicted, true):
    """(pixels, mae, wrong) of each band, pixel by pixel."""
    truth = true >= 0.5
    distance, side = distance_by_hand(truth), max(true.shape)
    rows = []
    for where, nearest, furthest in SIDES:
        errors, wrong = [], []
        for at in np.ndindex(true.shape):
            far = distance[at]
            # the pixels beside the border are in the nearest band, whatever its width
            low = -1 if nearest == 0 else max(0.5, nearest * side)
            if truth[at] == (where == "inside") and low < far <= max(0.5, furthest * side):
                errors.append(abs(float(predicted[at]) - float(true[at])))
                wrong.append((predicted[at] >= 0.5) != truth[at])
        n = len(errors)
        rows.append((n, sum(errors) / n if n else math.nan, sum(wrong) / n if n else math.nan))
    return rows


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_equals_comparing_every_pair_of_pixels(seed):
    predicted, true = soft(seed), soft(seed + 10)
    found = error_by_distance(predicted, true)
    for error, (pixels, mae, wrong) in zip(found, rows_by_hand(predicted, true), strict=True):
        assert error.pixels == pixels
        assert error.mae == pytest.approx(mae, nan_ok=True, abs=1e-6)  # sums of float32
        assert error.wrong == pytest.approx(wrong, nan_ok=True)


def test_bands_run_from_the_heart_of_the_subject_to_the_far_background():
    assert list(EDGES) == [0, 2 / 512, 8 / 512, 32 / 512, math.inf]
    assert EDGES[1] == TOLERANCE
    assert [band.side for band in BANDS] == ["inside"] * 4 + ["outside"] * 4
    assert [band.nearest for band in BANDS[4:]] == list(EDGES[:-1])
    assert [(band.nearest, band.furthest) for band in BANDS[:4]] == [
        (band.nearest, band.furthest) for band in BANDS[:3:-1]
    ]


def test_a_straight_border_by_hand():
    truth = np.zeros((2, 512), bool)
    truth[:, :256] = True
    # columns 0.5, 1.5, ... pixels from the border: 2 within 2, 6 to 8, 24 to 32, the rest
    assert np.bincount(distance_bands(truth).ravel()).tolist() == [2 * n for n in (224, 24, 6, 2, 2, 6, 24, 224)]


def test_every_pixel_is_in_a_band_of_its_own_side():
    truth = blobs(3)
    bands = distance_bands(truth)
    assert bands.shape == truth.shape
    assert (bands.dtype, bands.max()) == (np.uint8, 7)
    assert np.array_equal(bands < 4, truth)


def test_picture_at_twice_the_size_has_the_same_row():
    truth = np.zeros((256, 512), bool)
    truth[40:200, 100:400] = True
    predicted = np.roll(truth, (3, 20), (0, 1)).astype(np.float32)
    true = truth.astype(np.float32)
    small, large = (
        error_by_distance(*(np.kron(a, np.ones((k, k), np.float32)) for a in (predicted, true))) for k in (1, 2)
    )
    for one, other in zip(small, large, strict=True):
        assert other.pixels == pytest.approx(4 * one.pixels, rel=0.03)  # corners are rounder
        assert other.wrong == pytest.approx(one.wrong, abs=0.02)


def test_a_hole_in_the_middle_is_far_inside_and_a_thin_rim_is_near():
    true = np.zeros((200, 200), np.float32)
    true[20:180, 20:180] = 1
    holed, thinner = true.copy(), np.zeros_like(true)
    holed[90:110, 90:110] = 0
    thinner[21:179, 21:179] = 1
    far = error_by_distance(holed, true)
    assert far[0].wrong > 0
    assert [error.wrong for error in far[1:]] == [0] * 7
    near = error_by_distance(thinner, true)
    assert near[3].wrong == 1  # 2/512 of 200 pixels: the one row along the border
    assert [error.wrong for error in (*near[:3], *near[4:])] == [0] * 7


def test_pixels_beside_the_border_are_near_it_in_the_smallest_picture():
    truth = np.array([[True, False]])
    assert distance_bands(truth).tolist() == [[3, 4]]


def test_equal_alphas_have_no_error():
    assert all(not error.pixels or error.mae == error.wrong == 0 for error in error_by_distance(soft(1), soft(1)))


@pytest.mark.parametrize(("value", "index"), [(1.0, 0), (0.0, 7)])
def test_without_a_border_all_is_far_from_it(value, index):
    true = np.full((8, 9), value, np.float32)
    found = error_by_distance(1 - true, true)
    assert (found[index].pixels, found[index].mae, found[index].wrong) == (72, 1, 1)
    assert [error.pixels for error in found if error is not found[index]] == [0] * 7
    assert all(math.isnan(error.mae) and math.isnan(error.wrong) for error in found if not error.pixels)


def test_empty_arrays_have_no_pixel_in_any_band():
    empty = np.zeros((0, 4), np.float32)
    assert [error.pixels for error in error_by_distance(empty, empty)] == [0] * 8


def test_bands_made_once_serve_every_prediction():
    true = soft(5)
    assert error_by_distance(soft(6), true, distance_bands(true >= 0.5)) == error_by_distance(soft(6), true)


def test_bands_have_names():
    assert [band_name(band) for band in BANDS[4:]] == [
        "outside to 0.4 %",
        "outside 0.4-1.6 %",
        "outside 1.6-6.2 %",
        "outside over 6.2 %",
    ]
    assert len({band_name(band) for band in BANDS}) == 8


def test_what_does_not_fit_is_refused():
    with pytest.raises(InvalidArray, match="one shape"):
        error_by_distance(soft(1), soft(1)[:5])
    with pytest.raises(InvalidArray, match="expected float32"):
        error_by_distance(soft(1).astype(np.float64), soft(1))
    with pytest.raises(InvalidArray, match="expected values"):
        error_by_distance(soft(1) * np.float32(np.nan), soft(1))
    with pytest.raises(InvalidArray, match="truth: expected bool"):
        distance_bands(soft(1))
    with pytest.raises(InvalidArray, match="bands: expected uint8"):
        error_by_distance(soft(1), soft(1), distance_bands(blobs(1)[:5]))
