import numpy as np
import pytest

from deepetch.errors import InvalidArray
from deepetch.matte.soft.matting_laplacian import laplacian, matting_affinity


def levin_laplacian(view, eps):
    """Levin et al. 2008, eq. 12 word for word: one window, one pair of its pixels at a time."""
    height, width = view.shape[:2]
    dense = np.zeros((height * width, height * width))
    for row in range(height - 2):
        for column in range(width - 2):
            pixels = [(row + i) * width + column + j for i in range(3) for j in range(3)]
            colours = view.reshape(-1, 3)[pixels].astype(float)
            mean = colours.mean(axis=0)
            covariance = (colours - mean).T @ (colours - mean) / 9
            inverse = np.linalg.inv(covariance + eps / 9 * np.eye(3))
            for a, i in enumerate(pixels):
                for b, j in enumerate(pixels):
                    dense[i, j] += (i == j) - (1 + (colours[a] - mean) @ inverse @ (colours[b] - mean)) / 9
    return dense


@pytest.mark.parametrize("eps", [1e-7, 1e-2])
@pytest.mark.parametrize("size", [(5, 5), (6, 9)])
def test_laplacian_is_the_sum_over_windows(size, eps):
    view = np.random.default_rng(2).random((*size, 3), np.float32)
    sparse = laplacian(matting_affinity(view, eps=eps)).toarray()
    np.testing.assert_allclose(sparse, levin_laplacian(view, eps), atol=1e-6)


def test_alpha_that_is_linear_in_the_colours_costs_nothing():
    view = np.random.default_rng(4).random((8, 7, 3), np.float32)
    alpha = view.astype(float).reshape(-1, 3) @ [0.2, 0.5, 0.1] + 0.1
    matrix = laplacian(matting_affinity(view))
    assert abs(alpha @ (matrix @ alpha)) < 1e-4
    noise = np.random.default_rng(5).random(56)
    assert noise @ (matrix @ noise) > 0.5


@pytest.mark.parametrize("value", [0.0, 0.5, 1.0])
def test_a_constant_picture_is_a_plain_average_over_windows(value):
    view = np.full((5, 6, 3), value, np.float32)
    affinity = matting_affinity(view).toarray()
    assert affinity[0, 1] == pytest.approx(1 / 9)  # one window holds both
    assert affinity[2 * 6 + 2, 2 * 6 + 3] == pytest.approx(6 / 9)
    assert (affinity.diagonal() == 0).all()


def test_a_line_of_colours_stays_finite():
    ramp = np.linspace(0, 1, 36, dtype=np.float32).reshape(6, 6)
    assert np.isfinite(matting_affinity(np.stack([ramp, ramp, ramp], -1)).toarray()).all()


def test_four_pixels_a_side_are_too_few():
    with pytest.raises(InvalidArray, match="at least 5 x 5"):
        matting_affinity(np.zeros((9, 4, 3), np.float32))
