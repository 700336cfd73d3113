"""Weights of torchvision's Mask R-CNN from its own file, and fetched by name from a server on this machine."""

from __future__ import annotations

import gc
import hashlib
import warnings

import pytest
import torch
from safetensors.torch import save_file
from torchvision.models.detection import MaskRCNN_ResNet50_FPN_V2_Weights as Weights
from torchvision.models.detection import maskrcnn_resnet50_fpn_v2

from deepetch.errors import TrainingError
from deepetch.training.networks.detector_weights import COUNTED, read_coco
from deepetch.training.weights import read_any_weights
from weights_server import serving


@pytest.fixture(scope="module")
def coco(tmp_path_factory):
    """The file of a network with random weights of 16 bits, as torchvision's own is but for their size."""
    torch.manual_seed(0)
    state = maskrcnn_resnet50_fpn_v2(weights=None, weights_backbone=None, num_classes=91).state_dict()
    path = tmp_path_factory.mktemp("coco") / "maskrcnn.pth"
    torch.save({name: value.half() if value.is_floating_point() else value for name, value in state.items()}, path)
    return path


@pytest.fixture
def own_hub(monkeypatch, tmp_path):
    """Where torch keeps what it fetches."""
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "hub"))
    yield tmp_path / "hub" / "hub" / "checkpoints"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # torch does not close what it fetches from
        gc.collect()


def require_equal(network, path):
    state = network.detector.state_dict()
    stored = torch.load(path, weights_only=True)
    assert stored.keys() == state.keys()
    assert all(torch.equal(state[name], value.to(state[name].dtype)) for name, value in stored.items())


def test_a_file_of_torchvisions_is_read_with_cocos_classes(coco):
    network = read_any_weights(coco)
    require_equal(network, coco)
    assert network.name == "mask-rcnn"
    assert not network.training
    classes = network.options.classes
    assert len(classes) == 90
    assert (classes[0], classes[43], classes[89]) == ("person", "bottle", "toothbrush")


def test_weights_are_fetched_by_name_and_kept(coco, own_hub, monkeypatch):
    content = coco.read_bytes()
    name = f"maskrcnn-{hashlib.sha256(content).hexdigest()[:8]}.pth"
    with serving(content) as server:
        monkeypatch.setattr(Weights.COCO_V1.value, "url", server.url.replace("net.onnx", name))
        require_equal(read_any_weights("coco"), coco)
        assert len(server.asked) == 1
    assert (own_hub / name).read_bytes() == content


def offline(monkeypatch, server):
    monkeypatch.setattr(Weights.COCO_V1.value, "url", server.url.replace("net.onnx", "maskrcnn-01234567.pth"))


def test_weights_that_cannot_be_fetched_are_one_line(own_hub, monkeypatch):
    with serving(b"") as server:
        offline(monkeypatch, server)
        server.status = 404
        with pytest.raises(TrainingError, match=r"weights cannot be fetched .*404.* or give their file") as caught:
            read_coco("coco")
    assert "\n" not in str(caught.value)
    with pytest.raises(TrainingError, match=r"weights cannot be fetched .*refused"):  # the server is gone
        read_coco("coco")


@pytest.mark.parametrize("content", [b"", b"no weights", b"PK\x03\x04 half a file"])
def test_weights_that_arrive_damaged_are_one_line_and_not_kept(own_hub, monkeypatch, content):
    with serving(content) as server:
        offline(monkeypatch, server)
        with pytest.raises(TrainingError, match=r"weights cannot be fetched .*hash") as caught:
            read_coco("coco")
    assert "\n" not in str(caught.value)
    assert list(own_hub.glob("*.pth")) == []


def test_a_damaged_file_that_torch_kept_is_one_line(own_hub, monkeypatch):
    own_hub.mkdir(parents=True)
    monkeypatch.setattr(Weights.COCO_V1.value, "url", "http://127.0.0.1:9/maskrcnn-01234567.pth")
    for content in (b"", b"no weights", b"PK\x03\x04 half a file"):
        (own_hub / "maskrcnn-01234567.pth").write_bytes(content)
        with pytest.raises(TrainingError, match=r"weights cannot be fetched \(.+\)") as caught:
            read_coco("coco")
        assert "\n" not in str(caught.value)


def small(path, **tensors):
    torch.save(tensors, path)
    return path


@pytest.mark.parametrize(
    ("tensors", "said"),
    [
        ({COUNTED: torch.zeros(5, 1024)}, "expected Mask R-CNN of COCO's 91 classes; got 5 classes"),
        ({"fc.weight": torch.zeros(5, 10)}, "expected Mask R-CNN of COCO's 91 classes; got no Mask R-CNN"),
        ({COUNTED: "text"}, "expected Mask R-CNN of COCO's 91 classes; got no Mask R-CNN"),
        ({"model": {COUNTED: torch.zeros(91, 1024)}}, "got no Mask R-CNN"),
        ({COUNTED: torch.zeros(91, 1024)}, "no weights of torchvision's maskrcnn_resnet50_fpn_v2"),
    ],
)
def test_weights_of_another_network_or_class_count_are_one_line(tmp_path, tensors, said):
    path = small(tmp_path / "w.pth", **tensors)
    with pytest.raises(TrainingError, match=said) as caught:
        read_any_weights(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert "\n" not in str(caught.value)


def test_files_that_hold_no_weights_are_one_line(tmp_path):
    whole = small(tmp_path / "whole.pth", weight=torch.zeros(200)).read_bytes()
    (tmp_path / "empty.pth").touch()
    (tmp_path / "text.pt").write_text("no weights\n" * 100)
    (tmp_path / "half.pth").write_bytes(whole[: len(whole) // 2])
    save_file({"weight": torch.zeros(3)}, tmp_path / "safe.pth")
    torch.save([torch.zeros(3)], tmp_path / "list.pth")
    torch.save(torch.nn.Linear(2, 2), tmp_path / "module.pth")
    (tmp_path / "folder.pth").mkdir()
    for name in ("empty.pth", "text.pt", "half.pth", "safe.pth", "list.pth", "module.pth", "folder.pth", "none.pth"):
        with pytest.raises(TrainingError) as caught:
            read_any_weights(tmp_path / name)
        assert str(caught.value).startswith(f"{tmp_path / name}: ")
        assert "\n" not in str(caught.value)


def test_a_legacy_file_with_a_wrong_byte_is_never_a_traceback(tmp_path):
    path = tmp_path / "old.pth"
    torch.save({COUNTED: torch.zeros(3, 2), "b": torch.ones(2)}, path, _use_new_zipfile_serialization=False)
    content = path.read_bytes()
    for place in range(0, len(content), 7):
        path.write_bytes(content[:place] + bytes([content[place] ^ 0x55]) + content[place + 1 :])
        with pytest.raises(TrainingError):
            read_any_weights(path)
