from __future__ import annotations

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from deepetch.errors import InvalidArray
from deepetch.measure.boundary import TOLERANCE, boundary_f, mask_border


def border_by_hand(mask):
    """Points of `mask` with a 4-neighbour inside the array that is not in it."""
    height, width = mask.shape
    points = []
    for y, x in np.argwhere(mask).tolist():
        around = [(y - 1, x), (y + 1, x), (y, x - 1), (y, x + 1)]
        if any(0 <= v < height and 0 <= u < width and not mask[v, u] for v, u in around):
            points.append((y, x))
    return points


def f_by_hand(predicted, true, tolerance):
    """Martin et al. 2004 by comparing every pair of points."""
    p, t = np.array(border_by_hand(predicted)), np.array(border_by_hand(true))
    distances = np.sqrt(((p[:, None] - t[None]) ** 2).sum(-1))
    precision = (distances.min(1) <= tolerance).mean()
    recall = (distances.min(0) <= tolerance).mean()
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def blobs(seed, shape=(24, 30)):
    return gaussian_filter(np.random.default_rng(seed).random(shape), 3) > 0.5


def square(shift=0, size=40):
    mask = np.zeros((size, size), bool)
    mask[10:30, 10 + shift : 30 + shift] = True
    return mask


@pytest.mark.parametrize("tolerance", [0.5, 1.0, 1.5, 3.0])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_f_equals_comparing_every_pair_of_border_points(seed, tolerance):
    predicted, true = blobs(seed), blobs(seed + 10)
    # the precise distance transform is float32: far closer than the gaps between distances of pixels
    assert boundary_f(predicted, true, tolerance_px=tolerance) == pytest.approx(f_by_hand(predicted, true, tolerance))


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_border_equals_looking_at_every_neighbour(seed):
    mask = blobs(seed)
    assert [tuple(point) for point in np.argwhere(mask_border(mask)).tolist()] == border_by_hand(mask)


def test_equal_masks_are_perfect():
    assert boundary_f(square(), square()) == 1


def test_shift_within_the_tolerance_is_perfect_and_beyond_it_is_not():
    assert boundary_f(square(3), square(), tolerance_px=3) == 1
    # two of four sides lie further than 1 px off; a bit of the others too
    assert boundary_f(square(3), square(), tolerance_px=1) < 0.6


def test_tolerance_is_two_512ths_of_the_longer_side_unless_stated():
    true = np.zeros((100, 1024), bool)
    true[20:80, 300:600] = True
    assert TOLERANCE * 1024 == 4
    assert boundary_f(np.roll(true, 4, axis=1), true) == 1
    assert boundary_f(np.roll(true, 5, axis=1), true) < 1


def test_frame_is_no_border():
    mask = np.zeros((20, 20), bool)
    mask[:, :10] = True
    assert np.array_equal(np.argwhere(mask_border(mask)), [(y, 9) for y in range(20)])
    assert not mask_border(np.ones((5, 5), bool)).any()


def test_both_without_border_are_perfect_only_if_equal():
    empty, full = np.zeros((8, 8), bool), np.ones((8, 8), bool)
    assert boundary_f(empty, empty) == boundary_f(full, full) == 1
    assert boundary_f(empty, full) == boundary_f(full, empty) == 0


def test_one_without_border_is_worst():
    assert boundary_f(np.zeros((40, 40), bool), square()) == boundary_f(square(), np.zeros((40, 40), bool)) == 0


def test_borders_that_never_meet_give_zero():
    near, far = np.zeros((60, 60), bool), np.zeros((60, 60), bool)
    near[2:6, 2:6] = True
    far[50:54, 50:54] = True
    assert boundary_f(near, far) == 0


def test_masks_of_other_type_or_shape_are_refused():
    with pytest.raises(InvalidArray, match="expected bool"):
        boundary_f(square().astype(np.uint8), square())
    with pytest.raises(InvalidArray):
        boundary_f(square(), square()[:, :20])
