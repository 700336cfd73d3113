"""Where the subject lies in the picture is where it lies in the alpha, whatever the picture's form."""

from __future__ import annotations

import numpy as np
import pytest

from deepetch.errors import ModelMismatch
from deepetch.inference.session import load_model
from deepetch.segment.unet import segment
from drawn_subjects import ORANGE, WALL
from models import colour_key, constant


@pytest.fixture
def model(tmp_path):
    """Its longer side is 64."""
    return load_model(str(colour_key(tmp_path / "key.onnx")))


def view_with_box(height, width, top, left, bottom, right):
    """(h, w, 3) float32 of the wall with an orange box."""
    view = np.empty((height, width, 3), np.float32)
    view[:] = WALL
    view[top:bottom, left:right] = ORANGE
    return view


@pytest.mark.parametrize("shape", [(64, 48), (48, 64), (64, 64), (128, 96), (96, 128), (33, 64), (640, 480)])
def test_box_comes_back_at_its_place(model, shape):
    height, width = shape
    # a box on the lines of the reduced grid, so that no pixel is mixed: scale is 1, 1/2 or 1/10
    scale = max(shape) // 64
    top, left, bottom, right = 8 * scale, 12 * scale, 24 * scale, 40 * scale
    alpha = segment(model, view_with_box(height, width, top, left, bottom, right)).alpha
    assert alpha.shape == (height // scale, width // scale)
    expected = np.zeros(alpha.shape, bool)
    expected[8:24, 12:40] = True
    assert np.array_equal(alpha >= 0.5, expected)


def test_tiny_picture_is_enlarged(model):
    alpha = segment(model, view_with_box(4, 8, 0, 0, 4, 4)).alpha
    assert alpha.shape == (32, 64)
    assert (alpha[:, :30] > 0.5).all()  # two pixels either way: bilinear between the two colours
    assert (alpha[:, 34:] < 0.5).all()


def test_one_pixel_is_an_answer(model):
    alpha = segment(model, view_with_box(1, 1, 0, 0, 1, 1)).alpha
    assert alpha.shape == (64, 64)
    assert (alpha > 0.99).all()


@pytest.mark.parametrize(("shape", "answer"), [((10, 60_000), (1, 64)), ((60_000, 10), (64, 1))])
def test_extreme_aspect_ratio_is_not_squashed(model, shape, answer):
    view = view_with_box(*shape, 0, 0, *(side // 2 if side > 10 else side for side in shape))
    alpha = segment(model, view).alpha
    assert alpha.shape == answer
    assert np.array_equal(alpha.ravel() >= 0.5, np.arange(64) < 32)


@pytest.mark.parametrize("side", ["top", "left", "bottom", "right"])
def test_subject_that_touches_the_frame_goes_on_to_it(model, side):
    box = {"top": (0, 20, 24, 40), "bottom": (24, 20, 48, 40), "left": (12, 0, 36, 30), "right": (12, 34, 36, 64)}[side]
    alpha = segment(model, view_with_box(48, 64, *box)).alpha
    expected = np.zeros((48, 64), bool)
    expected[box[0] : box[2], box[1] : box[3]] = True
    assert np.array_equal(alpha >= 0.5, expected)


def test_answer_is_contiguous_and_its_own(model):
    alpha = segment(model, view_with_box(48, 64, 8, 8, 24, 24)).alpha
    assert alpha.flags.c_contiguous
    assert alpha.base is None


@pytest.mark.parametrize("shape", [(48, 64), (64, 48), (200, 100)])
def test_model_of_fixed_size_gets_a_square(tmp_path, shape):
    model = load_model(str(colour_key(tmp_path / "key.onnx", shape=(1, 3, 96, 96))))
    alpha = segment(model, view_with_box(*shape, 0, 0, *shape)).alpha
    assert max(alpha.shape) == 96
    assert (alpha > 0.99).all()


def test_model_of_fixed_oblong_size_is_refused(tmp_path):
    model = load_model(str(colour_key(tmp_path / "key.onnx", shape=(1, 3, 64, 96))))
    with pytest.raises(ModelMismatch):
        segment(model, view_with_box(48, 64, 0, 0, 8, 8))


def test_model_that_answers_no_numbers_is_refused(tmp_path):
    model = load_model(str(constant(tmp_path / "nan.onnx", float("nan"))))
    with pytest.raises(ModelMismatch, match="no numbers"):
        segment(model, view_with_box(48, 64, 0, 0, 8, 8))
