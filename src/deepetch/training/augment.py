"""One random geometry for image and mask, new backgrounds, photometric noise: batched, the same code on CPU and GPU.

Everything is drawn from the generator that is passed in, on its device, so a step's batch depends on seed and step
alone. are (n, 3, s, s) float32 in [0, 1], encoded sRGB; alphas (n, 1, s, s) float32 in [0, 1].
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from torch import Generator, Tensor
from torch.nn import functional as F

from deepetch.training.jpeg import jpeg_artefacts

BLURRED = 0.2  # share of pictures that are out of focus


@dataclass(frozen=True, kw_only=True)
class Geometry:
    """Ranges of one random affine map; zoom 1 shows the picture as the network will meet it, letterboxed."""

    zoom: tuple[float, float] = (0.8, 1.35)
    rotation: float = 20.0  # degrees, either way
    shift: float = 0.12  # of the side, either way
    stretch: float = 0.1  # of the aspect ratio, either way


def seeded(device: torch.device, *key: int) -> Generator:
    """A generator whose numbers depend on all of `key`, whole numbers from 0 on; a CPU's looks at 32 bits only."""
    return Generator(device).manual_seed(int(np.random.SeedSequence(key).generate_state(1)[0]))


def uniform(n: int, low: float, high: float, generator: Generator) -> Tensor:
    """(n,) float32, uniform in [low, high)."""
    return torch.rand(n, generator=generator, device=generator.device) * (high - low) + low


def chance(n: int, probability: float, generator: Generator) -> Tensor:
    """(n,) bool, each true with `probability`."""
    return torch.rand(n, generator=generator, device=generator.device) < probability


def random_affine(n: int, geometry: Geometry, generator: Generator) -> Tensor:
    """Draw (n, 2, 3) maps from output to input positions, in [-1, 1] across the picture, for `warp`."""
    zoom = torch.exp(uniform(n, math.log(geometry.zoom[0]), math.log(geometry.zoom[1]), generator))
    stretch = torch.exp(uniform(n, -geometry.stretch, geometry.stretch, generator))
    angle = uniform(n, -geometry.rotation, geometry.rotation, generator) * (math.pi / 180)
    flip = torch.where(chance(n, 0.5, generator), -1.0, 1.0)
    shift = uniform(2 * n, -2 * geometry.shift, 2 * geometry.shift, generator).view(n, 2)
    cos, sin = torch.cos(angle), torch.sin(angle)
    across, down = stretch.sqrt() / zoom, 1 / (stretch.sqrt() * zoom)
    rows = [torch.stack([flip * cos * across, -flip * sin * across], 1), torch.stack([sin * down, cos * down], 1)]
    return torch.cat([torch.stack(rows, 1), shift[:, :, None]], dim=2)


def warp(pictures: Tensor, maps: Tensor, size: int, *, outside: str = "reflection") -> Tensor:
    """Sample (n, c, h, w) at the positions of `maps`, bilinear, into (n, c, size, size).

    outside  "reflection", or "zeros" for an alpha that ends with its picture.
    """
    grid = F.affine_grid(maps, [len(maps), 1, size, size], align_corners=False)
    return F.grid_sample(pictures, grid, mode="bilinear", padding_mode=outside, align_corners=False)


def inside(content: Tensor, size: int) -> Tensor:
    """1 where a packed square holds the true picture, 0 where it holds reflection: (n, 1, size, size).

    content  (n, 4) top, left, bottom, right as shares of the square.
    """
    middle = (torch.arange(size, device=content.device) + 0.5) / size
    top, left, bottom, right = (edge[:, None] for edge in content.unbind(1))
    rows = (middle >= top) & (middle < bottom)
    columns = (middle >= left) & (middle < right)
    return (rows[:, None, :, None] & columns[:, None, None, :]).float()


def shrink(alpha: Tensor) -> Tensor:
    """Pull the edge of an alpha inward by about half a pixel: the outermost pixels show the old background."""
    return ((alpha - 0.5) * 2).clamp(0, 1)


def mean_colour(pictures: Tensor, alphas: Tensor) -> Tensor:
    """The subject's mean colour (n, 3, 1, 1); grey where there is no subject."""
    area = alphas.sum((2, 3), keepdim=True)
    return ((pictures * alphas).sum((2, 3), keepdim=True) + 0.5) / (area + 1)


