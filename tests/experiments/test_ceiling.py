"""What a Mask R-CNN's masks cannot exceed: the way that true masks go."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torchvision", exc_type=ImportError)
ceiling = pytest.importorskip("ceiling", exc_type=ImportError)


def rectangle(top, left, bottom, right, shape=(200, 300)):
    mask = np.zeros(shape, bool)
    mask[top:bottom, left:right] = True
    return mask


def comb(shape=(200, 300)):
    """Teeth of three pixels, finer than a mask of 28 x 28 can tell."""
    mask = rectangle(20, 20, 180, 280, shape)
    mask[20:120, 20:280] = (np.arange(260) // 3 % 2 == 0)[None, :]
    return mask


def test_a_box_is_that_of_its_pixels():
    assert ceiling.box_of(rectangle(10, 30, 50, 90)) == (30, 10, 90, 50)


def test_a_rectangle_survives_and_a_comb_does_not():
    plain, fine = rectangle(20, 30, 150, 250), comb()
    iou = ceiling.intersection_over_union
    assert iou(ceiling.pasted([plain], plain.shape, 28), plain) > 0.98
    assert iou(ceiling.pasted([fine], fine.shape, 28), fine) < 0.85
    assert iou(ceiling.enlarged(fine, 300), fine) == 1


def test_more_pixels_come_nearer():
    rows, columns = np.mgrid[:200, :300]
    disc = np.hypot(rows - 100, columns - 150) < 80 + 8 * np.cos(12 * np.arctan2(rows - 100, columns - 150))
    found = [ceiling.intersection_over_union(ceiling.pasted([disc], disc.shape, side), disc) for side in (7, 14, 28)]
    assert found == sorted(found)
    assert found[0] < found[-1] < 1


def test_parts_are_instances_and_numbers_are_cut_to_the_mask():
    two = rectangle(10, 10, 50, 50) | rectangle(100, 100, 150, 200)
    assert [int(part.sum()) for part in ceiling.connected(two)] == [1600, 5000]
    numbers = np.where(rectangle(0, 0, 200, 300), 7, 0).astype(np.uint8)
    (only,) = ceiling.numbered(numbers, two)
    assert np.array_equal(only, two)
