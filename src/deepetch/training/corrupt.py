"""True alphas made wrong as an earlier level of the border's cascade gets them wrong; batched."""

from __future__ import annotations

import torch
from torch import Generator, Tensor
from torch.nn import functional as F

from deepetch.training.augment import chance, gaussian_blur, uniform

BENT = 1.2  # pixels that the contour is shifted at most
BEND_PX = 16  # from one independent shift to the next
BLURRED, BLUR = 0.6, 1.2  # share of alphas, largest sigma in pixels
STEEPER, STEEP = 0.3, 6.0  # share of alphas whose ramps get steps, largest slope
PATCHY, PATCH_PX = 0.35, 6  # share of alphas with parts missing or too many, and about how wide those are
PATCHES = 1.9  # standard deviations of noise above which such a part begins


def corrupt(alphas: Tensor, generator: Generator) -> Tensor:
    """Bend the contour, blur it or make it steep, take parts away and put parts on: each alpha draws its own.

    alphas   (n, 1, h, w) float32 in [0, 1], the truth on a coarse grid.
    Returns  the same shape and range.
    """
    n, _, height, width = alphas.shape
    bent = bend(alphas, generator)
    blurred = chance(n, BLURRED, generator).nonzero()[:, 0]
    for index, sigma in zip(blurred.tolist(), uniform(len(blurred), 0.3, BLUR, generator).tolist(), strict=True):
        bent[index : index + 1] = gaussian_blur(bent[index : index + 1], sigma)
    slope = torch.where(chance(n, STEEPER, generator), uniform(n, 1.5, STEEP, generator), 1.0)[:, None, None, None]
    steep = ((bent - 0.5) * slope + 0.5).clamp(0, 1)
    noise = torch.randn(
        n, 1, max(2, height // PATCH_PX), max(2, width // PATCH_PX), generator=generator, device=generator.device
    )
    noise = F.interpolate(noise, size=(height, width), mode="bicubic", align_corners=False)
    patchy = chance(n, PATCHY, generator)[:, None, None, None]
    missing = ((noise - PATCHES) * 3).clamp(0, 1) * patchy
    extra = ((-noise - PATCHES) * 3).clamp(0, 1) * patchy
    return torch.maximum(steep * (1 - missing), extra)


def bend(alphas: Tensor, generator: Generator) -> Tensor:
    """Shift each part of (n, 1, h, w) alphas by another, smoothly changing, fraction of BENT pixels."""
    n, _, height, width = alphas.shape
    device = generator.device
    coarse = (n, 2, max(2, height // BEND_PX), max(2, width // BEND_PX))
    flow = torch.rand(coarse, generator=generator, device=device) * 2 - 1
    strength = uniform(n, 0, BENT, generator)[:, None, None, None]
    flow = F.interpolate(flow, size=(height, width), mode="bicubic", align_corners=False) * strength
    shift = flow.permute(0, 2, 3, 1) * torch.tensor([2 / width, 2 / height], device=device)
    still = torch.eye(2, 3, device=device).expand(n, 2, 3)
    grid = F.affine_grid(still, [n, 1, height, width], align_corners=False)
    return F.grid_sample(alphas, grid + shift, mode="bilinear", padding_mode="border", align_corners=False)
