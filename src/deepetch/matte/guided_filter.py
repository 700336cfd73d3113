"""The guided filter: each window explains alpha as a linear function of the picture's colours.

He, Sun, Tang 2013, "Guided Image Filtering", eqs. 8, 19 to 21 (colour guide); He, Sun 2015, "Fast Guided Filter": the
coefficients are computed on a reduced picture, enlarged, and applied to the full-size guide.
"""

from __future__ import annotations

from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from deepetch.arrays import Alpha, require_alpha
from deepetch.errors import InvalidArray

Guide: TypeAlias = NDArray[np.float32]  # (h, w, c) float32 in [0, 1], c = 1 or 3
Coefficients: TypeAlias = NDArray[np.float32]  # (h, w, c + 1) float32: the c slopes a, then the offset b


def guide_of(samples: NDArray[np.generic], full: int) -> Guide:
    """The colours that borders are looked for in: grey or RGB as they are, CMYK as RGB.

    samples  (..., c), c = 1, 3 or 4, of which `full` means 1.0.
    Returns  (..., 1 or 3) float32 in [0, 1].
    """
    guide: Guide = samples.astype(np.float32) * np.float32(1 / full)
    if guide.shape[-1] == 4:
        # light left by coloured ink times light left by black: the same formula at every size, so that they agree
        guide = (1 - guide[..., :3]) * (1 - guide[..., 3:])
    return guide


def filter_guided(guide: Guide, alpha: Alpha, *, radius: int, eps: float) -> Alpha:
    """Smooth `alpha` so that its edges follow those of `guide`.

    guide   (h, w, c) float32 in [0, 1], c = 1 or 3.
    alpha   (h, w) float32 in [0, 1].
    radius  half-width of the square window, in pixels of these arrays, at least 1.
    eps     regularisation: contrasts below about sqrt(eps) in the guide are taken for noise.
    Returns (h, w) float32 in [0, 1] (the filter's small overshoots are clipped); empty in, empty out.
    Raises  InvalidArray if shapes or dtypes differ from the above.
    """
    coefficients = guided_coefficients(guide, alpha, radius=radius, eps=eps)
    return apply_coefficients(coefficients, guide)


def guided_coefficients(guide: Guide, alpha: Alpha, *, radius: int, eps: float) -> Coefficients:
    """Fit alpha = a . guide + b in every window, and average the fits of the windows that hold a pixel.

    Inputs as in `filter_guided`. Beyond the picture's edges both arrays are mirrored.
    Returns  (h, w, c + 1) float32: a (c values) and b; in memory each is a plane, which numpy works on fastest.
    """
    require_alpha(alpha)
    if guide.ndim != 3 or guide.shape[2] not in (1, 3) or guide.dtype != np.float32:
        raise InvalidArray(f"guide: expected float32 (h, w, 1) or (h, w, 3); got {guide.dtype} {guide.shape}.")
    if guide.shape[:2] != alpha.shape:
        raise InvalidArray(f"guide and alpha: expected one size; got {guide.shape[:2]} and {alpha.shape}.")
    channels = guide.shape[2]
    if alpha.size == 0:
        return np.zeros((*alpha.shape, channels + 1), np.float32)
    colours = [np.ascontiguousarray(guide[..., i]) for i in range(channels)]
    means = [_box(colour, radius) for colour in colours]
    mean_alpha = _box(alpha, radius)
    covariances = [_covariance(colours[i], alpha, means[i], mean_alpha, radius) for i in range(channels)]
    slopes = _solve(colours, means, covariances, radius, eps)
    offset = mean_alpha
    for slope, mean in zip(slopes, means, strict=True):
        offset = offset - slope * mean
    return np.moveaxis(np.stack([_box(plane, radius) for plane in (*slopes, offset)]), 0, -1)


def apply_coefficients(coefficients: Coefficients, guide: Guide) -> Alpha:
    """Alpha at each pixel from its coefficients and its colour, clipped to [0, 1].

    coefficients  (..., c + 1) float32, as `guided_coefficients` gives them, enlarged or sampled as needed.
    guide         (..., c) float32 in [0, 1]; the leading axes agree.
    """
    alpha: Alpha = np.array(coefficients[..., -1])
    for i in range(guide.shape[-1]):
        alpha += coefficients[..., i] * guide[..., i]
    return np.clip(alpha, 0, 1, out=alpha)


def _solve(
    colours: list[NDArray[np.float32]],
    means: list[NDArray[np.float32]],
    covariances: list[NDArray[np.float32]],
    radius: int,
    eps: float,
) -> list[NDArray[np.float32]]:
    # a = (Sigma + eps U)^-1 cov(I, p)   (He et al. 2013, eq. 19); Sigma is symmetric, inverted by cofactors
    if len(colours) == 1:
        variance = _covariance(colours[0], colours[0], means[0], means[0], radius)
        return [covariances[0] / (variance + np.float32(eps))]
    rr, rg, rb, gg, gb, bb = (
        _covariance(colours[i], colours[j], means[i], means[j], radius) + np.float32(eps if i == j else 0)
        for i in range(3)
        for j in range(i, 3)
    )
    c_rr, c_rg, c_rb = gg * bb - gb * gb, gb * rb - rg * bb, rg * gb - gg * rb
    c_gg, c_gb, c_bb = rr * bb - rb * rb, rb * rg - rr * gb, rr * gg - rg * rg
    # rounding may push a flat window's determinant to 0 or below; eps^3 is what it is with no variance at all
    determinant = np.maximum(rr * c_rr + rg * c_rg + rb * c_rb, np.float32(eps**3))
    r, g, b = covariances
    return [
        (c_rr * r + c_rg * g + c_rb * b) / determinant,
        (c_rg * r + c_gg * g + c_gb * b) / determinant,
        (c_rb * r + c_gb * g + c_bb * b) / determinant,
    ]


def _box(plane: NDArray[np.float32], radius: int) -> NDArray[np.float32]:
    side = 2 * radius + 1
    return np.asarray(cv2.blur(plane, (side, side), borderType=cv2.BORDER_REFLECT), np.float32)


def _covariance(
    x: NDArray[np.float32],
    y: NDArray[np.float32],
    mean_x: NDArray[np.float32],
    mean_y: NDArray[np.float32],
    radius: int,
) -> NDArray[np.float32]:
    return _box(x * y, radius) - mean_x * mean_y
