"""How a refiner does on squares of the `val` split, always the same ones."""

from __future__ import annotations

import torch
from torch import nn

from deepetch.datasets.pack import BACKGROUNDS, Pack
from deepetch.options import TrainOptions
from deepetch.training.batch import Batch
from deepetch.training.border_preset import BorderBatches
from deepetch.training.learner import mean_iou
from deepetch.training.loss import alpha_loss, drawn_band, mendable
from deepetch.training.networks.refiner import coarse_of

BATCHES = 6
AT_ONCE = 256  # squares, from 16 pictures
SEED = 7


class BorderValidation:
    """Squares of composed pictures of the `val` split, with the coarse alphas that training makes.

    All is measured in the band that inference draws, as far as the coarse alpha is not wrong altogether. `val_mse` is
    the mean squared error of alpha there, `val_mse_before` that of the coarse alpha, both in thousandths.
    """

    columns: list[str]  # the names of what `measure` answers; none without pictures

    def __init__(self, pack: Pack, segmenter: nn.Module, options: TrainOptions) -> None:
        self.options = options
        self.squares: list[Batch] = []
        if len({row["kind"] for row in pack.rows if row["split"] == "val"} - {BACKGROUNDS}):
            batches = BorderBatches(pack, segmenter, size=options.size, batch=AT_ONCE, seed=SEED, split="val")
            for index in range(BATCHES):
                self.squares.append(Batch(*(part.half() for part in batches.draw(index))))
        self.columns = ["val_loss", "val_accuracy", "val_iou", "val_mse", "val_mse_before"] * bool(self.squares)

    @torch.no_grad()
    def measure(self, network: nn.Module) -> dict[str, float]:
        """Training's loss, accuracy and IoU at alpha >= 0.5, and the squared errors. Without pictures: {}."""
        if not self.squares:
            return {}
        device = next(network.parameters()).device
        rows = []
        for batch in self.squares:
            images, alphas = (part.to(device).float() for part in batch)
            with torch.autocast(device.type, torch.bfloat16, enabled=self.options.precision == "bf16-mixed"):
                logits = network(images.contiguous(memory_format=torch.channels_last)).logits
            logits = logits.float()
            found, coarse = torch.sigmoid(logits), coarse_of(images)
            band = drawn_band(coarse) * mendable(coarse, alphas)
            rows.append(
                torch.stack(
                    [
                        alpha_loss(logits, alphas, band),
                        ((logits >= 0) == (alphas >= 0.5)).float().mean(),
                        mean_iou(logits, alphas),
                        1000 * (band * (found - alphas) ** 2).sum() / band.sum().clamp_min(1),
                        1000 * (band * (coarse - alphas) ** 2).sum() / band.sum().clamp_min(1),
                    ]
                )
            )
        values = torch.stack(rows).mean(0).tolist()
        return {name: round(value, 5) for name, value in zip(self.columns, values, strict=True)}
