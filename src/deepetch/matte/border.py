"""The border drawn again by a small network, square by square along it, in a cascade.

Each level has twice the resolution of the one before and draws only a band around the border that it was handed, whose
width is fixed in pixels of the level: the cost grows with the border's length, not with the picture's area. Refining
patches where an error is likely after Lin et al. 2021 (background matting); a cascade of resolutions after Cheng et al.
2020 (CascadePSP).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from deepetch.arrays import Alpha, Levels, Mask, Samples, full_scale
from deepetch.inference.refiner import Refiner
from deepetch.matte.guided_filter import guide_of
from deepetch.matte.upsample import NOISE, require_coarse, without_noise

SQUARE, MARGIN = 64, 8  # pixels of a level; a square's core is what lies inside its margin
CORE = SQUARE - 2 * MARGIN
SEAM = 8  # pixels over which a core gives way to the next, half of them in its margin: each judges a veil alone
AT_ONCE = 64  # squares
FULL = 0.96  # a refiner's alpha above is full, below NOISE it is 0: a network is never quite sure, of fullness least
STEP = 0.04  # a difference of neighbours above which alpha has a border there; ramps less steep stay as they are
FINER_REACH = 2  # half-width of the band of all levels but the first, in pixels of the level before
FALL = 2  # pixels in which a band's weight falls to 0
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
    progress: Progress = lambda done, whole: None,
) -> Levels:
    """Enlarge a coarse alpha to the size of the photo, its border drawn by a refiner.

    samples   (H, W, c) uint8 or uint16, c = 1 grey, 3 RGB, 4 CMYK: the photo's untouched values.
    coarse    (h, w) float32 in [0, 1], covering the same picture.
    band_px   half-width of the first level's band, in pixels of the coarse alpha; it holds all that is soft there.
    progress  called with the hundredths that are done, and 100.
    Returns   (H, W) in the dtype of `samples`. Outside the bands it is the coarse alpha enlarged, its ends clipped as
              `upsample_alpha` clips them: the subject's inside stays full, the clear background 0.
    Raises    InvalidArray as `upsample_alpha`; ModelMismatch as `Refiner.refine`.
    Memory    the result; the picture at half its size and less; a few planes of half the result's size; some squares.
    """
    require_coarse(samples, coarse)
    full = full_scale(samples)
    if samples.size == 0:
        return np.zeros(samples.shape[:2], samples.dtype)
    pictures = pyramid(samples, max(coarse.shape))
    alpha = cast(Levels, np.rint(without_noise(coarse) * np.float32(full)).astype(samples.dtype))
    pixels = 2 ** (len(pictures) - 1)  # of the photo, to one of the first level: its last ones may reach beyond it
    scale = alpha.shape[0] * pixels / samples.shape[0], alpha.shape[1] * pixels / samples.shape[1]
    band = unsure_band(alpha, full, band_px)
    levels = len(pictures)
    for level in range(levels):
        before, alpha = alpha, _enlarged(alpha, scale, pictures[-1].shape[:2])
        crossed = _crossed(band, scale, alpha.shape)
        places = np.argwhere(crossed)
        for start in range(0, len(places), AT_ONCE):
            some = places[start : start + AT_ONCE]
            _draw(alpha, pictures[-1], before, band, scale, some, crossed, refiner, full)
            done = 2**level * (1 + min(1, (start + AT_ONCE) / len(places))) - 1  # each level is as long as all before
            progress(round(100 * done / (2**levels - 1)), 100)
        pictures.pop()
        if pictures:
            band, scale = border_band(alpha, full), (0.5, 0.5)
    return cast(Levels, np.ascontiguousarray(alpha))


def pyramid(samples: Samples, grid: int) -> list[Samples]:
    """A picture, and its halves, from large to small, until the longer side is at most twice `grid` pixels.

    Odd sides are rounded up, the last row or column standing for the missing one.
    """
    pictures = [samples]
    while max(pictures[-1].shape[:2]) > 2 * grid:
        pictures.append(_halved(pictures[-1]))
    return pictures


def unsure_band(alpha: Levels, full: int, reach: float) -> Plane:
    """255 within `reach` pixels of a border of alpha or of anything soft, 0 from FALL pixels farther on."""
    unsure = _steep(alpha, full) | ((alpha > 0) & (alpha < full))
    if not unsure.any():
        return np.zeros(alpha.shape, np.uint8)
    distance = cv2.distanceTransform((~unsure).view(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    return np.asarray(255 * np.clip((reach + FALL - distance) / FALL, 0, 1), np.uint8)


def border_band(alpha: Levels, full: int) -> Plane:
    """255 within FINER_REACH pixels of a border of alpha, 0 from FALL pixels farther on; soft parts have none."""
    band: Any = _steep(alpha, full).astype(np.uint8) * np.uint8(255)
    side = 2 * (FINER_REACH + FALL // 2) + 1
    band = cv2.dilate(band, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side)))
    return cast(Plane, cv2.blur(band, (FALL + 1, FALL + 1)))


def _steep(alpha: Levels, full: int) -> Mask:
    """Where alpha differs from a neighbour's by more than STEP."""
    window = np.ones((3, 3), np.uint8)
    difference: Any = cv2.subtract(cv2.dilate(alpha, window), cv2.erode(alpha, window))
    return cast(Mask, difference > STEP * full)


