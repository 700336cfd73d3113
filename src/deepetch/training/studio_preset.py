"""Which pictures a training step sees, and what is done to them: a pack and a recipe -> batches without end."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Generator, Tensor
from torch.nn import functional as F
from torch.utils.data import IterableDataset, get_worker_info

from deepetch.datasets.pack import Pack
from deepetch.errors import TrainingError
from deepetch.inference.normalize import MEAN, STD
from deepetch.training.augment import (
    Geometry,
    cast_shadow,
    chance,
    composite,
    inside,
    mean_colour,
    photometric,
    random_affine,
    shrink,
    studio_backdrop,
    warp,
)

BACKGROUNDS = "backgrounds"
IN_PLACE = Geometry()  # with its own background: much smaller, and its reflections would fill the frame
OBJECT_LIKE = Geometry(zoom=(0.45, 1.25), shift=0.18)  # on a new background a subject may be small in its frame
BACKGROUND_LIKE = Geometry(zoom=(1.0, 2.5), rotation=8, shift=0.25, stretch=0.15)


@dataclass(frozen=True)
class KindRecipe:
    """How often a kind is drawn, and how often it gets a new background."""

    share: float
    replaced: float


# Garments lie on white: left there, the net learns "not white". Cut-outs have no background of their own.
RECIPE = {
    "people": KindRecipe(0.44, 0.20),
    "products": KindRecipe(0.20, 0.35),
    "garments": KindRecipe(0.22, 0.85),
    "cutouts": KindRecipe(0.10, 1.00),
    BACKGROUNDS: KindRecipe(0.04, 0.00),
}
OTHER = KindRecipe(0.20, 0.25)  # a kind the table does not name
SECOND_SUBJECT = 0.12  # share of pictures that get another subject in front


class Batch(NamedTuple):
    """images (n, 3, s, s) float32 normalised; alphas (n, 1, s, s) float32 in [0, 1]."""

    images: Tensor
    alphas: Tensor


class TrainingStream(IterableDataset[Batch]):
    """Endless batches from the `train` split; batch i depends on seed and i alone, so resuming changes nothing.

    Raises  TrainingError when the pack has no labelled picture to train on.
    """

    def __init__(self, pack: Pack, *, size: int, batch: int, seed: int, first_step: int = 0) -> None:
        self.pack, self.size, self.batch, self.seed, self.first_step = pack, size, batch, seed, first_step
        kinds = sorted({row["kind"] for row in pack.rows})
        self.members = {kind: pack.select(split="train", kind=kind) for kind in kinds}
        self.members = {kind: members for kind, members in self.members.items() if len(members)}
        self.subjects = [kind for kind in self.members if kind != BACKGROUNDS]
        if not self.subjects:
            raise TrainingError("the pack has no labelled picture in its train split; see `deepetch data pack`.")

    def __iter__(self) -> Iterator[Batch]:
        worker = get_worker_info()
        first, stride = (worker.id, worker.num_workers) if worker else (0, 1)
        for step in itertools.count(self.first_step + first, stride):  # the loader takes from its workers in turn
            yield self.draw(step)

    def draw(self, step: int) -> Batch:
        """Compose batch number `step`."""
        generator = torch.Generator().manual_seed((self.seed << 32) + step)
        choice = np.random.default_rng((self.seed, step))
        n, size = self.batch, self.size

        kinds = self._kinds(choice, n, list(self.members))
        replaced = torch.tensor([choice.random() < recipe_of(kind).replaced for kind in kinds])
        images, alphas, content = self._read(np.array([choice.choice(self.members[kind]) for kind in kinds]))
        maps = torch.where(
            replaced[:, None, None],
            random_affine(n, OBJECT_LIKE, generator),
            random_affine(n, IN_PLACE, generator),
        )
        shown = warp(images, maps, size)
        truth = warp(alphas, maps, size)

        if replaced.any():
            chosen = replaced.nonzero()[:, 0]
            cut = shrink(
                warp(alphas[chosen] * inside(content[chosen], images.shape[-1]), maps[chosen], size, outside="zeros")
            )
            backdrop = self._backdrops(choice, generator, mean_colour(shown[chosen], cut))
            shown[chosen] = composite(shown[chosen], cut, cast_shadow(backdrop, cut, generator))
            truth[chosen] = cut

        second = chance(n, SECOND_SUBJECT, generator).nonzero()[:, 0]
        if len(second):
            extra = self._kinds(choice, len(second), self.subjects)
            images, alphas, content = self._read(np.array([choice.choice(self.members[kind]) for kind in extra]))
            maps = random_affine(len(second), OBJECT_LIKE, generator)
            cut = shrink(warp(alphas * inside(content, images.shape[-1]), maps, size, outside="zeros"))
            shown[second] = composite(warp(images, maps, size), cut, shown[second])
            truth[second] = cut + truth[second] * (1 - cut)

        return Batch(normalise(photometric(shown, generator)), truth)

    def _kinds(self, choice: np.random.Generator, n: int, among: list[str]) -> list[str]:
        shares = np.array([recipe_of(kind).share for kind in among])
        return [among[index] for index in choice.choice(len(among), n, p=shares / shares.sum())]

    def _read(self, rows: NDArray[Any]) -> tuple[Tensor, Tensor, Tensor]:
        return read_rows(self.pack, rows)

    def _backdrops(self, choice: np.random.Generator, generator: Generator, near: Tensor) -> Tensor:
        """Photographs, every third of them out of focus, or studio backdrops: three and two."""
        n = len(near)
        drawn = studio_backdrop(n, self.size, generator, near=near)
        rows = self.members.get(BACKGROUNDS)
        if rows is None:
            return drawn
        photographs = warp(
            read_rows(self.pack, choice.choice(rows, n))[0], random_affine(n, BACKGROUND_LIKE, generator), self.size
        )
        soft = F.interpolate(
            F.interpolate(photographs, size=self.size // 6, mode="area"), size=self.size, mode="bicubic"
        )
        photographs = torch.where(chance(n, 0.33, generator)[:, None, None, None], soft.clamp(0, 1), photographs)
        return torch.where(chance(n, 0.62, generator)[:, None, None, None], photographs, drawn)


def recipe_of(kind: str) -> KindRecipe:
    """The row of RECIPE for `kind`, or OTHER."""
    return RECIPE.get(kind, OTHER)


def read_rows(pack: Pack, rows: NDArray[Any]) -> tuple[Tensor, Tensor, Tensor]:
    """Images (n, 3, s, s), alphas (n, 1, s, s), both float32 in [0, 1], and content (n, 4) of the given rows."""
    images = torch.from_numpy(np.ascontiguousarray(pack.images[rows])).permute(0, 3, 1, 2).float() / 255
    alphas = torch.from_numpy(np.ascontiguousarray(pack.alphas[rows]))[:, None].float() / 255
    return images, alphas, torch.from_numpy(np.ascontiguousarray(pack.content[rows]))


def normalise(images: Tensor) -> Tensor:
    """What `inference.normalize.to_tensor` does, for a batch."""
    mean = torch.tensor(MEAN, device=images.device).view(1, 3, 1, 1)
    std = torch.tensor(STD, device=images.device).view(1, 3, 1, 1)
    return (images - mean) / std
