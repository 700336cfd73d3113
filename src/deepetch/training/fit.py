"""Train a network: Lightning's loop, our network, loss and batches.

A run is a folder: `options.json`, `metrics.jsonl`, and `last.ckpt`, from which the same run goes on.
"""

from __future__ import annotations

import json
import math
import time
import warnings
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import lightning
import torch
from lightning.pytorch.callbacks import Callback, WeightAveraging
from lightning.pytorch.plugins.io import TorchCheckpointIO
from lightning.pytorch.utilities.exceptions import SIGTERMException
from torch import Tensor
from torch.utils.data import DataLoader

from deepetch.datasets.pack import Pack, open_pack
from deepetch.errors import OutputFailed, TrainingError, TrainingStopped
from deepetch.options import TrainOptions
from deepetch.photo.atomic import atomic_output
from deepetch.training.batches import Batch, TrainingStream
from deepetch.training.loss import segmentation_loss
from deepetch.training.networks.build import build_network
from deepetch.training.networks.unet import UNet
from deepetch.training.optimizer import make_optimizer
from deepetch.training.quiet import errors_only
from deepetch.training.stop import StopRequest, stop_on_signals
from deepetch.training.validate import ValidationSet

CHECKPOINT = "last.ckpt"


class AtomicCheckpoints(TorchCheckpointIO):
    """Write beside the old checkpoint, then rename: a run killed while writing loses nothing."""

    def save_checkpoint(self, checkpoint: dict[str, Any], path: Any, storage_options: Any = None) -> None:
        # through a file of our own: torch's names no reason when the disk is full
        with atomic_output(path, overwrite=True) as temporary, temporary.open("wb") as file:
            torch.save(checkpoint, file)


