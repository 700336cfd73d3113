"""How a network does on the `val` split, quickly: at the pack's size, always the same pictures."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from deepetch.datasets.pack import BACKGROUNDS, Pack
from deepetch.options import MASK_RCNN, TrainOptions
from deepetch.training.augment import composite, inside, random_affine, shrink, warp
from deepetch.training.batch import normalise
from deepetch.training.instance_preset import blank_beside
from deepetch.training.loss import segmentation_loss
from deepetch.training.squares import Squares
from deepetch.training.studio_preset import OBJECT_LIKE

COMPOSED = ("garments", "cutouts")  # kinds judged over photographs: on their own white a threshold would do
AT_ONCE = 16  # pictures
SMALLER_IS_BETTER = ("val_loss",)


@dataclass(frozen=True)
class Group:
    """Pictures of one kind: images (n, 3, s, s) and alphas (n, 1, s, s) uint8, content (n, 4)."""

    images: Tensor
    alphas: Tensor
    content: Tensor


class ValidationSet:
    """Pictures of the `val` split, unchanged; but with the studio's augmentation garments and cut-outs are laid over
    its backgrounds, by a fixed seed, as training does.

    most  pictures of a kind, evenly spread.
    """

    def __init__(self, pack: Pack, options: TrainOptions, *, most: int = 120) -> None:
        self.options = options
        self.groups: dict[str, Group] = {}
        squares = Squares(pack)
        backgrounds = pack.select(split="val", kind=BACKGROUNDS)
        for kind in sorted({row["kind"] for row in pack.rows} - {BACKGROUNDS}):
            rows = pack.select(split="val", kind=kind)
            if not len(rows):
                continue
            rows = rows[np.linspace(0, len(rows) - 1, min(most, len(rows))).astype(int)]
            images, alphas, content = squares.read(rows)
            if options.augmentation == "studio" and kind in COMPOSED and len(backgrounds):
                generator = torch.Generator().manual_seed(7)
                maps = random_affine(len(rows), OBJECT_LIKE, generator)
                alphas = shrink(warp(alphas * inside(content, pack.size), maps, pack.size, outside="zeros"))
                behind, _, _ = squares.read(backgrounds[np.arange(len(rows)) % len(backgrounds)])
                images = composite(warp(images, maps, pack.size), alphas, behind)
                content = torch.tensor([[0.0, 0.0, 1.0, 1.0]]).repeat(len(rows), 1)
            if options.network in MASK_RCNN:
                images = blank_beside(images, content)
            self.groups[kind] = Group((images * 255).round().byte(), (alphas * 255).round().byte(), content)

    @property
    def columns(self) -> list[str]:
        """The names of what `measure` answers; none without pictures."""
        return ["val_loss", "val_accuracy", "val_iou", *(f"val_iou_{kind}" for kind in self.groups)] * bool(self.groups)

    @torch.no_grad()
    def measure(self, network: nn.Module) -> dict[str, float]:
        """Training's loss, and accuracy and IoU at alpha >= 0.5 inside the true picture.

        Each is the mean over kinds of the mean over pictures; the IoU of each kind besides. Empty: {}.
        """
        scores = {kind: self._scores(network, group) for kind, group in self.groups.items()}
        if not scores:
            return {}
        loss, accuracy, iou = torch.stack(list(scores.values())).mean(0).tolist()
        values = [loss, accuracy, iou, *(float(score[2]) for score in scores.values())]
        return {name: round(value, 5) for name, value in zip(self.columns, values, strict=True)}

    def _scores(self, network: nn.Module, group: Group) -> Tensor:
        """Loss, accuracy and IoU, (3,), of one kind."""
        device = next(network.parameters()).device
        rows = []
        for start in range(0, len(group.images), AT_ONCE):
            part = slice(start, start + AT_ONCE)
            images, alphas, content = group.images[part], group.alphas[part], group.content[part]
            small, truth = (
                F.interpolate(x.to(device).float() / 255, size=self.options.size, mode="area") for x in (images, alphas)
            )
            with torch.autocast(device.type, torch.bfloat16, enabled=self.options.precision == "bf16-mixed"):
                prediction = network(normalise(small).to(memory_format=torch.channels_last))
            loss = segmentation_loss(prediction.logits, prediction.auxiliary, truth, self.options)
            side = images.shape[-1]
            predicted = F.interpolate(prediction.logits.float().cpu(), size=side, mode="bilinear") >= 0
            valid = inside(content, side) > 0
            true = alphas >= 128
            agreed = ((predicted == true) & valid).sum((1, 2, 3)) / valid.sum((1, 2, 3))
            both = (true & predicted & valid).sum((1, 2, 3)).float()
            either = ((true | predicted) & valid).sum((1, 2, 3)).float()
            iou = torch.where(either > 0, both / either.clamp(min=1), 1.0)
            rows.append(torch.stack([loss.cpu().expand_as(iou), agreed, iou], dim=1))
        return torch.cat(rows).mean(0)
