from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import onnx
import onnxruntime
import pytest
import torch

from deepetch.datasets.pack import open_pack
from deepetch.errors import InvalidOptions, OutputExists, TrainingError
from deepetch.inference.session import load_model
from deepetch.training.export import (
    describe_file,
    difference,
    export_network,
    write_onnx,
)
from deepetch.training.fit import fit
from deepetch.training.networks.compact import CompactOptions, CompactUNet
from deepetch.training.weights import read_weights, trained_network, write_weights
from drawn_subjects import disc_photo

NARROW = (16, 16, 16, 32, 32)


@pytest.fixture(scope="module")
def network():
    """Weights as after some training: norms that are not one and zero, answers that are not all alike."""
    torch.manual_seed(0)
    made = CompactUNet(CompactOptions(channels=NARROW))
    for module in made.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            torch.nn.init.uniform_(module.weight, 0.5, 1.5)
            torch.nn.init.normal_(module.bias, 0, 0.2)
            torch.nn.init.normal_(module.running_mean, 0, 0.2)
            torch.nn.init.uniform_(module.running_var, 0.5, 1.5)
    return made.eval()


@pytest.fixture(scope="module")
def exported(network, tmp_path_factory):
    path = tmp_path_factory.mktemp("onnx") / "net.onnx"
    write_onnx(network, path, metadata={"input_size": 96, "licence": "CC0", "calibration": [[0, 0], [1, 0.9]]})
    return path


def pictures(n, height, width):
    """(n, 3, h, w) normalised photos of drawn discs."""
    views = [disc_photo(height, width, seed=i).astype(np.float32) / 255 for i in range(n)]
    return ((np.stack(views) - 0.45) / 0.225).transpose(0, 3, 1, 2).astype(np.float32)


@pytest.mark.parametrize("n", [1, 3])
@pytest.mark.parametrize("size", [(64, 64), (96, 160), (32, 256), (320, 224)])
def test_onnx_equals_torch_at_any_size_and_batch(network, exported, n, size):
    batch = pictures(n, *size)
    session = onnxruntime.InferenceSession(str(exported), providers=["CPUExecutionProvider"])
    alpha, features = session.run(["alpha", "features"], {"picture": batch})
    with torch.no_grad():
        ours = network(torch.from_numpy(batch))
    # weights are stored as float16: eleven bits each, over some ten layers
    assert np.allclose(alpha, torch.sigmoid(ours.logits).numpy(), atol=1e-3)
    assert features.shape == ours.features.shape
    assert np.allclose(features, ours.features.numpy(), atol=0.02, rtol=0.02)
    assert alpha.std() > 0.005


def test_large_weights_are_stored_as_half(exported, network):
    model = onnx.load(exported)
    large = [tensor for tensor in model.graph.initializer if np.prod(tensor.dims) >= 1024]
    assert large
    assert {tensor.data_type for tensor in large} == {onnx.TensorProto.FLOAT16}
    parameters = sum(parameter.numel() for parameter in network.parameters())
    assert exported.stat().st_size < 2 * parameters + 100_000  # two bytes each, and the graph


def test_file_holds_no_path_of_this_machine(exported):
    content = exported.read_bytes()
    assert b"/deepetch" not in content
    assert b".py" not in content


def test_model_passes_the_checker(exported):
    onnx.checker.check_model(onnx.load(exported), full_check=True)


def test_session_reads_the_metadata_back(exported):
    spec = load_model(str(exported)).spec
    assert (spec.input_size, spec.licence, spec.calibration) == (96, "CC0", ((0, 0), (1, 0.9)))


def test_session_runs_what_was_exported(exported):
    view = disc_photo(64, 96).astype(np.float32) / 255
    alpha = load_model(str(exported)).predict(view).alpha
    assert alpha.shape == (64, 96)


def test_describing_a_file_keeps_what_it_said_before(exported, tmp_path):
    copy = tmp_path / "copy.onnx"
    copy.write_bytes(exported.read_bytes())
    describe_file(copy, {"data": "drawn", "licence": "MIT"})
    spec = load_model(str(copy)).spec
    assert (spec.data, spec.licence, spec.input_size) == ("drawn", "MIT", 96)


def test_difference_is_measured_against_torch(network, exported):
    largest, mean = difference(network, exported, [pictures(1, 64, 64)])
    assert 0 <= mean <= largest < 1e-3
    other = CompactUNet(CompactOptions(channels=NARROW)).eval()
    assert difference(other, exported, [pictures(1, 64, 64)])[0] > 0.01


