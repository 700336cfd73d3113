from __future__ import annotations

import cv2
import numpy as np
import pytest

from deepetch.datasets.coarsen import coarsen_mask
from deepetch.errors import InvalidArray, InvalidOptions
from deepetch.measure.region import intersection_over_union


def wavy(size=400):
    """A disc whose radius waves forty times: a border with much detail."""
    y, x = np.mgrid[:size, :size] - size / 2
    return np.hypot(y, x) < size / 3 + 6 * np.sin(40 * np.arctan2(y, x))


def corners(mask):
    contours, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    return sum(len(cv2.approxPolyDP(contour, 0.8, True)) for contour in contours)


def length(mask):
    contours, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    return sum(cv2.arcLength(contour, True) for contour in contours)


@pytest.mark.parametrize("density", [1.0, 2.5, 5.0])
def test_corners_are_as_few_as_asked(density):
    mask = wavy()
    coarse = coarsen_mask(mask, density)
    # drawn again as pixels a straight side may need a corner more here and there
    assert corners(coarse) <= 1.5 * density / 100 * length(mask) + 3
    assert corners(mask) > 2 * corners(coarse) or density == 5.0


def test_more_corners_follow_the_mask_better():
    mask = wavy()
    scores = [intersection_over_union(coarsen_mask(mask, density), mask) for density in (0.5, 2, 5, 15, 100)]
    assert scores == sorted(scores)
    assert scores[0] < 0.97
    assert scores[-1] == 1.0


def test_small_subject_becomes_a_triangle_at_the_coarsest():
    y, x = np.mgrid[:60, :60] - 30
    disc = np.hypot(y, x) < 14
    scores = [intersection_over_union(coarsen_mask(disc, density), disc) for density in (0.1, 1.25, 4.0, 12.0)]
    assert scores[0] == scores[1]
    assert 0.3 < scores[0] < 0.75  # a triangle in a circle has 0.41 of its area
    assert scores == sorted(scores)


def test_polygon_with_few_corners_stays_as_it_is():
    mask = np.zeros((100, 120), bool)
    mask[20:70, 30:90] = True
    assert np.array_equal(coarsen_mask(mask, 3.0), mask)


def test_holes_stay_holes():
    y, x = np.mgrid[:200, :200] - 100
    ring = (np.hypot(y, x) < 80) & (np.hypot(y, x) > 40)
    coarse = coarsen_mask(ring, 3.0)
    assert not coarse[100, 100]
    assert coarse[100, 160]
    assert intersection_over_union(coarse, ring) > 0.9


@pytest.mark.parametrize("mask", [np.zeros((40, 50), bool), np.ones((40, 50), bool), np.zeros((0, 0), bool)])
def test_flat_masks_stay_as_they_are(mask):
    assert np.array_equal(coarsen_mask(mask, 2.0), mask)


def test_single_pixels_do_not_vanish():
    mask = np.zeros((30, 30), bool)
    mask[10, 10] = True
    assert np.array_equal(coarsen_mask(mask, 2.0), mask)


def test_wrong_arguments_are_refused():
    with pytest.raises(InvalidArray):
        coarsen_mask(np.zeros((4, 4), np.uint8), 2.0)
    with pytest.raises(InvalidOptions, match="density: expected more than 0"):
        coarsen_mask(np.zeros((4, 4), bool), 0.0)
