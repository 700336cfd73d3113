from math import erf

import numpy as np
import pytest

from deepetch.matte.soft.affinity import colour_affinity, semantic_affinity
from deepetch.matte.soft.superpixels import superpixels


@pytest.fixture
def scene():
    random = np.random.default_rng(7)
    view = np.repeat(np.repeat(random.random((4, 5, 3), np.float32) * 0.3, 6, axis=0), 6, axis=1)
    return view, superpixels(view, 20)


def test_colour_affinity_of_every_pair_in_reach(scene):
    view, patches = scene
    means, pixels = patches.mean(view), patches.pixels()
    expected = np.zeros((view.shape[0] * view.shape[1],) * 2)
    for s in range(len(means)):
        for t in range(len(means)):
            if s != t and np.hypot(*((patches.centres[s] - patches.centres[t]) / (24, 30))) <= 0.2:
                expected[pixels[s], pixels[t]] = (erf(50 * (0.05 - np.linalg.norm(means[s] - means[t]))) + 1) / 2
    assert (expected > 0.1).any()
    np.testing.assert_allclose(colour_affinity(patches, view).toarray(), expected, atol=1.01e-4)


def test_semantic_affinity_of_every_pair_that_touches(scene):
    _, patches = scene
    features = np.random.default_rng(8).random((*patches.labels.shape, 4)) * np.linspace(0, 1, 30)[None, :, None]
    means, pixels = patches.mean(features), patches.pixels()
    expected = np.zeros((patches.labels.size,) * 2)
    height, width = patches.labels.shape
    for row in range(height):
        for column in range(width):
            for down, across in ((0, 1), (1, 0), (1, 1), (1, -1)):
                if row + down < height and 0 <= column + across < width:
                    s, t = patches.labels[row, column], patches.labels[row + down, column + across]
                    if s != t:
                        weight = erf(20 * (0.15 - np.linalg.norm(means[s] - means[t])))
                        expected[pixels[s], pixels[t]] = expected[pixels[t], pixels[s]] = weight
    np.testing.assert_allclose(semantic_affinity(patches, features).toarray(), expected, atol=1e-12)


def test_unlike_meanings_push_apart_and_alike_attract(scene):
    _, patches = scene
    features = np.zeros((*patches.labels.shape, 1))
    features[:, 12:] = 1
    weights = semantic_affinity(patches, features).tocoo()
    across = (weights.row % 30 < 12) != (weights.col % 30 < 12)
    assert (weights.data[across] < -0.9).all()
    assert (weights.data[~across] > 0.9).all()


def test_one_superpixel_is_joined_to_nothing():
    view = np.full((6, 6, 3), 0.5, np.float32)
    patches = superpixels(view, 1)
    assert colour_affinity(patches, view).nnz == 0
    assert semantic_affinity(patches, view).nnz == 0
