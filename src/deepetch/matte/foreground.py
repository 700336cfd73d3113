"""The subject's own colours where its border mixes with the old background: blur fusion.

Forte, Pitie 2021, "Approximate Fast Foreground Colour Estimation", in its two-pass form (x2: radius 90, then 6), with
two changes: where a window holds next to nothing, its mean leans on the wider one instead of on black; and the second
pass starts from the background as each pixel shows it, as it does from the foreground (0.3 levels nearer to the truth
in benchmarks/colour.py).
"""

from __future__ import annotations

from typing import NamedTuple, TypeAlias, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from deepetch.arrays import Alpha, Levels, Samples, full_scale
from deepetch.errors import InvalidArray
from deepetch.matte.matte import BorderColours

WIDE_RADIUS = 90  # of the first pass, in a picture of REFERENCE_PIXELS; scaled with the picture's side
NARROW_RADIUS = 6  # of the second pass, likewise
LEAST_RADIUS = 2  # of the second pass in a small picture: a window must reach across a soft edge
REFERENCE_PIXELS = 1_000_000
LONGEST_SIDE = 32_000  # of the reduced picture: cv2.remap takes none of 32,767 or more
WIDE_CELLS = 12  # the first pass runs on a grid so coarse that its radius is about so many cells
STRIP_ROWS = 64  # rows of the reduced picture in which the second pass runs at a time
CHUNK = 1 << 14  # border pixels whose colours are worked out at a time
SEARCHED = 1 << 22  # pixels searched for the band at a time
PRIOR = 1e-4  # weight, in full pixels a window pixel, of the wider mean where a window holds next to nothing

