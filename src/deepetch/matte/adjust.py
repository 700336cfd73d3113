"""A retoucher's controls of the edge of an alpha at full size: smooth, feather, contrast, shift edge.

Smooth is a median and shift edge a dilation or erosion by a disc: both move every level of alpha as a contour of its
own and make none that was not near, so that a soft profile goes along and a straight edge keeps it (Serra 1982; the
median as motion by curvature: Guichard, Morel 1997; the dilation as motion along the normal: Brockett, Maragos 1994).
A blur of the distance to the 0.5 contour would lose hair and glass, whose alpha never reaches that contour.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, TypeAlias, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from deepetch.arrays import Levels, full_scale
from deepetch.errors import InvalidArray
from deepetch.options import EdgeOptions

LEAST_SIDE, MOST_SIDE = 128, 512  # of a tile: twice its reach, within these
STRIP_ROWS = 32  # looked up in a table at a time
TAIL = 4.0  # standard deviations at which a Gaussian ends; what is cut off a step is 3e-5
CELLS = 8  # a feather is worked out on cells so large that its standard deviation is at least so many,
LEAST_CELL = 4  # as soon as they are of this side: from 32 pixels on
FEATHER_REACH = 4.4  # standard deviations: `TAIL`, and what the cells add
ON_CIRCLE = 3.0  # 8 x so many points of a circle, x the square root of its radius, leave out 0.01 pixels at most

Plane: TypeAlias = NDArray[np.float32]  # (h, w), in levels
Tile: TypeAlias = tuple[slice, slice]


def adjust_edges(alpha: Levels, options: EdgeOptions) -> Levels:
    """Even out, soften, harden and move the edge of an alpha, in this order.

    alpha    (h, w) uint8 or uint16.
    options  in pixels of this array, each step on the result of the one before, rounded to levels:
             smooth s: the median of the (2s + 1) x (2s + 1) pixels around; between whole numbers, the two medians
             mixed. A straight edge stays bit for bit, a step as well as a ramp; a disc of radius r shrinks by
             s^2 / 6r (where its edge runs along an axis) to s^2 / 3r (diagonally); wiggles of a period up to 2s go;
             corners are rounded, and what is narrower than about s vanishes, hair too. uint16: a pixel that changes
             is the median to 1/1000, rounded down; 0 and full are exact.
             feather s: alpha * Gaussian of standard deviation s, pixels being squares: a step between two pixels
             becomes the Gaussian's distribution function, to 1e-4, from s = 32 on to 5e-4; of a ramp the ends are
             rounded and the middle stays.
             contrast c: clip((alpha - 1/2) / (1 - c) + 1/2, 0, 1), a ramp w wide becomes one (1 - c) w wide; c = 1:
             full from 1/2 on, else 0. Not rounded between feather and contrast.
             shift_edge d > 0: the largest alpha within d of a pixel's centre, alpha being bilinear between centres
             (looked up at the centres in that disc and at points of its circle); d < 0: the smallest. A straight
             edge moves by d, to 0.01 where it is some pixels soft, to 0.1 where it is one, and keeps its profile
             but for the bilinear sampling; a disc of radius r becomes one of r + d; what is narrower than 2 |d|
             vanishes as d < 0, hair too, and gaps as d > 0.
             radius: refinement's, not looked at here.
    Returns  (h, w) of the same dtype; `alpha` itself when there is nothing to do, else a new array. A pixel whose
             surroundings, `edge_reach` pixels to each side, are all 0 or all full stays exactly so. Beyond its
             frame the picture goes on with its outermost pixels: what the frame cuts is not eaten along it, and an
             edge that meets the frame at a slant bends there, within the reach.
    Raises   InvalidArray if dtype or shape differ.
    Memory   at most two arrays like `alpha`, tiles of up to 1.5 megapixels, and from a feather of 32 on 1/2 byte a
             pixel; where nothing is soft and no edge near, nothing is computed. The result does not depend on tiles.
    """
    if alpha.ndim != 2 or alpha.dtype not in (np.uint8, np.uint16):
        raise InvalidArray(f"alpha: expected uint8 or uint16 (h, w); got {alpha.dtype} {alpha.shape}.")
    if alpha.size == 0:
        return alpha
    if options.smooth:
        alpha = _smooth(alpha, options.smooth)
    if options.feather >= CELLS * LEAST_CELL:
        alpha = _feather_widely(alpha, options.feather, options.contrast)
    elif options.feather:
        alpha = _feather(alpha, options.feather, options.contrast)
    elif options.contrast:
        alpha = _with_contrast(alpha, options.contrast)
    if options.shift_edge:
        alpha = _shift(alpha, options.shift_edge)
    return alpha


def edge_reach(options: EdgeOptions) -> int:
    """How many pixels to each side, along rows and columns, `adjust_edges` looks at."""
    shift = math.ceil(abs(options.shift_edge))
    return math.ceil(options.smooth) + math.ceil(FEATHER_REACH * options.feather) + shift


def _smooth(alpha: Levels, radius: float) -> Levels:
    smaller, larger = math.floor(radius), math.ceil(radius)
    share = np.float32(radius - smaller)
    smoothed = alpha.copy()
    for tile, window in _busy_tiles(alpha, larger):
        median: NDArray[Any] = _median(window, larger)
        if share:
            # a median of one pixel is that pixel
            less = _median(window, smaller) if smaller else window
            median = np.rint((1 - share) * less + share * median)
        smoothed[tile] = median[larger:-larger, larger:-larger]
    return smoothed


def _median(window: Levels, radius: int) -> Levels:
    side = 2 * radius + 1
    if window.dtype == np.uint8:
        return cast(Levels, cv2.medianBlur(window, side))
    # OpenCV's median of many pixels takes 8 bits. That of floor(a / 256) is floor(median / 256), and the sum over
    # o = 0, 64, 128, 192 of floor((a + o) / 256) is floor(a / 64)   (Hermite's identity). Squeezed by 255 / 256,
    # a + o fits 16 bits.
    squeezed = window - (window >> 8)
    steps = np.zeros(window.shape, np.uint16)
    for offset in (0, 64, 128, 192):
        high = ((squeezed + np.uint16(offset)) >> 8).astype(np.uint8)
        steps += np.asarray(cv2.medianBlur(high, side), np.uint8)
    least = steps.astype(np.int32) * 64
    least += np.maximum(least - 1, 0) // 255  # the least level that squeezes to it
    return cast(Levels, np.where(squeezed >> 6 == steps, window, least.astype(np.uint16)))


def _feather(alpha: Levels, sigma: float, contrast: float) -> Levels:
    reach = math.ceil(TAIL * sigma)
    # the Gaussian's share of each pixel, not its value at the centre: right for any sigma
    below = [math.erf((k - 0.5) / (sigma * math.sqrt(2))) for k in range(-reach, reach + 2)]
    kernel = np.diff(below) / (below[-1] - below[0])
    # OpenCV works out the last pixels of a row in another order: this keeps them out of the result
    slack = 32
    feathered = _with_contrast(alpha, contrast)
    for tile, window in _busy_tiles(alpha, reach, slack):
        # in float32: OpenCV takes three times as long for 16 bits
        blurred = cv2.sepFilter2D(window.astype(np.float32), cv2.CV_32F, kernel, kernel)
        inner = slice(reach + slack, -reach - slack)
        feathered[tile] = np.rint(_steepen(blurred[inner, inner], contrast, full_scale(alpha)))
    return feathered


def _feather_widely(alpha: Levels, sigma: float, contrast: float) -> Levels:
    """As `_feather`, on the means of square cells, and bilinear between them."""
    cell = 2 ** int(math.log2(sigma / CELLS))
    full = full_scale(alpha)
    blurred = _blurred_cells(alpha, sigma, cell)
    feathered = np.empty_like(alpha)
    for tile in _tiles(alpha.shape, MOST_SIDE):
        (above, down), (before, across) = (_between_cells(pixels, cell) for pixels in tile)
        part = blurred[above[0] : above[-1] + 2, before[0] : before[-1] + 2]
        if part.max() < 0.25 or part.min() > full - 0.25:
            feathered[tile] = np.rint(part[0, 0])
            continue
        above, before = above - above[0], before - before[0]
        rows = part[above] + down[:, None] * (part[above + 1] - part[above])
        plane = rows[:, before] + across * (rows[:, before + 1] - rows[:, before])
        feathered[tile] = np.rint(_steepen(plane, contrast, full))
    return feathered


def _blurred_cells(alpha: Levels, sigma: float, cell: int) -> Plane:
    """The blurred means of cells of `cell` x `cell` pixels, and of one more cell on every side."""
    # the cells' own width and the mean of bilinear sampling's blur are a part of the variance: 1/12 + 1/6 cells^2
    spread = math.sqrt((sigma / cell) ** 2 - 0.25)
    reach = math.ceil(TAIL * spread)
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / spread) ** 2)
    kernel /= kernel.sum()
    height, width = alpha.shape
    rows, columns = -(-height // cell), -(-width // cell)
    margin = reach + 1
    beyond = margin * cell, (columns + margin) * cell - width
    means = np.empty((rows + 2 * margin, columns + 2 * margin), np.float32)
    for row in range(len(means)):
        first = (row - margin) * cell
        strip = alpha[np.clip(np.arange(first, first + cell), 0, height - 1)]
        sums = np.pad(strip.sum(axis=0, dtype=np.uint32), beyond, mode="edge")
        means[row] = sums.reshape(-1, cell).sum(axis=1) / cell**2
    blurred = cv2.sepFilter2D(means, cv2.CV_32F, kernel, kernel)
    return np.asarray(blurred[reach:-reach, reach:-reach], np.float32)


def _between_cells(pixels: slice, cell: int) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
    """For each pixel of a row or column the last of `_blurred_cells` before its centre, and how far it is past it."""
    places = (np.arange(pixels.start, pixels.stop) + 0.5) / cell + 0.5
    before = np.floor(places)
    return before.astype(np.intp), (places - before).astype(np.float32)


def _with_contrast(alpha: Levels, contrast: float) -> Levels:
    if contrast == 0:
        return alpha.copy()
    full = full_scale(alpha)
    table = np.rint(_steepen(np.arange(full + 1.0), contrast, full)).astype(alpha.dtype)
    steep = np.empty_like(alpha)
    for top in range(0, len(alpha), STRIP_ROWS):
        steep[top : top + STRIP_ROWS] = table[alpha[top : top + STRIP_ROWS]]
    return steep


def _steepen(levels: NDArray[Any], contrast: float, full: int) -> NDArray[Any]:
    middle = full / 2
    if contrast == 1:
        return np.where(levels >= middle, full, 0)
    return np.clip((levels - middle) * (1 / (1 - contrast)) + middle, 0, full)


def _shift(alpha: Levels, distance: float) -> Levels:
    full = full_scale(alpha)
    reach = math.ceil(abs(distance))
    shifted = alpha.copy()
    for tile, window in _busy_tiles(alpha, reach):
        if distance > 0:
            shifted[tile] = _dilate(window, distance, reach)
        else:
            shifted[tile] = full - _dilate(full - window, -distance, reach)
    return shifted


def _dilate(window: Levels, radius: float, reach: int) -> Levels:
    """The largest level within `radius` of each pixel of a window, its outermost `reach` pixels left out."""
    # In the square between four centres a bilinear function has no maximum: the largest value in a disc is that of a
    # centre in it or lies on its circle.
    height, width = window.shape[0] - 2 * reach, window.shape[1] - 2 * reach
    largest = np.zeros((height, width), window.dtype)
    row, half = window, 0  # each pixel the largest of `half` pixels to either side
    for down in range(math.floor(radius), -1, -1):
        chord = math.floor(math.sqrt(radius**2 - down**2))
        if chord > half:
            row = cast(Levels, cv2.dilate(row, np.ones((1, 2 * (chord - half) + 1), np.uint8)))
            half = chord
        for top in (reach - down, reach + down):
            np.maximum(largest, row[top : top + height, reach : reach + width], out=largest)
    plane = window.astype(np.float32)
    on_circle = np.zeros((height, width), np.float32)
    angles = np.linspace(0, np.pi, 4 * math.ceil(ON_CIRCLE * math.sqrt(radius)) + 1)
    for down, across in np.round(radius * np.stack([np.cos(angles), np.sin(angles)], axis=1), 9).tolist():
        rows = _lerp(plane, reach + down, height)
        for left in (reach - across, reach + across):
            np.maximum(on_circle, _lerp(rows.T, left, width).T, out=on_circle)
    np.maximum(largest, np.rint(on_circle).astype(window.dtype), out=largest)
    return cast(Levels, largest)


def _lerp(plane: Plane, start: float, count: int) -> Plane:
    """`count` rows of a plane from row `start` on, which may lie between two."""
    row = math.floor(start)
    share = np.float32(start - row)
    rows = plane[row : row + count]
    return rows + share * (plane[row + 1 : row + 1 + count] - rows) if share else rows


def _busy_tiles(alpha: Levels, reach: int, slack: int = 0) -> Iterator[tuple[Tile, Levels]]:
    """The tiles with more than one level within `reach`, each with its window: `reach + slack` more on every side."""
    height, width = alpha.shape
    margin = reach + slack
    for tile in _tiles(alpha.shape, min(max(2 * reach, LEAST_SIDE), MOST_SIDE)):
        rows, columns = (slice(max(0, part.start - margin), part.stop + margin) for part in tile)
        seen: Any = np.ascontiguousarray(alpha[rows, columns])
        if seen.min() == seen.max():
            continue
        above, before = (max(0, margin - part.start) for part in tile)
        below, after = max(0, tile[0].stop + margin - height), max(0, tile[1].stop + margin - width)
        yield tile, cast(Levels, cv2.copyMakeBorder(seen, above, below, before, after, cv2.BORDER_REPLICATE))


def _tiles(shape: tuple[int, ...], side: int) -> Iterator[Tile]:
    height, width = shape
    for top in range(0, height, side):
        for left in range(0, width, side):
            yield slice(top, min(top + side, height)), slice(left, min(left + side, width))
