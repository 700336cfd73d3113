import numpy as np
import pytest

from deepetch.errors import InvalidArray
from deepetch.matte.soft.features import principal_components, semantic_features

VIEW = np.full((16, 20, 3), 0.5, np.float32)
COARSE = np.zeros((16, 20), np.float32)


def test_principal_components_are_those_of_the_singular_value_decomposition():
    points = np.random.default_rng(3).normal(size=(40, 6)) * [5, 3, 2, 1, 0.5, 0.1]
    centred = points - points.mean(axis=0)
    left, sizes, _ = np.linalg.svd(centred, full_matrices=False)
    np.testing.assert_allclose(np.abs(principal_components(points, 3)), np.abs(left[:, :3] * sizes[:3]), atol=1e-9)


def test_fewer_channels_than_components():
    assert principal_components(np.arange(6.0).reshape(6, 1), 3).shape == (6, 1)


def test_planes_are_in_range_and_alpha_comes_last():
    random = np.random.default_rng(4)
    alpha = np.ones((4, 5), np.float32)
    planes = semantic_features(VIEW, random.normal(size=(4, 5, 9)).astype(np.float32), alpha, alpha_weight=0.5)
    assert planes.shape == (16, 20, 4)
    assert planes.dtype == np.float32
    np.testing.assert_allclose(planes[..., :3].min(axis=(0, 1)), 0, atol=1e-6)
    np.testing.assert_allclose(planes[..., :3].max(axis=(0, 1)), 1, atol=1e-6)
    np.testing.assert_allclose(planes[..., 3], 0.5, atol=1e-6)


def test_features_that_do_not_vary_say_nothing():
    planes = semantic_features(VIEW, np.full((2, 3, 8), 7, np.float32), COARSE, alpha_weight=1)
    np.testing.assert_array_equal(planes, 0)


def test_features_on_a_coarse_grid_follow_the_pictures_edge():
    view = VIEW.copy()
    view[:, 9:] = 0.9
    features = np.zeros((4, 5, 2), np.float32)
    features[:, 2:] = 1  # from column 8 on
    planes = semantic_features(view, features, COARSE, alpha_weight=1)
    step = np.abs(np.diff(planes[8, :, 0]))
    assert step.argmax() == 8  # between columns 8 and 9, as in the picture


@pytest.mark.parametrize(
    "features",
    [
        np.zeros((4, 5), np.float32),
        np.zeros((4, 5, 2)),
        np.zeros((0, 5, 2), np.float32),
        np.full((4, 5, 2), np.nan, np.float32),
        np.full((4, 5, 2), np.inf, np.float32),
    ],
)
def test_features_of_another_form_are_refused(features):
    with pytest.raises(InvalidArray, match="features"):
        semantic_features(VIEW, features, COARSE, alpha_weight=1)
