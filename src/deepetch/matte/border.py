"""The border drawn again by a small network, square by square along it, in a cascade.

Each level has twice the resolution of the one before and draws only a band around the border that it was handed, whose
width is fixed in pixels of the level: the cost grows with the border's length, not with the picture's area. Refining
patches where an error is likely after Lin et al. 2021 (background matting); a cascade of resolutions after Cheng et al.
2020 (CascadePSP).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from deepetch.arrays import Alpha, Levels, Samples, full_scale
from deepetch.inference.refiner import Refiner
from deepetch.matte.guided_filter import guide_of
from deepetch.matte.upsample import require_coarse, without_noise

SQUARE, MARGIN = 64, 8  # pixels of a level; what is drawn of a square is what lies inside its margin
CORE = SQUARE - 2 * MARGIN
AT_ONCE = 64  # squares
STEP = 0.04  # a difference of neighbours above which alpha has a border there; ramps less steep stay as they are
FINER_REACH = 2  # half-width of the band of all levels but the first, in pixels of the level before
HALVED_ROWS = 256  # rows of a picture halved at a time

Plane: TypeAlias = NDArray[np.uint8]
Scale: TypeAlias = tuple[float, float]  # pixels of the level before, down and across, to one of this level
Progress = Callable[[int, int], None]


def refine_border(
    samples: Samples,
    coarse: Alpha,
    refiner: Refiner,
    *,
    band_px: float = 2,
    progress: Progress = lambda done, levels: None,
) -> Levels:
    """Enlarge a coarse alpha to the size of the photo, its border drawn by a refiner.

    samples   (H, W, c) uint8 or uint16, c = 1 grey, 3 RGB, 4 CMYK: the photo's untouched values.
    coarse    (h, w) float32 in [0, 1], covering the same picture.
    band_px   half-width of the first level's band, in pixels of the coarse alpha; it holds all that is soft there.
    progress  called with how many levels are done, and how many there are.
    Returns   (H, W) in the dtype of `samples`. Outside the bands it is the coarse alpha enlarged, its ends clipped as
              `upsample_alpha` clips them: the subject's inside stays full, the clear background 0.
    Raises    InvalidArray as `upsample_alpha`; ModelMismatch as `Refiner.refine`.
    Memory    the result, the picture at half its size and less, and one batch of squares.
    """
    require_coarse(samples, coarse)
    full = full_scale(samples)
    if samples.size == 0:
        return np.zeros(samples.shape[:2], samples.dtype)
    before = cast(Levels, np.rint(without_noise(coarse) * np.float32(full)).astype(samples.dtype))
    pictures = pyramid(samples, max(coarse.shape))
    for level, picture in enumerate(reversed(pictures)):
        if level == 0:
            band = border_band(before, full, reach=band_px, soft=True)
            pixels = 2 ** (len(pictures) - 1)  # of the photo, to one of this level: its last ones may reach beyond it
            scale = before.shape[0] * pixels / samples.shape[0], before.shape[1] * pixels / samples.shape[1]
        else:
            band = border_band(before, full, reach=FINER_REACH, soft=False)
            scale = 0.5, 0.5
        alpha = _enlarged(before, scale, picture.shape[:2])
        for places in _batches(_squares(band, scale, alpha.shape)):
            _draw(alpha, picture, before, band, scale, places, refiner, full)
        before = alpha
        progress(level + 1, len(pictures))
    return before


def pyramid(samples: Samples, grid: int) -> list[Samples]:
    """A picture, and its halves, from large to small, until the longer side is at most twice `grid` pixels.

    Odd sides are rounded up, the last row or column standing for the missing one.
    """
    pictures = [samples]
    while max(pictures[-1].shape[:2]) > 2 * grid:
        pictures.append(_halved(pictures[-1]))
    return pictures


def border_band(alpha: Levels, full: int, *, reach: float, soft: bool) -> Plane:
    """255 within about `reach` pixels of where alpha differs from a neighbour's, 0 two pixels farther on.

    soft  also around all values between 0 and full, however flat alpha is there.
    """
    window = np.ones((3, 3), np.uint8)
    steep = cv2.subtract(cv2.dilate(alpha, window), cv2.erode(alpha, window)) > STEP * full
    if soft:
        steep |= (alpha > 0) & (alpha < full)
    band: Any = steep.astype(np.uint8) * np.uint8(255)
    if not steep.any():
        return cast(Plane, band)
    side = 2 * math.ceil(reach) + 1
    band = cv2.dilate(band, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side)))
    return cast(Plane, cv2.blur(band, (3, 3)))


def _squares(band: Plane, scale: Scale, shape: tuple[int, ...]) -> NDArray[np.intp]:
    """Tops and lefts (n, 2) of the cores, laid side by side over a level of `shape`, that the band runs through."""
    rows, columns = (
        np.minimum(np.arange(0, side, CORE) * per_pixel, grid - 1).astype(np.intp)
        for side, per_pixel, grid in zip(shape, scale, band.shape, strict=True)
    )
    crossed = np.maximum.reduceat(np.maximum.reduceat(band, rows, axis=0), columns, axis=1) > 0
    return np.argwhere(crossed) * CORE


def _batches(places: NDArray[np.intp]) -> Iterator[NDArray[np.intp]]:
    for start in range(0, len(places), AT_ONCE):
        yield places[start : start + AT_ONCE]


def _draw(
    alpha: Levels,
    picture: Samples,
    before: Levels,
    band: Plane,
    scale: Scale,
    places: NDArray[np.intp],
    refiner: Refiner,
    full: int,
) -> None:
    """Draw the cores at `places` into `alpha`, as far as the band goes."""
    along = np.arange(-MARGIN, CORE + MARGIN)
    rows = (places[:, :1] + along).clip(0, picture.shape[0] - 1)
    columns = (places[:, 1:] + along).clip(0, picture.shape[1] - 1)
    colours = guide_of(picture[rows[:, :, None], columns[:, None, :]], full)
    if colours.shape[-1] == 1:
        colours = np.repeat(colours, 3, axis=-1)
    coarse = np.stack([_window(before, place, scale) for place in places]) * np.float32(1 / full)
    weight = np.stack([_window(band, place, scale) for place in places]) * np.float32(1 / 255)
    drawn = without_noise(refiner.refine(colours, coarse))
    mixed = coarse + weight * (drawn - coarse)
    inner = slice(MARGIN, MARGIN + CORE)
    levels = np.rint(mixed[:, inner, inner] * np.float32(full)).astype(alpha.dtype)
    for (top, left), square, within in zip(places, levels, weight[:, inner, inner] > 0, strict=True):
        there = alpha[top : top + CORE, left : left + CORE]
        height, width = there.shape
        np.copyto(there, square[:height, :width], where=within[:height, :width])


def _window(plane: Levels, place: NDArray[np.intp], scale: Scale) -> NDArray[np.float32]:
    """The square around a core, (SQUARE, SQUARE), of a plane of the level before, enlarged."""
    top, left = place - MARGIN
    return np.asarray(_sampled(plane, scale, int(top), int(left), (SQUARE, SQUARE)), np.float32)


def _enlarged(alpha: Levels, scale: Scale, shape: tuple[int, ...]) -> Levels:
    """An alpha of the level before at the size of this one."""
    if scale == (0.5, 0.5):  # many times as fast
        twice = cv2.resize(alpha, (2 * alpha.shape[1], 2 * alpha.shape[0]), interpolation=cv2.INTER_LINEAR)
        return cast(Levels, twice[: shape[0], : shape[1]])
    return _sampled(alpha, scale, 0, 0, shape)


def _sampled(plane: Levels, scale: Scale, top: int, left: int, shape: tuple[int, ...]) -> Levels:
    """`shape` pixels from row `top` and column `left` on, bilinear."""
    down, across = scale
    # from a pixel of the level to the plane, both counted from the middles of pixels
    matrix = np.array([[across, 0, (left + 0.5) * across - 0.5], [0, down, (top + 0.5) * down - 0.5]])
    flags, outside = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, cv2.BORDER_REPLICATE
    return cast(Levels, cv2.warpAffine(plane, matrix, (shape[1], shape[0]), flags=flags, borderMode=outside))


def _halved(samples: Samples) -> Samples:
    height, width, channels = samples.shape
    half: Any = np.empty((-(-height // 2), -(-width // 2), channels), samples.dtype)
    for top in range(0, len(half), HALVED_ROWS):
        part: Any = samples[2 * top : 2 * (top + HALVED_ROWS)]
        missing = part.shape[0] % 2, width % 2
        if any(missing):
            part = cv2.copyMakeBorder(part, 0, missing[0], 0, missing[1], cv2.BORDER_REPLICATE)
        size = part.shape[1] // 2, part.shape[0] // 2
        half[top : top + HALVED_ROWS] = cv2.resize(part, size, interpolation=cv2.INTER_AREA).reshape(
            *size[::-1], channels
        )
    return cast(Samples, half)
