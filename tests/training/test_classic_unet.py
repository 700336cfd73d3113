from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from torch import nn

from deepetch.errors import TrainingError
from deepetch.training.fit import fit
from deepetch.training.networks.build import build_network
from deepetch.training.networks.unet import UNet, UNetOptions, draw_he_normal
from deepetch.training.weights import trained_network

NARROW = UNetOptions(channels=(4, 6, 8, 10, 12))

# Layer by layer: channels in, channels out, side of the window; the order in which a picture passes them.
CLASSIC = [
    (3, 64, 3),
    (64, 64, 3),
    (64, 128, 3),
    (128, 128, 3),
    (128, 256, 3),
    (256, 256, 3),
    (256, 512, 3),
    (512, 512, 3),
    (512, 1024, 3),
    (1024, 1024, 3),
    (1024, 512, 2),
    (1024, 512, 3),
    (512, 512, 3),
    (512, 256, 2),
    (512, 256, 3),
    (256, 256, 3),
    (256, 128, 2),
    (256, 128, 3),
    (128, 128, 3),
    (128, 64, 2),
    (128, 64, 3),
    (64, 64, 3),
    (64, 2, 3),
    (2, 1, 1),
]


def layers_passed(network, picture):
    """The convolutions in the order in which they are called."""
    passed = []
    hooks = [
        module.register_forward_hook(lambda module, *_: passed.append(module))
        for module in network.modules()
        if isinstance(module, nn.Conv2d)
    ]
    with torch.no_grad():
        network(picture)
    for hook in hooks:
        hook.remove()
    return passed


def test_the_classic_network_has_31_032_837_parameters():
    with torch.device("meta"):
        network = UNet()
    assert sum(parameter.numel() for parameter in network.parameters()) == 31_032_837


def test_its_layers_are_the_classic_ones_in_order():
    with torch.device("meta"):
        network = UNet()
        picture = torch.zeros(1, 3, 16, 16)
    passed = layers_passed(network.eval(), picture)
    assert [(layer.in_channels, layer.out_channels, layer.kernel_size[0]) for layer in passed] == CLASSIC
    assert all(layer.bias is not None for layer in passed)


@pytest.mark.parametrize("size", [(16, 16), (32, 80), (48, 16)])
def test_any_size_that_divides_by_16_comes_back(size):
    with torch.no_grad():
        prediction = UNet(NARROW).eval()(torch.zeros(2, 3, *size))
    assert prediction.logits.shape == (2, 1, *size)
    assert prediction.auxiliary is None
    assert prediction.features.shape == (2, 12, size[0] // 16, size[1] // 16)


def test_only_the_two_deepest_levels_drop_and_only_in_training():
    network = UNet(NARROW)
    seen = []
    network.dropout.register_forward_hook(lambda module, inputs, output: seen.append((inputs[0].shape[1], output)))
    picture = torch.randn(1, 3, 64, 64)
    network(picture)
    assert [channels for channels, _ in seen] == [10, 12]
    network.eval()
    with torch.no_grad():
        assert torch.equal(network(picture).logits, network(picture).logits)


def test_the_skip_of_the_fourth_level_is_taken_behind_its_dropout():
    network = UNet(NARROW)
    dropped, joined = [], []
    network.dropout.register_forward_hook(lambda module, inputs, output: dropped.append(output))
    network.decoder[0].register_forward_hook(lambda module, inputs, output: joined.append(inputs[0]))
    network(torch.randn(1, 3, 32, 32))
    assert torch.equal(joined[0][:, :10], dropped[0])


def test_up_convolution_pads_at_the_end_as_keras_does():
    up = UNet(NARROW).up[0]
    nn.init.constant_(up.convolution.weight, 0.0)
    up.convolution.weight.data[:, 0, 0, 1] = 1.0  # takes the pixel to the right
    x = torch.zeros(1, 12, 2, 2)
    x[0, 0] = torch.tensor([[1.0, 2.0], [3.0, 4.0]])
    row = up(x)[0, 0, 0]
    assert row.tolist() == [1.0, 2.0, 2.0, 0.0]


def test_weights_are_drawn_by_he():
    weight = torch.empty(400, 64, 3, 3)
    torch.manual_seed(0)
    draw_he_normal(weight)
    expected = (2 / (64 * 9)) ** 0.5
    assert weight.std() == pytest.approx(expected, rel=0.01)  # 230,400 draws: the error is about 0.2 %
    assert weight.abs().max() <= 2 * expected / 0.8796


def test_normalisation_is_an_option():
    plain, normalised = UNet(NARROW), UNet(replace(NARROW, normalisation="batch"))
    assert not any(isinstance(module, nn.BatchNorm2d) for module in plain.modules())
    assert sum(isinstance(module, nn.BatchNorm2d) for module in normalised.modules()) == 18


def test_it_trains_and_comes_back_from_its_run(tmp_path, pack, options):
    fit(pack, tmp_path, replace(options, network="unet", channels=(4, 6, 8, 10, 12), steps=2))
    network = trained_network(tmp_path)
    assert isinstance(network, UNet)
    assert network.options.channels == (4, 6, 8, 10, 12)


def test_a_network_whose_last_channels_are_dead_stops_the_run(tmp_path, pack, options):
    network = build_network("unet", channels=(4, 6, 8, 10, 12))
    nn.init.constant_(network.narrow.bias, -1e6)
    dying = replace(options, network="unet", channels=(4, 6, 8, 10, 12))
    with pytest.raises(TrainingError, match="both channels before the network's head died at step 0"):
        fit(pack, tmp_path, dying, network=network)


def test_a_network_that_lives_is_not_called_dead():
    torch.manual_seed(1)
    network = UNet(NARROW)
    assert not network.has_died()  # no backward pass yet
    network(torch.randn(1, 3, 32, 32)).logits.sum().backward()
    assert not network.has_died()
