"""Instances lie in their picture where the network saw them, whatever the picture's form."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
from onnx import helper, numpy_helper

from deepetch.errors import ModelMismatch
from deepetch.inference.instance import Instance
from deepetch.inference.session import load_model
from deepetch.segment.instances import find_instances, pasted, union
from deepetch.segment.segment import segment
from detectors import Found, detector

STEP = 1 / 32  # OpenCV samples at points that are rounded to this part of a mask's pixel


def instance(box, mask, *, name="product", score=0.9):
    return Instance(name=name, score=score, box=box, mask=np.asarray(mask, np.float32))


def sampled(thing, height, width):
    """The mask at each pixel's centre, bilinear between the centres of its own pixels, 0 beyond them: in a loop."""
    left, top, right, bottom = thing.box
    rows, columns = thing.mask.shape
    alpha = np.zeros((height, width))
    for y in range(height):
        v = ((y + 0.5) / height - top) / (bottom - top) * rows - 0.5
        for x in range(width):
            u = ((x + 0.5) / width - left) / (right - left) * columns - 0.5
            for row in (int(np.floor(v)), int(np.floor(v)) + 1):
                for column in (int(np.floor(u)), int(np.floor(u)) + 1):
                    if 0 <= row < rows and 0 <= column < columns:
                        alpha[y, x] += (1 - abs(v - row)) * (1 - abs(u - column)) * thing.mask[row, column]
    return alpha


@pytest.mark.parametrize(
    "box",
    [
        (0.1, 0.2, 0.7, 0.9),
        (0.0, 0.0, 1.0, 1.0),
        (-0.3, -0.2, 0.4, 0.5),  # reaches beyond the picture
        (0.6, 0.55, 1.8, 1.2),
        (0.50, 0.50, 0.55, 0.9),  # two pixels wide
        (1.2, 0.1, 1.6, 0.5),  # beside it
    ],
)
def test_a_mask_is_pasted_as_bilinear_sampling_has_it(box):
    mask = np.random.default_rng(0).random((7, 5), dtype=np.float32)
    thing = instance(box, mask)
    found = pasted(thing, 30, 40)
    assert (found.shape, found.dtype) == ((30, 40), np.float32)
    np.testing.assert_allclose(found, sampled(thing, 30, 40), atol=2 * STEP)


@pytest.mark.parametrize("side", [1e-2, 1e-4, 1e-6])
def test_a_tiny_box_covers_a_pixel_at_most(side):
    middle = 10.5 / 64  # a pixel's centre
    found = pasted(
        instance((middle - side / 2, middle - side / 2, middle + side / 2, middle + side / 2), np.ones((28, 28))),
        64,
        64,
    )
    assert found[10, 10] == pytest.approx(1)
    assert found.sum() == pytest.approx(1)
    between = 10.0 / 64
    beside = pasted(instance((between, between, between + side / 9, between + side / 9), np.ones((28, 28))), 64, 64)
    assert not beside.any()


def test_masks_outside_their_range_are_cut_to_it():
    found = pasted(instance((0, 0, 1, 1), [[-1, 2], [2, -1]]), 8, 8)
    assert (found.min(), found.max()) == (0, 1)


def test_union_is_the_greatest_at_each_pixel_and_nothing_of_nothing():
    random = np.random.default_rng(1)
    things = [
        instance(box, random.random((28, 28))) for box in ((0, 0, 0.6, 0.7), (0.3, 0.2, 1, 1), (0.9, 0, 1.2, 0.3))
    ]
    expected = np.max([pasted(thing, 20, 24) for thing in things], axis=0)
    np.testing.assert_array_equal(union(things, 20, 24), expected)
    assert not union([], 5, 6).any()
    assert union([], 5, 6).shape == (5, 6)


@pytest.mark.parametrize("shape", [(64, 64), (48, 64), (64, 32), (480, 640), (33, 64), (6, 8), (10, 3000)])
def test_a_box_of_the_networks_square_becomes_a_share_of_the_picture(tmp_path, shape):
    height, width = shape
    scale = 64 / max(shape)
    across, down = max(1, round(width * scale)), max(1, round(height * scale))
    left, top = (64 - across) // 2, (64 - down) // 2
    # the middle half of the picture
    box = (left + across / 4, top + down / 4, left + across * 3 / 4, top + down * 3 / 4)
    model = load_model(str(detector(tmp_path / "m.onnx", [Found(2, 0.75, box)])))
    view = np.zeros((height, width, 3), np.float32)
    (found,) = find_instances(model, view)
    assert (found.name, found.score) == ("product", pytest.approx(0.75))
    np.testing.assert_allclose(found.box, (0.25, 0.25, 0.75, 0.75), atol=1e-6)
    shown = segment(model, view)
    assert shown.alpha.shape == (down, across)
    assert [one.box for one in shown.instances] == [found.box]
    np.testing.assert_array_equal(shown.alpha, union([found], down, across))


def test_what_is_not_sure_is_not_shown(tmp_path):
    path = detector(tmp_path / "m.onnx", [Found(1, 0.49, (1, 1, 9, 9)), Found(2, 0.51, (20, 20, 40, 40))])
    model = load_model(str(path))
    view = np.zeros((64, 64, 3), np.float32)
    assert [one.name for one in find_instances(model, view)] == ["product"]
    assert [one.name for one in find_instances(model, view, least_score=0.1)] == ["product", "person"]
    assert find_instances(model, view, least_score=0.9) == []


def test_nothing_found_is_an_empty_alpha(tmp_path):
    shown = segment(load_model(str(detector(tmp_path / "m.onnx", []))), np.zeros((30, 60, 3), np.float32))
    assert shown.alpha.shape == (32, 64)
    assert not shown.alpha.any()
    assert shown.instances == ()


def test_such_a_network_has_no_deep_features_to_give(tmp_path):
    model = load_model(str(detector(tmp_path / "m.onnx", [])))
    with pytest.raises(ModelMismatch, match="the model gives no deep features"):
        segment(model, np.zeros((30, 60, 3), np.float32), features=True)


def test_beside_the_picture_the_network_sees_one_colour(tmp_path):
    """A model that is the surer the lighter the corner of its square is."""
    path = detector(tmp_path / "m.onnx", [Found(1, 0.75, (0, 0, 64, 64))])
    model = onnx.load(path)
    (adds,) = (node for node in model.graph.node if node.output[0] == "scores")
    adds.input[1] = "corner"
    ends = [("starts", [0, 0, 0, 0]), ("ends", [1, 1, 1, 1]), ("one", [1])]
    model.graph.initializer.extend(numpy_helper.from_array(np.array(values, np.int64), name) for name, values in ends)
    for node in (helper.make_node("Reshape", ["pixel", "one"], ["corner"]), slice_node()):
        model.graph.node.insert(0, node)
    onnx.save(model, path)
    white = np.ones((32, 64, 3), np.float32)
    assert find_instances(load_model(str(path)), white)[0].score == pytest.approx(0.75)  # the mean, which becomes 0
    assert find_instances(load_model(str(path)), np.ones((64, 64, 3), np.float32))[0].score == pytest.approx(1.25)


def slice_node():
    return helper.make_node("Slice", ["picture", "starts", "ends"], ["pixel"])
