"""The network with its loss, optimiser and learning rate, as Lightning's loop wants them."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import lightning
import numpy as np
import torch
from torch import Tensor

from deepetch.errors import TrainingError
from deepetch.options import TrainOptions
from deepetch.training.instance_preset import InstanceBatch
from deepetch.training.loss import alpha_loss, drawn_band, mendable, nearly_right, segmentation_loss
from deepetch.training.networks.build import Network, describe_network
from deepetch.training.networks.mask_rcnn import MaskRCNN
from deepetch.training.networks.refiner import coarse_of
from deepetch.training.networks.unet import UNet
from deepetch.training.optimizer import make_optimizer

HOPELESS = 0.1  # weight of what a refiner cannot see in its square, beside what it can
SURE = 3.0  # weight of what is full or clear and was handed on as nearly so: holes and veils cost more than a hair


class Learner(lightning.LightningModule):
    """One training step after another.

    steps  of the whole run, for the schedule of the learning rate.
    """

    def __init__(self, network: Network, options: TrainOptions, *, steps: int) -> None:
        super().__init__()
        self.network, self.train_options, self.steps = network, options, steps
        self.network.train()  # weights that were read to begin with come in evaluation mode, and Lightning leaves it so
        self.network.to(memory_format=torch.channels_last)
        if options.compile:
            self.network.compile()

    def training_step(self, batch: Any, index: int) -> dict[str, Tensor]:
        images = batch.images.contiguous(memory_format=torch.channels_last)
        prediction = self.network(images)
        if self.train_options.loss == "alpha":
            coarse = coarse_of(images)
            weights = drawn_band(coarse) * (HOPELESS + (1 - HOPELESS) * mendable(coarse, batch.alphas))
            weights = weights * torch.where(nearly_right(coarse, batch.alphas), SURE, 1.0)
            loss = alpha_loss(prediction.logits, batch.alphas, weights)
        else:
            loss = segmentation_loss(prediction.logits, prediction.auxiliary, batch.alphas, self.train_options)
        return {"loss": self._finite(loss), "iou": mean_iou(prediction.logits.detach(), batch.alphas)}

    def _finite(self, loss: Tensor) -> Tensor:
        if not torch.isfinite(loss):
            raise TrainingError(
                f"the loss became {loss.item()} at step {self.global_step}; "
                "resume from the last checkpoint with a lower learning rate."
            )
        return loss

    def on_before_optimizer_step(self, optimizer: Any) -> None:
        if isinstance(self.network, UNet) and self.network.has_died():
            raise TrainingError(
                f"both channels before the network's head died at step {self.global_step}: every picture gets one and "
                "the same answer. Begin again with another --seed or a lower --learning-rate."
            )

    def configure_gradient_clipping(
        self, optimizer: Any, gradient_clip_val: float | None = None, gradient_clip_algorithm: str | None = None
    ) -> None:
        # Lightning refuses optimisers that could undo a loss scale themselves; bfloat16 needs no such scale
        if gradient_clip_val is not None:
            torch.nn.utils.clip_grad_norm_(self.parameters(), gradient_clip_val)

    def on_load_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Let a learning rate that was changed for resuming hold, not the one in the checkpoint."""
        rate = self.train_options.learning_rate
        for state, plan in zip(checkpoint["optimizer_states"], checkpoint["lr_schedulers"], strict=True):
            share = schedule(plan["last_epoch"], self.train_options, steps=self.steps)
            plan["base_lrs"] = [rate] * len(state["param_groups"])
            plan["_last_lr"] = [rate * share] * len(state["param_groups"])
            for group in state["param_groups"]:
                group["initial_lr"], group["lr"] = rate, rate * share

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        checkpoint |= describe_network(self.network)

    def configure_optimizers(self) -> Any:
        options = self.train_options
        optimizer = make_optimizer(self.network, options)
        scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: schedule(step, options, steps=self.steps))
        return {"optimizer": optimizer, "lr_scheduler": {"scheduler": scheduler, "interval": "step"}}


class InstanceLearner(Learner):
    """One step of Mask R-CNN after another: the sum of its five losses, unweighted, as He et al. 2017 have it."""

    network: MaskRCNN

    def training_step(self, batch: InstanceBatch, index: int) -> dict[str, Tensor]:
        images = batch.images.contiguous(memory_format=torch.channels_last)
        # torchvision draws boxes by torch's own numbers: by seed and step alone, as batches are, a resumed run goes on
        # to what it would have come to
        key = (self.train_options.seed, self.global_step)
        torch.manual_seed(int(np.random.SeedSequence(key).generate_state(1)[0]))
        losses = self.network.losses(images, batch.targets)
        return {"loss": self._finite(torch.stack(list(losses.values())).sum())}


def schedule(step: int, options: TrainOptions, *, steps: int) -> float:
    """Share of the learning rate at a step: linear warm-up, then half a cosine down to zero, or all of it.

    The warm-up takes a tenth of a short run at most.
    """
    warmup = min(options.warmup_steps, steps // 10)
    if step < warmup:
        return (step + 1) / warmup
    if options.schedule == "constant":
        return 1.0
    done = (step - warmup) / max(1, steps - warmup)
    return 0.5 * (1 + math.cos(math.pi * min(1.0, done)))


def moving_average(decay: float) -> Callable[[Tensor, Tensor, Tensor], Tensor]:
    """Exponential moving average whose decay rises as (1 + n) / (10 + n) to `decay`: it soon forgets random weights."""

    def average(averaged: Tensor, current: Tensor, n: Tensor) -> Tensor:
        return torch.lerp(current.float(), averaged.float(), min(decay, float((1 + n) / (10 + n))))

    return average


def mean_iou(logits: Tensor, alphas: Tensor) -> Tensor:
    """Mean IoU of a batch at alpha >= 0.5; both empty: 1."""
    predicted, true = logits >= 0, alphas >= 0.5
    both = (predicted & true).sum((1, 2, 3)).float()
    either = (predicted | true).sum((1, 2, 3)).float()
    return torch.where(either > 0, both / either.clamp(min=1), 1.0).mean()
