from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import threading
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import segmentation_models_pytorch as smp
import torch
from safetensors.torch import save

from deepetch.errors import InvalidOptions, MissingExtra
from deepetch.training.export import export_network
from deepetch.training.fit import fit
from deepetch.training.networks import pretrained
from deepetch.training.networks.build import build_network, describe_network, rebuild_network
from deepetch.training.weights import trained_network

NAME = "smp:unet:resnet18"


@pytest.fixture(scope="module")
def hub():
    """A server that answers as the hub does for the weights of one encoder, and what those weights sum to."""
    torch.manual_seed(1)
    state = smp.encoders.get_encoder("resnet18", weights=None).state_dict()
    files = {"config.json": b"{}", "model.safetensors": save(state)}

    class Hub(BaseHTTPRequestHandler):
        def do_HEAD(self):
            content = files.get(self.path.rsplit("/", 1)[1])
            self.send_response(404 if content is None else 200)
            if content is not None:
                self.send_header("Content-Length", str(len(content)))
                self.send_header("ETag", f'"{hashlib.sha256(content).hexdigest()}"')
                self.send_header("X-Repo-Commit", "0" * 40)
            self.end_headers()
            return content

        def do_GET(self):
            content = self.do_HEAD()
            if content is not None:
                self.wfile.write(content)

        def log_message(self, *arguments):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", float(state["conv1.weight"].double().sum())
    server.shutdown()
    server.server_close()


def fetch(address, cache, name=NAME, weights="imagenet"):
    environment = os.environ | {"HF_ENDPOINT": address, "HF_HOME": str(cache), "HF_HUB_DISABLE_XET": "1"}
    done = subprocess.run(
        [sys.executable, Path(__file__).parent / "fetch_encoder.py", name, weights],
        env=environment, capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    return done.stdout.strip()


def test_encoder_gets_the_weights_of_its_name(hub, tmp_path):
    address, expected = hub
    assert float(fetch(address, tmp_path)) == pytest.approx(expected, rel=1e-6)


def test_weights_that_cannot_be_fetched_are_one_line(tmp_path):
    said = fetch("http://127.0.0.1:9", tmp_path)
    assert said.startswith(f"TrainingError: {NAME}: the encoder's weights 'imagenet' cannot be fetched.")
    assert "\n" not in said


@pytest.mark.parametrize("name", ["smp:unet", "smp:unet:none", "smp:none:resnet18", "vit"])
def test_unknown_names_are_refused(name):
    with pytest.raises(InvalidOptions, match="network: "):
        build_network(name)


def test_unknown_weights_are_refused():
    with pytest.raises(InvalidOptions, match="knows no unet:resnet18 with weights 'none'"):
        build_network(NAME, weights="none")


def test_without_the_library_one_line_says_how_to_get_it(monkeypatch):
    monkeypatch.setattr(pretrained, "find_spec", lambda name: None)
    with pytest.raises(MissingExtra, match=r"pip install 'deepetch\[encoders\]'"):
        build_network(NAME)


def test_prediction_has_the_shapes_of_every_network():
    network = build_network(NAME).eval()
    with torch.no_grad():
        prediction = network(torch.zeros(2, 3, 64, 96))
    assert prediction.logits.shape == (2, 1, 64, 96)
    assert prediction.auxiliary is None
    assert prediction.features.shape[2:] == (4, 6)
    assert describe_network(rebuild_network(describe_network(network))) == {"network": NAME}


def test_it_is_trained_and_exported_as_the_others(pack, options, tmp_path):
    fit(pack, tmp_path / "run", replace(options, network=NAME, channels=(), steps=1, batch=2))
    export_network(tmp_path / "run", tmp_path / "m.onnx", input_size=64)
    picture = torch.randn(1, 3, 96, 64)
    with torch.no_grad():
        expected = torch.sigmoid(trained_network(tmp_path / "run")(picture).logits).numpy()
    session = onnxruntime.InferenceSession(tmp_path / "m.onnx", providers=["CPUExecutionProvider"])
    (alpha,) = session.run(["alpha"], {"picture": picture.numpy()})
    assert np.abs(alpha - expected).max() < 5e-3  # weights are stored as float16
