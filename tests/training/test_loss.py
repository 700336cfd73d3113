from __future__ import annotations

import pytest
import torch

from deepetch.options import TrainOptions
from deepetch.training.loss import border, segmentation_loss, soft_iou_loss


def square(n=2, size=32):
    alphas = torch.zeros(n, 1, size, size)
    alphas[:, :, 8:24, 8:24] = 1
    return alphas


def loss_of(probabilities, alphas):
    """Both outputs say `probabilities`, (n, 1, h, w)."""
    logits = torch.logit(probabilities.clamp(1e-4, 1 - 1e-4))
    auxiliary = torch.nn.functional.avg_pool2d(logits, 8)
    return segmentation_loss(logits, auxiliary, alphas, TrainOptions(border_weight=2.0))


def test_better_predictions_cost_less():
    alphas = square()
    shifted = alphas.roll(2, 3)
    costs = [loss_of(p, alphas) for p in (alphas, 0.9 * alphas + 0.05, shifted, torch.full_like(alphas, 0.5))]
    assert costs == sorted(costs)
    assert costs[-1] < loss_of(1 - alphas, alphas)
    assert costs[0] < 0.01


def test_wrong_border_costs_more_than_a_wrong_patch_of_the_same_size():
    alphas = square()
    rim, patch = alphas.clone(), alphas.clone()
    rim[:, :, 8:24, 24] = 1  # 16 pixels beside the edge
    patch[:, :, 28:32, 28:32] = 1  # 16 pixels far from it
    assert loss_of(rim, alphas) > loss_of(patch, alphas)


def test_border_is_the_pixels_within_two_of_a_change():
    marks = border(square(1))
    expected = torch.zeros(1, 1, 32, 32)
    expected[..., 6:26, 6:26] = 1
    expected[..., 10:22, 10:22] = 0
    assert torch.equal(marks, expected)


def test_border_of_a_flat_alpha_is_empty():
    assert not border(torch.ones(1, 1, 16, 16)).any()
    assert not border(torch.zeros(1, 1, 16, 16)).any()


def test_soft_iou_of_binary_masks_is_one_minus_smoothed_iou():
    alphas = square()
    shifted = alphas.roll(8, 3)
    smoothing = 0.01 * 32 * 32
    expected = 1 - (128 + smoothing) / (384 + smoothing)
    assert soft_iou_loss(shifted, alphas).tolist() == pytest.approx([expected] * 2, rel=1e-5)


def test_nothing_predicted_where_nothing_is_costs_nothing():
    nothing = torch.zeros(2, 1, 32, 32)
    assert soft_iou_loss(nothing, nothing).tolist() == [0, 0]
    assert loss_of(nothing, nothing) < 0.02  # `loss_of` cannot say less than a probability of 1e-4
    assert loss_of(torch.full_like(nothing, 0.5), nothing) > 0.5


@pytest.mark.parametrize("alphas", [square(), torch.zeros(2, 1, 32, 32), torch.ones(2, 1, 32, 32)])
@pytest.mark.parametrize("size", [0.0, 50.0])
def test_gradient_is_finite_even_for_extreme_logits(alphas, size):
    logits = torch.full((2, 1, 32, 32), size, requires_grad=True)
    auxiliary = torch.full((2, 1, 4, 4), -size, requires_grad=True)
    loss = segmentation_loss(logits, auxiliary, alphas, TrainOptions(border_weight=2.0))
    loss.backward()
    assert torch.isfinite(loss)
    assert torch.isfinite(logits.grad).all()
    assert torch.isfinite(auxiliary.grad).all()


def test_half_precision_logits_are_summed_in_float32():
    logits = torch.zeros(2, 1, 32, 32, dtype=torch.bfloat16)
    loss = segmentation_loss(logits, torch.zeros(2, 1, 4, 4, dtype=torch.bfloat16), square(), TrainOptions())
    assert loss.dtype == torch.float32
