"""Augmentation as the study did it with Keras' generator, and none at all: epochs of one picture after another."""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Generator, Tensor
from torch.nn import functional as F

from deepetch.datasets.pack import BACKGROUNDS, Pack
from deepetch.errors import TrainingError
from deepetch.training.augment import seeded, uniform, warp
from deepetch.training.batch import Batch, normalise
from deepetch.training.squares import Squares

ROTATION = 20.0  # degrees, either way
SHIFT = 0.2  # of the side, either way, along each axis
ZOOM = (0.8, 1.2)  # of each axis by itself; above 1 shows more of the picture
SHEAR = 0.5  # degrees, either way


def keras_affine(n: int, generator: Generator) -> Tensor:
    """Draw (n, 2, 3) maps from output to input positions, in [-1, 1] across the picture, for `augment.warp`.

    The product rotation x shift x shear x zoom about the picture's middle, as in Keras' `apply_affine_transform`.
    """
    angle = uniform(n, -ROTATION, ROTATION, generator) * (math.pi / 180)
    shift = uniform(2 * n, -2 * SHIFT, 2 * SHIFT, generator).view(n, 2)  # the side is 2 long
    shear = uniform(n, -SHEAR, SHEAR, generator) * (math.pi / 180)
    zoom = uniform(2 * n, *ZOOM, generator).view(n, 2)
    return affine(angle, shift, shear, zoom)


def affine(angle: Tensor, shift: Tensor, shear: Tensor, zoom: Tensor) -> Tensor:
    """The maps (n, 2, 3) of given angles (n,) and shears (n,) in radians, shifts (n, 2) and zooms (n, 2) in x and y."""
    cos, sin = torch.cos(angle), torch.sin(angle)
    rotation = torch.stack([torch.stack([cos, -sin], 1), torch.stack([sin, cos], 1)], 1)  # (n, 2, 2)
    zero = torch.zeros_like(shear)
    sheared = torch.stack([torch.stack([zero + 1, -torch.sin(shear)], 1), torch.stack([zero, torch.cos(shear)], 1)], 1)
    linear = rotation @ sheared * zoom[:, None, :]
    return torch.cat([linear, rotation @ shift[:, :, None]], dim=2)


class ClassicBatches:
    """Every labelled picture of `train` once an epoch, in an order that depends on seed and epoch alone.

    augmented  one random map for picture and mask, what lies outside reflected; otherwise as they are.
    Raises     TrainingError when the pack has no labelled picture to train on.
    """

    def __init__(
        self, pack: Pack, *, size: int, batch: int, seed: int, augmented: bool, device: torch.device | None = None
    ) -> None:
        self.squares = Squares(pack, device)
        self.size, self.batch, self.seed, self.augmented = size, batch, seed, augmented
        self.members = np.setdiff1d(pack.select(split="train"), pack.select(split="train", kind=BACKGROUNDS))
        if not len(self.members):
            raise TrainingError("the pack has no labelled picture in its train split; see `deepetch data pack`.")
        self.per_epoch = math.ceil(len(self.members) / batch)

    def draw(self, index: int) -> Batch:
        """Batch number `index`, of `batch` pictures; the last of an epoch has what is left."""
        epoch, place = divmod(index, self.per_epoch)
        order = np.random.default_rng((self.seed, epoch)).permutation(self.members)
        images, alphas, _ = self.squares.read(order[place * self.batch : (place + 1) * self.batch])
        images, alphas = (F.interpolate(x, size=self.size, mode="area") for x in (images, alphas))
        if self.augmented:
            generator = seeded(self.squares.device, self.seed, index)
            maps = keras_affine(len(images), generator)
            images, alphas = warp(images, maps, self.size), warp(alphas, maps, self.size)
        return Batch(normalise(images), alphas)
