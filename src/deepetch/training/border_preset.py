"""Batches for the border refiner: squares along the border, and the coarse alpha as inference would hand it on.

Pictures are composed as for a segmenter, but so that every alpha is exact: photographs with masks drawn by hand or by
a threshold get new backgrounds, over which the mask is the alpha by definition; renders and cut-outs bring their own.
To compose them takes far longer than to learn from them, so squares of the newest are kept, and each is learnt from
several times, turned, mirrored and with another coarse alpha.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Generator, Tensor, nn
from torch.nn import functional as F

from deepetch.datasets.pack import BACKGROUNDS, Pack
from deepetch.matte.upsample import NOISE
from deepetch.training.augment import Geometry, chance, seeded
from deepetch.training.batch import Batch
from deepetch.training.corrupt import corrupt
from deepetch.training.loss import border
from deepetch.training.networks.refiner import join
from deepetch.training.studio_preset import KindRecipe, StudioBatches

RECIPE = {
    "people": KindRecipe(0.25, 1.0),
    "products": KindRecipe(0.10, 1.0),
    "garments": KindRecipe(0.08, 1.0),
    "cutouts": KindRecipe(0.25, 1.0, pulled=False),
    "packshots": KindRecipe(0.40, 0.0),
    BACKGROUNDS: KindRecipe(0.0, 0.0),
}
OTHER = KindRecipe(0.20, 1.0)
PLACING = Geometry(zoom=(0.9, 2.2), shift=0.18)  # no smaller: reduced without averaging an edge would have steps
DEFOCUSED = 0.4  # share of pictures; at the last levels of a large photo no edge is one pixel wide
HAIRY = 0.3  # share of the pictures on new backgrounds: masks drawn by hand and by a threshold know no hair
SQUARE = 64  # pixels
PICTURES, SQUARES = 16, 16  # composed at once; of each of them
BEGUN = 8  # such compositions before the first batch
KEPT = 64  # the newest compositions: 700 MB
USES = 10  # of each square, about
GRIDS = (0.5, 0.625, 0.75, 0.875, 1.0)  # the segmenter's grid as a share of the picture's size, one of them a batch
EARLIER = 0.5  # share of pictures whose coarse alpha is that of an earlier level of the cascade, not the segmenter's
WORSE = 0.3  # share of the segmenter's alphas made worse: on new pictures it errs more than on those it was trained on
FOUND = 0.6  # a segmenter with less IoU has missed the subject: there is no border of its to learn from
CELL = 8  # pixels; squares are drawn by the cells that the border runs through
SOFT = 0.3  # how often a cell is drawn that is soft without a border, beside one with
COARSE, CHOSEN = 1, 2  # of the keys to random numbers: the composed pictures' has no such part


class Squares(NamedTuple):
    """Squares of one composition, float16.

    pictures   (n, 3, SQUARE, SQUARE) normalised.
    alphas     (n, 1, SQUARE, SQUARE), the truth.
    coarse     (n, 1, SQUARE, SQUARE), the segmenter's alpha where it found the subject.
    found      (n,) bool, whether it did; elsewhere the coarse alpha only said where to cut the square out.
    """

    pictures: Tensor
    alphas: Tensor
    coarse: Tensor
    found: Tensor


class BorderBatches:
    """Squares (n, 4, SQUARE, SQUARE), picture and coarse alpha, from pictures of one split of a pack.

    size       of the composed pictures, in pixels.
    batch      squares at once.
    segmenter  whose alpha is to be mended, in evaluation mode.
    Raises     TrainingError when the pack has no labelled picture in that split.
    """

    def __init__(
        self,
        pack: Pack,
        segmenter: nn.Module,
        *,
        size: int,
        batch: int,
        seed: int,
        device: torch.device | None = None,
        split: str = "train",
    ) -> None:
        self.pictures = StudioBatches(
            pack,
            size=size,
            batch=PICTURES,
            seed=seed,
            device=device,
            split=split,
            recipe=RECIPE,
            other=OTHER,
            placing=PLACING,
            blurred=0.0,
            defocused=DEFOCUSED,
            hairy=HAIRY,
        )
        self.segmenter = segmenter.to(self.pictures.squares.device).to(memory_format=torch.channels_last)
        self.seed, self.batch = seed, batch
        self.per_epoch = math.ceil(self.pictures.per_epoch * USES * PICTURES * SQUARES / batch)
        self._kept: dict[int, Squares] = {}

    def draw(self, index: int) -> Batch:
        """Draw batch number `index`; it depends on seed and index alone."""
        newest = BEGUN + index * self.batch // (USES * PICTURES * SQUARES)
        numbers = range(max(0, newest - KEPT), newest)
        self._kept = {number: self._kept.get(number) or self._compose(number) for number in numbers}
        device = self.pictures.squares.device
        generator = seeded(device, self.seed, index, CHOSEN)
        chosen = torch.randint(len(numbers) * PICTURES * SQUARES, (self.batch,), generator=generator, device=device)
        picked = [
            [part[number % (PICTURES * SQUARES)] for part in self._kept[numbers[number // (PICTURES * SQUARES)]]]
            for number in chosen.tolist()
        ]
        pictures, alphas, coarse, by_segmenter = (torch.stack(parts) for parts in zip(*picked, strict=True))
        seen = turned(torch.cat([pictures, coarse, alphas], 1).float(), generator)
        coarse, alphas = seen[:, 3:4], seen[:, 4:]
        wrong = torch.where(by_segmenter[:, None, None, None], coarse, alphas)
        wrong = _enlarged(corrupt(F.interpolate(wrong, size=SQUARE // 2, mode="area"), generator), SQUARE)
        kept = by_segmenter & ~chance(self.batch, WORSE, generator)
        coarse = torch.where(kept[:, None, None, None], coarse, wrong)
        return Batch(join(seen[:, :3], coarse), alphas.contiguous())

    def _compose(self, number: int) -> Squares:
        """Compose pictures, have them segmented, and cut out their squares."""
        images, alphas = self.pictures.draw(number)
        generator = seeded(images.device, self.seed, number, COARSE)
        share = GRIDS[int(torch.randint(len(GRIDS), (1,), generator=generator, device=images.device))]
        coarse, by_segmenter = self._coarse(images, alphas, share, generator)
        rows, columns, places = border_squares(coarse, SQUARES, generator)
        seen = torch.cat([images, alphas, coarse], 1)[places, :, rows, columns].permute(0, 3, 1, 2).half()
        return Squares(seen[:, :3], seen[:, 3:4], seen[:, 4:], by_segmenter.repeat_interleave(SQUARES))

    def _coarse(self, images: Tensor, alphas: Tensor, share: float, generator: Generator) -> tuple[Tensor, Tensor]:
        """A coarse alpha for each picture, enlarged to its size, and whether it is the segmenter's."""
        n, size = len(images), images.shape[-1]
        grid = max(64, 32 * round(share * size / 32))
        coarse = _enlarged(corrupt(F.interpolate(alphas, size=size // 2, mode="area"), generator), size)
        by_segmenter = torch.zeros(n, dtype=torch.bool, device=images.device)
        asked = (~chance(n, EARLIER, generator)).nonzero()[:, 0]
        if not len(asked):
            return coarse, by_segmenter
        found = segmented(self.segmenter, F.interpolate(images[asked], size=grid, mode="area"))
        true = F.interpolate(alphas[asked], size=grid, mode="area") >= 0.5
        both = (true & (found >= 0.5)).sum((1, 2, 3))
        either = (true | (found >= 0.5)).sum((1, 2, 3))
        hit = both >= FOUND * either
        coarse[asked[hit]] = _enlarged(found[hit], size)
        by_segmenter[asked[hit]] = True
        return coarse, by_segmenter


def segmented(segmenter: nn.Module, images: Tensor) -> Tensor:
    """A segmenter's alphas (n, 1, h, w) of normalised pictures, their ends clipped as `upsample_alpha` clips them."""
    with torch.no_grad(), torch.autocast(images.device.type, torch.bfloat16):
        logits: Tensor = segmenter(images.contiguous(memory_format=torch.channels_last)).logits
    return ((torch.sigmoid(logits.float()) - NOISE) / (1 - 2 * NOISE)).clamp(0, 1)


def border_squares(coarse: Tensor, count: int, generator: Generator) -> tuple[Tensor, Tensor, Tensor]:
    """Draw `count` squares of each coarse alpha (n, 1, s, s) by its border; anywhere if it has none.

    Returns  indices that together pick (n x count, SQUARE, SQUARE): rows, columns, and pictures.
    """
    n, _, _, size = coarse.shape
    soft = ((coarse > 0) & (coarse < 1)).float() * SOFT
    cells = F.max_pool2d(torch.maximum(border(coarse), soft), CELL)[:, 0]
    drawn = torch.multinomial(cells.flatten(1) + 1e-4, count, replacement=True, generator=generator).flatten()
    jitter = torch.randint(CELL, (2, len(drawn)), generator=generator, device=coarse.device)
    across = cells.shape[-1]
    middles = torch.stack([drawn // across, drawn % across]) * CELL + jitter
    starts = (middles - SQUARE // 2).clamp(0, size - SQUARE)
    along = torch.arange(SQUARE, device=coarse.device)
    rows, columns = starts[0][:, None, None] + along[:, None], starts[1][:, None, None] + along
    pictures = torch.arange(n, device=coarse.device).repeat_interleave(count)[:, None, None]
    return rows, columns, pictures


def turned(squares: Tensor, generator: Generator) -> Tensor:
    """Squares (n, c, s, s), each eighth of them turned and mirrored another way."""
    found = torch.empty_like(squares)
    order = torch.randperm(len(squares), generator=generator, device=squares.device)
    for way, part in enumerate(order.chunk(8)):
        one = squares[part].rot90(way % 4, (2, 3))
        found[part] = one.flip(3) if way >= 4 else one
    return found


def _enlarged(alphas: Tensor, size: int) -> Tensor:
    return F.interpolate(alphas, size=size, mode="bilinear", align_corners=False)
