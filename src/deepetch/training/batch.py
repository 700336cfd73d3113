"""What a training step gets."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from deepetch.inference.normalize import MEAN, STD


class Batch(NamedTuple):
    """images (n, 3, s, s) float32 normalised; alphas (n, 1, s, s) float32 in [0, 1]."""

    images: Tensor
    alphas: Tensor


def normalise(images: Tensor) -> Tensor:
    """What `inference.normalize.to_tensor` does, for a batch."""
    mean = torch.tensor(MEAN, device=images.device).view(1, 3, 1, 1)
    std = torch.tensor(STD, device=images.device).view(1, 3, 1, 1)
    return (images - mean) / std
