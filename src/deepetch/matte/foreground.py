"""The subject's own colours where its border mixes with the old background: blur fusion.

Forte, Pitie 2021, "Approximate Fast Foreground Colour Estimation", in its two-pass form (x2: radius 90, then 6), with
two changes: where a window holds next to nothing, its mean leans on the wider one instead of on black; and the second
pass starts from the background as each pixel shows it, as it does from the foreground (0.3 levels nearer to the truth
in benchmarks/colour.py).
"""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from deepetch.arrays import Levels, Mask, Samples, full_scale
from deepetch.errors import InvalidArray
from deepetch.matte.matte import BorderColours

WIDE_RADIUS = 90  # of the first pass, in a picture of REFERENCE_PIXELS; scaled with the picture's side
NARROW_RADIUS = 6  # of the second pass, likewise
LEAST_RADIUS = 2  # of the second pass in a small picture: a window must reach across a soft edge
REFERENCE_PIXELS = 1_000_000
WIDE_CELLS = 12  # the first pass runs on a grid so coarse that its radius is about so many cells
TILE = 64  # side of the tiles of the reduced picture in which the second pass runs
CHUNK = 1 << 15  # border pixels whose colours are worked out at a time
STRIP = 1 << 22  # pixels searched for the band at a time
PRIOR = 1e-4  # weight, in full pixels a window pixel, of the wider mean where a window holds next to nothing

Plane: TypeAlias = NDArray[np.float32]
Planes: TypeAlias = NDArray[np.float32]  # (c, ...) in the samples' own range
Corners: TypeAlias = list[tuple[NDArray[np.int64], NDArray[np.float32]]]


def estimate_foreground(samples: Samples, alpha: Levels, own_alpha: Levels | None = None) -> BorderColours:
    """Estimate the true foreground colours inside the band 0 < alpha < full.

    samples  (h, w, c) uint8 or uint16, c = 1, 3 or 4; the colours are worked out in these encoded values.
    alpha    (h, w) of the same dtype.
    own_alpha  (h, w) of the same dtype, the alpha that the file came with: where it is not full, the samples are
               the subject's straight colours already and are kept.
    Returns  the band's positions and colours; no soft pixel: empty arrays.
    Raises   InvalidArray if sizes or dtypes differ.

    The window means F' and B' of both passes are taken on the picture reduced to about 1 megapixel (every k-th
    sample: a mean over a window needs no more), where the paper's radii fit; those of the wide pass on a grid coarser
    still. The estimate itself, F = F' + alpha (I - alpha F' - (1 - alpha) B') (the paper's eq. 8), takes every border
    pixel's own colour and alpha. Pictures below 1 megapixel are not reduced; the radii shrink with their side.
    Memory: about 20 MB in work beside the result, whatever the photo's size; the means exist for one row of tiles.
    """
    full = full_scale(samples)
    own = alpha if own_alpha is None else own_alpha
    if own.shape != alpha.shape or own.dtype != alpha.dtype:
        raise InvalidArray(f"own alpha: expected {alpha.dtype} {alpha.shape}; got {own.dtype} {own.shape}.")
    if samples.ndim != 3 or alpha.shape != samples.shape[:2] or alpha.dtype != samples.dtype:
        raise InvalidArray(
            f"samples and alpha: expected one size and depth; got {samples.dtype} {samples.shape} "
            f"and {alpha.dtype} {alpha.shape}."
        )
    index = _soft_positions(alpha, full)
    channels = samples.shape[2]
    colours = np.empty((index.size, channels), samples.dtype)
    if index.size == 0:
        return BorderColours(index, colours)
    side = (alpha.size / REFERENCE_PIXELS) ** 0.5
    step = max(1, round(side))
    reduced = _reduce(samples, alpha, step, side / step)
    flat_samples, flat_alpha = samples.reshape(-1, channels), alpha.reshape(-1)
    for top in range(0, len(reduced.alpha), TILE):
        first, last = np.searchsorted(index, _pixel_rows(top, len(reduced.alpha), step, len(alpha)) * alpha.shape[1])
        band = index[first:last]
        if not band.size:
            continue
        means = _window_means(reduced, top, _looked_at(band, alpha.shape[1], step, reduced.alpha.shape[1]))
        for start in range(0, band.size, CHUNK):
            at = band[start : start + CHUNK]
            opacity = flat_alpha[at].astype(np.float32) / np.float32(full)
            near = _sample(means, _corners(at, alpha.shape[1], top, step, reduced.alpha.shape))
            fused = _fuse(_planes(flat_samples[at]), opacity, near[:channels], near[channels:], full)
            colours[first + start : first + start + at.size] = np.rint(fused).T
    if own_alpha is not None:
        straight = own_alpha.reshape(-1)[index] < full
        colours[straight] = flat_samples[index[straight]]
    return BorderColours(index, colours)


