from __future__ import annotations

import torch
from torch import nn

from deepetch.options import TrainOptions
from deepetch.training.networks.compact import CompactOptions, CompactUNet
from deepetch.training.optimizer import make_optimizer

NARROW = (8, 8, 8, 16, 16)


def names_in_group(network, group):
    names = {id(parameter): name for name, parameter in network.named_parameters()}
    return {names[id(parameter)] for parameter in group["params"]}


def test_every_weight_is_moved_by_one_of_the_two():
    network = CompactUNet(CompactOptions(channels=NARROW))
    hidden, rest = make_optimizer(network, TrainOptions(learning_rate=1e-3, weight_decay=0.1)).param_groups
    moved = names_in_group(network, hidden) | names_in_group(network, rest)
    assert moved == {name for name, _ in network.named_parameters()}
    assert len(hidden["params"]) + len(rest["params"]) == len(moved)


def test_layers_that_read_the_picture_or_write_the_answer_are_left_to_adamw():
    network = CompactUNet(CompactOptions())
    hidden, rest = make_optimizer(network, TrainOptions(learning_rate=1e-3, weight_decay=0.1)).param_groups
    assert {"stem.0.weight", "head.detail.weight", "head.pixels.weight", "auxiliary.weight"} <= names_in_group(
        network, rest
    )
    assert {"head.deep.weight", "encoder.4.0.first.weight"} <= names_in_group(network, hidden)
    assert hidden["use_muon"]
    assert not rest["use_muon"]


def test_only_hidden_weights_decay():
    hidden, rest = make_optimizer(nn.Conv2d(8, 8, 3), TrainOptions(learning_rate=1e-3, weight_decay=0.1)).param_groups
    assert (hidden["weight_decay"], rest["weight_decay"]) == (0.1, 0.0)


def test_an_update_is_orthogonal_and_as_large_as_adamws():
    torch.manual_seed(0)
    layer = nn.Conv2d(16, 16, 3, bias=False)
    before = layer.weight.detach().clone()
    optimizer = make_optimizer(layer, TrainOptions(learning_rate=1e-2, weight_decay=0.0))
    # a gradient of rank two, its directions a thousand times apart: AdamW and SGD would keep the weak one weak
    left, right = torch.linalg.qr(torch.randn(16, 2))[0], torch.linalg.qr(torch.randn(144, 2))[0]
    layer.weight.grad = (left @ torch.diag(torch.tensor([1.0, 1e-3])) @ right.T).reshape(16, 16, 3, 3)
    optimizer.step()
    strengths = torch.linalg.svdvals((layer.weight.detach() - before).flatten(1))[:2]
    # five Newton-Schulz steps in bfloat16 bring every strength of some size to between 0.5 and 1.3 of the same value;
    # the weak one starts at a thousandth of the whole and is on its way
    assert strengths[1] > 0.1 * strengths[0]
    # 0.2 sqrt(max(16, 144)) times the learning rate, Liu et al. 2025, eq. 4
    assert 0.5 < strengths[0] / (1e-2 * 0.2 * 144**0.5) < 1.4
