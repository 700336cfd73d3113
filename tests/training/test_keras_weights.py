from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import h5py
import numpy as np
import onnxruntime
import pytest
import torch

from deepetch.errors import InvalidOptions, TrainingError
from deepetch.inference.normalize import MEAN, STD
from deepetch.inference.session import load_model
from deepetch.training.export import export_network
from deepetch.training.keras_weights import convolutions, fold_normalisation, read_keras_weights
from deepetch.training.networks.unet import UNet, UNetOptions
from deepetch.training.run import start_run

FORMS = ["model.keras", "model.h5", "model.weights.h5"]


@pytest.fixture(scope="session")
def saved(tmp_path_factory):
    folder = tmp_path_factory.mktemp("keras")
    program = Path(__file__).with_name("save_with_keras.py")
    done = subprocess.run(
        [sys.executable, "-W", "ignore", program, folder], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="session")
def answer(saved):
    with np.load(saved / "answer.npz") as arrays:
        return arrays["picture"].transpose(0, 3, 1, 2), arrays["alpha"].transpose(0, 3, 1, 2)


@pytest.mark.parametrize("form", FORMS)
def test_the_network_answers_as_in_keras(saved, answer, form):
    picture, alpha = answer
    network = read_keras_weights(saved / form)
    assert network.options.channels == (8, 12, 16, 24, 32)
    with torch.no_grad():
        ours = torch.sigmoid(network(torch.from_numpy(picture)).logits).numpy()
    assert alpha.std() > 1e-3
    assert np.abs(ours - alpha).max() < 1e-4


def test_it_is_exported_for_pictures_that_are_not_normalised(saved, answer, tmp_path):
    picture, _ = answer
    export_network(saved / "model.keras", tmp_path / "k.onnx", input_size=64)
    assert load_model(str(tmp_path / "k.onnx")).spec.mean == (0.0, 0.0, 0.0)
    session = onnxruntime.InferenceSession(str(tmp_path / "k.onnx"), providers=["CPUExecutionProvider"])
    # its 48 rows are no multiple of 32, but of 16: enough for this network, were it not for the graph's own rule
    (ours,) = session.run(["alpha"], {"picture": picture[:, :, :32]})
    with torch.no_grad():
        expected = torch.sigmoid(read_keras_weights(saved / "model.keras")(torch.from_numpy(picture[:, :, :32])).logits)
    assert np.abs(ours - expected.numpy()).max() < 2e-3  # weights are stored as float16
    with pytest.raises(InvalidOptions, match="train on from them with --init-from"):
        export_network(saved / "model.keras", tmp_path / "k2.onnx", input_size=64, weights=tmp_path / "w")


def test_training_goes_on_from_them(saved, pack_file, options, tmp_path):
    start_run(
        pack_file, tmp_path / "run", {"run": options}, init_from=str(saved / "model.h5"), report=lambda line: None
    )
    assert '"network": "unet"' in (tmp_path / "run" / "options.json").read_text()


def test_a_folded_network_gives_the_same_answer_inside_the_frame():
    torch.manual_seed(0)
    network = UNet(UNetOptions(channels=(4, 4, 4, 4, 4))).eval()
    first = network.encoder[0][0]
    picture = torch.rand(1, 3, 32, 32)
    mean, std = torch.tensor(MEAN).view(1, 3, 1, 1), torch.tensor(STD).view(1, 3, 1, 1)
    with torch.no_grad():
        before = first(picture)
        fold_normalisation(network, MEAN, STD)
        after = first((picture - mean) / std)
    assert torch.allclose(before[..., 1:-1, 1:-1], after[..., 1:-1, 1:-1], atol=1e-5)


def test_a_picture_passes_24_convolutions():
    names = convolutions(UNet(UNetOptions(channels=(1, 1, 1, 1, 1))))
    assert len(names) == len(set(names)) == 24
    assert (names[0], names[-1]) == ("encoder.0.0", "head")


@pytest.mark.parametrize("name", ["none.h5", "none.keras", "text.h5", "text.keras", "cut.keras", "empty.h5"])
def test_what_is_no_file_of_keras_is_one_line(saved, tmp_path, name):
    path = tmp_path / name
    if name.startswith("text"):
        path.write_text("no weights")
    elif name == "cut.keras":
        path.write_bytes((saved / "model.keras").read_bytes()[:2000])
    elif name == "empty.h5":
        h5py.File(path, "w").close()
    with pytest.raises(TrainingError, match="no weights of Keras that can be read") as error:
        read_keras_weights(path)
    assert "\n" not in str(error.value)


def test_another_network_of_keras_is_refused(saved, tmp_path):
    with pytest.raises(TrainingError, match="no weights of Keras"):
        read_keras_weights(saved / "dense.keras")
    path = tmp_path / "wrong.weights.h5"
    path.write_bytes((saved / "model.weights.h5").read_bytes())
    with h5py.File(path, "r+") as file:
        del file["layers/conv2d_3/vars/0"]
        file["layers/conv2d_3/vars/0"] = np.zeros((5, 5, 12, 12), np.float32)
    with pytest.raises(TrainingError, match=r"expected a kernel of \(12, 12, 3, 3\) .* got \(12, 12, 5, 5\)"):
        read_keras_weights(path)
    with h5py.File(path, "r+") as file:
        del file["layers/conv2d_3"]
    with pytest.raises(TrainingError, match="expected the 24 convolutions of the classic U-Net; got 23"):
        read_keras_weights(path)
