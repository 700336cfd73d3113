"""Several networks that answer as one: the weighted mean of their alphas."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from deepetch.datasets.pack import BACKGROUNDS, Pack, open_pack
from deepetch.errors import TrainingError
from deepetch.training.batch import normalise
from deepetch.training.cross_validation import fold_folder, read_cross_validation
from deepetch.training.loss import soft_iou_loss
from deepetch.training.networks.build import Network
from deepetch.training.networks.prediction import Prediction
from deepetch.training.squares import Squares
from deepetch.training.weights import trained_network

MOST_PICTURES = 200  # that weights are chosen on


class Ensemble(nn.Module):
    """Normalised pictures (n, 3, h, w) -> Prediction, the logits those of the mean alpha, features the first network's.

    weights  one a network; they sum to 1.
    """

    name: Literal["ensemble"] = "ensemble"

    def __init__(self, networks: Sequence[Network], weights: Sequence[float]) -> None:
        super().__init__()
        self.networks = nn.ModuleList(networks)
        self.weights = tuple(weights)

    def forward(self, x: Tensor) -> Prediction:
        predictions = [network(x) for network in self.networks]
        alpha = sum(
            weight * torch.sigmoid(prediction.logits)
            for weight, prediction in zip(self.weights, predictions, strict=True)
        )
        assert isinstance(alpha, Tensor)
        return Prediction(torch.logit(alpha, eps=1e-6), None, predictions[0].features)


def ensemble_of(run: Path) -> Ensemble:
    """The networks of all folds of a cross-validation's best configuration, their weights chosen on the pack's `val`.

    Raises  TrainingError when the folder holds no finished cross-validation.
    """
    stored = read_cross_validation(run)
    if stored is None or "best" not in stored:
        raise TrainingError(f"{run}: no finished cross-validation; go on with `deepetch train --resume {run}`.")
    name = stored["best"]
    networks = [trained_network(fold_folder(run, name, number)) for number in range(1, stored["folds"] + 1)]
    weights = choose_weights(networks, open_pack(stored["pack"]), size=stored["configurations"][name].size)
    return Ensemble(networks, weights).eval()


def choose_weights(networks: Sequence[nn.Module], pack: Pack, *, size: int) -> list[float]:
    """The weights of the mean alpha with the highest soft IoU on labelled pictures of `val`; they sum to 1.

    size  in pixels, at which the networks look at pictures.
    Without such a picture all weigh the same.
    """
    rows = np.setdiff1d(pack.select(split="val"), pack.select(split="val", kind=BACKGROUNDS))
    if not len(rows):
        return [1 / len(networks)] * len(networks)
    rows = rows[np.linspace(0, len(rows) - 1, min(MOST_PICTURES, len(rows))).astype(int)]
    squares = Squares(pack)
    predicted, true = [], []
    with torch.no_grad():
        for row in rows:
            images, alphas, _ = squares.read(np.array([row]))
            images, alphas = (F.interpolate(x, size=size, mode="area") for x in (images, alphas))
            predicted.append(torch.stack([torch.sigmoid(network(normalise(images)).logits)[0] for network in networks]))
            true.append(alphas[0])
    alphas, truth = torch.stack(predicted), torch.stack(true)  # (n, networks, 1, s, s), (n, 1, s, s)
    scores = torch.zeros(len(networks), requires_grad=True)
    optimizer = torch.optim.LBFGS([scores], max_iter=50, line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        optimizer.zero_grad()
        mixed = torch.einsum("k,nkchw->nchw", torch.softmax(scores, 0), alphas)
        value = soft_iou_loss(mixed, truth).mean()
        value.backward()  # type: ignore[no-untyped-call]
        return value

    optimizer.step(loss)  # type: ignore[no-untyped-call]
    return [float(weight) for weight in torch.softmax(scores.detach(), 0)]