class Learner(lightning.LightningModule):
    """The network with its loss, optimiser and validation."""

    def __init__(self, options: TrainOptions, validation: ValidationSet | None) -> None:
        super().__init__()
        self.train_options = options
        self.network = build_network(options.network, options.channels)
        self.network.to(memory_format=torch.channels_last)
        self.validation = validation

    def training_step(self, batch: Batch, index: int) -> Tensor:
        images = batch.images.contiguous(memory_format=torch.channels_last)
        prediction = self.network(images)
        loss = segmentation_loss(
            prediction.logits,
            prediction.auxiliary,
            batch.alphas,
            border_weight=self.train_options.border_weight,
        )
        if not torch.isfinite(loss):
            raise TrainingError(
                f"the loss became {loss.item()} at step {self.global_step}; "
                "resume from the last checkpoint with a lower learning rate."
            )
        self.log("loss", loss, prog_bar=True)
        return loss

    def on_before_optimizer_step(self, optimizer: Any) -> None:
        if isinstance(self.network, UNet) and self.network.has_died():
            raise TrainingError(
                f"both channels before the network's head died at step {self.global_step}: every picture gets one and "
                "the same answer. Begin again with another --seed or a lower --learning-rate."
            )

    def on_load_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Let a learning rate that was changed for resuming hold, not the one in the checkpoint."""
        rate = self.train_options.learning_rate
        for state, plan in zip(checkpoint["optimizer_states"], checkpoint["lr_schedulers"], strict=True):
            share = schedule(plan["last_epoch"], self.train_options)
            plan["base_lrs"] = [rate] * len(state["param_groups"])
            plan["_last_lr"] = [rate * share] * len(state["param_groups"])
            for group in state["param_groups"]:
                group["initial_lr"], group["lr"] = rate, rate * share

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        checkpoint["network"] = self.network.name
        checkpoint["channels"] = list(self.network.options.channels)

    def configure_optimizers(self) -> Any:
        options = self.train_options
        optimizer = make_optimizer(self.network, learning_rate=options.learning_rate, weight_decay=options.weight_decay)
        scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: schedule(step, options))
        return {"optimizer": optimizer, "lr_scheduler": {"scheduler": scheduler, "interval": "step"}}


def schedule(step: int, options: TrainOptions) -> float:
    """Share of the learning rate at a step: linear warm-up, then half a cosine down to zero."""
    if step < options.warmup_steps:
        return (step + 1) / options.warmup_steps
    done = (step - options.warmup_steps) / max(1, options.steps - options.warmup_steps)
    return 0.5 * (1 + math.cos(math.pi * min(1.0, done)))


def moving_average(decay: float) -> Callable[[Tensor, Tensor, Tensor], Tensor]:
    """Exponential moving average whose decay rises as (1 + n) / (10 + n) to `decay`: it soon forgets random weights."""

    def average(averaged: Tensor, current: Tensor, n: Tensor) -> Tensor:
        return torch.lerp(current.float(), averaged.float(), min(decay, float((1 + n) / (10 + n))))

    return average


class Journal(Callback):
    """Validate the averaged weights and add rows to metrics.jsonl by steps; write checkpoints by minutes."""

    def __init__(
        self,
        run: Path,
        options: TrainOptions,
        averaging: WeightAveraging,
        report: Callable[[str], None],
        request: StopRequest,
    ) -> None:
        self.run, self.options, self.averaging, self.report, self.request = run, options, averaging, report, request
        self.seconds = 0.0  # of training, over all sittings
        self.losses: list[float] = []

    def state_dict(self) -> dict[str, Any]:
        return {"seconds": self.seconds}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        self.seconds = state_dict["seconds"]

    def on_train_start(self, trainer: lightning.Trainer, pl_module: lightning.LightningModule) -> None:
        self.began = self.stepped = self.saved = time.monotonic()

    def on_train_batch_end(
        self, trainer: lightning.Trainer, pl_module: lightning.LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        now = time.monotonic()
        self.seconds += now - self.stepped
        self.losses.append(float(trainer.callback_metrics["loss"]))
        step = trainer.global_step
        last = step >= self.options.steps
        if step % 50 == 0 or last:
            self._write_row(trainer, pl_module, step, validated=step % self.options.validate_every == 0 or last)
        minutes = self.options.minutes
        stopping = self.request.asked or (minutes is not None and now - self.began > minutes * 60)
        if last or stopping or now - self.saved > self.options.checkpoint_minutes * 60:
            trainer.save_checkpoint(self.run / CHECKPOINT)
            self.saved = now
        if stopping:
            trainer.should_stop = True
        self.stepped = time.monotonic()  # validating and saving are not training

    def _write_row(self, trainer: lightning.Trainer, learner: Any, step: int, *, validated: bool) -> None:
        row: dict[str, float] = {
            "step": step,
            "seconds": round(self.seconds, 1),
            "loss": sum(self.losses) / len(self.losses),
        }
        self.losses.clear()
        if validated and learner.validation is not None:
            self.averaging._swap_models(learner)
            learner.network.eval()
            row |= learner.validation.measure(learner.network)
            learner.network.train()
            self.averaging._swap_models(learner)
        line = json.dumps(row)
        metrics = self.run / "metrics.jsonl"
        try:
            with metrics.open("a") as file:
                file.write(line + "\n")
        except OSError as error:
            raise OutputFailed(f"{metrics}: not written ({error.strerror}). Make room; --resume goes on.") from error
        self.report(line)


def fit(
    pack: Path,
    run: Path,
    options: TrainOptions,
    *,
    initial: dict[str, Tensor] | None = None,
    report: Callable[[str], None] = lambda line: None,
) -> None:
    """Train on the `train` split of `pack` into the folder `run`; goes on where a checkpoint lies.

    initial  weights of the network to begin with instead of random ones; a checkpoint has precedence.
    report   called with one JSON line every 50 steps.
    Raises   TrainingError when the weights do not fit, or the loss is no number; TrainingStopped when Ctrl-C or
             SIGTERM asked for it: the step was finished and a checkpoint written.
    """
    lightning.seed_everything(options.seed, verbose=False)
    run.mkdir(parents=True, exist_ok=True)
    data = open_pack(pack)
    learner = Learner(options, ValidationSet(data, size=options.size))
    if initial is not None:
        try:
            learner.network.load_state_dict(initial)
        except RuntimeError as error:
            raise TrainingError(f"the initial weights do not fit the {options.network} network.") from error
    checkpoint = run / CHECKPOINT if (run / CHECKPOINT).exists() else None
    first_step = int(read_checkpoint(checkpoint)["global_step"]) if checkpoint else 0
    averaging = WeightAveraging(avg_fn=moving_average(options.averaging))
    with errors_only("lightning.pytorch"), warnings.catch_warnings(), stop_on_signals() as request:
        warnings.filterwarnings("ignore", module=r"lightning\.")  # its own use of what is deprecated
        trainer = lightning.Trainer(
            max_steps=options.steps,
            max_epochs=-1,
            precision="bf16-mixed",
            gradient_clip_val=2.0,
            callbacks=[averaging, Journal(run, options, averaging, report, request)],
            plugins=[AtomicCheckpoints()],
            logger=False,
            enable_checkpointing=False,
            enable_progress_bar=False,
            enable_model_summary=False,
        )
        with suppress(SIGTERMException):  # Lightning's own answer to a signal, after the step and our callbacks
            trainer.fit(learner, _loader(data, options, first_step), ckpt_path=checkpoint, weights_only=True)
    if request.asked and trainer.global_step < options.steps:
        raise TrainingStopped(f"stopped at step {trainer.global_step}; go on with `deepetch train --resume {run}`.")


def _loader(pack: Pack, options: TrainOptions, first_step: int) -> DataLoader[Batch]:
    stream = TrainingStream(pack, size=options.size, batch=options.batch, seed=options.seed, first_step=first_step)
    return DataLoader(
        stream, batch_size=None, num_workers=options.workers, prefetch_factor=2 if options.workers else None
    )


def read_checkpoint(path: Path) -> dict[str, Any]:
    """Map a checkpoint of `fit`.

    Raises  TrainingError when there is none, or it is damaged.
    """
    try:
        checkpoint: dict[str, Any] = torch.load(path, weights_only=True, map_location="cpu", mmap=True)
        int(checkpoint["global_step"]), checkpoint["state_dict"].items()
    except OSError as error:
        raise TrainingError(f"{path.parent}: no run of `deepetch train` lies here ({path.name} is missing).") from error
    except (RuntimeError, UnpicklingError, EOFError, LookupError, TypeError, ValueError, AttributeError) as error:
        raise TrainingError(f"{path}: no checkpoint of `deepetch train`, or a damaged one.") from error
    return checkpoint
