"""Instances propose, a segmenter draws."""

from __future__ import annotations

import numpy as np
import pytest

from deepetch.errors import InvalidOptions, ModelMismatch, UnknownModel
from deepetch.inference.instance import Instance
from deepetch.inference.session import load_model
from deepetch.segment.ensemble import Ensemble, EnsembleWeights, combined
from deepetch.segment.segment import ensemble_text, load_segmenter, segment
from detectors import Found, detector
from models import colour_key, constant

LEFT, RIGHT = (slice(8, 40), slice(4, 20)), (slice(8, 40), slice(40, 60))


def two_parts():
    drawn = np.zeros((48, 64), np.float32)
    drawn[LEFT], drawn[RIGHT] = 0.9, 0.7
    return drawn


def left_thing(opacity=1.0):
    mask = np.full((28, 28), opacity, np.float32)
    return Instance(name="product", score=0.9, box=(4 / 64, 8 / 48, 20 / 64, 40 / 48), mask=mask)


def test_a_part_in_which_something_was_found_stays_and_another_fades():
    found = combined(two_parts(), [left_thing()], EnsembleWeights(mask=0.0, beyond=0.25))
    np.testing.assert_allclose(found[LEFT], 0.9, rtol=1e-6)
    np.testing.assert_allclose(found[RIGHT], 0.7 * 0.25, rtol=1e-6)
    assert not found[:8].any()


def test_masks_have_the_say_that_their_weight_gives_them():
    found = combined(two_parts(), [left_thing(0.5)], EnsembleWeights(mask=0.4, beyond=1.0))
    inner = found[12:36, 8:16]
    np.testing.assert_allclose(inner, 0.6 * 0.9 + 0.4 * 0.5, rtol=1e-5)
    np.testing.assert_allclose(found[12:36, 44:56], 0.6 * 0.7, rtol=1e-6)


def test_a_thing_that_the_segmenter_did_not_draw_comes_in_by_its_mask():
    found = combined(np.zeros((48, 64), np.float32), [left_thing()], EnsembleWeights(mask=0.6, beyond=0.0))
    np.testing.assert_allclose(found[12:36, 8:16], 0.6, rtol=1e-5)


def test_the_segmenter_alone_and_the_instances_alone():
    drawn = two_parts()
    np.testing.assert_array_equal(combined(drawn, [], EnsembleWeights(mask=0, beyond=1)), drawn)
    assert not combined(drawn, [], EnsembleWeights(mask=1, beyond=1)).any()
    assert not combined(drawn, [], EnsembleWeights(mask=0, beyond=0)).any()


def test_a_part_that_is_hardly_covered_counts_as_not_found():
    drawn = np.zeros((48, 64), np.float32)
    drawn[:, :] = 0.8  # 3072 pixels, of which the thing covers 512: a sixth
    found = combined(drawn, [left_thing()], EnsembleWeights(mask=0, beyond=0.5))
    np.testing.assert_allclose(found, 0.4, rtol=1e-6)


@pytest.mark.parametrize("weights", [{"mask": -0.1}, {"mask": 1.1}, {"beyond": 2}, {"beyond": float("nan")}])
def test_weights_are_shares(weights):
    with pytest.raises(InvalidOptions, match="expected 0 to 1"):
        EnsembleWeights(**weights)


@pytest.fixture
def files(tmp_path):
    thing = Found(2, 0.9, (8, 16, 32, 48))
    return colour_key(tmp_path / "draws.onnx"), detector(tmp_path / "finds.onnx", [thing])


def test_an_ensemble_answers_for_both(files):
    drawer, proposer = files
    both = load_segmenter(f"ensemble:{drawer}+{proposer}")
    assert isinstance(both, Ensemble)
    view = np.full((64, 64, 3), 0.4, np.float32)
    view[16:48, 8:32] = (1.0, 0.5, 0.1)
    found = segment(both, view)
    assert found.alpha.shape == (64, 64)
    assert found.alpha[20:44, 12:28].min() > 0.95
    assert found.alpha[:10].max() < 0.05
    assert [(thing.name, round(thing.score, 3)) for thing in found.instances] == [("product", 0.9)]
    assert both.spec.name == "ensemble:draws.onnx+finds.onnx"
    assert both.spec.calibration == ()
    with pytest.raises(ModelMismatch):
        both.require_features()


def test_an_ensemble_in_a_file_is_read_as_it_was_written(tmp_path, files):
    text = ensemble_text("draws.onnx", "finds.onnx", EnsembleWeights(mask=0.3, beyond=0.75))
    path = tmp_path / "both.toml"
    path.write_text(text)
    both = load_segmenter(str(path))
    assert isinstance(both, Ensemble)
    assert both.weights == EnsembleWeights(mask=0.3, beyond=0.75)
    assert both.drawer.spec.file == files[0]
    assert both.spec.name == "both.toml"


def test_a_name_with_quotes_and_backslashes_survives(tmp_path, files):
    odd = tmp_path / 'a"b\\c.onnx'
    odd.write_bytes(files[0].read_bytes())
    path = tmp_path / "both.toml"
    path.write_text(ensemble_text(str(odd), "finds.onnx", EnsembleWeights()))
    assert load_segmenter(str(path)).drawer.spec.file == odd


def test_what_is_no_ensemble_is_a_model_as_ever(files):
    assert load_segmenter(str(files[0])).spec.file == files[0]
    with pytest.raises(UnknownModel):
        load_segmenter("nothing-of-this-name")


@pytest.mark.parametrize("name", ["ensemble:", "ensemble:default", "ensemble:a+", "ensemble:a+b+c"])
def test_a_name_that_is_no_pair_is_said(name):
    with pytest.raises(InvalidOptions, match=r"expected ensemble:SEGMENTER\+INSTANCES"):
        load_segmenter(name)


def test_the_two_have_their_parts(files):
    drawer, proposer = (load_model(str(file)) for file in files)
    for pair in ((proposer, drawer), (drawer, drawer), (proposer, proposer)):
        with pytest.raises(InvalidOptions, match="a segmenter, then a model that tells things apart"):
            Ensemble(drawer=pair[0], proposer=pair[1])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('drawer = "a"\nproposer = "b"\nmask = 1\n', "expected the keys"),
        ('drawer = 3\nproposer = "b"\nmask = 1\nbeyond = 1\n', "drawer: expected text"),
        ('drawer = "a"\nproposer = "b"\nmask = "x"\nbeyond = 1\n', "mask: expected a number"),
        ('drawer = "a"\nproposer = "b"\nmask = 7\nbeyond = 1\n', r"both\.toml: mask: expected 0 to 1"),
    ],
)
def test_a_wrong_file_is_said(tmp_path, text, message):
    path = tmp_path / "both.toml"
    path.write_text(text)
    with pytest.raises(InvalidOptions, match=message):
        load_segmenter(str(path))


def test_a_constant_segmenter_is_one_part(tmp_path):
    drawer = load_model(str(constant(tmp_path / "all.onnx", 0.75)))
    proposer = load_model(str(detector(tmp_path / "none.onnx", [])))
    both = Ensemble(drawer=drawer, proposer=proposer, weights=EnsembleWeights(mask=0, beyond=0.5))
    found = segment(both, np.zeros((64, 64, 3), np.float32))
    np.testing.assert_allclose(found.alpha, 0.375, atol=1e-5)
    assert found.instances == ()
