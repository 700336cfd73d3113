"""The subject's own colours where its border mixes with the old background: multi-level estimation.

Germer, Uelwer, Conrad, Harmeling 2020, "Fast Multi-Level Foreground Estimation": foreground F and background B that
explain the picture, I = alpha F + (1 - alpha) B, and change little from pixel to pixel but where alpha does not change
either. Solved on a pyramid from one pixel up, each level beginning with the one before. Two things differ: pixels are
updated as on a chessboard, first the white ones, so the result is the same however many threads there are; and levels
of more than WHOLE_PIXELS are solved near the border only, which is where the colours are wanted.
"""

from __future__ import annotations

import math
from typing import NamedTuple, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from deepetch.arrays import Levels, Samples, full_scale
from deepetch.matte.foreground import Colours, Positions, require_one_size, soft_positions
from deepetch.matte.matte import BorderColours

REGULARISATION = 1e-5  # pull of a neighbour of the same alpha
GRADIENT_WEIGHT = 1.0  # of a neighbour whose alpha differs, per unit: there both colours must go on as they are
SMALL_SIDE, SMALL_SWEEPS, SWEEPS = 32, 10, 2  # sweeps on levels up to that side, and on larger ones
WHOLE_PIXELS = 1 << 20  # levels up to here are solved everywhere
REACH = 2  # pixels around the border that are solved along with it on larger levels
STRIP_ROWS = 256  # rows searched for the border at a time
CHUNK = 1 << 16  # pixels updated at a time

Size: TypeAlias = tuple[int, int]  # height, width


class _Level(NamedTuple):
    """Both colours at some pixels of a level; `at` is ascending."""

    size: Size
    at: Positions
    foreground: Colours
    background: Colours


def estimate_foreground_multilevel(samples: Samples, alpha: Levels, own_alpha: Levels | None = None) -> BorderColours:
    """Estimate the true foreground colours inside the band 0 < alpha < full.

    Arguments, result and errors as of `estimate_foreground`.
    Memory  about 200 bytes for each pixel within REACH of the border, and 250 MB for the whole levels.
    """
    full = full_scale(samples)
    require_one_size(samples, alpha, own_alpha)
    index = soft_positions(alpha)
    colours = np.empty((index.size, samples.shape[2]), samples.dtype)
    if index.size == 0:
        return BorderColours(index, colours)
    level: _Level | None = None
    for size, at in _pyramid(alpha):
        level = _solve(samples, alpha, size, at, level)
    assert level is not None
    colours[:] = np.rint(level.foreground[np.searchsorted(level.at, index)])
    if own_alpha is not None:
        straight = own_alpha.reshape(-1)[index] < full
        colours[straight] = samples.reshape(-1, samples.shape[2])[index[straight]]
    return BorderColours(index, colours)


def _pyramid(alpha: Levels) -> list[tuple[Size, Positions]]:
    """Sizes from one pixel to all of them, each about twice the one before, and which pixels of a level are solved."""
    height, width = alpha.shape
    steps = max(1, math.ceil(math.log2(max(height, width))))
    sizes = [(round(height ** (k / steps)), round(width ** (k / steps))) for k in range(steps + 1)]
    levels: list[tuple[Size, Positions]] = []
    for size in reversed(sizes):
        if size[0] * size[1] <= WHOLE_PIXELS:
            at = np.arange(size[0] * size[1])
        elif not levels:
            at = _near_border(alpha)
        else:  # every pixel finds its own on the level below
            at = np.unique(_below(levels[-1][1], levels[-1][0], size))
        levels.append((size, at))
    return levels[::-1]


def _near_border(alpha: Levels) -> Positions:
    side = 2 * REACH + 1
    found = []
    for top in range(0, len(alpha), STRIP_ROWS):
        above = max(0, top - REACH)
        strip = alpha[above : top + STRIP_ROWS + REACH]
        near = cv2.dilate(((strip > 0) & (strip < full_scale(alpha))).astype(np.uint8), np.ones((side, side), np.uint8))
        rows = near[top - above : top - above + STRIP_ROWS]
        found.append(np.flatnonzero(rows) + top * alpha.shape[1])
    return np.concatenate(found)


def _below(at: Positions, size: Size, below: Size) -> Positions:
    """Where pixels of one size lie in a picture of another size."""
    rows, columns = np.divmod(at, size[1])
    places: Positions = (rows * below[0] // size[0]) * below[1] + columns * below[1] // size[1]
    return places


def _solve(samples: Samples, alpha: Levels, size: Size, at: Positions, below: _Level | None) -> _Level:
    """Both colours at pixels `at` of a level of some size, from those of the level below; None: there is none."""
    seen = _below(at, size, alpha.shape)
    colour = samples.reshape(-1, samples.shape[2]).take(seen, axis=0).astype(np.float32)
    opacity = alpha.reshape(-1).take(seen).astype(np.float32) / np.float32(full_scale(alpha))
    if below is None:
        foreground, background = colour.copy(), colour.copy()
    else:
        begin = np.searchsorted(below.at, _below(at, size, below.size))
        foreground, background = below.foreground[begin], below.background[begin]
    around = _neighbours(at, size)
    white = (at // size[1] + at % size[1]) % 2 == 0
    halves = [np.flatnonzero(white), np.flatnonzero(~white)]
    for _ in range(SMALL_SWEEPS if max(size) <= SMALL_SIDE else SWEEPS):
        for half in halves:
            for start in range(0, half.size, CHUNK):
                _update(half[start : start + CHUNK], around, colour, opacity, foreground, background)
    for colours in (foreground, background):
        np.clip(colours, 0, full_scale(samples), out=colours)
    return _Level(size, at, foreground, background)


def _neighbours(at: Positions, size: Size) -> NDArray[np.int32]:
    """(n, 4) places in `at` of the pixels above, below, left and right; its own place where there is none."""
    height, width = size
    rows, columns = np.divmod(at, width)
    own = np.arange(at.size)
    places = np.empty((at.size, 4), np.int32)
    beside = [(-width, rows > 0), (width, rows < height - 1), (-1, columns > 0), (1, columns < width - 1)]
    for side, (step, inside) in enumerate(beside):
        found = np.minimum(np.searchsorted(at, at + step), at.size - 1)
        places[:, side] = np.where(inside & (at[found] == at + step), found, own)
    return places


def _update(
    pixels: Positions,
    around: NDArray[np.int32],
    colour: Colours,
    opacity: NDArray[np.float32],
    foreground: Colours,
    background: Colours,
) -> None:
    """Give some pixels the colours that minimise the energy while all others stay; in place.

    With weights w_j of the neighbours, W their sum and F', B' their weighted means, the 2 x 2 system of a pixel has the
    solution F = F' + alpha r / (alpha^2 + (1 - alpha)^2 + W), B = B' + (1 - alpha) r / (...), where
    r = I - alpha F' - (1 - alpha) B'.
    """
    alpha, near = opacity[pixels, None], around[pixels]
    weights = np.float32(REGULARISATION) + np.float32(GRADIENT_WEIGHT) * np.abs(alpha - opacity[near])
    total = weights.sum(1, keepdims=True)
    weights /= total
    mean_foreground = np.einsum("nk,nkc->nc", weights, foreground[near])
    mean_background = np.einsum("nk,nkc->nc", weights, background[near])
    rest = colour[pixels] - alpha * mean_foreground - (1 - alpha) * mean_background
    rest /= alpha**2 + (1 - alpha) ** 2 + total
    foreground[pixels] = mean_foreground + alpha * rest
    background[pixels] = mean_background + (1 - alpha) * rest
