"""Batches without end, in an order that stopping and going on does not change."""

from __future__ import annotations

import gc
import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import TypeAlias

import torch
from torch.utils.data import IterableDataset, get_worker_info

from deepetch.datasets.pack import Pack
from deepetch.errors import TrainingError
from deepetch.options import MASK_RCNN, TrainOptions
from deepetch.training.batch import Batch
from deepetch.training.border_preset import BorderBatches
from deepetch.training.classic_preset import ClassicBatches
from deepetch.training.instance_preset import InstanceBatch, InstanceBatches
from deepetch.training.networks.build import Network
from deepetch.training.networks.refiner import BorderRefiner
from deepetch.training.studio_preset import StudioBatches
from deepetch.training.weights import DEFAULT_WEIGHTS, read_weights

Batches: TypeAlias = StudioBatches | ClassicBatches | BorderBatches | InstanceBatches


def make_batches(pack: Pack, options: TrainOptions, device: torch.device | None = None) -> Batches:
    """The batches that a run's augmentation makes of a pack, on a device; a refiner and Mask R-CNN have their own.

    Raises  TrainingError when the pack has no labelled picture to train on.
    """
    size, batch, seed = options.size, options.batch, options.seed
    if options.network == "refiner":
        segmenter = read_segmenter(options)
        return BorderBatches(pack, segmenter, size=size, batch=batch, seed=seed, device=device)
    if options.network in MASK_RCNN:
        return InstanceBatches(pack, options.classes, size=size, batch=batch, seed=seed, device=device)
    if options.augmentation == "studio":
        return StudioBatches(pack, size=size, batch=batch, seed=seed, device=device)
    augmented = options.augmentation == "classic"
    return ClassicBatches(pack, size=size, batch=batch, seed=seed, augmented=augmented, device=device)


def read_segmenter(options: TrainOptions) -> Network:
    """The network whose alpha a refiner learns to mend. Raises TrainingError as `read_weights`, or if it is none."""
    path = DEFAULT_WEIGHTS if options.segmenter == "default" else Path(options.segmenter)
    segmenter = read_weights(path)
    if isinstance(segmenter, BorderRefiner):
        raise TrainingError(f"{path}: a refiner, not the segmenter whose alpha one learns to mend.")
    return segmenter


def begin_worker(number: int) -> None:
    """Let a new worker process leave alone what the process that it was split off from had still to tidy up.

    An ONNX Runtime session among it would wait for ever for its threads, which are not in this process.
    """
    gc.freeze()


class TrainingStream(IterableDataset[Batch | InstanceBatch]):
    """Batches number first, first + stride, first + 2 stride, ...: each depends on the run's seed and its number alone.

    stride  of the processes that train together, each of which begins at its own number.
    """

    def __init__(self, batches: Batches, *, first: int = 0, stride: int = 1) -> None:
        self.batches, self.first, self.stride = batches, first, stride

    def __iter__(self) -> Iterator[Batch | InstanceBatch]:
        worker = get_worker_info()
        place, workers = (worker.id, worker.num_workers) if worker else (0, 1)
        # the loader takes from its workers in turn
        for index in itertools.count(self.first + place * self.stride, workers * self.stride):
            yield self.batches.draw(index)
