"""Networks by name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from deepetch.training.networks.compact import CompactOptions, CompactUNet
from deepetch.training.networks.unet import UNet, UNetOptions

Network: TypeAlias = CompactUNet | UNet


def build_network(name: str, channels: Sequence[int] = ()) -> Network:
    """A network with random weights.

    name      "compact" or "unet", as in `options.TrainOptions`.
    channels  widths of its levels; (): its own.
    """
    if name == "unet":
        return UNet(UNetOptions(channels=tuple(channels) or UNetOptions.channels))
    return CompactUNet(CompactOptions(channels=tuple(channels) or CompactOptions.channels))