def test_weights_make_a_round_trip_in_half_precision(network, tmp_path):
    write_weights(network, tmp_path / "w.safetensors")
    again = read_weights(tmp_path / "w.safetensors")
    assert again.options.channels == NARROW
    assert not again.training
    for (name, old), new in zip(network.state_dict().items(), again.state_dict().values(), strict=True):
        assert new.dtype == old.dtype
        assert torch.allclose(old.float(), new.float(), rtol=2**-11, atol=1e-7), name  # float16 has 11 bits


def test_weights_of_before_channels_could_be_chosen_have_the_default_ones(tmp_path):
    from safetensors.torch import save_file

    save_file(CompactUNet().state_dict(), tmp_path / "w.safetensors")
    assert read_weights(tmp_path / "w.safetensors").options == CompactOptions()


@pytest.fixture(scope="module")
def run(pack_file, tmp_path_factory):
    from deepetch.options import TrainOptions

    folder = tmp_path_factory.mktemp("run")
    options = TrainOptions(channels=NARROW, size=64, batch=4, steps=12, warmup_steps=2, workers=0, averaging=0.5)
    fit(open_pack(pack_file), folder, options)
    return folder


@pytest.fixture(scope="module")
def exported_run(run, tmp_path_factory):
    """half.onnx of the run, its weights and its proof."""
    folder = tmp_path_factory.mktemp("exported")
    return folder, export_network(run, folder / "half.onnx", input_size=64, weights=folder / "w.safetensors")


def test_run_is_exported_with_its_proof(run, exported_run):
    folder, proof = exported_run
    assert proof.startswith("differs from torch by ")
    assert float(proof.split()[4]) < 1e-3
    assert load_model(str(folder / "half.onnx")).spec.input_size == 64
    assert read_weights(folder / "w.safetensors").options.channels == NARROW
    largest, _ = difference(trained_network(run), folder / "half.onnx", [pictures(1, 64, 64)])
    assert largest < 1e-3


def test_int8_runs_and_is_smaller(exported_run, pack_file, tmp_path):
    folder, _ = exported_run
    export_network(folder / "w.safetensors", tmp_path / "int8.onnx", input_size=64, calibration_pack=pack_file)
    assert (tmp_path / "int8.onnx").stat().st_size < (folder / "half.onnx").stat().st_size
    model = load_model(str(tmp_path / "int8.onnx"))
    assert model.spec.input_size == 64
    view = disc_photo(64, 96).astype(np.float32) / 255
    half = load_model(str(folder / "half.onnx")).predict(view).alpha
    # eight bits a layer: close on average, not at every pixel
    assert np.abs(model.predict(view).alpha - half).mean() < 0.05
    stored = {item.key: item.value for item in onnx.load(tmp_path / "int8.onnx").metadata_props}
    assert json.loads(stored["deepetch"])["input_size"] == 64


def test_existing_outputs_stay(run, tmp_path):
    (tmp_path / "net.onnx").write_text("mine")
    (tmp_path / "w.safetensors").write_text("mine")
    with pytest.raises(OutputExists):
        export_network(run, tmp_path / "net.onnx", input_size=64)
    with pytest.raises(OutputExists):
        export_network(run, tmp_path / "new.onnx", input_size=64, weights=tmp_path / "w.safetensors")
    assert not (tmp_path / "new.onnx").exists()
    assert (tmp_path / "net.onnx").read_text() == (tmp_path / "w.safetensors").read_text() == "mine"


def test_what_cannot_be_exported_is_said(run, tmp_path):
    (tmp_path / "text").write_text("no weights")
    with pytest.raises(InvalidOptions, match="multiple of 32"):
        export_network(run, tmp_path / "net.onnx", input_size=100)
    with pytest.raises(TrainingError, match="no run of `deepetch train` lies here"):
        export_network(tmp_path, tmp_path / "net.onnx", input_size=64)
    with pytest.raises(TrainingError, match="no weights in safetensors form"):
        export_network(tmp_path / "text", tmp_path / "net.onnx", input_size=64)
    assert not (tmp_path / "net.onnx").exists()


def test_averaged_weights_are_what_is_exported(pack_file, tmp_path, options):
    fit(open_pack(pack_file), tmp_path, replace(options, steps=3, averaging=1.0 - 1e-6))
    averaged = trained_network(tmp_path).state_dict()
    state = torch.load(tmp_path / "last.ckpt", weights_only=True)["current_model_state"]
    moved = [name for name in averaged if not torch.allclose(averaged[name].float(), state[f"network.{name}"].float())]
    assert moved
