"""The default's network: a U-Net, deep and narrow, for two CPU cores.

U-shape and skips after Ronneberger et al. 2015; residual blocks after He et al. 2016; channel gates after Hu et al.
2018 (squeeze-and-excitation); deep supervision after Lee et al. 2015. Plain 3x3 convolutions with few channels:
depthwise ones cost more time per quality on CPUs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from deepetch.options import TrainOptions


@dataclass(frozen=True, kw_only=True)
class CompactOptions:
    """Widths and depths, from 1/2 of the input's size down to 1/32."""

    channels: tuple[int, ...] = TrainOptions.channels
    blocks: tuple[int, ...] = (1, 1, 2, 3, 3)
    gated_levels: int = 2  # so many of the deepest levels have channel gates
    head_channels: int = 16  # at full size, where every channel is dear


class Prediction(NamedTuple):
    """What the network says of a batch of n pictures of h x w.

    logits     (n, 1, h, w), before the sigmoid.
    auxiliary  (n, 1, h/8, w/8) logits of the middle of the decoder, for deep supervision.
    features   (n, c, h/16, w/16) deep features, for later use.
    """

    logits: Tensor
    auxiliary: Tensor
    features: Tensor


class Gate(nn.Module):
    """Squeeze-and-excitation: weigh each channel by what the whole picture holds."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.squeeze = nn.Conv2d(channels, channels // 4, 1)
        self.excite = nn.Conv2d(channels // 4, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        summary = x.mean((2, 3), keepdim=True)  # (n, c, 1, 1)
        return x * torch.sigmoid(self.excite(F.relu(self.squeeze(summary))))


class ResidualBlock(nn.Module):
    """Two 3x3 convolutions beside a shortcut; halves the size when `stride` is 2."""

    def __init__(self, inputs: int, outputs: int, *, stride: int = 1, gated: bool = False) -> None:
        super().__init__()
        self.first = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.first_norm = nn.BatchNorm2d(outputs)
        self.second = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.second_norm = nn.BatchNorm2d(outputs)
        self.gate = Gate(outputs) if gated else nn.Identity()
        shortcut: list[nn.Module] = [nn.AvgPool2d(2)] if stride == 2 else []
        if inputs != outputs:
            shortcut += [nn.Conv2d(inputs, outputs, 1, bias=False), nn.BatchNorm2d(outputs)]
        self.shortcut = nn.Sequential(*shortcut)
        nn.init.zeros_(self.second_norm.weight)  # each block begins as its shortcut: deep nets start faster

    def forward(self, x: Tensor) -> Tensor:
        y = F.relu(self.first_norm(self.first(x)))
        y = self.gate(self.second_norm(self.second(y)))
        return F.relu(y + self.shortcut(x))


class UpBlock(nn.Module):
    """Deep features to the skip's width and size, added to it, then mixed."""

    def __init__(self, deep: int, skip: int) -> None:
        super().__init__()
        self.project = nn.Conv2d(deep, skip, 1, bias=False)
        self.norm = nn.BatchNorm2d(skip)
        self.mix = ResidualBlock(skip, skip)

    def forward(self, deep: Tensor, skip: Tensor) -> Tensor:
        projected = self.norm(self.project(deep))  # before enlarging: a quarter of the work
        mixed: Tensor = self.mix(skip + double(projected))
        return mixed


class CompactUNet(nn.Module):
    """Normalised pictures (n, 3, h, w), h and w multiples of 32 -> Prediction."""

    def __init__(self, options: CompactOptions = CompactOptions()) -> None:
        super().__init__()
        self.options = options
        channels, levels = options.channels, len(options.channels)
        self.stem = nn.Sequential(
            nn.Conv2d(3, channels[0], 3, 2, 1, bias=False), nn.BatchNorm2d(channels[0]), nn.ReLU()
        )
        self.encoder = nn.ModuleList()
        width = channels[0]
        for level, (outputs, blocks) in enumerate(zip(channels, options.blocks, strict=True)):
            gated = level >= levels - options.gated_levels
            stage: list[nn.Module] = []
            for block in range(blocks):
                stride = 2 if block == 0 and level > 0 else 1
                stage.append(ResidualBlock(width, outputs, stride=stride, gated=gated and block == blocks - 1))
                width = outputs
            self.encoder.append(nn.Sequential(*stage))
        self.decoder = nn.ModuleList(
            UpBlock(deep, skip) for deep, skip in zip(channels[:0:-1], channels[-2::-1], strict=True)
        )
        self.auxiliary = nn.Conv2d(channels[2], 1, 1)
        self.to_full = nn.Sequential(
            nn.Conv2d(channels[0], options.head_channels, 1, bias=False), nn.BatchNorm2d(options.head_channels)
        )
        self.head = nn.Sequential(
            nn.Conv2d(options.head_channels + 3, options.head_channels, 3, 1, 1, bias=False),
            nn.BatchNorm2d(options.head_channels),
            nn.ReLU(),
            nn.Conv2d(options.head_channels, 1, 3, 1, 1),
        )

    def forward(self, x: Tensor) -> Prediction:
        skips = []
        y = self.stem(x)
        for stage in self.encoder:
            y = stage(y)
            skips.append(y)  # 1/2, 1/4, 1/8, 1/16, 1/32
        decoded = []
        for up, skip in zip(self.decoder, skips[-2::-1], strict=True):
            y = up(y, skip)
            decoded.append(y)  # 1/16, 1/8, 1/4, 1/2
        full = double(self.to_full(y))
        logits = self.head(torch.cat([full, x], dim=1))  # the picture itself, for the edge
        return Prediction(logits, self.auxiliary(decoded[1]), decoded[0])


def double(x: Tensor) -> Tensor:
    """Twice the size, bilinear."""
    return F.interpolate(x, scale_factor=2.0, mode="bilinear", align_corners=False)