def _crossed(band: Plane, scale: Scale, shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """Which cores, laid side by side over a level of `shape`, the band runs through."""
    rows, columns = (
        np.minimum(np.arange(0, side, CORE) * per_pixel, grid - 1).astype(np.intp)
        for side, per_pixel, grid in zip(shape, scale, band.shape, strict=True)
    )
    wider: Any = cv2.dilate(band, np.ones((3, 3), np.uint8))  # a core also samples the pixels next to its own
    crossed: Mask = np.maximum.reduceat(np.maximum.reduceat(wider, rows, axis=0), columns, axis=1) > 0
    return crossed


def _draw(
    alpha: Levels,
    picture: Samples,
    before: Levels,
    band: Plane,
    scale: Scale,
    places: NDArray[np.intp],
    crossed: NDArray[np.bool_],
    refiner: Refiner,
    full: int,
) -> None:
    """Draw the cores at `places`, row and column of `crossed`, into `alpha`, as far as the band goes."""
    sides = np.array(alpha.shape)
    starts = np.clip(places * CORE - MARGIN, 0, np.maximum(sides - SQUARE, 0))  # beside the frame it looks inwards
    along = np.arange(SQUARE)
    rows, columns = (np.minimum(starts[:, axis, None] + along, sides[axis] - 1) for axis in (0, 1))
    colours = guide_of(picture[rows[:, :, None], columns[:, None, :]], full)
    if colours.shape[-1] == 1:
        colours = np.repeat(colours, 3, axis=-1)
    square = (SQUARE, SQUARE)
    coarse, weight = (
        np.stack([_sampled(plane, scale, top, left, square) for top, left in starts]).astype(np.float32)
        / np.float32(whole)
        for plane, whole in ((before, full), (band, 255))
    )
    drawn = refiner.refine(colours, coarse)
    drawn[drawn < NOISE] = 0
    drawn[drawn > FULL] = 1
    levels = (coarse + weight * (drawn - coarse)) * np.float32(full)
    for (row, column), (top, left), found, within in zip(places, starts, levels, weight > 0, strict=True):
        down, down_share = _part(row, alpha.shape[0], after=row > 0 and crossed[row - 1, column])
        across, across_share = _part(column, alpha.shape[1], after=column > 0 and crossed[row, column - 1])
        there = alpha[down, across]
        share = down_share[:, None] * across_share
        if down_share[0] < 1 and column + 1 < crossed.shape[1] and crossed[row, column + 1]:
            _leave_room(share, down_share, int(column + 1) * CORE - SEAM // 2 - across.start)
        core = slice(down.start - top, down.stop - top), slice(across.start - left, across.stop - left)
        mixed = np.rint(there + share * (found[core] - there)).astype(alpha.dtype)
        np.copyto(there, mixed, where=within[core])


def _part(place: int, side: int, *, after: bool) -> tuple[slice, NDArray[np.float32]]:
    """What of one side of a level a core is drawn into, and its share of each pixel there.

    It goes half a seam on, for the next to blend into, and where one was drawn before it begins half a seam earlier.
    """
    start = int(place) * CORE - (SEAM // 2 if after else 0)
    part = slice(start, min((int(place) + 1) * CORE + SEAM // 2, side))
    share = np.ones(part.stop - part.start, np.float32)
    if after:
        share[:SEAM] = _ramp(min(SEAM, len(share)))
    return part, share


def _leave_room(share: NDArray[np.float32], down: NDArray[np.float32], start: int) -> None:
    """Where four cores meet, give the third such a share (h, w) that the fourth, with its own, makes them bilinear.

    With d and a, the shares down and across of the fourth, of which it takes d a: the third is to keep d (1 - a).
    down   (h,), d of each row.
    start  the column from which on the fourth is drawn.
    """
    down = down[:, None]
    across = _ramp(share.shape[1] - start)
    share[:, start:] = down * (1 - across) / (1 - down * across)


def _ramp(pixels: int) -> NDArray[np.float32]:
    """The first shares of a core that another gives way to."""
    shares: NDArray[np.float32] = (np.arange(pixels, dtype=np.float32) + 0.5) / np.float32(SEAM)
    return shares


def _enlarged(alpha: Levels, scale: Scale, shape: tuple[int, ...]) -> Levels:
    """An alpha of the level before at the size of this one."""
    if scale == (0.5, 0.5):  # many times as fast
        twice = cv2.resize(alpha, (2 * alpha.shape[1], 2 * alpha.shape[0]), interpolation=cv2.INTER_LINEAR)
        return cast(Levels, twice[: shape[0], : shape[1]])
    return _sampled(alpha, scale, 0, 0, shape)


def _sampled(plane: Levels, scale: Scale, top: int, left: int, shape: tuple[int, ...]) -> Levels:
    """`shape` pixels from row `top` and column `left` on, bilinear, of a plane of the level before."""
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
