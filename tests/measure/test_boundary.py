from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from deepetch.errors import InvalidArray, InvalidOptions
from deepetch.measure.boundary import TOLERANCE, WIDTH, boundary_f, boundary_iou, mask_border


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
    assert boundary_f(empty[:0], empty[:0]) == 1


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


def band_by_hand(mask, width):
    """What is left of `mask` when a 3 x 3 erosion, to which beyond the frame is outside, has run `width` times."""
    kept = np.pad(mask, 1)
    for _ in range(width):
        around = [np.roll(kept, (dy, dx), (0, 1)) for dy in (-1, 0, 1) for dx in (-1, 0, 1)]
        kept = np.logical_and.reduce(around)
        kept[[0, -1]], kept[:, [0, -1]] = False, False
    return mask & ~kept[1:-1, 1:-1]


@pytest.mark.parametrize("width", [1, 2, 5, 40])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_boundary_iou_equals_eroding_step_by_step(seed, width):
    predicted, true = blobs(seed), blobs(seed) ^ (blobs(seed + 10) & blobs(seed + 20))
    p, t = band_by_hand(predicted, width), band_by_hand(true, width)
    assert boundary_iou(predicted, true, width_px=width) == pytest.approx((p & t).sum() / (p | t).sum())


def test_boundary_iou_of_two_squares_by_hand():
    # frames of 20 x 20 less 18 x 18 pixels, 76 each; shifted by 1 they share two whole sides less a corner each
    assert boundary_iou(square(1), square(), width_px=1) == pytest.approx(38 / (76 + 76 - 38))


def test_wide_band_is_the_whole_mask():
    p, t = square(3), square()
    assert boundary_iou(p, t, width_px=40) == pytest.approx((p & t).sum() / (p | t).sum())


def test_band_is_two_percent_of_the_diagonal_unless_stated():
    true, predicted = np.zeros((300, 400), bool), np.zeros((300, 400), bool)
    true[50:250, 100:300] = True
    predicted[60:250, 100:300] = True
    assert WIDTH * math.hypot(300, 400) == 10
    assert boundary_iou(predicted, true) == boundary_iou(predicted, true, width_px=10)
    assert boundary_iou(predicted, true) != boundary_iou(predicted, true, width_px=11)
    assert boundary_iou(true[:3, :3], true[:3, :3]) == 1  # at least one pixel


def test_band_runs_along_the_frame_too():
    full = np.ones((10, 10), bool)
    hole = full.copy()
    hole[4:6, 4:6] = False
    # the frame's 36 pixels are in both bands, and only one has the 12 around the hole
    assert boundary_iou(hole, full, width_px=1) == pytest.approx(36 / 48)


def test_boundary_iou_of_empty_masks():
    empty = np.zeros((40, 40), bool)
    assert boundary_iou(empty, empty) == 1
    assert boundary_iou(empty, square()) == boundary_iou(square(), empty) == 0
    assert boundary_iou(np.zeros((0, 4), bool), np.zeros((0, 4), bool)) == 1


@pytest.mark.parametrize("width", [0, -3, 0.5, float("nan")])
def test_band_thinner_than_a_pixel_is_refused(width):
    with pytest.raises(InvalidOptions, match="width_px: expected at least 1 pixel"):
        boundary_iou(square(), square(), width_px=width)


def test_boundary_iou_refuses_what_are_no_masks_of_one_shape():
    with pytest.raises(InvalidArray, match="expected bool"):
        boundary_iou(square().astype(np.uint8), square())
    with pytest.raises(InvalidArray, match="one shape"):
        boundary_iou(square(), square()[:, :20])