Colours: TypeAlias = NDArray[np.float32]  # (h, w, c) or (n, c), in the samples' own range
Positions: TypeAlias = NDArray[np.int64]
Coordinates: TypeAlias = NDArray[np.float32]  # (n,) rows or columns of a grid, fractions included


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
    Memory: about 10 MB in work beside the result, whatever the photo's size; the means exist for one strip of rows.
    """
    full = full_scale(samples)
    require_one_size(samples, alpha, own_alpha)
    index = soft_positions(alpha)
    colours = np.empty((index.size, samples.shape[2]), samples.dtype)
    if index.size == 0:
        return BorderColours(index, colours)
    reduced = _reduce(samples, alpha)
    for top in range(0, len(reduced.alpha), STRIP_ROWS):
        first, last = np.searchsorted(index, _pixel_rows(reduced, top, len(alpha)) * alpha.shape[1])
        if first == last:
            continue
        means = _window_means(reduced, top, index[first:last] % alpha.shape[1])
        for start in range(first, last, CHUNK):
            at = index[start : min(start + CHUNK, last)]
            observed, opacity = _observed(samples, alpha, at)
            foreground, background = _means_at(means, reduced, at, alpha.shape[1])
            colours[start : start + at.size] = np.rint(_fuse(observed, opacity, foreground, background, full))
    if own_alpha is not None:
        straight = own_alpha.reshape(-1)[index] < full
        colours[straight] = samples.reshape(-1, samples.shape[2])[index[straight]]
    return BorderColours(index, colours)


def require_one_size(samples: Samples, alpha: Levels, own_alpha: Levels | None) -> None:
    """Raise InvalidArray unless samples and both alphas are of one size and depth."""
    own = alpha if own_alpha is None else own_alpha
    if own.shape != alpha.shape or own.dtype != alpha.dtype:
        raise InvalidArray(f"own alpha: expected {alpha.dtype} {alpha.shape}; got {own.dtype} {own.shape}.")
    if samples.ndim != 3 or alpha.shape != samples.shape[:2] or alpha.dtype != samples.dtype:
        raise InvalidArray(
            f"samples and alpha: expected one size and depth; got {samples.dtype} {samples.shape} "
            f"and {alpha.dtype} {alpha.shape}."
        )


def soft_positions(alpha: Levels) -> Positions:
    """Ascending positions in the flattened picture where 0 < alpha < full."""
    flat, full = alpha.reshape(-1), full_scale(alpha)
    found = [
        # unsigned: 0 - 1 wraps to the top, so one comparison finds 0 < alpha < full
        np.flatnonzero(flat[start : start + SEARCHED] - alpha.dtype.type(1) < full - 1) + start
        for start in range(0, flat.size, SEARCHED)
    ]
    return np.concatenate(found).astype(np.int64, copy=False) if found else np.zeros(0, np.int64)


class _Reduced(NamedTuple):
    """Every `step`-th sample of a picture, and the means of the first pass.

    radius                  of the second pass.
    foreground, background  (h', w', c) F' and B' of the first pass on every `cell`-th of these samples.
    """

    samples: Samples
    alpha: Levels
    step: int
    radius: int
    foreground: Colours
    background: Colours
    cell: int


class _Means(NamedTuple):
    """Window means of the second pass in a part of the reduced picture that begins at row `top`, column `left`.

    foreground, background  (h, w, c) of alpha F and of (1 - alpha) B, where F and B are the first pass's.
    opacity                 (h, w) of alpha.
    """

    foreground: Colours
    background: Colours
    opacity: Alpha
    top: int
    left: int


def _reduce(samples: Samples, alpha: Levels) -> _Reduced:
    side = (alpha.size / REFERENCE_PIXELS) ** 0.5
    step = max(1, round(side), -(-max(alpha.shape) // LONGEST_SIDE))
    scale = side / step
    every = np.s_[step // 2 :: step, step // 2 :: step]
    foreground, background, cell = _wide_means(samples[every], alpha[every], WIDE_RADIUS * scale)
    radius = max(LEAST_RADIUS, round(NARROW_RADIUS * scale))
    return _Reduced(samples[every], alpha[every], step, radius, foreground, background, cell)


def _wide_means(samples: Samples, alpha: Levels, radius: float) -> tuple[Colours, Colours, int]:
    """F' and B' of the first pass on every `cell`-th pixel, and `cell`."""
    cell = max(1, min(round(radius / WIDE_CELLS), *alpha.shape))
    every = np.s_[cell // 2 :: cell, cell // 2 :: cell]
    coarse = samples[every].astype(np.float32)
    opacity = _per_channel(alpha[every].astype(np.float32) / np.float32(full_scale(alpha)), coarse)
    reach = max(1, round(radius / cell))
    prior = _box(coarse, reach)
    foreground = _lean(_box(coarse * opacity, reach), _box(opacity, reach), prior)
    background = _lean(_box(coarse * (1 - opacity), reach), _box(1 - opacity, reach), prior)
    return foreground, background, cell


def _pixel_rows(reduced: _Reduced, top: int, height: int) -> Positions:
    """First row, and the row after the last, of the pixels whose upper neighbour is in one strip of the grid."""
    first = top * reduced.step + reduced.step // 2 if top else 0
    bottom = top + STRIP_ROWS
    last = bottom * reduced.step + reduced.step // 2 if bottom < len(reduced.alpha) else height
    return np.array([first, last], np.int64)


def _window_means(reduced: _Reduced, top: int, band: Positions) -> _Means:
    """The means in the strip of the grid from row `top`, as wide as pixels in columns `band` of the picture need."""
    step, radius, (height, width) = reduced.step, reduced.radius, reduced.alpha.shape
    rows = slice(max(0, top - radius), min(height, top + STRIP_ROWS + 1 + radius))
    first, last = int(band.min()) // step - 1, int(band.max()) // step + 1
    columns = slice(max(0, first - radius), min(width, last + 1 + radius))
    samples = cast(Samples, np.ascontiguousarray(reduced.samples[rows, columns]))
    alpha = cast(Levels, np.ascontiguousarray(reduced.alpha[rows, columns]))
    full, channels = full_scale(alpha), samples.shape[2]
    # where alpha is 0 or full, alpha F and (1 - alpha) B are the sample itself or nothing
    foreground = cv2.copyTo(samples, (alpha == full).view(np.uint8)).reshape(samples.shape).astype(np.float32)
    background = cv2.copyTo(samples, (alpha == 0).view(np.uint8)).reshape(samples.shape).astype(np.float32)
    soft = soft_positions(alpha)
    for start in range(0, soft.size, CHUNK):
        at = soft[start : start + CHUNK]
        observed, opacity = _observed(samples, alpha, at)
        y, x = np.divmod(at, alpha.shape[1])
        near, far = _wide_means_at(reduced, y + rows.start, x + columns.start)
        foreground.reshape(-1, channels)[at] = opacity * _fuse(observed, opacity, near, far, full)
        background.reshape(-1, channels)[at] = (1 - opacity) * _fuse(observed, 1 - opacity, far, near, full)
    opacity = alpha.astype(np.float32) / np.float32(full)
    return _Means(_box(foreground, radius), _box(background, radius), _box(opacity, radius), rows.start, columns.start)


def _means_at(means: _Means, reduced: _Reduced, at: Positions, width: int) -> tuple[Colours, Colours]:
    """F' and B' of the second pass at positions of the full picture, (n, c) each."""
    rows, columns = (_on_grid(pixels, reduced.step) for pixels in np.divmod(at, width))
    wide_foreground, wide_background = _wide_means_at(reduced, rows, columns)
    rows, columns = rows - np.float32(means.top), columns - np.float32(means.left)
    weight = _per_channel(_sample(means.opacity, rows, columns)[:, 0], wide_foreground)
    foreground = _lean(_sample(means.foreground, rows, columns), weight, wide_foreground)
    background = _lean(_sample(means.background, rows, columns), 1 - weight, wide_background)
    return foreground, background


def _wide_means_at(
    reduced: _Reduced, rows: Positions | Coordinates, columns: Positions | Coordinates
) -> tuple[Colours, Colours]:
    """F' and B' of the first pass at points of the reduced picture, (n, c) each."""
    rows, columns = _on_grid(rows, reduced.cell), _on_grid(columns, reduced.cell)
    return _sample(reduced.foreground, rows, columns), _sample(reduced.background, rows, columns)


def _observed(samples: Samples, alpha: Levels, at: Positions) -> tuple[Colours, Colours]:
    """The colours at some positions, and their opacity in [0, 1]; (n, c) each."""
    observed = samples.reshape(-1, samples.shape[2]).take(at, axis=0).astype(np.float32)
    opacity = alpha.reshape(-1).take(at).astype(np.float32) / np.float32(full_scale(alpha))
    return observed, _per_channel(opacity, observed)


def _per_channel(opacity: NDArray[np.float32], colours: Colours) -> Colours:
    # numpy multiplies arrays of one shape several times as fast as it broadcasts over the last axis
    return np.repeat(opacity[..., None], colours.shape[-1], axis=-1)


def _fuse(observed: Colours, opacity: Colours, foreground: Colours, background: Colours, full: int) -> Colours:
    # F = F' + alpha (I - alpha F' - (1 - alpha) B')   (Forte, Pitie 2021, eq. 8), in place as
    # F' + alpha (I - B' - alpha (F' - B')): half the passes over memory
    fused: Colours = observed - background
    spread = foreground - background
    spread *= opacity
    fused -= spread
    fused *= opacity
    fused += foreground
    return np.clip(fused, 0, full, out=fused)


def _lean(sums: Colours, weight: Colours, prior: Colours) -> Colours:
    """The weighted mean, leaning on `prior` where a window holds next to nothing."""
    mean: Colours = (sums + np.float32(PRIOR) * prior) / (weight + np.float32(PRIOR))
    return mean


def _box(picture: NDArray[np.float32], radius: int) -> NDArray[np.float32]:
    size = (2 * radius + 1, 2 * radius + 1)
    return np.asarray(cv2.blur(picture, size, borderType=cv2.BORDER_REFLECT), np.float32).reshape(picture.shape)


def _on_grid(pixels: Positions | Coordinates, step: int) -> Coordinates:
    """Rows or columns of a picture as those of the grid of every `step`-th, of which the first is step // 2."""
    return ((pixels - step // 2) / step).astype(np.float32, copy=False)


def _sample(grid: NDArray[np.float32], rows: Coordinates, columns: Coordinates) -> Colours:
    """`grid` (h, w, c) at points between its own, bilinear, (n, c); beyond its edges, the nearest."""
    sampled = cv2.remap(grid, columns[None], rows[None], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(sampled, np.float32).reshape(rows.size, -1)
