"""What happens beside the steps: rows of metrics, validation of the averaged weights, checkpoints, stopping."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import lightning
from lightning.pytorch.callbacks import Callback, WeightAveraging

from deepetch.options import MASK_RCNN, TrainOptions
from deepetch.training.border_validation import BorderValidation
from deepetch.training.checkpoint import BEST, LAST, save_atomically
from deepetch.training.learner import Learner
from deepetch.training.metrics import Metrics
from deepetch.training.networks.build import describe_network
from deepetch.training.stop import StopRequest
from deepetch.training.validate import SMALLER_IS_BETTER, ValidationSet

ROW_EVERY = 50  # steps

Progress: TypeAlias = Callable[[int, int, float], None]  # called after every step with its number, the last's, the loss


def unseen(step: int, steps: int, loss: float) -> None:
    """Progress that nobody watches."""


def has_given_up(checkpoint: dict[str, Any], options: TrainOptions) -> bool:
    """Whether the run of a checkpoint stopped early, and would again at its next validation."""
    stored = checkpoint.get("callbacks", {}).get(Journal.__qualname__, {})
    return options.patience is not None and stored.get("without_better", 0) >= options.patience


class Journal(Callback):
    """Keep a run's books, on the first of its processes; the others do as it says.

    validate_every  steps.
    per_epoch       steps.
    report          called with each row of metrics as JSON, and with a sentence when something happened.
    """

    def __init__(
        self,
        run: Path,
        options: TrainOptions,
        *,
        steps: int,
        per_epoch: float,
        validate_every: int,
        validation: ValidationSet | BorderValidation,
        averaging: WeightAveraging,
        request: StopRequest,
        progress: Progress,
        report: Callable[[str], None],
    ) -> None:
        self.run, self.options = run, options
        self.steps, self.per_epoch, self.validate_every = steps, per_epoch, validate_every
        self.validation, self.averaging, self.request = validation, averaging, request
        self.metrics: Metrics | None = None
        self.progress, self.report = progress, report
        self.seconds = 0.0  # of training, over all sittings
        self.best, self.best_step, self.without_better = math.nan, 0, 0  # of `monitor`; validations since then
        self.losses: list[float] = []
        self.ious: list[float] = []

    def state_dict(self) -> dict[str, Any]:
        return {
            "seconds": self.seconds,
            "best": self.best,
            "best_step": self.best_step,
            "without_better": self.without_better,
            "judged": self._judged(),
        }

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        self.seconds = state_dict["seconds"]
        if state_dict.get("judged") == self._judged():
            self.best, self.best_step = state_dict["best"], state_dict["best_step"]
            self.without_better = state_dict["without_better"]

    def on_train_start(self, trainer: lightning.Trainer, pl_module: lightning.LightningModule) -> None:
        self.step = trainer.global_step
        if trainer.is_global_zero:
            columns = [
                "step",
                "epoch",
                "seconds",
                "learning_rate",
                "loss",
                *([] if self.options.network in MASK_RCNN else ["iou"]),
                *self.validation.columns,
            ]
            self.metrics = Metrics(self.run, columns, first_step=self.step)
        self.began = self.stepped = self.saved = time.monotonic()

    def on_train_batch_end(
        self, trainer: lightning.Trainer, pl_module: lightning.LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        assert isinstance(pl_module, Learner)
        now = time.monotonic()
        self.seconds += now - self.stepped
        self.losses.append(float(outputs["loss"]) * self.options.accumulate)  # Lightning divides it
        if "iou" in outputs:
            self.ious.append(float(outputs["iou"]))
        step = trainer.global_step
        if step == self.step:  # gradients are still being accumulated
            self.stepped = time.monotonic()
            return
        self.step = step
        if trainer.is_global_zero:
            self.progress(step, self.steps, self.losses[-1])
        last = step >= self.steps
        validated = step % self.validate_every == 0 or last
        if step % ROW_EVERY == 0 or validated:
            self._write_row(trainer, pl_module, step, validated=validated)
        minutes = self.options.minutes
        stopping = self.request.asked or (minutes is not None and now - self.began > minutes * 60)
        stopping, due = self._agreed(
            trainer, stopping, last or stopping or now - self.saved > self.options.checkpoint_minutes * 60
        )
        if self.tired and not last and trainer.is_global_zero:
            self.report(
                f"stopped early at step {step}: {self.without_better} validations without a better "
                f"{self.options.monitor} than {self.best:.4f} at step {self.best_step}"
            )
        if due or self.tired:
            trainer.save_checkpoint(self.run / LAST)
            self.saved = now
        if stopping or self.tired:
            trainer.should_stop = True
        self.stepped = time.monotonic()  # validating and saving are not training

    def teardown(self, trainer: lightning.Trainer, pl_module: lightning.LightningModule, stage: str) -> None:
        if self.metrics is not None:
            self.metrics.close()

    def _write_row(self, trainer: lightning.Trainer, learner: Learner, step: int, *, validated: bool) -> None:
        row: dict[str, float] = {
            "step": step,
            "epoch": round(step / self.per_epoch, 3),
            "seconds": round(self.seconds, 1),
            "learning_rate": trainer.optimizers[0].param_groups[0]["lr"],
            "loss": round(sum(self.losses) / len(self.losses), 5),
        }
        if self.ious:
            row["iou"] = round(sum(self.ious) / len(self.ious), 5)
        self.losses.clear()
        self.ious.clear()
        if validated:
            row |= self._validate(trainer, learner, step)
        if self.metrics is not None:
            self.metrics.add(row)
            self.report(json.dumps(row))

    def _validate(self, trainer: lightning.Trainer, learner: Learner, step: int) -> dict[str, float]:
        """Measure the averaged weights, and keep them if they are the best so far."""
        self.averaging._swap_models(learner)
        learner.network.eval()
        scores = self.validation.measure(learner.network)
        score = scores.get(self.options.monitor)
        if score is not None and self._is_better(score):
            self.best, self.best_step, self.without_better = score, step, 0
            if trainer.is_global_zero:
                said = describe_network(learner.network) | {"global_step": step, self.options.monitor: score}
                state = {f"network.{name}": value for name, value in learner.network.state_dict().items()}
                save_atomically(said | {"state_dict": state}, self.run / BEST)
        elif score is not None:
            self.without_better += 1
        learner.network.train()
        self.averaging._swap_models(learner)
        return scores

    @property
    def tired(self) -> bool:
        """Whether the run has been validated often enough without a better score."""
        return self.options.patience is not None and self.without_better >= self.options.patience

    def _is_better(self, score: float) -> bool:
        if math.isnan(self.best):
            return True
        return score < self.best if self.options.monitor in SMALLER_IS_BETTER else score > self.best

    def _judged(self) -> list[str]:
        """What scores must share to be compared."""
        return [self.options.monitor, str(self.options.size)]

    @staticmethod
    def _agreed(trainer: lightning.Trainer, *answers: bool) -> tuple[bool, ...]:
        """The first process' answers, on every process: clocks and signals differ."""
        if trainer.world_size == 1:
            return answers
        return tuple(trainer.strategy.broadcast(answers))
