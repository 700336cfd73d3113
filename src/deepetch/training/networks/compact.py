"""The default's network: a U-Net, deep and narrow, for two CPU cores.

U-shape and skips after Ronneberger et al. 2015; residual blocks after He et al. 2016; channel gates after Hu et al.
2018 (squeeze-and-excitation); deep supervision after Lee et al. 2015. Plain 3x3 convolutions with few channels:
depthwise ones cost more time per quality on CPUs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from deepetch.training.networks.prediction import Prediction


@dataclass(frozen=True, kw_only=True)
class CompactOptions:
    """Widths and depths, from 1/2 of the input's size down to 1/32."""

    channels: tuple[int, ...] = (32, 64, 96, 160, 224)
    blocks: tuple[int, ...] = (1, 1, 2, 3, 3)
    gated_levels: int = 2  # so many of the deepest levels have channel gates
    head_channels: int = 32  # at 1/2, where the last layers work: at full size they would cost a third of a step


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


class SubPixelHead(nn.Module):
    """Features at 1/2 and the picture itself, for the edge, to logits at full size.

    All layers work at 1/2; the last gives each 2 x 2 pixels a channel apiece (Shi et al. 2016).
    """

    def __init__(self, features: int, channels: int, *, inputs: int = 3) -> None:
        super().__init__()
        self.deep = nn.Conv2d(features, channels, 3, 1, 1, bias=False)
        self.detail = nn.Conv2d(inputs, channels, 6, 2, 2, bias=False)  # 3x3 on the picture's 2 x 2 blocks
        self.norm = nn.BatchNorm2d(channels)
        self.pixels = nn.Conv2d(channels, 4, 3, 1, 1)

    def forward(self, y: Tensor, picture: Tensor) -> Tensor:
        mixed = F.relu(self.norm(self.deep(y) + self.detail(picture)))  # (n, channels, h/2, w/2)
        return F.pixel_shuffle(self.pixels(mixed), 2)  # (n, 1, h, w)


class CompactUNet(nn.Module):
    """Normalised pictures (n, 3, h, w), h and w multiples of 32 -> Prediction."""

    name: Literal["compact"] = "compact"

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
        self.head = SubPixelHead(channels[0], options.head_channels)

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
        return Prediction(self.head(y, x), self.auxiliary(decoded[1]), decoded[0])


def double(x: Tensor) -> Tensor:
    """Twice the size, bilinear."""
    return F.interpolate(x, scale_factor=2.0, mode="bilinear", align_corners=False)
