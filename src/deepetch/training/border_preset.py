"""Batches for the border refiner: squares along the border, and the coarse alpha as inference would hand it on.

Pictures are composed as for a segmenter, but so that every alpha is exact: photographs with masks drawn by hand or by
a threshold get new backgrounds, over which the mask is the alpha by definition; renders and cut-outs bring their own.
"""

from __future__ import annotations

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
SQUARE = 64  # pixels
SQUARES = 16  # of each picture
GRIDS = (0.5, 0.625, 0.75, 0.875, 1.0)  # the segmenter's grid as a share of the picture's size, one of them a batch
EARLIER = 0.5  # share of pictures whose coarse alpha is that of an earlier level of the cascade, not the segmenter's
WORSE = 0.3  # share of the segmenter's alphas made worse: on new pictures it errs more than on those it was trained on
FOUND = 0.6  # a segmenter with less IoU has missed the subject: there is no border of its to learn from
CELL = 8  # pixels; squares are drawn by the cells that the border runs through
SOFT = 0.3  # how often a cell is drawn that is soft without a border, beside one with
COARSE = 1  # of a batch's key to its random numbers: the composed picture's has none


class BorderBatches:
    """Squares (n, 4, SQUARE, SQUARE), picture and coarse alpha, from pictures of one split of a pack.

    size       of the composed pictures, in pixels.
    batch      squares at once, SQUARES of them from one picture.
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
            batch=max(1, batch // SQUARES),
            seed=seed,
            device=device,
            split=split,
            recipe=RECIPE,
            other=OTHER,
            placing=PLACING,
            blurred=0.0,
            defocused=DEFOCUSED,
        )
        self.segmenter = segmenter.to(self.pictures.squares.device).to(memory_format=torch.channels_last)
        self.seed, self.batch = seed, batch
        self.per_epoch = self.pictures.per_epoch

    def draw(self, index: int) -> Batch:
        """Compose batch number `index`; it depends on seed and index alone."""
        images, alphas = self.pictures.draw(index)
        generator = seeded(images.device, self.seed, index, COARSE)
        share = GRIDS[int(torch.randint(len(GRIDS), (1,), generator=generator, device=images.device))]
        coarse = self._coarse(images, alphas, share, generator)
        rows, columns, pictures = border_squares(coarse, -(-self.batch // len(images)), generator)
        seen = torch.cat([join(images, coarse), alphas], 1)[pictures, :, rows, columns].permute(0, 3, 1, 2)
        seen = seen[: self.batch]
        return Batch(seen[:, :4].contiguous(), seen[:, 4:].contiguous())

    def _coarse(self, images: Tensor, alphas: Tensor, share: float, generator: Generator) -> Tensor:
        """A coarse alpha for each picture, enlarged to its size."""
        n, size = len(images), images.shape[-1]
        grid = max(64, 32 * round(share * size / 32))
        coarse = _enlarged(corrupt(F.interpolate(alphas, size=size // 2, mode="area"), generator), size)
        asked = (~chance(n, EARLIER, generator)).nonzero()[:, 0]
        worse = chance(n, WORSE, generator)[asked]
        if not len(asked):
            return coarse
        found = segmented(self.segmenter, F.interpolate(images[asked], size=grid, mode="area"))
        true = F.interpolate(alphas[asked], size=grid, mode="area") >= 0.5
        both = (true & (found >= 0.5)).sum((1, 2, 3))
        either = (true | (found >= 0.5)).sum((1, 2, 3))
        hit = both >= FOUND * either
        found = torch.where(worse[:, None, None, None], corrupt(found, generator), found)
        coarse[asked[hit]] = _enlarged(found[hit], size)
        return coarse


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


def _enlarged(alphas: Tensor, size: int) -> Tensor:
    return F.interpolate(alphas, size=size, mode="bilinear", align_corners=False)
