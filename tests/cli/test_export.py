from __future__ import annotations

import numpy as np
import pytest

from drawn_subjects import disc_photo, save_data_set, save_photo


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    import torch

    from deepetch.training.export import write_weights
    from deepetch.training.networks.compact import CompactOptions, CompactUNet

    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("weights") / "w.safetensors"
    write_weights(CompactUNet(CompactOptions(channels=(8, 8, 8, 8, 8))).eval(), path)
    return path


def test_exported_file_is_a_model_like_any_other(deepetch, weights, tmp_path):
    data = save_data_set(tmp_path / "data", train=1, val=3, test=1)
    answer = deepetch("export", weights, "-o", tmp_path / "m.onnx", "--input-size", 64, "--calibrate", data)
    assert (answer.status, answer.err) == (0, "")
    assert "confidence fitted on 2 pictures" in answer.out
    assert answer.out.startswith(f"{tmp_path / 'm.onnx'}: ")
    assert "differs from torch by" in answer.out
    told = deepetch("models", "show", tmp_path / "m.onnx", "--json").objects[0]
    assert told["input_size"] == 64
    assert 1 <= len(told["calibration"]) <= 2
    assert deepetch("evaluate", tmp_path / "m.onnx", data, "--json").objects[0]["n"] == 1
    photo = save_photo(tmp_path / "p.png", disc_photo())
    assert deepetch("cut", photo, "--model", tmp_path / "m.onnx").status in (0, 1)  # untrained: sure of nothing


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (["none", "-o", "m.onnx"], 1),
        (["text", "-o", "m.onnx"], 1),
        ([".", "-o", "m.onnx"], 1),
        (["text", "-o", "text"], 1),
        (["text", "-o", "."], 1),
        (["text", "-o", "m.onnx", "--input-size", "100"], 2),
        (["text", "-o", "m.onnx", "--calibrate", "none"], 1),
    ],
)
def test_what_cannot_be_exported_is_one_line(deepetch, tmp_path, monkeypatch, arguments, status):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "text").write_text("no weights")
    answer = deepetch("export", *arguments)
    assert (answer.status, answer.out, answer.err.count("\n")) == (status, "", 1)
    assert [path.name for path in tmp_path.iterdir()] == ["text"]
    assert (tmp_path / "text").read_text() == "no weights"


def test_pack_that_is_none_is_one_line(deepetch, weights, tmp_path):
    (tmp_path / "text").write_text("no pack")
    answer = deepetch("export", weights, "-o", tmp_path / "m.onnx", "--int8", tmp_path / "text")
    assert (answer.status, answer.err.count("\n")) == (1, 1)
    assert not (tmp_path / "m.onnx").exists()


def test_presence_is_fitted_on_a_pack(deepetch, weights, tmp_path, monkeypatch):
    import onnxruntime

    from deepetch.inference.session import PRESENCE, load_model

    monkeypatch.setattr("deepetch.training.presence.PICTURES", 32)
    data, packed = save_data_set(tmp_path / "data"), tmp_path / "data.pack"
    assert deepetch("data", "pack", data, "-o", packed, "--size", 64).status == 0
    answer = deepetch("export", weights, "-o", tmp_path / "m.onnx", "--input-size", 64, "--presence", packed)
    assert (answer.status, answer.err) == (0, "")
    assert PRESENCE in [output.name for output in onnxruntime.InferenceSession(str(tmp_path / "m.onnx")).get_outputs()]
    assert 0 <= load_model(str(tmp_path / "m.onnx")).predict(np.zeros((64, 64, 3), np.float32)).presence <= 1


def test_pack_without_empty_pictures_is_one_line(deepetch, weights, tmp_path):
    data, packed = save_data_set(tmp_path / "data", train=1), tmp_path / "data.pack"
    assert deepetch("data", "pack", data, "-o", packed, "--size", 64).status == 0
    answer = deepetch("export", weights, "-o", tmp_path / "m.onnx", "--presence", packed)
    assert (answer.status, answer.err.count("\n")) == (1, 1)
    assert "backgrounds" in answer.err
    assert not (tmp_path / "m.onnx").exists()
