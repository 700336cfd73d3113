from __future__ import annotations

import math

import numpy as np
import pytest
from drawn_alphas import WRONG, holed_disc, in_levels, noise, soft_disc

from deepetch.errors import InvalidArray
from deepetch.measure.gradient import gradient_error


def magnitude_by_hand(alpha):
    """|grad| by a sum over the whole 9 x 9 window of every pixel, in double precision, frame repeated."""
    sigma = 1.4
    steps = np.arange(-4, 5)  # the Gaussian of sigma 1.4 falls below 0.01 beyond 4 pixels
    dy, dx = np.meshgrid(steps, steps, indexing="ij")
    kernel = -dx / sigma**2 * np.exp(-(dx**2 + dy**2) / (2 * sigma**2)) / (2 * math.pi * sigma**2)
    kernel /= math.sqrt((kernel**2).sum())
    framed = np.pad(alpha.astype(float), 4, mode="edge")
    across, down = np.zeros(alpha.shape), np.zeros(alpha.shape)
    for y, x in np.ndindex(alpha.shape):
        window = framed[y : y + 9, x : x + 9]
        across[y, x], down[y, x] = (window * kernel).sum(), (window * kernel.T).sum()
    return np.hypot(across, down)


PAIRS = [
    (noise(0), noise(1)),
    (soft_disc(ramp=9), soft_disc()),
    (holed_disc(), soft_disc(y=0.45)),
    (in_levels(noise(2)), (soft_disc() >= 0.5).astype(np.float32)),
]


@pytest.mark.parametrize(("predicted", "true"), PAIRS)
def test_error_equals_filtering_window_by_window(predicted, true):
    squares = (magnitude_by_hand(predicted) - magnitude_by_hand(true)) ** 2
    # float32 inside: six digits of each gradient
    assert gradient_error(predicted, true) == pytest.approx(squares.sum() / 1000, rel=1e-4)
    band = (true > 0.1) & (true < 0.9)
    band[0] = True
    assert gradient_error(predicted, true, within=band) == pytest.approx(squares[band].sum() / 1000, rel=1e-4)


def test_straight_ramp_against_flat_is_the_slope_times_the_kernels_first_moment():
    ramp = np.broadcast_to(np.arange(41, dtype=np.float32) / 40, (30, 41)).copy()
    flat = np.zeros_like(ramp)
    x = np.arange(-4, 5)
    g = np.exp(-(x**2) / (2 * 1.4**2))
    # sum of kernel times x, times 1/40 a pixel
    gradient = (x * x * g).sum() / np.linalg.norm(x * g) * g.sum() / np.linalg.norm(g) / 40
    middle = np.zeros(ramp.shape, bool)
    middle[:, 4:-4] = True
    expected = 30 * 33 * gradient**2 / 1000
    assert gradient_error(ramp, flat, within=middle) == pytest.approx(expected, rel=1e-4)


def test_blur_counts_although_the_sum_of_differences_is_small():
    assert gradient_error(soft_disc(ramp=12), soft_disc(ramp=2)) > 3 * gradient_error(
        soft_disc(ramp=4), soft_disc(ramp=2)
    )


def test_equal_flat_and_empty_alphas_have_no_error():
    empty = np.zeros((40, 50), np.float32)
    assert gradient_error(empty, empty) == 0
    # filters round their last bit by where an array lies in memory
    assert gradient_error(noise(0), noise(0)) == pytest.approx(0, abs=1e-9)
    assert gradient_error(empty, empty + 1) == pytest.approx(0, abs=1e-9)
    assert gradient_error(empty[:0], empty[:0]) == 0


def test_one_empty_is_all_of_the_others_gradient_in_either_order():
    empty = np.zeros((40, 50), np.float32)
    expected = (magnitude_by_hand(soft_disc()) ** 2).sum() / 1000
    assert gradient_error(empty, soft_disc()) == pytest.approx(expected, rel=1e-4)
    assert gradient_error(soft_disc(), empty) == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_what_is_no_alpha_is_refused(wrong):
    with pytest.raises(InvalidArray, match=r"predicted: expected"):
        gradient_error(wrong, noise(0))
    with pytest.raises(InvalidArray, match=r"true: expected"):
        gradient_error(noise(0), wrong)


def test_other_shapes_are_refused():
    with pytest.raises(InvalidArray, match="one shape"):
        gradient_error(noise(0), noise(0)[:, :9])
    with pytest.raises(InvalidArray, match=r"within: expected a mask of \(40, 50\)"):
        gradient_error(noise(0), noise(1), within=np.ones((3, 3), bool))
    with pytest.raises(InvalidArray, match="within: expected bool"):
        gradient_error(noise(0), noise(1), within=noise(2))
