from __future__ import annotations

import numpy as np
import pytest

from deepetch.datasets.objects import (
    Annotation,
    Bitmap,
    LabelledObject,
    Polygon,
    Rectangle,
    bounding_box,
    cropped_bitmap,
    foreground_mask,
    object_mask,
    outlines,
    shape_mask,
)

SQUARE = np.array([[1.0, 1.0], [5.0, 1.0], [5.0, 4.0], [1.0, 4.0]])


def rows_of(mask):
    return ["".join(".#"[pixel] for pixel in row) for row in mask.astype(int)]


def random_mask(seed):
    random = np.random.default_rng(seed)
    return random.random(random.integers(1, 24, 2)) < random.random()


def test_corners_enclose_the_pixels_whose_centre_is_inside():
    assert rows_of(shape_mask(Polygon(SQUARE), 5, 6)) == ["......", ".####.", ".####.", ".####.", "......"]


def test_inclusive_points_are_pixels_of_the_shape():
    # Supervisely's polygon (1, 1) (3, 1) (3, 2) (1, 2) covers these six pixels
    points = np.array([[1, 1], [3, 1], [3, 2], [1, 2]]) + 0.5
    assert rows_of(shape_mask(Polygon(points, inclusive=True), 4, 5)) == [".....", ".###.", ".###.", "....."]


def test_a_triangle_covers_half_its_square():
    triangle = Polygon(np.array([[0.0, 0.0], [100.0, 0.0], [0.0, 100.0]]))
    # of 10,000 pixels the 100 on the diagonal have their centre on the outline and fall to either side
    assert abs(int(shape_mask(triangle, 100, 100).sum()) - 5000) <= 50


def test_holes_are_taken_out():
    hole = np.array([[2.0, 2.0], [4.0, 2.0], [4.0, 3.0], [2.0, 3.0]])
    assert rows_of(shape_mask(Polygon(SQUARE, (hole,)), 5, 6))[2] == ".#..#."


def test_an_inclusive_hole_takes_its_points_along():
    outside = np.array([[0, 0], [4, 0], [4, 4], [0, 4]]) + 0.5
    hole = np.array([[1, 1], [3, 1], [3, 3], [1, 3]]) + 0.5
    mask = shape_mask(Polygon(outside, (hole,), inclusive=True), 5, 5)
    assert rows_of(mask) == ["#####", "#...#", "#...#", "#...#", "#####"]


@pytest.mark.parametrize("inclusive", [False, True])
def test_outlines_may_reach_beyond_the_picture(inclusive):
    around = np.array([[-9.0, -9.0], [20.0, -9.0], [20.0, 20.0], [-9.0, 20.0]])
    assert shape_mask(Polygon(around, inclusive=inclusive), 3, 4).all()


@pytest.mark.parametrize("points", [np.zeros((0, 2)), np.array([[1.0, 1.0], [3.0, 3.0]])])
def test_fewer_than_three_corners_have_no_inside(points):
    assert not shape_mask(Polygon(points), 5, 5).any()


def test_rectangle_covers_the_pixels_between_its_sides():
    assert rows_of(shape_mask(Rectangle(1, 0, 3, 2), 3, 4)) == [".##.", ".##.", "...."]


@pytest.mark.parametrize(("left", "top"), [(2, 1), (-1, -1), (3, 3), (50, 0), (0, -50)])
def test_bitmap_is_placed_and_cut_at_the_frame(left, top):
    mask = np.ones((2, 3), bool)
    expected = np.zeros((60, 60), bool)
    expected[top + 10 : top + 12, left + 10 : left + 13] = True  # on a canvas with ten pixels around the picture
    if top + 10 < 0:
        expected[:] = False
    assert np.array_equal(shape_mask(Bitmap(mask, left, top), 5, 6), expected[10:15, 10:16])


def test_an_object_is_the_union_of_its_parts():
    thing = LabelledObject(category="bottle", shapes=(Rectangle(0, 0, 1, 1), Rectangle(2, 0, 3, 1)))
    assert rows_of(object_mask(thing, 1, 3)) == ["#.#"]
    assert not object_mask(LabelledObject(category="bottle", shapes=()), 2, 2).any()


def test_foreground_is_the_union_of_the_chosen_categories():
    things = (
        LabelledObject(category="bottle", shapes=(Rectangle(0, 0, 1, 1),)),
        LabelledObject(category="hand", shapes=(Rectangle(1, 0, 2, 1),)),
    )
    annotation = Annotation(height=1, width=3, objects=things)
    assert rows_of(foreground_mask(annotation)) == ["##."]
    assert rows_of(foreground_mask(annotation, {"bottle"})) == ["#.."]
    assert rows_of(foreground_mask(annotation, {"shelf"})) == ["..."]
    assert not foreground_mask(Annotation(height=2, width=2, objects=())).any()


@pytest.mark.parametrize("seed", range(40))
def test_outlines_drawn_again_are_the_mask(seed):
    mask = random_mask(seed)
    drawn = np.zeros_like(mask)
    for polygon in outlines(mask):
        drawn |= shape_mask(polygon, *mask.shape)
    assert np.array_equal(drawn, mask)


def test_outlines_keep_parts_and_holes_apart():
    mask = np.zeros((7, 12), bool)
    mask[1:6, 1:6] = True
    mask[3, 3] = False
    mask[2:4, 8:11] = True
    assert sorted(len(polygon.interiors) for polygon in outlines(mask)) == [0, 1]
    assert outlines(np.zeros((3, 3), bool)) == ()


@pytest.mark.parametrize("seed", range(5))
def test_cropped_bitmap_is_the_mask_and_no_larger(seed):
    mask = random_mask(seed)
    bitmap = cropped_bitmap(mask)
    assert np.array_equal(shape_mask(bitmap, *mask.shape), mask)
    if mask.any():
        assert bitmap.mask[0].any()
        assert bitmap.mask[-1].any()
        assert bitmap.mask[:, 0].any()
        assert bitmap.mask[:, -1].any()


def test_bounding_box_of_nothing_is_empty():
    assert bounding_box(np.zeros((3, 4), bool)) == (0, 0, 0, 0)
    assert cropped_bitmap(np.zeros((3, 4), bool)).mask.size == 0
