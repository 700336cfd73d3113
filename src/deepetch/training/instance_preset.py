"""Batches for Mask R-CNN: the pictures that a segmenter learns from, and each thing in them by itself."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from deepetch.datasets.instances import MOST, class_of, connected_instances
from deepetch.datasets.pack import BACKGROUNDS, Pack
from deepetch.errors import TrainingError
from deepetch.inference.normalize import MEAN
from deepetch.training.augment import inside, warp
from deepetch.training.batch import normalise
from deepetch.training.networks.mask_rcnn import Target
from deepetch.training.studio_preset import Layer, StudioBatches

LEAST = 0.0004  # of a picture: a thing of which less is seen is none to find


class InstanceBatch(NamedTuple):
    """images (n, 3, s, s) float32 normalised; targets, one a picture."""

    images: Tensor
    targets: list[Target]


class InstanceBatches:
    """Pictures of the `train` split with their instances; those of a pack without any are its connected parts.

    What a packed square shows beside its picture, a reflection, is one colour here: a reflected thing would be a thing.

    classes  of the network: a thing of another class is background.
    Raises   TrainingError when the pack has no labelled picture to train on, or none of these classes.
    """

    def __init__(
        self,
        pack: Pack,
        classes: tuple[str, ...],
        *,
        size: int,
        batch: int,
        seed: int,
        device: torch.device | None = None,
    ) -> None:
        shown = pack_classes(pack)
        if not set(classes) & set(shown):
            raise TrainingError(f"the pack shows {', '.join(shown) or 'nothing'}; none of {', '.join(classes)}.")
        self.pack, self.size, self.classes = pack, size, classes
        self.pictures = StudioBatches(pack, size=size, batch=batch, seed=seed, device=device)
        self.per_epoch = self.pictures.per_epoch

    def draw(self, index: int) -> InstanceBatch:
        """Compose batch number `index`; it depends on seed and index alone."""
        images, alphas, layers = self.pictures.compose(index)
        numbers = torch.zeros_like(alphas)  # of both layers: the second's begin behind the first's
        labels: list[dict[int, int]] = [{} for _ in images]
        for depth, layer in enumerate(layers):
            self._lay(layer, depth * (MOST + 1), numbers, labels)
        numbers = numbers * (alphas >= 0.5)
        images = torch.where(self._beside(layers[0]) & (numbers == 0), _colour_beside(images), images)
        targets = [target_of(found[0].long(), named) for found, named in zip(numbers, labels, strict=True)]
        return InstanceBatch(normalise(images), targets)

    def _lay(self, layer: Layer, first: int, numbers: Tensor, labels: list[dict[int, int]]) -> None:
        """Lay the numbers of one layer's things, each plus `first`, over those behind it."""
        planes, names = zip(*(row_instances(self.pack, int(row)) for row in layer.rows), strict=True)
        maps = torch.from_numpy(np.stack(planes)).to(numbers.device)[:, None].float()
        grid = F.affine_grid(layer.maps, [len(maps), 1, self.size, self.size], align_corners=False)
        shown = F.grid_sample(maps, grid, mode="nearest", padding_mode="zeros", align_corners=False)
        numbers[layer.places] = torch.where(shown > 0, shown + first, numbers[layer.places])
        for place, classes in zip(layer.places.tolist(), names, strict=True):
            for number, name in enumerate(classes, first + 1):
                if name in self.classes:
                    labels[place][number] = self.classes.index(name) + 1

    def _beside(self, layer: Layer) -> Tensor:
        """Where pictures that were laid in whole do not reach, (n, 1, s, s) bool."""
        content = self.pictures.squares.content[torch.from_numpy(layer.rows).to(layer.maps.device)]
        seen = warp(inside(content, self.pack.size), layer.maps, self.size, outside="zeros") >= 0.5
        return ~(seen | layer.cut[:, None, None, None])


def target_of(numbers: Tensor, labels: dict[int, int]) -> Target:
    """What is to be found in a picture of numbers (h, w) int64, of things with a label; those hardly seen left out."""
    wanted = [
        (number, label) for number, label in labels.items() if (numbers == number).sum() >= LEAST * numbers.numel()
    ]
    masks = torch.stack([numbers == number for number, _ in wanted]) if wanted else numbers.new_zeros(0, *numbers.shape)
    boxes = [_box(mask) for mask in masks]
    return Target(
        torch.stack(boxes) if boxes else torch.zeros(0, 4, device=numbers.device),
        torch.tensor([label for _, label in wanted], dtype=torch.int64, device=numbers.device),
        masks.to(torch.uint8),
    )


def _box(mask: Tensor) -> Tensor:
    rows, columns = mask.any(1).nonzero()[:, 0], mask.any(0).nonzero()[:, 0]
    return torch.stack([columns[0], rows[0], columns[-1] + 1, rows[-1] + 1]).float()


def row_instances(pack: Pack, row: int) -> tuple[NDArray[np.uint8], tuple[str, ...]]:
    """The numbers (s, s) uint8 of a packed square, 0 beside its picture, and the class of each thing."""
    if pack.instances is not None and pack.labels is not None:
        numbers = pack.instances[row]
        return numbers, tuple(pack.classes[label] for label in pack.labels[row][: int(numbers.max(initial=0))])
    top, left, bottom, right = np.rint(pack.content[row] * pack.size).astype(int)
    whole = np.zeros((pack.size, pack.size), np.bool_)
    whole[top:bottom, left:right] = pack.alphas[row, top:bottom, left:right] >= 128
    found = connected_instances(whole, class_of(pack.rows[row]["kind"]))
    return found.numbers, found.classes


def pack_classes(pack: Pack) -> tuple[str, ...]:
    """The classes of the things that a pack's pictures show, in the order of the alphabet."""
    if pack.classes:
        return pack.classes
    return tuple(sorted({class_of(row["kind"]) for row in pack.rows if row["kind"] != BACKGROUNDS}))


def blank_beside(images: Tensor, content: Tensor) -> Tensor:
    """Pictures (n, 3, s, s) in [0, 1] with one colour beside their content (n, 4), where they have reflections."""
    return torch.where(inside(content, images.shape[-1]) > 0, images, _colour_beside(images))


def _colour_beside(images: Tensor) -> Tensor:
    """The colour that is 0 once it is normalised, (1, 3, 1, 1)."""
    return torch.tensor(MEAN, device=images.device).view(1, 3, 1, 1)
