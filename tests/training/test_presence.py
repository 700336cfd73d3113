"""A layer that tells pictures with a subject from pictures without one."""

from __future__ import annotations

import numpy as np
import onnxruntime
import pytest
import torch
from scipy.optimize import minimize

from deepetch.datasets.index import read_index
from deepetch.datasets.pack import open_pack
from deepetch.datasets.packing import write_pack
from deepetch.errors import TrainingError
from deepetch.inference.session import PRESENCE, load_model
from deepetch.training.export import export_network, write_int8_onnx, write_onnx
from deepetch.training.networks.compact import CompactOptions, CompactUNet
from deepetch.training.presence import WEIGHT_DECAY, Presence, fit_presence, logistic, pooled
from deepetch.training.studio_preset import StudioBatches
from deepetch.training.weights import write_weights
from drawn_subjects import save_data_set


@pytest.fixture(scope="module")
def network():
    torch.manual_seed(0)
    return CompactUNet(CompactOptions(channels=(8, 8, 8, 16, 16))).eval()


@pytest.fixture(scope="module")
def presence(network):
    torch.manual_seed(1)
    made = Presence(network(torch.zeros(1, 3, 32, 32)).features.shape[1])
    torch.nn.init.normal_(made.linear.weight, 0, 2)
    return made.eval()


def two_clouds(n=300, channels=4, apart=1.5):
    """Pooled features (n, 2 channels), a third of them of pictures with a subject, and which."""
    draw = np.random.default_rng(0)
    shown = np.arange(n) % 3 == 0
    features = draw.normal(size=(n, 2 * channels)) * np.linspace(0.1, 20, 2 * channels) + 5
    features[shown] += apart * np.linspace(0.1, 20, 2 * channels) * draw.integers(0, 2, 2 * channels)
    return torch.from_numpy(features.astype(np.float32)), torch.from_numpy(shown)


def test_pooled_are_mean_and_maximum_of_each_channel():
    features = torch.tensor([[[[0.0, 1.0], [2.0, 5.0]], [[-4.0, -3.0], [-2.0, -1.0]]]])
    assert pooled(features).tolist() == [[2.0, -2.5, 5.0, -1.0]]


def test_layer_is_the_optimum_of_the_penalised_likelihood():
    features, shown = two_clouds()
    layer = logistic(features, shown).linear
    x = features.numpy().astype(np.float64)
    x = (x - x.mean(0)) / x.std(0, ddof=1)
    y = shown.numpy()
    weight = np.where(y, 0.5 / y.mean(), 0.5 / (1 - y.mean()))

    def loss(parameters):
        z = x @ parameters[1:] + parameters[0]
        return np.mean(weight * np.logaddexp(0, np.where(y, -z, z))) + WEIGHT_DECAY * np.sum(parameters[1:] ** 2)

    best = minimize(loss, np.zeros(1 + x.shape[1]), method="BFGS", options={"gtol": 1e-7}).x
    expected = 1 / (1 + np.exp(-(x @ best[1:] + best[0])))
    ours = torch.sigmoid(layer(features)[:, 0]).detach().numpy()
    # float32 stops some 1e-4 short of a flat optimum
    assert np.allclose(ours, expected, atol=5e-3)
    assert ours[y].mean() > 0.8 > 0.2 > ours[~y].mean()


def test_channel_that_never_changes_has_no_say():
    features, shown = two_clouds()
    features[:, 3] = 7.0
    told = logistic(features, shown).linear(features)
    features[:, 3] = 7.5
    assert torch.isfinite(told).all()
    again = logistic(features, shown).linear(features)
    assert torch.allclose(told, again, atol=1e-2)


def test_pictures_are_told_apart_that_were_never_seen(network, pack):
    layer = fit_presence(network, pack, size=64, pictures=240, seed=0)
    with torch.no_grad():
        batches = [StudioBatches(pack, size=64, batch=16, seed=9).draw(index) for index in range(12)]
        told = torch.cat([layer(network(images).features) for images, _ in batches])
    shown = torch.cat([alphas.amax((1, 2, 3)) >= 0.5 for _, alphas in batches])
    assert 0 < (~shown).sum() < len(shown)
    ranks = (told[shown][:, None] > told[~shown][None]).float().mean()  # area under the ROC curve; guessing: 0.5
    assert ranks > 0.75


def test_fit_is_the_same_each_time(network, pack):
    first, second = (fit_presence(network, pack, size=64, pictures=32).state_dict() for _ in range(2))
    assert all(torch.equal(first[name], second[name]) for name in first)


def test_pack_without_backgrounds_is_refused(network, tmp_path):
    examples = [e for e in read_index(save_data_set(tmp_path / "data")) if e.kind != "backgrounds"]
    write_pack(examples, tmp_path / "data.pack", size=64)
    with pytest.raises(TrainingError, match="no picture of kind backgrounds in its train split"):
        fit_presence(network, open_pack(tmp_path / "data.pack"), size=64)


@pytest.mark.parametrize("shape", [(1, 3, 64, 64), (3, 3, 96, 160)])
def test_onnx_says_what_torch_says(network, presence, tmp_path, shape):
    write_onnx(network, tmp_path / "m.onnx", presence=presence, metadata={"input_size": 64})
    picture = torch.randn(shape, generator=torch.Generator().manual_seed(0))
    session = onnxruntime.InferenceSession(str(tmp_path / "m.onnx"), providers=["CPUExecutionProvider"])
    (told,) = session.run(["presence"], {"picture": picture.numpy()})
    with torch.no_grad():
        expected = presence(network(picture).features).numpy()
    assert told.shape == (shape[0],)
    assert np.allclose(told, expected, atol=0.02)  # weights of eleven bits
    assert 0.001 < expected.min() <= expected.max() < 0.999


def test_eight_bits_say_nearly_the_same(network, presence, tmp_path):
    draw = torch.Generator().manual_seed(0)
    pictures = [torch.randn((1, 3, 64, 64), generator=draw) for _ in range(8)]
    metadata = {"input_size": 64, "mean": [0, 0, 0], "std": [1, 1, 1]}
    calibration = [picture.numpy() for picture in pictures]
    write_int8_onnx(network, tmp_path / "m.onnx", presence=presence, calibration=calibration, metadata=metadata)
    model = load_model(str(tmp_path / "m.onnx"))
    for picture in pictures:
        with torch.no_grad():
            expected = float(presence(network(picture).features))
        assert model.predict(picture[0].permute(1, 2, 0).numpy()).presence == pytest.approx(expected, abs=0.1)


def test_export_fits_it_on_a_pack(network, pack_file, tmp_path, monkeypatch):
    monkeypatch.setattr("deepetch.training.presence.PICTURES", 32)
    write_weights(network, tmp_path / "w.safetensors")
    export_network(tmp_path / "w.safetensors", tmp_path / "m.onnx", input_size=64, presence_pack=pack_file)
    assert PRESENCE in [output.name for output in onnxruntime.InferenceSession(str(tmp_path / "m.onnx")).get_outputs()]
    assert 0 <= load_model(str(tmp_path / "m.onnx")).predict(np.zeros((64, 64, 3), np.float32)).presence <= 1
