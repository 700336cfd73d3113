"""Mask R-CNN on the real torchvision: it learns, it finds, and begins with the default's encoder."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from drawn_packs import CLASSES, shelf_pack

from deepetch.errors import InvalidOptions, MissingExtra
from deepetch.inference.instance import Instance
from deepetch.segment.instances import union
from deepetch.training.instance_preset import InstanceBatches
from deepetch.training.networks import mask_rcnn
from deepetch.training.networks.build import build_network, describe_network, rebuild_network
from deepetch.training.networks.compact import CompactOptions, CompactUNet
from deepetch.training.networks.detector_weights import with_classes
from deepetch.training.networks.mask_rcnn import Detection, Target, united
from deepetch.training.networks.own_encoder import take_encoder
from deepetch.training.weights import DEFAULT_WEIGHTS, read_weights, write_weights

LIGHT, FULL = "mask-rcnn-light", "mask-rcnn"
LOSSES = {"loss_objectness", "loss_rpn_box_reg", "loss_classifier", "loss_box_reg", "loss_mask"}


def light(normalisation="group", classes=CLASSES):
    torch.manual_seed(0)
    return build_network(LIGHT, classes=classes, normalisation=normalisation)


@pytest.fixture(scope="module")
def default():
    return read_weights(DEFAULT_WEIGHTS)


@pytest.fixture(scope="module")
def batch():
    return InstanceBatches(shelf_pack(), CLASSES, size=64, batch=2, seed=0).draw(0)


@pytest.fixture(scope="module")
def sure():
    """A network that is sure of what it finds, though it knows nothing."""
    network = light().eval()
    with torch.no_grad():
        heads = network.detector.roi_heads
        heads.box_predictor.cls_score.bias[1] = 3
        heads.mask_predictor.mask_fcn_logits.weight.zero_()  # masks without a drawing in them
        heads.mask_predictor.mask_fcn_logits.bias.fill_(2)
    return network


def boxes_of(*boxes):
    return torch.tensor(boxes, dtype=torch.float32).reshape(-1, 4)


@pytest.mark.parametrize("normalisation", ["group", "batch"])
def test_losses_fall_over_a_few_steps(batch, normalisation, default):
    network = light(normalisation)
    if normalisation == "batch":
        take_encoder(network, default)
    network.train()
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-3)
    sums = []
    for _ in range(8):
        losses = network.losses(batch.images, batch.targets)
        assert losses.keys() == LOSSES
        assert all(loss.shape == () for loss in losses.values())
        total = torch.stack(list(losses.values())).sum()
        optimizer.zero_grad()
        total.backward()
        optimizer.step()
        sums.append(float(total.detach()))
    assert np.mean(sums[-3:]) < 0.75 * np.mean(sums[:2])


def test_pictures_with_nothing_to_find_train_too():
    network = light().train()
    nothing = Target(torch.zeros(0, 4), torch.zeros(0, dtype=torch.int64), torch.zeros(0, 64, 64, dtype=torch.uint8))
    losses = network.losses(torch.randn(1, 3, 64, 64), [nothing])
    torch.stack(list(losses.values())).sum().backward()
    assert all(math.isfinite(float(loss.detach())) for loss in losses.values())


def test_a_network_says_how_it_is_built_again(tmp_path):
    network = light("batch")
    said = describe_network(network)
    assert said == {"network": LIGHT, "classes": ["jar", "lid"], "normalisation": "batch"}
    assert describe_network(rebuild_network(said)) == said
    write_weights(network, tmp_path / "w.safetensors")
    again = read_weights(tmp_path / "w.safetensors")
    assert describe_network(again) == said
    assert not again.training
    for name, value in network.state_dict().items():
        torch.testing.assert_close(again.state_dict()[name], value, rtol=1e-3, atol=1e-4)


def test_things_that_are_found_lie_in_the_picture(sure):
    with torch.no_grad():
        (found,) = sure.detect(torch.randn(1, 3, 64, 96))
    count = len(found.scores)
    assert count > 0
    assert [tuple(part.shape) for part in found] == [(count, 4), (count,), (count,), (count, 1, 28, 28)]
    assert (found.scores.diff() <= 0).all()
    assert found.boxes.min() >= 0
    assert (found.boxes[:, 2] <= 96).all()
    assert (found.boxes[:, 3] <= 64).all()
    assert 0 <= found.masks.min() <= found.masks.max() <= 1


def test_forward_is_the_union_of_what_is_found(sure):
    pictures = torch.randn(2, 3, 64, 96, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        found, prediction = sure.detect(pictures), sure(pictures)
    assert prediction.logits.shape == (2, 1, 64, 96)
    assert prediction.features.shape[-2:] == (4, 6)
    for alpha, one in zip(torch.sigmoid(prediction.logits)[:, 0], found, strict=True):
        shown = [
            Instance(
                name="",
                score=float(score),
                box=tuple((box / torch.tensor([96, 64, 96, 64])).tolist()),
                mask=mask[0].numpy(),
            )
            for box, score, mask in zip(one.boxes, one.scores, one.masks, strict=True)
            if score >= 0.5
        ]
        assert shown
        # torchvision pastes into boxes of whole pixels, inference does not
        assert np.abs(alpha.numpy() - union(shown, 64, 96)).mean() < 0.03


def test_a_union_of_two_known_things_and_of_none():
    masks = torch.ones(2, 1, 28, 28)
    found = Detection(boxes_of((8, 8, 24, 40), (32, 8, 56, 40)), torch.tensor([1, 1]), torch.tensor([0.9, 0.4]), masks)
    alpha = united(found, (48, 64))
    assert alpha.shape == (1, 48, 64)
    assert (alpha[0, 10:38, 10:22] > 0.99).all()
    assert alpha[0, :, 28:].max() == 0  # the other is not sure
    nothing = Detection(boxes_of(), torch.zeros(0), torch.zeros(0), torch.zeros(0, 1, 28, 28))
    assert not united(nothing, (48, 64)).any()


def test_nothing_found_is_an_alpha_of_nothing():
    with torch.no_grad():
        prediction = light().eval()(torch.zeros(1, 3, 64, 64))
    assert torch.sigmoid(prediction.logits).max() < 1e-3


# the default's encoder


def levels_of(network, pictures):
    """What each stage of an encoder answers."""
    seen = []
    hooks = [stage.register_forward_hook(lambda *answer: seen.append(answer[-1])) for stage in network.encoder]
    with torch.no_grad():
        network(pictures)
    for hook in hooks:
        hook.remove()
    return seen


def test_an_encoder_taken_from_the_default_answers_as_the_defaults(default):
    network = light("batch")
    take_encoder(network, default)
    pictures = torch.randn(1, 3, 64, 96, generator=torch.Generator().manual_seed(2))
    # in training mode too: its batch normalisation stands still
    for mode in (network.eval(), network.train()):
        ours, theirs = (levels_of(one, pictures) for one in (mode.detector.backbone, default.eval()))
        assert len(ours) == len(theirs) == 5
        for one, other in zip(ours, theirs, strict=True):
            torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-4)


def test_what_was_taken_is_no_shared_memory(default):
    network = light("batch")
    take_encoder(network, default)
    before = default.stem[0].weight.clone()
    with torch.no_grad():
        network.detector.backbone.stem[0].weight.zero_()
    torch.testing.assert_close(default.stem[0].weight, before)


def test_a_compact_network_takes_the_encoder_and_keeps_its_decoder(default):
    network = CompactUNet()
    head = network.head.pixels.weight.clone()
    take_encoder(network, default)
    torch.testing.assert_close(network.stem[0].weight, default.stem[0].weight)
    torch.testing.assert_close(network.head.pixels.weight, head)


def test_networks_that_have_no_such_encoder_are_refused(default):
    for network in (build_network("unet", channels=(8, 8)), build_network("refiner")):
        with pytest.raises(InvalidOptions, match="only compact and mask-rcnn-light have the default's encoder"):
            take_encoder(network, default)
    for network in (CompactUNet(CompactOptions(channels=(8, 8, 8, 8, 8))), light("group")):
        with pytest.raises(InvalidOptions, match="the network has other widths or norms than the default"):
            take_encoder(network, default)


# classes


def test_other_classes_keep_all_but_the_last_layers():
    network = light()
    other = with_classes(network, ("cap", "jar", "lid", "person"))
    assert other.options.classes == ("cap", "jar", "lid", "person")
    assert other.detector.roi_heads.box_predictor.cls_score.out_features == 5
    assert other.detector.roi_heads.mask_predictor.mask_fcn_logits.out_channels == 5
    kept = 0
    for name, value in network.detector.state_dict().items():
        if ".box_predictor." not in name and ".mask_fcn_logits." not in name:
            assert torch.equal(other.detector.state_dict()[name], value), name
            kept += 1
    assert kept > 100


def test_a_network_without_a_class_is_refused():
    with pytest.raises(InvalidOptions, match="mask-rcnn-light: it needs the classes"):
        build_network(LIGHT)


def test_without_torchvision_one_line_says_how_to_get_it(monkeypatch):
    monkeypatch.setattr(mask_rcnn, "find_spec", lambda name: None)
    for name in (LIGHT, FULL):
        with pytest.raises(MissingExtra, match=rf"^{name} needs torchvision.* pip install 'deepetch\[maskrcnn\]'\.$"):
            build_network(name, classes=CLASSES)


def test_torchvisions_own_trains_and_finds(batch):
    torch.manual_seed(0)
    network = build_network(FULL, classes=CLASSES).train()
    heads, proposals = network.detector.roi_heads, network.detector.rpn
    heads.fg_bg_sampler.batch_size_per_image = 8  # few boxes, for a test
    proposals._post_nms_top_n = {"training": 20, "testing": 8}
    total = torch.stack(list(network.losses(batch.images, batch.targets).values())).sum()
    total.backward()
    assert math.isfinite(float(total.detach()))
    body = network.detector.backbone.body
    assert body.conv1.weight.grad is not None
    assert body.conv1.weight.grad.abs().sum() > 0
    assert 45e6 < sum(parameter.numel() for parameter in network.parameters()) < 47e6
    with torch.no_grad():
        prediction = network.eval()(batch.images[:1])
    assert prediction.logits.shape == (1, 1, 64, 64)
    assert prediction.features.shape == (1, 256, 4, 4)
