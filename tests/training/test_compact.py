from __future__ import annotations

import pytest
import torch

from deepetch.options import TrainOptions
from deepetch.training.loss import segmentation_loss
from deepetch.training.networks.compact import CompactOptions, CompactUNet, double

NARROW = (8, 8, 8, 16, 16)


def narrow():
    torch.manual_seed(0)
    return CompactUNet(CompactOptions(channels=NARROW))


def test_default_network_has_5_148_453_parameters():
    # the shipped weights have this form: a change here makes them useless
    assert CompactOptions().channels == (32, 64, 96, 160, 224)
    assert sum(parameter.numel() for parameter in CompactUNet().parameters()) == 5_148_453


@pytest.mark.parametrize("size", [(64, 64), (32, 96), (96, 160), (224, 32)])
@pytest.mark.parametrize("n", [1, 3])
def test_outputs_have_their_shapes(n, size):
    height, width = size
    with torch.no_grad():
        prediction = narrow().eval()(torch.zeros(n, 3, height, width))
    assert prediction.logits.shape == (n, 1, height, width)
    assert prediction.auxiliary.shape == (n, 1, height // 8, width // 8)
    assert prediction.features.shape == (n, NARROW[3], height // 16, width // 16)


def test_pictures_of_a_batch_do_not_touch_each_other_in_evaluation():
    network = narrow().eval()
    pictures = torch.randn(3, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        together = network(pictures).logits
        alone = torch.cat([network(picture[None]).logits for picture in pictures])
    # other batch sizes take other kernels: sums of some hundred float32 products differ in the last digits
    assert torch.allclose(together, alone, atol=1e-4)


def test_every_parameter_learns():
    network = narrow()
    prediction = network(torch.randn(2, 3, 64, 64, generator=torch.Generator().manual_seed(0)))
    (prediction.logits.mean() + prediction.auxiliary.mean()).backward()
    assert [name for name, parameter in network.named_parameters() if parameter.grad is None] == []


def test_a_few_steps_lower_the_loss_of_one_batch():
    network = narrow()
    alphas = torch.zeros(2, 1, 64, 64)
    alphas[:, :, 16:48, 16:48] = 1
    pictures = (alphas - 0.5).repeat(1, 3, 1, 1)
    optimizer = torch.optim.AdamW(network.parameters(), lr=5e-3)
    losses = []
    for _ in range(12):
        prediction = network(pictures)
        loss = segmentation_loss(prediction.logits, prediction.auxiliary, alphas, TrainOptions())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.6 * losses[0]


def test_double_is_twice_the_size():
    assert torch.equal(double(torch.ones(1, 2, 3, 5)), torch.ones(1, 2, 6, 10))
