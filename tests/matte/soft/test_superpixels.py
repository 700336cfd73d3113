import cv2
import numpy as np
import pytest

from deepetch.errors import InvalidArray
from deepetch.matte.soft.superpixels import Superpixels, superpixels


def two_halves(height=24, width=32):
    view = np.full((height, width, 3), 0.2, np.float32)
    view[:, 13:] = (0.9, 0.6, 0.1)
    return view


def test_superpixels_keep_to_one_side_of_an_edge():
    patches = superpixels(two_halves(), 12)
    left, right = patches.labels[:, :13], patches.labels[:, 13:]
    assert not set(left.ravel()) & set(right.ravel())
    assert 8 <= len(patches.centres) <= 16


def test_labels_are_compact_and_each_is_one_part():
    view = np.random.default_rng(0).random((30, 40, 3), np.float32)
    patches = superpixels(cv2.blur(view, (5, 5)), 30)
    assert set(patches.labels.ravel()) == set(range(len(patches.centres)))
    for label in range(len(patches.centres)):
        parts = cv2.connectedComponents((patches.labels == label).astype(np.uint8), connectivity=8)[0] - 1
        assert parts == 1


def test_means_pixels_and_neighbours_of_a_drawn_division():
    labels = np.array([[0, 0, 1], [0, 0, 1], [2, 2, 2]])
    centres = np.array([[0.4, 0.6], [0.5, 2.0], [2.0, 1.0]])
    patches = Superpixels(labels, centres)
    plane = np.arange(9.0).reshape(3, 3, 1)
    np.testing.assert_allclose(patches.mean(plane)[:, 0], [(0 + 1 + 3 + 4) / 4, (2 + 5) / 2, 7])
    assert patches.pixels()[0] == 1  # row 0, column 1 is nearest to (0.4, 0.6)
    assert patches.pixels()[2] == 7
    assert patches.neighbours().tolist() == [[0, 1], [0, 2], [1, 2]]


def test_a_constant_picture_is_divided_as_a_grid():
    patches = superpixels(np.full((20, 20, 3), 0.5, np.float32), 4)
    assert sorted(np.bincount(patches.labels.ravel())) == [100, 100, 100, 100]


@pytest.mark.parametrize("count", [1, 1000])
def test_one_superpixel_and_more_than_there_are_pixels(count):
    view = np.random.default_rng(1).random((6, 5, 3), np.float32)
    patches = superpixels(view, count)
    assert 1 <= len(patches.centres) <= 30
    assert np.isfinite(patches.centres).all()


def test_grey_without_channels_is_refused():
    with pytest.raises(InvalidArray, match="view"):
        superpixels(np.zeros((6, 5), np.float32), 4)
