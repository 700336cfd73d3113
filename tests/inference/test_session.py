from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from deepetch.errors import ModelMismatch, UnknownModel
from deepetch.inference.normalize import MEAN, STD
from deepetch.inference.session import load_model
from models import (
    colour_key,
    constant,
    echo,
    sure_of_a_subject,
    three_channels_out,
    with_metadata_text,
    without_metadata,
    wrong_rank,
)

VIEW = np.random.default_rng(0).random((32, 64, 3), np.float32)


def test_alpha_is_what_the_graph_computes(tmp_path):
    model = load_model(str(colour_key(tmp_path / "key.onnx", steepness=4, threshold=0.25)))
    alpha = model.predict(VIEW).alpha
    red, blue = VIEW[..., 0].astype(float), VIEW[..., 2].astype(float)
    assert alpha.dtype == np.float32
    assert np.allclose(alpha, 1 / (1 + np.exp(-4 * (red - blue - 0.25))), atol=1e-5)  # float32 sigmoid


def test_default_normalisation_applies_to_a_model_that_says_nothing(tmp_path):
    spec = load_model(str(without_metadata(tmp_path / "m.onnx"))).spec
    assert (spec.mean, spec.std, spec.input_size) == (MEAN, STD, 320)


def test_metadata_of_the_file_complete_its_row(tmp_path):
    said = {"input_size": 96, "licence": "CC0", "data": "drawn", "calibration": [[0.0, 0.1], [1.0, 0.9]]}
    spec = load_model(str(constant(tmp_path / "m.onnx", 0.5, metadata=said))).spec
    assert (spec.input_size, spec.licence, spec.data) == (96, "CC0", "drawn")
    assert spec.calibration == ((0.0, 0.1), (1.0, 0.9))
    assert spec.mean == (0, 0, 0)
    assert hash(spec)  # lists became tuples


def test_metadata_cannot_change_name_or_file_and_unknown_keys_are_let_be(tmp_path):
    file = constant(tmp_path / "m.onnx", 0.5, metadata={"name": "evil", "file": "/etc/passwd", "colour": "red"})
    spec = load_model(str(file)).spec
    assert (spec.name, spec.file) == ("m.onnx", file)


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        "7",
        json.dumps({"input_size": "large"}),
        json.dumps({"input_size": 100}),
        json.dumps({"input_size": 0}),
        json.dumps({"mean": [0.5]}),
        json.dumps({"std": [1, 1, 0]}),
        json.dumps({"std": "grey"}),
        json.dumps({"calibration": [1, 2]}),
    ],
)
def test_metadata_that_make_no_sense_are_refused(tmp_path, text):
    with pytest.raises(ModelMismatch, match="metadata cannot be read; export it again"):
        load_model(str(with_metadata_text(tmp_path / "m.onnx", text)))


def test_provider_is_said(tmp_path):
    assert load_model(str(constant(tmp_path / "m.onnx", 0.5))).providers == ("CPUExecutionProvider",)


def test_answer_is_clipped_where_rounding_leaves_the_range(tmp_path):
    view = VIEW * np.float32(1.01) - np.float32(0.005)
    alpha = load_model(str(echo(tmp_path / "m.onnx"))).predict(view).alpha
    assert np.array_equal(alpha, np.clip(view[..., 0], 0, 1))


def test_logits_are_refused_not_clipped(tmp_path):
    with pytest.raises(ModelMismatch, match="Export it with its sigmoid"):
        load_model(str(echo(tmp_path / "m.onnx"))).predict(VIEW * 8 - 4)


def test_fixed_size_is_known_and_another_size_refused(tmp_path):
    model = load_model(str(colour_key(tmp_path / "m.onnx", shape=(1, 3, 64, 64))))
    assert model.fixed_size == (64, 64)
    assert model.predict(np.zeros((64, 64, 3), np.float32)).alpha.shape == (64, 64)
    with pytest.raises(ModelMismatch, match="refuses an input"):
        model.predict(VIEW)


def test_fixed_size_is_the_input_size(tmp_path):
    file = colour_key(tmp_path / "m.onnx", shape=(1, 3, 512, 512), metadata={"input_size": 320})
    assert load_model(str(file)).spec.input_size == 512


def test_one_fixed_side_is_no_fixed_size(tmp_path):
    assert load_model(str(colour_key(tmp_path / "m.onnx", shape=(1, 3, 64, "w")))).fixed_size is None


def test_free_size_has_no_fixed_size(tmp_path):
    assert load_model(str(constant(tmp_path / "m.onnx", 0.5))).fixed_size is None


def test_values_that_are_no_numbers_are_refused(tmp_path):
    with pytest.raises(ModelMismatch, match="no numbers"):
        load_model(str(constant(tmp_path / "m.onnx", float("nan")))).predict(VIEW)


def test_presence_is_what_the_model_says_and_certain_where_it_says_nothing(tmp_path):
    said = load_model(str(sure_of_a_subject(tmp_path / "m.onnx", 0.25))).predict(VIEW)
    silent = load_model(str(colour_key(tmp_path / "m.onnx"))).predict(VIEW)
    assert (said.presence, silent.presence) == (0.25, 1.0)
    assert np.array_equal(said.alpha, silent.alpha)


@pytest.mark.parametrize("presence", [-0.1, 7.0, float("nan")])
def test_presence_that_is_no_probability_is_refused(tmp_path, presence):
    with pytest.raises(ModelMismatch, match=r"expected presence in \[0, 1\]"):
        load_model(str(sure_of_a_subject(tmp_path / "m.onnx", presence))).predict(VIEW)


def test_answer_of_another_shape_is_refused(tmp_path):
    with pytest.raises(ModelMismatch, match="expected one alpha"):
        load_model(str(three_channels_out(tmp_path / "m.onnx"))).predict(VIEW)


def test_model_of_another_rank_is_refused(tmp_path):
    with pytest.raises(ModelMismatch, match="Is this a segmenter"):
        load_model(str(wrong_rank(tmp_path / "m.onnx")))


def test_text_is_no_model(tmp_path):
    (tmp_path / "m.onnx").write_text("I am a model, honestly.\n" * 20)
    with pytest.raises(ModelMismatch, match="no ONNX model"):
        load_model(str(tmp_path / "m.onnx"))


def test_empty_file_is_no_model(tmp_path):
    (tmp_path / "m.onnx").write_bytes(b"")
    with pytest.raises(ModelMismatch):
        load_model(str(tmp_path / "m.onnx"))


def test_truncated_model_is_refused(tmp_path):
    whole = colour_key(tmp_path / "m.onnx").read_bytes()
    (tmp_path / "half.onnx").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ModelMismatch, match="no ONNX model"):
        load_model(str(tmp_path / "half.onnx"))


def test_errors_are_one_line(tmp_path):
    (tmp_path / "m.onnx").write_text("text")
    with pytest.raises(ModelMismatch) as error:
        load_model(str(tmp_path / "m.onnx"))
    assert "\n" not in str(error.value)


def test_missing_file_is_an_unknown_model(tmp_path):
    with pytest.raises(UnknownModel):
        load_model(str(tmp_path / "none.onnx"))


def test_threads_share_a_model_and_get_the_same_answer(tmp_path):
    model = load_model(str(colour_key(tmp_path / "m.onnx")), threads=1)
    views = [np.roll(VIEW, i, axis=1) for i in range(16)]
    expected = [model.predict(view).alpha for view in views]
    with ThreadPoolExecutor(4) as pool:
        got = [found.alpha for found in pool.map(model.predict, views)]
    assert all(np.array_equal(a, b) for a, b in zip(got, expected, strict=True))
