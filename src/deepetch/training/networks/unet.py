"""The classic U-Net of 31,032,837 parameters, layer for layer as it is known from Keras.

U-shape and skips after Ronneberger et al. 2015, with padded convolutions, dropout, and up-convolutions of 2x2 on pixels
repeated; weights drawn after He et al. 2015.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from deepetch.training.networks.prediction import Prediction

BEFORE_HEAD = 2  # channels of the last 3x3 layer
GROUPED = 8  # channels that group normalisation takes together
DROPPED_LEVELS = 2  # so many of the deepest levels have dropout


@dataclass(frozen=True, kw_only=True)
class UNetOptions:
    """Width of each level, from the picture's size down by halves; as many levels as there are widths.

    dropout        share of values dropped after the convolutions of the two deepest levels.
    normalisation  "none" is the classic network; "batch" normalises behind each 3x3 convolution but the last, and so
                   does "group", in groups of eight channels (Wu and He 2018), for batches of few pictures.
    """

    channels: tuple[int, ...] = (64, 128, 256, 512, 1024)
    dropout: float = 0.5
    normalisation: Literal["none", "batch", "group"] = "none"


class DoubleConvolution(nn.Sequential):
    """Two 3x3 convolutions with ReLU."""

    def __init__(self, inputs: int, outputs: int, normalisation: str) -> None:
        layers: list[nn.Module] = []
        for width in (inputs, outputs):
            layers.append(nn.Conv2d(width, outputs, 3, padding=1))
            if normalisation == "batch":
                layers.append(nn.BatchNorm2d(outputs))
            elif normalisation == "group":
                layers.append(nn.GroupNorm(max(1, outputs // GROUPED), outputs))
            layers.append(nn.ReLU(inplace=True))
        super().__init__(*layers)


class UpConvolution(nn.Module):
    """Each pixel repeated twice both ways, then a 2x2 convolution with ReLU."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.convolution = nn.Conv2d(inputs, outputs, 2)

    def forward(self, x: Tensor) -> Tensor:
        x = F.interpolate(x, scale_factor=2.0, mode="nearest")
        # a window of even size at the same size: Keras pads the missing row and column at the end
        return F.relu(self.convolution(F.pad(x, (0, 1, 0, 1))), inplace=True)


class UNet(nn.Module):
    """Pictures (n, 3, h, w), h and w multiples of 2 ** (levels - 1), 16 for the classic five -> Prediction."""

    name: Literal["unet"] = "unet"

    def __init__(self, options: UNetOptions = UNetOptions()) -> None:
        super().__init__()
        self.options = options
        channels, normalisation = options.channels, options.normalisation
        self.encoder = nn.ModuleList(
            DoubleConvolution(inputs, outputs, normalisation)
            for inputs, outputs in zip((3, *channels[:-1]), channels, strict=True)
        )
        self.dropout = nn.Dropout(options.dropout)
        pairs = list(zip(channels[:0:-1], channels[-2::-1], strict=True))
        self.up = nn.ModuleList(UpConvolution(deep, skip) for deep, skip in pairs)
        self.decoder = nn.ModuleList(DoubleConvolution(2 * skip, skip, normalisation) for _, skip in pairs)
        self.narrow = nn.Conv2d(channels[0], BEFORE_HEAD, 3, padding=1)
        self.head = nn.Conv2d(BEFORE_HEAD, 1, 1)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                draw_he_normal(module.weight)
                nn.init.zeros_(module.bias)  # type: ignore[arg-type]
        nn.init.xavier_uniform_(self.head.weight)

    def forward(self, x: Tensor) -> Prediction:
        skips = []
        levels = len(self.encoder)
        for level, stage in enumerate(self.encoder):
            x = stage(x if level == 0 else F.max_pool2d(x, 2))
            if level >= levels - DROPPED_LEVELS:
                x = self.dropout(x)  # the skip is taken behind it
            skips.append(x)  # 1, 1/2, 1/4, 1/8, 1/16
        features = x
        for up, stage, skip in zip(self.up, self.decoder, skips[-2::-1], strict=True):
            x = stage(torch.cat([skip, up(x)], dim=1))
        return Prediction(self.head(F.relu(self.narrow(x))), None, features)

    def has_died(self) -> bool:
        """Whether the last backward pass left the layer before the head without any gradient.

        Both of its ReLU channels are then 0 everywhere, for good: the answer is one number for every picture.
        """
        gradient = self.narrow.weight.grad
        return gradient is not None and not bool(gradient.any())


def draw_he_normal(weight: Tensor) -> None:
    """Fill with a normal distribution of variance 2 / inputs, cut at two deviations (He et al. 2015, as in Keras)."""
    inputs = weight[0].numel()
    # cutting at two deviations leaves 0.8796 of one: drawn so much wider, as Keras does
    deviation = (2 / inputs) ** 0.5 / 0.87962566103423978
    nn.init.trunc_normal_(weight, std=deviation, a=-2 * deviation, b=2 * deviation)
