"""Alpha at the network's size to alpha at the photo's size, its border laid along the photo's own edges."""

from __future__ import annotations

from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from deepetch.arrays import Alpha, Levels, Samples, full_scale, require_alpha
from deepetch.errors import InvalidArray
from deepetch.matte.guided_filter import Coefficients, Guide, apply_coefficients, guided_coefficients
from deepetch.options import MatteOptions
from deepetch.photo.view import area_resized

# Chosen on validation masks of people, products and cut-outs, shrunk to 352 pixels, jittered by 0.3 to 1.5 of these
# pixels and blurred. Guided against bilinear: mean absolute error -30 % to -60 %; IoU +0.005 on people at a jitter
# of 0.8, -0.001 at 0.3, where bilinear is as good as the mask.
NOISE = 0.02  # alpha this near to 0 or 1 is 0 or 1
RADIUS = 3  # half-width of the guided filter's window, in network pixels
EPS = 3e-4  # contrasts below about 1.7 % of full scale do not attract the border
CONTRAST = 2.0  # across a clear edge the filter doubles the ramp's width; this undoes it
POORLY, WELL = 0.5, 0.9  # share of alpha's variance explained by colour: below, bilinear stays; above, guided rules
FLAT = 1e-3  # variance of alpha below which there is nothing to explain
WORKING_SCALE = 1.5  # the coefficients are fitted on a grid so many times as fine as the network's
BLOCK_ROWS = 32  # rows of the photo refined at a time


def upsample_alpha(samples: Samples, coarse: Alpha, options: MatteOptions = MatteOptions()) -> Levels:
    """Enlarge the network's alpha to the size of the photo, and refine the border by the photo's colours.

    samples  (H, W, c) uint8 or uint16, c = 1 grey, 3 RGB, 4 CMYK: the photo's untouched values.
    coarse   (h, w) float32 in [0, 1], covering the same picture; other aspect ratios are stretched.
    options  refine "none": bilinear; "guided": bilinear, then a guided filter within `band_px` network pixels
             of the soft part and of the 0.5 contour, as far as the colours there explain the alpha.
    Returns  (H, W) in the dtype of `samples`. Values nearer than 2 % to 0 or 1 count as 0 or 1, and the rest is
             spread over the range in between by that one fixed line, the same for every picture. A picture
             without any border comes out as 0 or full everywhere. Empty samples in, empty alpha out.
    Raises   InvalidArray if shapes, dtypes or ranges differ from the above, or `coarse` is empty and samples not.
    Memory   the result and a few strips; nothing else of the photo's size.
    """
    require_alpha(coarse, "coarse alpha")
    if samples.ndim != 3 or samples.shape[2] not in (1, 3, 4):
        raise InvalidArray(f"samples: expected (h, w, 1, 3 or 4); got {samples.shape}.")
    full = full_scale(samples)
    height, width = samples.shape[:2]
    if samples.size == 0:
        return np.zeros((height, width), samples.dtype)
    if coarse.size == 0:
        raise InvalidArray(f"coarse alpha: expected at least one pixel; got {coarse.shape}.")
    coarse = np.clip((coarse - np.float32(NOISE)) / np.float32(1 - 2 * NOISE), 0, 1)
    alpha = _resize_levels(coarse, (height, width), samples.dtype, full)
    if options.refine == "guided":
        weight = _band_weight(coarse, options.band_px)
        if weight.any():
            _refine_border(alpha, samples, _border_coefficients(samples, coarse, weight, full), full)
    return alpha


def _resize_levels(coarse: Alpha, shape: tuple[int, int], dtype: np.dtype[np.generic], full: int) -> Levels:
    # in levels, not in float: one full-size array of 1 or 2 bytes a pixel
    levels = np.rint(coarse * np.float32(full)).astype(dtype)
    shrinks = coarse.shape[0] > shape[0] and coarse.shape[1] > shape[1]
    method = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    return cast(Levels, cv2.resize(levels, shape[::-1], interpolation=method))


def _band_weight(coarse: Alpha, band_px: int) -> Alpha:
    """1 on the soft part, the 0.5 contour, and `band_px` around; falls to 0 over the next pixel and a half."""
    inside = (coarse >= 0.5).astype(np.uint8)
    contour = cv2.morphologyEx(inside, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
    band = contour | ((coarse > 0) & (coarse < 1)).astype(np.uint8)
    if not band.any():
        return np.zeros_like(coarse)
    side = 2 * band_px + 1
    band = cv2.dilate(band, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side + 2, side + 2)))
    return np.asarray(cv2.blur(band.astype(np.float32), (3, 3)), np.float32)


