"""How a network does on the `val` split, quickly: at the pack's size, per kind, always the same pictures."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from deepetch.datasets.pack import Pack
from deepetch.training.augment import composite, inside, random_affine, shrink, warp
from deepetch.training.batches import BACKGROUNDS, OBJECT_LIKE, normalise, read_rows

COMPOSED = ("garments", "cutouts")  # kinds judged over photographs: on their own white a threshold would do


class ValidationSet:
    """Pictures of the `val` split at `size`; garments and cut-outs over its backgrounds, by a fixed seed."""

    def __init__(self, pack: Pack, *, size: int, most: int = 120) -> None:
        self.size = size
        self.groups: dict[str, tuple[Tensor, Tensor, Tensor]] = {}
        backgrounds = pack.select(split="val", kind=BACKGROUNDS)
        for kind in sorted({row["kind"] for row in pack.rows} - {BACKGROUNDS}):
            rows = pack.select(split="val", kind=kind)
            rows = rows[np.linspace(0, len(rows) - 1, min(most, len(rows))).astype(int)] if len(rows) else rows
            if not len(rows):
                continue
            images, alphas, content = read_rows(pack, rows)
            if kind in COMPOSED and len(backgrounds):
                generator = torch.Generator().manual_seed(7)
                maps = random_affine(len(rows), OBJECT_LIKE, generator)
                alphas = shrink(warp(alphas * inside(content, pack.size), maps, pack.size, outside="zeros"))
                behind, _, _ = read_rows(pack, backgrounds[np.arange(len(rows)) % len(backgrounds)])
                images = composite(warp(images, maps, pack.size), alphas, behind)
                content = torch.tensor([[0.0, 0.0, 1.0, 1.0]]).repeat(len(rows), 1)
            self.groups[kind] = ((images * 255).round().byte(), (alphas * 255).round().byte(), content)

    @torch.no_grad()
    def measure(self, network: nn.Module) -> dict[str, float]:
        """Mean IoU per kind, at alpha >= 0.5, inside the true picture; `score` is their mean. Empty: {}."""
        device = next(network.parameters()).device
        result = {}
        for kind, (images, alphas, content) in self.groups.items():
            scores = []
            for start in range(0, len(images), 16):
                part = slice(start, start + 16)
                small = F.interpolate(images[part].float() / 255, size=self.size, mode="area")
                with torch.autocast(device.type, torch.bfloat16):
                    logits = network(normalise(small).to(device, memory_format=torch.channels_last))[0]
                predicted = F.interpolate(logits.float().cpu(), size=images.shape[-1], mode="bilinear") >= 0
                valid = inside(content[part], images.shape[-1]) > 0
                true = (alphas[part] >= 128) & valid
                predicted = predicted & valid
                both = (true & predicted).sum((1, 2, 3)).float()
                either = (true | predicted).sum((1, 2, 3)).float()
                scores.append(torch.where(either > 0, both / either.clamp(min=1), 1.0))
            result[kind] = round(float(torch.cat(scores).mean()), 4)
        if result:
            result["score"] = round(sum(result.values()) / len(result), 4)
        return result
