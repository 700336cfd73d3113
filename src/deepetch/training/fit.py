"""Train a network: Lightning's loop, our network, loss and batches.

A run is a folder: `options.json`, `provenance.json`, `metrics.csv`, TensorBoard's file, `last.ckpt`, from which the
same run goes on, and `best.ckpt`.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import lightning
import torch
from lightning.pytorch.callbacks import WeightAveraging
from lightning.pytorch.utilities.exceptions import SIGTERMException
from torch.utils.data import DataLoader

from deepetch.datasets.pack import Pack
from deepetch.errors import TrainingError, TrainingStopped
from deepetch.options import TrainOptions
from deepetch.training.border_validation import BorderValidation
from deepetch.training.checkpoint import LAST, AtomicCheckpoints, read_checkpoint
from deepetch.training.journal import Journal, Progress, has_given_up, unseen
from deepetch.training.learner import InstanceLearner, Learner, moving_average
from deepetch.training.networks.build import Network, build_network, describe_network
from deepetch.training.networks.mask_rcnn import MaskRCNN
from deepetch.training.quiet import errors_only
from deepetch.training.squares import fits
from deepetch.training.stop import stop_on_signals
from deepetch.training.stream import TrainingStream, begin_worker, make_batches, read_segmenter
from deepetch.training.validate import ValidationSet

VALIDATE_EVERY = 400  # steps, of a run that is not given in epochs


def fit(
    data: Pack,
    run: Path,
    options: TrainOptions,
    *,
    network: Network | None = None,
    progress: Progress = unseen,
    report: Callable[[str], None] = lambda line: None,
) -> bool:
    """Train on the `train` split of a pack into the folder `run`; goes on where a checkpoint lies.

    network   to begin with instead of one with random weights; a checkpoint has precedence.
    progress  called after every step.
    report    called with each row of metrics as JSON, and with a sentence when something happened.
    Returns   whether the run is at its end: False when only its minutes are over.
    Raises    TrainingError for a checkpoint of another network, or when the loss is no number; TrainingStopped when
              Ctrl-C or SIGTERM asked for it: the step was finished and a checkpoint written.
    """
    lightning.seed_everything(options.seed, verbose=False)
    run.mkdir(parents=True, exist_ok=True)
    if network is None:
        network = build_network(
            options.network,
            channels=options.channels,
            normalisation=options.normalisation,
            classes=options.classes,
        )
    per_epoch = steps_per_epoch(data, options)
    steps = total_steps(data, options)
    validate_every = options.validate_every or (VALIDATE_EVERY if options.epochs is None else math.ceil(per_epoch))
    learner = (InstanceLearner if isinstance(network, MaskRCNN) else Learner)(network, options, steps=steps)
    checkpoint = run / LAST if (run / LAST).exists() else None
    first_step = 0
    if checkpoint is not None:
        state = read_checkpoint(checkpoint)
        said = describe_network(network)
        if any(state.get(name, value) != value for name, value in said.items()):
            raise TrainingError(f"{checkpoint}: a checkpoint of another network than the run's options say, {said}.")
        first_step = int(state["global_step"])
        if first_step >= steps or has_given_up(state, options):
            return True
    validation = make_validation(data, options)
    averaging = WeightAveraging(avg_fn=moving_average(options.averaging))
    with errors_only("lightning.pytorch"), warnings.catch_warnings(), stop_on_signals() as request:
        warnings.filterwarnings("ignore", module=r"lightning\.")  # its own use of what is deprecated
        journal = Journal(
            run,
            options,
            steps=steps,
            per_epoch=per_epoch,
            validate_every=validate_every,
            validation=validation,
            averaging=averaging,
            request=request,
            progress=progress,
            report=report,
        )
        together = options.devices * options.nodes > 1
        trainer = lightning.Trainer(
            max_steps=steps,
            max_epochs=-1,
            precision=options.precision,
            gradient_clip_val=2.0,
            accumulate_grad_batches=options.accumulate,
            devices=options.devices if together else "auto",
            num_nodes=options.nodes,
            strategy="ddp" if together else "auto",
            sync_batchnorm=together and torch.cuda.is_available(),  # it has no form for CPUs
            use_distributed_sampler=False,  # the stream divides its batches itself
            callbacks=[averaging, journal],
            plugins=[AtomicCheckpoints()],
            logger=False,
            enable_checkpointing=False,
            enable_progress_bar=False,
            enable_model_summary=False,
        )
        loader = _loader(data, options, trainer, first_step)
        with suppress(SIGTERMException):  # Lightning's own answer to a signal, after the step and our callbacks
            trainer.fit(learner, loader, ckpt_path=checkpoint, weights_only=True)
    if request.asked and trainer.global_step < steps:
        raise TrainingStopped(f"stopped at step {trainer.global_step}; go on with `deepetch train --resume {run}`.")
    return trainer.global_step >= steps or journal.tired


def make_validation(data: Pack, options: TrainOptions) -> ValidationSet | BorderValidation:
    """What a network of these options is judged by on the way."""
    if options.network == "refiner":
        return BorderValidation(data, read_segmenter(options), options)
    return ValidationSet(data, options)


def steps_per_epoch(data: Pack, options: TrainOptions) -> float:
    """Steps in which as many pictures are seen as the train split has, by all devices together."""
    return make_batches(data, options).per_epoch / (options.accumulate * options.devices * options.nodes)


def total_steps(data: Pack, options: TrainOptions) -> int:
    """Steps of the whole run."""
    return options.steps if options.epochs is None else math.ceil(options.epochs * steps_per_epoch(data, options))


def _loader(data: Pack, options: TrainOptions, trainer: lightning.Trainer, first_step: int) -> DataLoader[Any]:
    """Batches for this process, from where the run stands; made on its GPU when the set fits there."""
    device: torch.device = trainer.strategy.root_device
    resident = fits(data, device)
    stride = trainer.world_size
    stream = TrainingStream(
        make_batches(data, options, device if resident else None),
        first=first_step * options.accumulate * stride + trainer.global_rank,
        stride=stride,
    )
    workers = 0 if resident else options.workers
    return DataLoader(
        stream,
        batch_size=None,
        num_workers=workers,
        worker_init_fn=begin_worker,
        prefetch_factor=2 if workers else None,
        pin_memory=device.type == "cuda" and not resident,
    )