def studio_backdrop(n: int, size: int, generator: Generator, *, near: Tensor) -> Tensor:
    """Draw flat colours and gradients as photographers use them: (n, 3, size, size).

    near  (n, 3, 1, 1) the subject's colour: every fourth backdrop is close to it, the case nets fail at.
    """
    first = torch.rand(n, 3, 1, 1, generator=generator, device=generator.device)
    white = chance(n, 0.35, generator)[:, None, None, None]
    first = torch.where(white, 0.88 + 0.12 * first, first)
    alike = chance(n, 0.25, generator)[:, None, None, None]
    first = torch.where(alike, (near + 0.12 * (first - 0.5)).clamp(0, 1), first)
    change = 0.35 * (torch.rand(n, 3, 1, 1, generator=generator, device=generator.device) - 0.5)
    change = change * chance(n, 0.7, generator)[:, None, None, None]
    angle = uniform(n, 0, 2 * math.pi, generator)[:, None, None]
    position = torch.linspace(-1, 1, size, device=generator.device)
    ramp = torch.cos(angle) * position[None, None, :] + torch.sin(angle) * position[None, :, None]
    return (first + change * ramp[:, None]).clamp(0, 1)


def cast_shadow(backgrounds: Tensor, alphas: Tensor, generator: Generator) -> Tensor:
    """Darken `backgrounds` by a soft, shifted copy of each alpha: a shadow is not the subject."""
    n, _, size, _ = alphas.shape
    maps = random_affine(n, Geometry(zoom=(0.9, 1.15), rotation=0, shift=0.05, stretch=0.15), generator)
    maps[:, 0, :2] = maps[:, 0, :2].abs()  # a shadow is not mirrored
    small = F.interpolate(alphas, size=size // 8, mode="area")
    soft = F.avg_pool2d(small, 3, 1, 1)
    shadow = F.interpolate(
        warp(soft, maps, size // 8, outside="zeros"), size=size, mode="bilinear", align_corners=False
    )
    strength = uniform(n, 0.1, 0.6, generator) * chance(n, 0.5, generator)
    return backgrounds * (1 - strength[:, None, None, None] * shadow)


def composite(foregrounds: Tensor, alphas: Tensor, backgrounds: Tensor) -> Tensor:
    """alpha F + (1 - alpha) B."""
    return torch.lerp(backgrounds, foregrounds, alphas)


def gaussian_blur(pictures: Tensor, sigma: float) -> Tensor:
    """Blur (n, c, h, w) with one sigma, in pixels, separably."""
    radius = max(1, math.ceil(2.5 * sigma))
    kernel = torch.exp(-0.5 * (torch.arange(-radius, radius + 1, device=pictures.device) / sigma) ** 2)
    kernel = kernel / kernel.sum()
    n, c, h, w = pictures.shape
    x = F.pad(pictures.reshape(n * c, 1, h, w), (radius, radius, radius, radius), mode="reflect")
    x = F.conv2d(F.conv2d(x, kernel.view(1, 1, 1, -1)), kernel.view(1, 1, -1, 1))
    return x.view(n, c, h, w)


def photometric(pictures: Tensor, generator: Generator, *, blurred: float = BLURRED) -> Tensor:
    """Exposure, contrast, gamma, colour cast, grey, blur, noise and JPEG artefacts; each picture draws its own."""
    n = len(pictures)

    def draw(low: float, high: float, *, width: int = 1) -> Tensor:
        return uniform(n * width, low, high, generator).view(n, width, 1, 1)

    x = pictures.clamp(1e-4, 1) ** torch.exp(draw(-0.35, 0.35))
    mean = x.mean((1, 2, 3), keepdim=True)
    x = (x - mean) * draw(0.75, 1.25) + mean * draw(0.8, 1.2)
    x = x * draw(0.92, 1.08, width=3)
    grey = x.mean(1, keepdim=True).expand_as(x)
    x = torch.where(chance(n, 0.07, generator)[:, None, None, None], grey, x)
    for index in chance(n, blurred, generator).nonzero()[:, 0].tolist():
        sigma = float(uniform(1, 0.4, 1.6, generator))
        x[index : index + 1] = gaussian_blur(x[index : index + 1], sigma)
    noisy = draw(0.0, 0.05) * chance(n, 0.35, generator)[:, None, None, None]
    x = x + noisy * torch.randn(x.shape, generator=generator, device=generator.device)
    x = x.clamp(0, 1)
    packed = chance(n, 0.2, generator).nonzero()[:, 0]
    x[packed] = jpeg_artefacts(x[packed], uniform(len(packed), 25, 95, generator))
    return x
