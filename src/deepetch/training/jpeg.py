"""What JPEG does to a picture, without writing one: batched, on the pictures' device."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional as F

# The quantisation tables of ITU-T T.81, annex K, for brightness and for colour.
BRIGHTNESS = (
    (16, 11, 10, 16, 24, 40, 51, 61),
    (12, 12, 14, 19, 26, 58, 60, 55),
    (14, 13, 16, 24, 40, 57, 69, 56),
    (14, 17, 22, 29, 51, 87, 80, 62),
    (18, 22, 37, 56, 68, 109, 103, 77),
    (24, 35, 55, 64, 81, 104, 113, 92),
    (49, 64, 78, 87, 103, 121, 120, 101),
    (72, 92, 95, 98, 112, 100, 103, 99),
)
COLOUR = (
    (17, 18, 24, 47, 99, 99, 99, 99),
    (18, 21, 26, 66, 99, 99, 99, 99),
    (24, 26, 56, 99, 99, 99, 99, 99),
    (47, 66, 99, 99, 99, 99, 99, 99),
    *((99,) * 8,) * 4,
)
TO_YCBCR = ((0.299, 0.587, 0.114), (-0.168736, -0.331264, 0.5), (0.5, -0.418688, -0.081312))  # JFIF


def jpeg_artefacts(pictures: Tensor, quality: Tensor) -> Tensor:
    """Quantise the cosine coefficients of 8 x 8 blocks as a JPEG file of this quality would, colours at half size.

    pictures  (n, 3, h, w) float32 in [0, 1], encoded sRGB, h and w multiples of 16.
    quality   (n,) float32, 1 to 100 on the scale of the Independent JPEG Group's software.
    Returns   (n, 3, h, w) float32 in [0, 1].
    """
    device = pictures.device
    matrix = torch.tensor(TO_YCBCR, device=device)
    ycbcr = torch.einsum("oc,nchw->nohw", matrix, pictures * 255)
    y, colours = ycbcr[:, :1], F.avg_pool2d(ycbcr[:, 1:], 2)
    scale = torch.where(quality < 50, 5000 / quality, 200 - 2 * quality)
    y = _quantised(y - 128, _table(BRIGHTNESS, scale)) + 128
    colours = F.interpolate(_quantised(colours, _table(COLOUR, scale)), scale_factor=2.0, mode="bilinear")
    back = torch.linalg.inv(matrix)
    return (torch.einsum("oc,nchw->nohw", back, torch.cat([y, colours], dim=1)) / 255).clamp(0, 1)


def _table(base: tuple[tuple[int, ...], ...], scale: Tensor) -> Tensor:
    """(n, 1, 1, 1, 8, 8) divisors of the coefficients, whole numbers from 1 to 255."""
    table = torch.tensor(base, dtype=torch.float32, device=scale.device)
    return ((table * scale[:, None, None] + 50) / 100).floor().clamp(1, 255)[:, None, None, None]


def _quantised(planes: Tensor, table: Tensor) -> Tensor:
    """Round the coefficients of (n, c, h, w), h and w multiples of 8, to multiples of `table`."""
    n, c, h, w = planes.shape
    k = torch.arange(8, device=planes.device)
    cosines = 0.5 * torch.cos((2 * k + 1) * k[:, None] * (math.pi / 16))  # the orthonormal DCT-II
    cosines[0] = 1 / math.sqrt(8)
    blocks = planes.view(n, c, h // 8, 8, w // 8, 8).transpose(3, 4)
    coefficients = cosines @ blocks @ cosines.T
    blocks = cosines.T @ ((coefficients / table).round() * table) @ cosines
    return blocks.transpose(3, 4).reshape(n, c, h, w)