def _border_coefficients(samples: Samples, coarse: Alpha, weight: Alpha, full: int) -> Coefficients:
    height, width = samples.shape[:2]
    rows = min(height, round(WORKING_SCALE * coarse.shape[0]))
    columns = min(width, round(WORKING_SCALE * coarse.shape[1]))
    guide = _guide(area_resized(samples, (columns, rows)), full)
    alpha = np.clip(_resize(coarse, rows, columns), 0, 1)
    scale = ((rows * columns) / coarse.size) ** 0.5
    radius = max(1, round(RADIUS * scale))
    fit = guided_coefficients(guide, alpha, radius=radius, eps=EPS)
    contrast = _resize(_edge_contrast(coarse), rows, columns)
    band = _resize(weight, rows, columns)
    trust = band * _explained(fit, guide, alpha, radius)
    plain = np.clip(contrast * (alpha - np.float32(0.5)) + np.float32(0.5), 0, 1)
    # alpha' = trust (contrast (a . I + b - 1/2) + 1/2) + (band - trust) plain + (1 - band) alpha
    # is linear in the colour I too, so all of it is paid for on this grid
    fit *= (trust * contrast)[..., None]
    fit[..., -1] += trust * (0.5 - 0.5 * contrast) + (band - trust) * plain + (1 - band) * alpha
    return fit


def _explained(fit: Coefficients, guide: Guide, alpha: Alpha, radius: int) -> Alpha:
    """How far the colours explain the alpha around a pixel, from 0 (print, foliage: ignore them) to 1."""
    size = (2 * radius + 1, 2 * radius + 1)
    mean = cv2.blur(alpha, size)
    variance = cv2.blur(alpha * alpha, size) - mean * mean
    residual = cv2.blur((apply_coefficients(fit, guide) - alpha) ** 2, size)
    share = 1 - residual / (variance + np.float32(FLAT))
    explained = np.clip((share - np.float32(POORLY)) / np.float32(WELL - POORLY), 0, 1)
    return np.asarray(np.where(variance < FLAT, 1, explained), np.float32)


def _resize(plane: Alpha, rows: int, columns: int) -> Alpha:
    return np.asarray(cv2.resize(plane, (columns, rows), interpolation=cv2.INTER_LINEAR), np.float32)


def _edge_contrast(coarse: Alpha) -> Alpha:
    """CONTRAST where the border goes from out to in within the window, 1 on veils and glass that never do.

    Also CONTRAST where nothing is soft: the filter's weak echo of a border nearby, below 1/4, is cut off there.
    """
    window = np.ones((2 * RADIUS + 1, 2 * RADIUS + 1), np.uint8)
    step = cv2.dilate(coarse, window) - cv2.erode(coarse, window)
    clear: Alpha = np.clip((step - np.float32(0.6)) / np.float32(0.3), 0, 1)
    clear[(coarse == 0) | (coarse == 1)] = 1
    return 1 + (np.float32(CONTRAST) - 1) * clear


def _guide(samples: Samples, full: int) -> Guide:
    """(..., c) samples to the colours that borders are looked for in: grey or RGB as they are, CMYK as RGB."""
    guide = samples.astype(np.float32) * np.float32(1 / full)
    if guide.shape[-1] == 4:
        # light left by coloured ink times light left by black: the same formula at both sizes, so that they agree
        guide = (1 - guide[..., :3]) * (1 - guide[..., 3:])
    return guide


def _refine_border(alpha: Levels, samples: Samples, coefficients: Coefficients, full: int) -> None:
    """Replace `alpha` in place where the coefficients say something: a block of rows at a time, its columns only."""
    height, width = alpha.shape
    rows, columns = coefficients.shape[:2]
    tops, bottoms, row_weights = _neighbours(rows, height)
    lefts, rights, column_weights = _neighbours(columns, width)
    # outside the band slopes are 0 and the offset is 0 or 1: nothing to do there
    flat = ~coefficients[..., :-1].any(axis=2) & ((coefficients[..., -1] == 0) | (coefficients[..., -1] == 1))
    for start in range(0, height, BLOCK_ROWS):
        block = slice(start, min(start + BLOCK_ROWS, height))
        busy = ~flat[tops[block.start] : bottoms[block.stop - 1] + 1].all(axis=0)
        at = np.flatnonzero(busy[lefts] | busy[rights])
        if at.size == 0:
            continue
        below = row_weights[block, None, None]
        strip = coefficients[tops[block]] * (1 - below) + coefficients[bottoms[block]] * below
        beside = column_weights[at, None]
        fit = strip.take(lefts[at], axis=1) * (1 - beside) + strip.take(rights[at], axis=1) * beside
        refined = apply_coefficients(fit.astype(np.float32, copy=False), _guide(samples[block].take(at, axis=1), full))
        alpha[block, at] = np.rint(refined * np.float32(full))


def _neighbours(size: int, full_size: int) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float32]]:
    """For each of `full_size` pixels the two grid points around its centre, and the weight of the second."""
    at = np.clip((np.arange(full_size) + 0.5) * (size / full_size) - 0.5, 0, size - 1)
    first = np.floor(at).astype(np.intp)
    return first, np.minimum(first + 1, size - 1), (at - first).astype(np.float32)
