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
from deepetch.training.augment import chance
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
SQUARE = 64  # pixels
SQUARES = 16  # of each picture
GRIDS = (0.5, 0.625, 0.75)  # the segmenter's grid as a share of the picture's size, one of them a batch
EARLIER = 0.5  # share of pictures whose coarse alpha is that of an earlier level of the cascade, not the segmenter's
FOUND = 0.6  # a segmenter with less IoU has missed the subject: there is no border of its to learn from
CELL = 8  # pixels; squares are drawn by the cells that the border runs through


class BorderBatches:
    """Squares (n, 4, SQUARE, SQUARE), picture and coarse alpha, from pictures of one split of a pack.

    size       of the composed pictures, in pixels.
    batch      squares at once; SQUARES of them are from one picture.
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
        pictures = max(1, batch // SQUARES)
        self.pictures = StudioBatches(
            pack, size=size, batch=pictures, seed=seed, device=device, split=split, recipe=RECIPE, blurred=0.0
        )
        self.segmenter = segmenter.to(self.pictures.squares.device).to(memory_format=torch.channels_last)
        self.seed, self.squares = seed, -(-batch // pictures)
        self.per_epoch = self.pictures.per_epoch

    def draw(self, index: int) -> Batch:
        """Compose batch number `index`; it depends on seed and index alone."""
        images, alphas = self.pictures.draw(index)
        generator = Generator(images.device).manual_seed((self.seed << 32) + index + (1 << 62))
        share = GRIDS[int(torch.randint(len(GRIDS), (1,), generator=generator, device=images.device))]
        coarse = self._coarse(images, alphas, share, generator)
        rows, columns, pictures = border_squares(coarse, self.squares, generator)
        seen = torch.cat([join(images, coarse), alphas], 1)[pictures, :, rows, columns].permute(0, 3, 1, 2)
        return Batch(seen[:, :4].contiguous(), seen[:, 4:].contiguous())

    def _coarse(self, images: Tensor, alphas: Tensor, share: float, generator: Generator) -> Tensor:
        """A coarse alpha for each picture, enlarged to its size."""
        size = images.shape[-1]
        grid = max(64, 32 * round(share * size / 32))
        found = segmented(self.segmenter, F.interpolate(images, size=grid, mode="area"))
        true = F.interpolate(alphas, size=grid, mode="area") >= 0.5
        both = (true & (found >= 0.5)).sum((1, 2, 3))
        either = (true | (found >= 0.5)).sum((1, 2, 3))
        earlier = chance(len(images), EARLIER, generator) | (both < FOUND * either)
        handed_on = corrupt(F.interpolate(alphas, size=size // 2, mode="area"), generator)
        handed_on, found = (
            F.interpolate(x, size=size, mode="bilinear", align_corners=False) for x in (handed_on, found)
        )
        return torch.where(earlier[:, None, None, None], handed_on, found)


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
    cells = F.max_pool2d(border(coarse), CELL)[:, 0]
    drawn = torch.multinomial(cells.flatten(1) + 1e-4, count, replacement=True, generator=generator).flatten()
    jitter = torch.randint(CELL, (2, len(drawn)), generator=generator, device=coarse.device)
    across = cells.shape[-1]
    middles = torch.stack([drawn // across, drawn % across]) * CELL + jitter
    starts = (middles - SQUARE // 2).clamp(0, size - SQUARE)
    along = torch.arange(SQUARE, device=coarse.device)
    rows, columns = starts[0][:, None, None] + along[:, None], starts[1][:, None, None] + along
    pictures = torch.arange(n, device=coarse.device).repeat_interleave(count)[:, None, None]
    return rows, columns, pictures
