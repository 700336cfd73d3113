from __future__ import annotations

import os

import numpy as np
import pytest
from onnx import helper, load, save

from deepetch.errors import ModelMismatch, UnknownModel
from deepetch.inference.refiner import load_refiner
from models import answering, colour_key, colour_refiner, handing_on


def squares(count=3, side=64):
    random = np.random.default_rng(0)
    return random.random((count, side, side, 3), np.float32), random.random((count, side, side), np.float32)


def test_a_refiner_sees_colours_and_the_coarse_alpha(tmp_path):
    colours, coarse = squares()
    handed_on = load_refiner(str(handing_on(tmp_path / "h.onnx"))).refine(colours, coarse)
    assert np.allclose(handed_on, coarse, atol=1e-5)
    seen = load_refiner(str(colour_refiner(tmp_path / "c.onnx", steepness=8))).refine(colours, coarse)
    assert np.allclose(seen, 1 / (1 + np.exp(-8 * (colours[..., 0] - 0.5))), atol=1e-5)


def test_no_squares_in_none_out(tmp_path):
    refiner = load_refiner(str(handing_on(tmp_path / "h.onnx")))
    assert refiner.refine(*squares(0)).shape == (0, 64, 64)


def test_the_same_file_is_loaded_once_and_a_changed_one_again(tmp_path):
    file = handing_on(tmp_path / "h.onnx")
    first = load_refiner(str(file))
    assert load_refiner(str(file)) is first
    assert load_refiner(str(file), threads=1) is not first
    colour_refiner(file)
    os.utime(file, ns=(1, 1))
    assert load_refiner(str(file)) is not first


@pytest.mark.parametrize("text", ["no JSON", "[1]", '{"mean": [0, 0]}', '{"std": [1, 0, 1]}', '{"mean": "red"}'])
def test_metadata_that_cannot_be_read_are_said(tmp_path, text):
    model = load(handing_on(tmp_path / "h.onnx"))
    helper.set_model_props(model, {"deepetch": text})
    save(model, tmp_path / "m.onnx")
    with pytest.raises(ModelMismatch, match="metadata cannot be read"):
        load_refiner(str(tmp_path / "m.onnx"))


def test_a_size_that_the_network_refuses_is_said(tmp_path):
    model = load(handing_on(tmp_path / "h.onnx"))
    for axis, side in ((0, 1), (2, 32), (3, 32)):
        model.graph.input[0].type.tensor_type.shape.dim[axis].dim_value = side
    save(model, tmp_path / "fixed.onnx")
    with pytest.raises(ModelMismatch, match=r"refuses an input of \(3, 4, 64, 64\)"):
        load_refiner(str(tmp_path / "fixed.onnx")).refine(*squares())


def test_what_is_no_refiner_is_said(tmp_path):
    with pytest.raises(UnknownModel, match=r"no refiner called 'nowhere\.onnx'"):
        load_refiner("nowhere.onnx")
    with pytest.raises(ModelMismatch, match=r"expected one input \(n, 4, h, w\)"):
        load_refiner(str(colour_key(tmp_path / "segmenter.onnx")))
    (tmp_path / "text.onnx").write_text("no model")
    with pytest.raises(ModelMismatch, match="no ONNX model"):
        load_refiner(str(tmp_path / "text.onnx"))


@pytest.mark.parametrize("value", [float("nan"), 1.5, -0.1])
def test_an_answer_that_is_no_alpha_is_said(tmp_path, value):
    with pytest.raises(ModelMismatch, match="no alpha"):
        load_refiner(str(answering(tmp_path / "a.onnx", value))).refine(*squares())
