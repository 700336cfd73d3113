"""What is drawn over a picture lies where it was found, and inside the picture."""

from __future__ import annotations

import numpy as np
import pytest

from deepetch.inference.instance import Instance
from deepetch.segment.overlay import COLOURS, TINTED, overlaid

GREY = np.full((200, 300, 3), 0.5, np.float32)


def square(box, *, name="jar", score=0.87):
    return Instance(name=name, score=score, box=box, mask=np.ones((28, 28), np.float32))


def test_without_instances_the_view_stays():
    view = np.random.default_rng(0).random((20, 30, 3), dtype=np.float32)
    np.testing.assert_array_equal(overlaid(view, []), np.rint(view * 255).astype(np.uint8))


def test_mask_box_and_label_are_drawn_in_place():
    shown = overlaid(GREY, [square((0.2, 0.5, 0.6, 0.9))])  # columns 60 to 180, rows 100 to 180
    colour = COLOURS[0].astype(float)
    np.testing.assert_allclose(shown[140, 120], 128 + (colour - 128) * TINTED, atol=1)
    for row, column in ((100, 120), (179, 120), (140, 60), (140, 179)):
        np.testing.assert_array_equal(shown[row, column], COLOURS[0])
    plate = shown[:100, 60:]
    assert (plate == COLOURS[0]).all(-1).sum() > 100  # above the box, from its left
    assert (plate > 240).all(-1).any()  # with light letters
    changed = (shown != 128).any(-1)
    assert not changed[182:].any()
    assert not changed[:, :58].any()
    assert not changed[101:, 182:].any()


def test_each_has_a_colour_of_its_own_and_more_than_there_are_colours_are_drawn():
    things = [square((0.1 * i, 0.5, 0.1 * i + 0.08, 0.9)) for i in range(9)]
    shown = overlaid(GREY, things)
    seen = {tuple(shown[170, 30 * i + 12]) for i in range(len(COLOURS))}
    assert len(seen) == len(COLOURS)


@pytest.mark.parametrize("box", [(-0.5, -0.5, 1.5, 1.5), (0.9, 0.0, 1.4, 0.1), (0, 0.95, 0.02, 1.3), (2, 2, 3, 3)])
def test_boxes_beyond_the_picture_are_drawn_as_far_as_they_go(box):
    shown = overlaid(GREY, [square(box, name="a very long name of a thing")])
    assert shown.shape == GREY.shape
    assert (shown > 240).all(-1).any()  # the label is inside


@pytest.mark.parametrize("shape", [(1, 1), (3, 200), (200, 3), (9, 9)])
def test_pictures_smaller_than_a_label_are_drawn(shape):
    assert overlaid(np.zeros((*shape, 3), np.float32), [square((0, 0, 1, 1))]).shape == (*shape, 3)


def test_a_name_that_is_not_ascii_is_drawn_with_question_marks():
    ours = overlaid(GREY, [square((0.2, 0.5, 0.6, 0.9))], ["Flacon caf\u00e9"])
    np.testing.assert_array_equal(ours, overlaid(GREY, [square((0.2, 0.5, 0.6, 0.9))], ["Flacon caf?"]))


def test_labels_are_class_and_score_unless_others_are_given():
    things = [square((0.2, 0.5, 0.6, 0.9))]
    np.testing.assert_array_equal(overlaid(GREY, things), overlaid(GREY, things, ["jar 0.87"]))
    assert (overlaid(GREY, things) != overlaid(GREY, things, ["1"])).any()


def test_letters_grow_with_the_picture():
    def height_of_label(side):
        shown = overlaid(np.full((side, side, 3), 0.5, np.float32), [square((0.1, 0.6, 0.9, 0.9))])
        return int((shown[: round(side * 0.6) - 3] != 128).any((1, 2)).sum())

    assert height_of_label(2000) > 2 * height_of_label(500) > 10
