"""Batches as a catalogue needs them: kinds by their share, new backgrounds, shadows, second subjects, bad cameras."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Generator, Tensor
from torch.nn import functional as F

from deepetch.datasets.pack import BACKGROUNDS, Pack
from deepetch.errors import TrainingError
from deepetch.training.augment import (
    BLURRED,
    Geometry,
    cast_shadow,
    chance,
    composite,
    gaussian_blur,
    inside,
    mean_colour,
    photometric,
    random_affine,
    seeded,
    shrink,
    studio_backdrop,
    uniform,
    warp,
)
from deepetch.training.batch import Batch, normalise
from deepetch.training.hair import add_hair
from deepetch.training.squares import Squares

IN_PLACE = Geometry()  # with its own background: much smaller, and its reflections would fill the frame
EMPTY = Geometry(zoom=(0.8, 2.0), shift=0.2)  # no subject to keep in the frame
OBJECT_LIKE = Geometry(zoom=(0.45, 1.25), shift=0.18)  # on a new background a subject may be small in its frame
BACKGROUND_LIKE = Geometry(zoom=(1.0, 2.5), rotation=8, shift=0.25, stretch=0.15)


@dataclass(frozen=True)
class KindRecipe:
    """How often a kind is drawn, and how often it gets a new background.

    pulled  on a new background its edge is pulled in: the outermost pixels show the old one.
    """

    share: float
    replaced: float
    pulled: bool = True


# Garments lie on white: left there, the net learns "not white". Cut-outs have no background of their own.
# Backgrounds teach it to find nothing where nothing is.
RECIPE = {
    "people": KindRecipe(0.42, 0.20),
    "products": KindRecipe(0.19, 0.35),
    "garments": KindRecipe(0.18, 0.85),
    "cutouts": KindRecipe(0.10, 1.00),
    "packshots": KindRecipe(0.20, 0.35),
    BACKGROUNDS: KindRecipe(0.11, 0.00),
}
OTHER = KindRecipe(0.20, 0.25)  # a kind the table does not name
DEFOCUS = (0.4, 2.0)  # sigma in pixels
SECOND_SUBJECT = 0.12  # share of pictures that get another subject in front


class Layer(NamedTuple):
    """Subjects that were laid into the pictures of a batch: k of them, one a picture.

    places  (k,) int64, which picture of the batch.
    rows    (k,) which row of the pack.
    maps    (k, 2, 3) from output to input positions, as `augment.warp` takes them.
    cut     (k,) bool, whether the subject alone was laid in; else all of its picture.
    """

    places: Tensor
    rows: NDArray[np.int64]
    maps: Tensor
    cut: Tensor


class Composed(NamedTuple):
    """images (n, 3, s, s) and alphas (n, 1, s, s) float32 in [0, 1], and what they are made of, the hindmost first."""

    images: Tensor
    alphas: Tensor
    layers: tuple[Layer, ...]


class StudioBatches:
    """Pictures of the `train` split, drawn by the shares of a recipe and changed at random.

    split      of the pack.
    recipe     a row a kind; `other` for kinds that it does not name.
    placing    of a subject on a new background.
    blurred    share of pictures that are out of focus, their alpha not: so a segmenter learns where the edge would be.
    defocused  share of pictures that are out of focus, their alpha with them.
    hairy      share of subjects on a new background that get hair along a part of their border, see `training.hair`.
    Raises     TrainingError when the pack has no labelled picture to train on.
    """

    def __init__(
        self,
        pack: Pack,
        *,
        size: int,
        batch: int,
        seed: int,
        device: torch.device | None = None,
        split: str = "train",
        recipe: Mapping[str, KindRecipe] = RECIPE,
        other: KindRecipe = OTHER,
        placing: Geometry = OBJECT_LIKE,
        blurred: float = BLURRED,
        defocused: float = 0.0,
        hairy: float = 0.0,
    ) -> None:
        self.squares = Squares(pack, device)
        self.size, self.batch, self.seed = size, batch, seed
        self.recipe, self.other, self.placing = recipe, other, placing
        self.blurred, self.defocused, self.hairy = blurred, defocused, hairy
        kinds = sorted({row["kind"] for row in pack.rows})
        self.members = {kind: pack.select(split=split, kind=kind) for kind in kinds}
        self.members = {kind: members for kind, members in self.members.items() if len(members)}
        self.subjects = [kind for kind in self.members if kind != BACKGROUNDS]
        if not self.subjects:
            raise TrainingError(f"the pack has no labelled picture in its {split} split; see `deepetch data pack`.")
        self.per_epoch = math.ceil(sum(len(self.members[kind]) for kind in self.subjects) / batch)

    def draw(self, index: int) -> Batch:
        """Compose batch number `index`; it depends on seed and index alone."""
        images, alphas, _ = self.compose(index)
        return Batch(normalise(images), alphas)

    def compose(self, index: int) -> Composed:
        """Compose batch number `index`, not normalised."""
        device = self.squares.device
        generator = seeded(device, self.seed, index)
        choice = np.random.default_rng((self.seed, index))
        n, size = self.batch, self.size

        kinds = self._kinds(choice, n, list(self.members))
        recipes = [recipe_of(kind, self.recipe, self.other) for kind in kinds]
        shares = [recipe.replaced for recipe in recipes]
        replaced = torch.tensor([choice.random() < share for share in shares], device=device)
        rows = np.array([choice.choice(self.members[kind]) for kind in kinds])
        images, alphas, content = self.squares.read(rows)
        empty = torch.tensor([kind == BACKGROUNDS for kind in kinds], device=device)
        maps = random_affine(n, IN_PLACE, generator)
        maps = torch.where(replaced[:, None, None], random_affine(n, self.placing, generator), maps)
        maps = torch.where(empty[:, None, None], random_affine(n, EMPTY, generator), maps)
        shown = warp(images, maps, size)
        truth = warp(alphas, maps, size)
        layers = [Layer(torch.arange(n, device=device), rows, maps, replaced)]

        if replaced.any():
            chosen = replaced.nonzero()[:, 0]
            cut = warp(alphas[chosen] * inside(content[chosen], images.shape[-1]), maps[chosen], size, outside="zeros")
            pulled = torch.tensor([recipe.pulled for recipe in recipes], device=device)[chosen]
            cut = torch.where(pulled[:, None, None, None], shrink(cut), cut)
            hairy = chance(len(chosen), self.hairy, generator) if self.hairy else torch.zeros(0, dtype=torch.bool)
            if hairy.any():
                shown[chosen[hairy]], cut[hairy] = add_hair(shown[chosen[hairy]], cut[hairy], generator)
            backdrop = self._backdrops(choice, generator, mean_colour(shown[chosen], cut))
            shown[chosen] = composite(shown[chosen], cut, cast_shadow(backdrop, cut, generator))
            truth[chosen] = cut

        second = chance(n, SECOND_SUBJECT, generator).nonzero()[:, 0]
        if len(second):
            extra = self._kinds(choice, len(second), self.subjects)
            rows = np.array([choice.choice(self.members[kind]) for kind in extra])
            images, alphas, content = self.squares.read(rows)
            maps = random_affine(len(second), self.placing, generator)
            cut = shrink(warp(alphas * inside(content, images.shape[-1]), maps, size, outside="zeros"))
            shown[second] = composite(warp(images, maps, size), cut, shown[second])
            truth[second] = cut + truth[second] * (1 - cut)
            layers.append(Layer(second, rows, maps, torch.ones_like(second, dtype=torch.bool)))

        for index in chance(n, self.defocused, generator).nonzero()[:, 0].tolist() if self.defocused else ():
            sigma = float(uniform(1, *DEFOCUS, generator))
            for planes in (shown, truth):
                planes[index : index + 1] = gaussian_blur(planes[index : index + 1], sigma)
        return Composed(photometric(shown, generator, blurred=self.blurred), truth, tuple(layers))

    def _kinds(self, choice: np.random.Generator, n: int, among: list[str]) -> list[str]:
        shares = np.array([recipe_of(kind, self.recipe, self.other).share for kind in among])
        return [among[index] for index in choice.choice(len(among), n, p=shares / shares.sum())]

    def _backdrops(self, choice: np.random.Generator, generator: Generator, near: Tensor) -> Tensor:
        """Photographs, every third of them out of focus, or studio backdrops: three and two."""
        n = len(near)
        drawn = studio_backdrop(n, self.size, generator, near=near)
        rows = self.members.get(BACKGROUNDS)
        if rows is None:
            return drawn
        photographs = warp(
            self.squares.read(choice.choice(rows, n))[0], random_affine(n, BACKGROUND_LIKE, generator), self.size
        )
        soft = F.interpolate(
            F.interpolate(photographs, size=self.size // 6, mode="area"), size=self.size, mode="bicubic"
        )
        photographs = torch.where(chance(n, 0.33, generator)[:, None, None, None], soft.clamp(0, 1), photographs)
        return torch.where(chance(n, 0.62, generator)[:, None, None, None], photographs, drawn)


def recipe_of(kind: str, recipe: Mapping[str, KindRecipe] = RECIPE, other: KindRecipe = OTHER) -> KindRecipe:
    """The row of a recipe for `kind`, or `other`."""
    return recipe.get(kind, other)
