"""The border refiner: a small U-Net that sees squares of the photo with a coarse alpha, and draws the border again.

The same blocks as the compact network, without its channel gates: a square's mean says nothing of its picture. What it
answers is added to the coarse alpha's own logit, so that it begins as one that changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn

from deepetch.training.networks.compact import ResidualBlock, SubPixelHead, UpBlock
from deepetch.training.networks.prediction import Prediction

SURE = 0.0025  # a coarse alpha nearer to 0 or 1 counts as so near: its logit is 6


@dataclass(frozen=True, kw_only=True)
class RefinerOptions:
    """Widths from 1/2 of a square's side down: four make the sides multiples of 16."""

    channels: tuple[int, ...] = (16, 32, 64, 96)


class BorderRefiner(nn.Module):
    """Normalised pictures and coarse alphas in [-1, 1], (n, 4, h, w), h and w multiples of 16 -> Prediction."""

    name: Literal["refiner"] = "refiner"

    def __init__(self, options: RefinerOptions = RefinerOptions()) -> None:
        super().__init__()
        self.options = options
        channels = options.channels
        self.stem = nn.Sequential(
            nn.Conv2d(4, channels[0], 3, 2, 1, bias=False), nn.BatchNorm2d(channels[0]), nn.ReLU()
        )
        widths = (channels[0], *channels)
        self.encoder = nn.ModuleList(
            ResidualBlock(inputs, outputs, stride=1 if level == 0 else 2)
            for level, (inputs, outputs) in enumerate(zip(widths, channels, strict=False))
        )
        self.decoder = nn.ModuleList(
            UpBlock(deep, skip) for deep, skip in zip(channels[:0:-1], channels[-2::-1], strict=True)
        )
        self.head = SubPixelHead(channels[0], channels[0], inputs=4)
        nn.init.zeros_(self.head.pixels.weight)
        assert self.head.pixels.bias is not None
        nn.init.zeros_(self.head.pixels.bias)

    def forward(self, x: Tensor) -> Prediction:
        skips = []
        y = self.stem(x)
        for block in self.encoder:
            y = block(y)
            skips.append(y)
        deep = y
        for up, skip in zip(self.decoder, skips[-2::-1], strict=True):
            y = up(y, skip)
        coarse = coarse_of(x).clamp(SURE, 1 - SURE)
        return Prediction(self.head(y, x) + torch.log(coarse / (1 - coarse)), None, deep)


def join(images: Tensor, coarse: Tensor) -> Tensor:
    """What the refiner sees: normalised pictures (n, 3, h, w) and coarse alphas (n, 1, h, w) in [0, 1]."""
    return torch.cat([images, 2 * coarse - 1], 1)


def coarse_of(joined: Tensor) -> Tensor:
    """The coarse alphas (n, 1, h, w) in [0, 1] that `join` put in."""
    return (joined[:, 3:] + 1) / 2
