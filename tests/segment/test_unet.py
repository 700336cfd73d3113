"""Where the subject lies in the picture is where it lies in the alpha, whatever the picture's form."""

from __future__ import annotations

import numpy as np
import pytest

from deepetch.errors import ModelMismatch
from deepetch.inference.session import load_model
from deepetch.segment.segment import segment
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


def test_features_are_of_the_picture_alone_on_a_coarser_grid():
    found = segment(load_model(), view_with_box(160, 320, 40, 60, 120, 260), features=True)
    assert found.features is not None
    height, width, channels = found.features.shape
    assert channels > 3
    assert (height, width) == (round(found.alpha.shape[0] / 16), round(found.alpha.shape[1] / 16))
    # what is in the box is told from what is not, at the box's places
    rows, columns = (np.arange(height) + 0.5) / height, (np.arange(width) + 0.5) / width
    inside = ((rows > 0.35) & (rows < 0.65))[:, None] & ((columns > 0.3) & (columns < 0.7))[None]
    outside = ((rows < 0.15) | (rows > 0.85))[:, None] | ((columns < 0.1) | (columns > 0.9))[None]
    means = found.features[inside].mean(0), found.features[outside].mean(0)
    spread = found.features[inside].std(0).mean() + found.features[outside].std(0).mean()
    assert np.abs(means[0] - means[1]).mean() > 0.5 * spread


def test_a_model_without_features_says_so(model):
    with pytest.raises(ModelMismatch, match="no deep features"):
        segment(model, view_with_box(64, 64, 10, 10, 50, 50), features=True)
