import numpy as np
import pytest

from deepetch.errors import InvalidArray
from deepetch.matte.guided_filter import apply_coefficients, filter_guided, guided_coefficients


def regression_in_every_window(guide, alpha, radius, eps):
    """He et al. 2013, eqs. 14 and 19 to 21 word for word, one window at a time; mirrored beyond the edges."""
    height, width, channels = guide.shape
    pad = 2 * radius
    guide_around = np.pad(guide.astype(float), ((pad, pad), (pad, pad), (0, 0)), mode="symmetric")
    alpha_around = np.pad(alpha.astype(float), pad, mode="symmetric")
    slopes = np.zeros((height, width, channels))
    offsets = np.zeros((height, width))
    for row in range(height):
        for column in range(width):
            window = np.s_[row + radius : row + 3 * radius + 1, column + radius : column + 3 * radius + 1]
            colours = guide_around[window].reshape(-1, channels)
            values = alpha_around[window].ravel()
            centred = colours - colours.mean(axis=0)
            covariance = centred.T @ centred / len(values) + eps * np.eye(channels)
            slopes[row, column] = np.linalg.solve(covariance, centred.T @ values / len(values))
            offsets[row, column] = values.mean() - slopes[row, column] @ colours.mean(axis=0)
    slopes = np.pad(slopes, ((radius, radius), (radius, radius), (0, 0)), mode="symmetric")
    offsets = np.pad(offsets, radius, mode="symmetric")
    filtered = np.zeros((height, width))
    for row in range(height):
        for column in range(width):
            window = np.s_[row : row + 2 * radius + 1, column : column + 2 * radius + 1]
            slope = slopes[window].reshape(-1, channels).mean(axis=0)
            filtered[row, column] = slope @ guide[row, column] + offsets[window].mean()
    return np.clip(filtered, 0, 1)


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("radius", [1, 2])
def test_guided_filter_is_a_linear_regression_in_every_window(channels, radius):
    random = np.random.default_rng(3)
    guide = random.random((13, 17, channels), np.float32)
    alpha = random.random((13, 17), np.float32)
    # float32 covariances against float64: 1e-7 of 1, over an eps of 0.01
    assert filter_guided(guide, alpha, radius=radius, eps=0.01) == pytest.approx(
        regression_in_every_window(guide, alpha, radius, 0.01), abs=1e-4
    )


def test_a_flat_guide_only_blurs():
    alpha = np.zeros((9, 9), np.float32)
    alpha[4, 4] = 1
    filtered = filter_guided(np.full((9, 9, 3), 0.5, np.float32), alpha, radius=1, eps=1e-3)
    assert filtered[4, 4] == pytest.approx(3 * 3 / 81, abs=1e-5)  # two boxes of 3 x 3, one after the other


def test_a_shifted_edge_moves_to_the_guides_edge():
    guide = np.zeros((20, 40, 3), np.float32)
    guide[:, 20:] = (0.9, 0.5, 0.2)
    alpha = np.zeros((20, 40), np.float32)
    alpha[:, 22:] = 1  # two pixels too far right
    filtered = filter_guided(guide, alpha, radius=6, eps=1e-4)
    assert (filtered[:, 20:] > 0.5).all()
    assert (filtered[:, :20] < 0.5).all()


def test_coefficients_may_be_applied_apart_from_the_fit():
    random = np.random.default_rng(1)
    guide, alpha = random.random((8, 8, 3), np.float32), random.random((8, 8), np.float32)
    coefficients = guided_coefficients(guide, alpha, radius=2, eps=0.01)
    assert coefficients.shape == (8, 8, 4)
    np.testing.assert_array_equal(
        apply_coefficients(coefficients, guide), filter_guided(guide, alpha, radius=2, eps=0.01)
    )


def test_empty_in_empty_out():
    assert filter_guided(np.zeros((0, 5, 3), np.float32), np.zeros((0, 5), np.float32), radius=2, eps=0.1).shape == (
        0,
        5,
    )


def test_guide_and_alpha_must_have_one_size():
    with pytest.raises(InvalidArray, match="one size"):
        filter_guided(np.zeros((4, 5, 3), np.float32), np.zeros((5, 4), np.float32), radius=1, eps=0.1)


def test_a_guide_of_two_channels_is_refused():
    with pytest.raises(InvalidArray, match="expected float32"):
        filter_guided(np.zeros((4, 5, 2), np.float32), np.zeros((4, 5), np.float32), radius=1, eps=0.1)
