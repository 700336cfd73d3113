from __future__ import annotations

import numpy as np
import pytest

from deepetch.compare.contestant import distinct_names, open_contestants
from deepetch.errors import InvalidOptions, ModelMismatch, UnknownModel
from deepetch.evaluate import predict
from deepetch.inference.session import load_model
from deepetch.options import MatteOptions
from deepetch.photo.photo import Photo
from drawn_subjects import disc_photo
from models import colour_key, side_outputs


def photo():
    return Photo(samples=disc_photo(64, 64), space="rgb", format="png")


def test_an_onnx_file_predicts_as_evaluate_does(tmp_path):
    a, b = open_contestants([str(colour_key(tmp_path / f"{name}.onnx")) for name in "ab"])
    assert (a.name, b.name) == ("a.onnx", "b.onnx")
    assert a.file_bytes == (tmp_path / "a.onnx").stat().st_size
    expected = predict(load_model(str(tmp_path / "a.onnx")), photo())
    assert np.array_equal(a.predict(photo(), MatteOptions()).levels, expected.levels)


@pytest.mark.parametrize(
    ("weights", "described", "tolerance"),
    [
        # logits of 60 (red - 0.3 - blue): as colour_key, the threshold in the mean of red
        ((60.0, 0.0, -60.0), 'values = "logits"\nmean = [0.3, 0, 0]\nstd = [1, 1, 1]', 0),
        # the same through the deviation
        ((6.0, 0.0, -6.0), 'values = "logits"\nmean = [0.3, 0, 0]\nstd = [0.1, 1, 0.1]', 0),
        # no threshold, but the least and the greatest of red - blue become 0 and 1, and half lies between them
        ((1.0, 0.0, -1.0), 'values = "minmax"\nmean = [0, 0, 0]\nstd = [1, 1, 1]', 0.02),
    ],
)
def test_a_described_file_takes_part_as_its_table_says(tmp_path, weights, described, tolerance):
    key = colour_key(tmp_path / "key.onnx")
    side_outputs(tmp_path / "peer.onnx", weights)
    (tmp_path / "peer.toml").write_text(f'name = "peer"\ninput_size = 64\noutput = "d1"\n{described}\n')
    ours, peer = open_contestants([str(key), str(tmp_path / "peer.toml")])
    assert (peer.name, peer.file_bytes) == ("peer", (tmp_path / "peer.onnx").stat().st_size)
    one, other = (who.predict(photo(), MatteOptions(refine="none")).alpha >= 0.5 for who in (ours, peer))
    assert np.mean(one != other) <= tolerance
    assert 0.1 < one.mean() < 0.9


def test_same_names_get_as_much_of_their_paths_as_tells_them_apart():
    assert distinct_names(["default", "x.onnx"], ["default", "a/x.onnx"]) == ["default", "x.onnx"]
    runs = ["runs/a/model.onnx", "runs/b/model.onnx", "default"]
    assert distinct_names(["model.onnx", "model.onnx", "default"], runs) == ["a/model.onnx", "b/model.onnx", "default"]
    deep = ["/x/one/a/m.onnx", "/x/two/a/m.onnx"]
    assert distinct_names(["m.onnx"] * 2, deep) == ["one/a/m.onnx", "two/a/m.onnx"]
    assert distinct_names(["mine"] * 2, ["a.toml", "b.toml"]) == ["a.toml", "b.toml"]
    assert distinct_names(["m.onnx"] * 2, ["m.onnx", "a/m.onnx"]) == ["m.onnx", "a/m.onnx"]


@pytest.mark.parametrize("given", [["a.onnx", "a.onnx"], ["default", "default"], ["x/a.onnx", "x//a.onnx"]])
def test_the_same_twice_is_refused(given):
    names = [one.rsplit("/")[-1] for one in given]
    with pytest.raises(InvalidOptions, match=r"given twice|cannot be told apart"):
        distinct_names(names, given)


def test_one_alone_is_no_comparison(tmp_path):
    for given in ([], ["default"]):
        with pytest.raises(InvalidOptions, match=r"two models or more; for one there is `deepetch evaluate`"):
            open_contestants(given)


def test_unknown_model_and_no_model_are_said(tmp_path):
    key = str(colour_key(tmp_path / "a.onnx"))
    with pytest.raises(UnknownModel, match="nosuch"):
        open_contestants([key, "nosuch"])
    (tmp_path / "b.onnx").write_bytes(b"no model")
    with pytest.raises(ModelMismatch, match=r"b\.onnx"):
        open_contestants([key, str(tmp_path / "b.onnx")])
