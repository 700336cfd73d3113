"""A small network that says whether a patch was rendered."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

WIDTHS = (24, 32, 64, 96)  # channels; each layer but the first halves the patch
BATCH = 64
STRENGTH = 32  # of detail: a level of 255 becomes an eighth
LEARNING_RATE = 3e-3


class Detail(nn.Module):
    """(n, 3, h, w) in [0, 1] to (n, 6, h, w): the patch, and what of it no straight slope explains, made strong.

    Faint noise is a thousandth of what colours differ by; beside it a network would learn the colours alone.
    """

    def __init__(self) -> None:
        super().__init__()
        mask = torch.tensor([[1.0, -2.0, 1.0], [-2.0, 4.0, -2.0], [1.0, -2.0, 1.0]]) / 6  # Immerkaer 1996
        self.register_buffer("mask", mask.expand(3, 1, 3, 3).clone())

    def forward(self, patches: Tensor) -> Tensor:
        framed = nn.functional.pad(patches, (1, 1, 1, 1), mode="reflect")
        detail = nn.functional.conv2d(framed, self.mask, groups=3)
        return torch.cat([patches - 0.5, torch.tanh(detail * STRENGTH)], dim=1)


def build_network(widths: tuple[int, ...] = WIDTHS) -> nn.Module:
    """(n, 3, h, w) in [0, 1], h and w even, to (n,) logits; 86,353 parameters at this width.

    Squares of four pixels become channels first, which makes it fast and loses none: noise lives in the finest detail.
    """
    layers: list[nn.Module] = [Detail(), nn.PixelUnshuffle(2)]
    channels = 24
    for depth, width in enumerate(widths):
        layers += [
            nn.Conv2d(channels, width, 3, stride=2 if depth else 1, padding=1, bias=False),
            nn.BatchNorm2d(width),
            nn.ReLU(inplace=True),
        ]
        channels = width
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels, 1), nn.Flatten(0))


def fit(
    levels: NDArray[np.uint8], rendered: NDArray[np.bool_], *, steps: int, seed: int, widths: tuple[int, ...] = WIDTHS
) -> nn.Module:
    """Train a network for `steps` batches, half of each rendered; left and right are swapped at random.

    levels    (n, h, w, 3) uint8.
    rendered  (n,); both sides are there.
    """
    torch.manual_seed(seed)
    draw = np.random.default_rng(seed)
    network = build_network(widths).to(memory_format=torch.channels_last)
    optimizer = torch.optim.AdamW(network.parameters(), lr=LEARNING_RATE, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, LEARNING_RATE, total_steps=steps)
    sides = [np.flatnonzero(rendered == side) for side in (False, True)]
    network.train()
    for _ in range(steps):
        chosen = np.concatenate([side[draw.integers(len(side), size=BATCH // 2)] for side in sides])
        batch = _tensor(levels[chosen])
        mirrored = torch.from_numpy(draw.random(BATCH) < 0.5)
        batch = torch.where(mirrored[:, None, None, None], batch.flip(3), batch)
        wanted = torch.from_numpy(rendered[chosen].astype(np.float32))
        loss = nn.functional.binary_cross_entropy_with_logits(network(batch), wanted)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    return network


@torch.inference_mode()
def logits(network: nn.Module, levels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """(n,) logits of patches (n, h, w, 3) uint8, each the mean of the patch and its mirror image."""
    network.eval()
    said = [
        (network(batch) + network(batch.flip(3))) / 2
        for start in range(0, len(levels), 256)
        for batch in [_tensor(levels[start : start + 256])]
    ]
    return torch.cat(said).numpy()


def _tensor(levels: NDArray[np.uint8]) -> Tensor:
    return torch.from_numpy(levels).permute(0, 3, 1, 2).float().div(255)  # channels last in memory, as they came
