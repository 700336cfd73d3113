"""What a network that tells things apart answers, and what no such network may answer."""

from __future__ import annotations

import json

import numpy as np
import onnx
import pytest

from deepetch.errors import ModelMismatch
from deepetch.inference.session import load_model
from detectors import Found, detector

VIEW = np.full((64, 64, 3), 0.5, np.float32)
TWO = (Found(2, 0.6, (1, 2, 30, 40), 0.25), Found(1, 0.9, (20, 5, 60, 61), 0.75))


def detected(path, *found, **others):
    return load_model(str(detector(path / "m.onnx", found, **others))).detect(VIEW)


def test_things_come_the_surest_first(tmp_path):
    found = detected(tmp_path, *TWO)
    np.testing.assert_array_equal(found.labels, [1, 2])
    np.testing.assert_allclose(found.scores, [0.9, 0.6], rtol=1e-6)
    np.testing.assert_array_equal(found.boxes, [(20, 5, 60, 61), (1, 2, 30, 40)])
    assert found.masks.shape == (2, 28, 28)
    np.testing.assert_array_equal(found.masks[:, 0, 0], [0.75, 0.25])
    assert (found.boxes.dtype, found.masks.dtype) == (np.float32, np.float32)


def test_nothing_found_is_an_answer(tmp_path):
    found = detected(tmp_path)
    assert (found.boxes.shape, found.labels.shape, found.masks.shape) == ((0, 4), (0,), (0, 28, 28))


def test_boxes_without_pixels_are_left_out(tmp_path):
    found = detected(tmp_path, Found(1, 0.9, (10, 10, 10, 20)), Found(1, 0.8, (10, 12, 20, 11)), TWO[0])
    np.testing.assert_array_equal(found.labels, [2])


def test_a_model_says_its_classes(tmp_path):
    model = load_model(str(detector(tmp_path / "m.onnx", TWO, classes=("jar", "lid"))))
    assert model.classes == ("jar", "lid")
    assert model.fixed_size == (64, 64)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"labels": np.array([1, 3], np.int64)}, "it names 2 classes, and found number 3. Export it again"),
        ({"labels": np.array([0, 1], np.int64)}, "it names 2 classes, and found number 0. Export it again"),
        ({"labels": np.array([np.nan, 1], np.float32)}, "values that are no numbers"),
        ({"boxes": np.full((2, 4), np.inf, np.float32)}, "values that are no numbers"),
        ({"scores": np.array([0.9, np.nan], np.float32)}, "values that are no numbers"),
        ({"masks": np.full((2, 1, 28, 28), np.nan, np.float32)}, "values that are no numbers"),
        ({"boxes": np.zeros((3, 4), np.float32)}, "expected boxes, labels, scores, masks of k things"),
        ({"boxes": np.zeros((2, 5), np.float32)}, "expected boxes, labels, scores, masks of k things"),
        ({"labels": np.ones((1,), np.int64)}, "expected boxes, labels, scores, masks of k things"),
        ({"scores": np.array(0.5, np.float32)}, "expected boxes, labels, scores, masks of k things"),
        ({"scores": np.ones((2, 1), np.float32)}, "expected boxes, labels, scores, masks of k things"),
        ({"masks": np.ones((2, 28, 28), np.float32)}, "expected boxes, labels, scores, masks of k things"),
        ({"masks": np.ones((2, 2, 28, 28), np.float32)}, "expected boxes, labels, scores, masks of k things"),
    ],
)
def test_an_answer_that_makes_no_sense_is_one_line(tmp_path, changed, said):
    with pytest.raises(ModelMismatch, match=said) as caught:
        detected(tmp_path, *TWO, changed=changed)
    assert "\n" not in str(caught.value)


def test_a_picture_of_another_size_is_refused(tmp_path):
    model = load_model(str(detector(tmp_path / "m.onnx", TWO)))
    with pytest.raises(ModelMismatch, match="refuses an input of"):
        model.detect(np.zeros((64, 32, 3), np.float32))


def test_classes_without_the_outputs_of_a_detector_are_refused(tmp_path):
    model = onnx.load(detector(tmp_path / "m.onnx", TWO))
    del model.graph.output[-1]
    onnx.save(model, tmp_path / "m.onnx")
    with pytest.raises(ModelMismatch, match="it has classes, and not the outputs boxes, labels, scores, masks"):
        load_model(str(tmp_path / "m.onnx"))


@pytest.mark.parametrize("classes", [5, "jar", [1, 2], [["jar"]]])
def test_classes_that_are_no_texts_are_refused(tmp_path, classes):
    path = detector(tmp_path / "m.onnx", TWO)
    model = onnx.load(path)
    said = json.loads(model.metadata_props[0].value) | {"classes": classes}
    onnx.helper.set_model_props(model, {"deepetch": json.dumps(said)})
    onnx.save(model, path)
    with pytest.raises(ModelMismatch, match="its deepetch metadata cannot be read"):
        load_model(str(path))
