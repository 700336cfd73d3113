"""What a prediction costs: as a region, cross-entropy that looks harder at borders and IoU; or as an alpha."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from deepetch.options import TrainOptions


def border(alphas: Tensor, *, width: int = 5) -> Tensor:
    """1 within width // 2 pixels of a change of alpha, else 0; (n, 1, h, w) like `alphas`."""
    pad = width // 2
    highest = F.max_pool2d(alphas, width, 1, pad)
    lowest = -F.max_pool2d(-alphas, width, 1, pad)
    return highest - lowest


def soft_iou_loss(probabilities: Tensor, alphas: Tensor) -> Tensor:
    """1 - sum(p a) / sum(p + a - p a) per picture (Rahman and Wang 2016), (n,).

    Both sums get one percent of the picture, so that a picture without a subject has a gradient and costs nothing
    when nothing is predicted.
    """
    smoothing = 0.01 * alphas[0].numel()
    both = (probabilities * alphas).sum((1, 2, 3))
    either = (probabilities + alphas - probabilities * alphas).sum((1, 2, 3))
    return 1 - (both + smoothing) / (either + smoothing)


def segmentation_loss(logits: Tensor, auxiliary: Tensor | None, alphas: Tensor, options: TrainOptions) -> Tensor:
    """The loss that a run's options ask for; a scalar.

    "border": BCE with `border_weight` extra on borders + soft IoU + 0.3 BCE of the auxiliary output if there is one.
    "cross-entropy": BCE.
    logits, alphas  (n, 1, h, w);  auxiliary  (n, 1, h/8, w/8), against the alpha averaged to its size.
    """
    logits = logits.float()
    if options.loss == "cross-entropy":
        return F.binary_cross_entropy_with_logits(logits, alphas)
    weights = 1 + options.border_weight * border(alphas)
    cross_entropy = F.binary_cross_entropy_with_logits(logits, alphas, weights)
    overlap = soft_iou_loss(torch.sigmoid(logits), alphas).mean()
    if auxiliary is None:
        return cross_entropy + overlap
    coarse = F.interpolate(alphas, size=auxiliary.shape[-2:], mode="area")
    return cross_entropy + overlap + 0.3 * F.binary_cross_entropy_with_logits(auxiliary.float(), coarse)


def alpha_loss(logits: Tensor, alphas: Tensor, weights: Tensor) -> Tensor:
    """BCE, half of mean |p - a|, and the same of both gradients (as Hou and Liu 2019 have it); a scalar.

    Cross-entropy alone is content with a blurred edge where it cannot tell which side of a pixel the edge is on; with
    more of |p - a|, whose least is the likelier side, hair and veils become all or nothing.
    weights  (n, 1, h, w), of each pixel.
    """
    logits = logits.float()
    probabilities = torch.sigmoid(logits)
    each = 0.5 * (probabilities - alphas).abs() + F.binary_cross_entropy_with_logits(logits, alphas, reduction="none")
    loss = (weights * each).sum()
    for axis in (2, 3):
        steps = (probabilities.diff(dim=axis) - alphas.diff(dim=axis)).abs()
        loss = loss + (weights.narrow(axis, 0, weights.shape[axis] - 1) * steps).sum()
    return loss / weights.sum().clamp_min(1)


def drawn_band(coarse: Tensor) -> Tensor:
    """Where inference takes a refiner's alpha, about: 1 within 4 pixels of a border or a soft part; (n, 1, h, w).

    coarse  (n, 1, h, w) in [0, 1], enlarged.
    """
    unsure = ((coarse > 0) & (coarse < 1)) | (border(coarse, width=3) > 0.04)
    return F.max_pool2d(unsure.float(), 9, 1, 4)


def mendable(coarse: Tensor, alphas: Tensor) -> Tensor:
    """1 where a coarse alpha errs at its border at most, 0 where it is wrong altogether; (n, 1, h, w).

    That is where over 17 x 17 pixels it is right to 0.3 in the mean: a square shows no more of the picture.
    """
    error = coarse - alphas
    for size, pad in (((17, 1), (8, 0)), ((1, 17), (0, 8))):  # one axis after the other is five times as fast
        error = F.avg_pool2d(error, size, 1, pad, count_include_pad=False)
    return (error.abs() < 0.3).float()


def nearly_right(coarse: Tensor, alphas: Tensor) -> Tensor:
    """Where the truth is full and a coarse alpha above 0.75, or the truth clear and a veil below 0.5 over it; bool."""
    return ((alphas > 0.999) & (coarse > 0.75)) | ((alphas < 0.001) & (coarse > 0.01) & (coarse < 0.5))
