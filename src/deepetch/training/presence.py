"""Whether a picture shows a subject at all: a logistic layer over the pooled deep features of a trained network.

An alpha cannot tell it alone: a network trained to find a subject finds one in an empty room too, and is sure of it.
Fitted when the network is done, so that no alpha changes.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from deepetch.datasets.pack import BACKGROUNDS, Pack
from deepetch.errors import TrainingError
from deepetch.training.networks.prediction import Prediction
from deepetch.training.studio_preset import RECIPE, KindRecipe, StudioBatches, recipe_of

PICTURES = 4800
BATCH = 16
LEAST = 0.0005  # share of its frame that a subject covers at least
WEIGHT_DECAY = 1e-3


class Presence(nn.Module):
    """Deep features (n, c, h, w) -> (n,) probability in [0, 1] that each picture shows a subject."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.linear = nn.Linear(2 * channels, 1)

    def forward(self, features: Tensor) -> Tensor:
        return torch.sigmoid(self.linear(pooled(features))[:, 0])


def pooled(features: Tensor) -> Tensor:
    """Mean and maximum of each channel: (n, c, h, w) -> (n, 2c)."""
    return torch.cat([features.mean((2, 3)), features.amax((2, 3))], 1)


def fit_presence(
    network: Callable[[Tensor], Prediction], pack: Pack, *, size: int, pictures: int | None = None, seed: int = 0
) -> Presence:
    """Fit the layer on pictures of the train split as the studio preset makes them, half of them without a subject.

    size      side of the pictures in pixels: that at which the network will be used.
    pictures  how many; None: PICTURES.
    Raises    TrainingError when no picture of the pack's train split is without a subject, or none is with one.
    """
    if not len(pack.select(split="train", kind=BACKGROUNDS)):
        raise TrainingError(f"the pack has no picture of kind {BACKGROUNDS} in its train split to tell subjects from.")
    subjects = sum(recipe_of(kind).share for kind in {row["kind"] for row in pack.rows} - {BACKGROUNDS})
    half_empty = {**RECIPE, BACKGROUNDS: KindRecipe(subjects, 0.0)}
    batches = StudioBatches(pack, size=size, batch=BATCH, seed=seed, recipe=half_empty)
    seen, shown = [], []
    with torch.no_grad():
        for index in range(-(-(pictures or PICTURES) // BATCH)):
            images, alphas = batches.draw(index)
            seen.append(pooled(network(images.contiguous(memory_format=torch.channels_last)).features))
            shown.append((alphas >= 0.5).float().mean((1, 2, 3)) >= LEAST)
    return logistic(torch.cat(seen), torch.cat(shown))


def logistic(features: Tensor, shown: Tensor) -> Presence:
    """Logistic regression of pooled features (n, 2c) on shown (n,) bool, both classes of equal weight."""
    mean, deviation = features.mean(0), features.std(0).clamp_min(1e-6)
    standard, target = (features - mean) / deviation, shown.float()
    share = target.mean().clamp(1e-6, 1 - 1e-6)
    weight = torch.where(shown, 0.5 / share, 0.5 / (1 - share))
    linear = nn.Linear(features.shape[1], 1)
    nn.init.zeros_(linear.weight)
    nn.init.zeros_(linear.bias)
    optimizer = torch.optim.LBFGS(linear.parameters(), max_iter=300, line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        optimizer.zero_grad()
        error = F.binary_cross_entropy_with_logits(linear(standard)[:, 0], target, weight)
        penalised = error + WEIGHT_DECAY * linear.weight.square().sum()
        penalised.backward()  # type: ignore[no-untyped-call]
        return penalised

    optimizer.step(loss)  # type: ignore[no-untyped-call]
    presence = Presence(features.shape[1] // 2)
    with torch.no_grad():
        presence.linear.weight.copy_(linear.weight / deviation)
        presence.linear.bias.copy_(linear.bias - (linear.weight * (mean / deviation)).sum())
    return presence.eval()