def _soft_positions(alpha: Levels, full: int) -> NDArray[np.int64]:
    flat = alpha.reshape(-1)
    found = [
        # unsigned: 0 - 1 wraps to the top, so one comparison finds 0 < alpha < full
        np.flatnonzero(flat[start : start + STRIP] - alpha.dtype.type(1) < full - 1) + start
        for start in range(0, flat.size, STRIP)
    ]
    return np.concatenate(found).astype(np.int64, copy=False) if found else np.zeros(0, np.int64)


def _planes(samples: Samples) -> Planes:
    """(..., c) samples to (c, ...) float32: numpy multiplies a plane by alpha several times as fast as pixels."""
    return np.ascontiguousarray(np.moveaxis(samples, -1, 0), np.float32)


class _Reduced(NamedTuple):
    """Every `step`-th sample of a picture, and the means of the first pass.

    wide    (2c, h', w') F' and B' of the first pass on every `cell`-th of these samples.
    radius  of the second pass.
    """

    samples: Samples
    alpha: Levels
    wide: Planes
    cell: int
    radius: int


def _reduce(samples: Samples, alpha: Levels, step: int, scale: float) -> _Reduced:
    every = np.s_[step // 2 :: step, step // 2 :: step]
    wide, cell = _wide_means(samples[every], alpha[every], WIDE_RADIUS * scale)
    return _Reduced(samples[every], alpha[every], wide, cell, max(LEAST_RADIUS, round(NARROW_RADIUS * scale)))


def _pixel_rows(top: int, size: int, step: int, height: int) -> NDArray[np.int64]:
    """First row, and the row after the last, of the pixels whose upper neighbour is in grid rows top to top + TILE."""
    first = top * step + step // 2 if top else 0
    last = (top + TILE) * step + step // 2 if top + TILE < size else height
    return np.array([first, last], np.int64)


def _looked_at(band: NDArray[np.int64], width: int, step: int, size: int) -> Mask:
    """Which tiles of a row `_sample` will read for these border pixels: those of both grid points beside each."""
    beyond = np.clip(band % width - step // 2, 0, (size - 1) * step)
    wanted = np.zeros(-(-size // TILE), np.bool_)
    wanted[beyond // (step * TILE)] = True
    wanted[np.minimum(beyond + step, (size - 1) * step) // (step * TILE)] = True
    return wanted


def _window_means(reduced: _Reduced, top: int, wanted: Mask) -> Planes:
    """F' and B' of the second pass, one after the other in (2c, h, w), in grid rows top to top + TILE, both included.

    wanted  (n,) for each tile of this row, whether it is; elsewhere the means are 0.
    """
    samples, alpha, wide, cell, radius = reduced
    full = full_scale(samples)
    (height, width), channels = alpha.shape, samples.shape[2]
    bottom = min(top + TILE + 1, height)
    rows = slice(max(0, top - radius), min(height, bottom + radius))
    means = np.zeros((2 * channels, bottom - top, width), np.float32)
    for tile in np.flatnonzero(wanted).tolist():
        left, right = tile * TILE, min(tile * TILE + TILE, width)
        columns = slice(max(0, left - radius), min(width, right + radius))
        opacity = alpha[rows, columns].astype(np.float32) / np.float32(full)
        prior = _enlarge(wide, rows, columns, cell)
        foreground, background = prior[:channels], prior[channels:]
        observed, veil = _planes(samples[rows, columns]), 1 - opacity
        own_foreground = _fuse(observed, opacity, foreground, background, full)
        own_background = _fuse(observed, veil, background, foreground, full)
        inner = np.s_[:, top - rows.start : bottom - rows.start, left - columns.start : right - columns.start]
        target = means[:, :, left:right]
        target[:channels] = _weighted_mean(own_foreground, opacity, foreground, radius)[inner]
        target[channels:] = _weighted_mean(own_background, veil, background, radius)[inner]
    return means


def _wide_means(samples: Samples, alpha: Levels, radius: float) -> tuple[Planes, int]:
    """F' and B' of the first pass on every `cell`-th pixel, (2c, h, w), and `cell`."""
    cell = max(1, min(round(radius / WIDE_CELLS), *alpha.shape))
    grid = np.s_[cell // 2 :: cell, cell // 2 :: cell]
    coarse = _planes(samples[grid])
    opacity = alpha[grid].astype(np.float32) / np.float32(full_scale(samples))
    reach = max(1, round(radius / cell))
    prior = _box(coarse, reach)
    foreground = _weighted_mean(coarse, opacity, prior, reach)
    background = _weighted_mean(coarse, 1 - opacity, prior, reach)
    return np.concatenate([foreground, background]), cell


def _fuse(observed: Planes, opacity: Plane, foreground: Planes, background: Planes, full: int) -> Planes:
    # F = F' + alpha (I - alpha F' - (1 - alpha) B')   (Forte, Pitie 2021, eq. 8), in place as
    # F' + alpha (I - B' - alpha (F' - B')): half the passes over memory
    fused: Planes = observed - background
    spread = foreground - background
    spread *= opacity
    fused -= spread
    fused *= opacity
    fused += foreground
    return np.clip(fused, 0, full, out=fused)


def _weighted_mean(planes: Planes, weight: Plane, prior: Planes, radius: int) -> Planes:
    sums = _box(planes * weight, radius) + np.float32(PRIOR) * prior
    mean: Planes = sums / (_box(weight[None], radius) + np.float32(PRIOR))
    return mean


def _box(planes: Planes, radius: int) -> Planes:
    size = (2 * radius + 1, 2 * radius + 1)
    return np.stack([np.asarray(cv2.blur(plane, size, borderType=cv2.BORDER_REFLECT), np.float32) for plane in planes])


def _enlarge(grid: Planes, rows: slice, columns: slice, cell: int) -> Planes:
    """The part [rows, columns] of `grid` enlarged `cell` times; grid point (i, j) is pixel i * cell + cell // 2."""
    if cell == 1:
        return grid[:, rows, columns]
    above, low, below = _between(np.arange(rows.start, rows.stop), grid.shape[1], cell)
    left, far, right = _between(np.arange(columns.start, columns.stop), grid.shape[2], cell)
    strip = grid[:, above] * (1 - low[:, None]) + grid[:, below] * low[:, None]
    return np.asarray(strip[..., left] * (1 - far) + strip[..., right] * far, np.float32)


def _corners(band: NDArray[np.int64], width: int, top: int, step: int, shape: tuple[int, ...]) -> Corners:
    """The grid points around border pixels, flat and counted from grid row `top`, each with its bilinear weight."""
    rows, columns = np.divmod(band, width)
    if step == 1:
        return [((rows - top) * shape[1] + columns, np.ones(band.size, np.float32))]
    above, low, below = _between(rows, shape[0], step)
    left, far, right = _between(columns, shape[1], step)
    above = (above - top) * shape[1]
    below = (below - top) * shape[1]
    return [
        (above + left, (1 - low) * (1 - far)),
        (above + right, (1 - low) * far),
        (below + left, low * (1 - far)),
        (below + right, low * far),
    ]


def _sample(grid: Planes, corners: Corners) -> Planes:
    """`grid` (2c, h, w) at pixels between its points: (2c, n)."""
    flat = grid.reshape(len(grid), -1)
    near = np.zeros((len(grid), corners[0][0].size), np.float32)
    for at, weight in corners:
        for plane, values in zip(near, flat, strict=True):
            plane += values.take(at) * weight
    return near


def _between(
    pixels: NDArray[np.int64], size: int, step: int
) -> tuple[NDArray[np.int64], NDArray[np.float32], NDArray[np.int64]]:
    """The grid point at or before each pixel, the weight of the next one, and the next one."""
    # a hair more: rounding must not put a pixel on a grid point before it; dividing whole numbers is slow
    at = np.clip((pixels - step // 2) * (1 / step) + 1e-9, 0, size - 1)
    first = at.astype(np.int64)
    return first, (at - first).astype(np.float32), np.minimum(first + 1, size - 1)
