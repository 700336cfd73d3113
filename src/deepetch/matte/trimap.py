"""Trimaps: what is surely background, what is surely foreground, and the band in between that a method has to solve.

A trimap comes from an alpha, or from a file of the user's: a trimap, a mask, or strokes.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Literal, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from deepetch.arrays import Alpha, Levels, Mask, full_scale, require_alpha
from deepetch.errors import InvalidArray, InvalidOptions, InvalidTrimap
from deepetch.options import ReadOptions
from deepetch.photo.photo import Photo
from deepetch.photo.read import read_photo
from deepetch.photo.write import to_8_bit

Trimap: TypeAlias = NDArray[np.uint8]  # (h, w), each value BACKGROUND, UNKNOWN or FOREGROUND

BACKGROUND, UNKNOWN, FOREGROUND = 0, 128, 255

NEAR = 0.1  # of full scale: a user's value so near to black or white is black or white
FADED = 0.04  # of full scale: likewise in a mask that was saved with loss, whose soft values must stay
COLOURED = 0.001  # a grey picture may have so many pixels, as a share, whose channels differ by more than NEAR
LOSSY = ("jpeg", "webp", "avif", "heic")

WINDOW = 3  # half-width, in network pixels, of the window in which a border's softness is measured
CLEAR, VAGUE = 0.2, 0.6  # mean of 4 a (1 - a) in it where a border ramps over 2 pixels, and over 6
WIDEST = 3.0  # where the network is least sure the band is so many times as wide
STRIP_ROWS = 512  # rows worked on at a time


def trimap_from_alpha(alpha: Levels, *, band_px: float, uncertainty: Alpha | None = None) -> Trimap:
    """Mark as unknown what is soft, and what lies near the 0.5 contour.

    alpha        (h, w) uint8 or uint16.
    band_px      half-width of the band in pixels of `alpha`, 0 or more; as far as a pixel's distance to the nearest
                 pixel on the other side of 0.5, less half a pixel, is no more than its band, it is unknown.
    uncertainty  (h', w') float32 in [0, 1] of the same picture at any size, as `border_uncertainty` gives it: at
                 each pixel the band is band_px (1 + 2 u), u bilinear between its points. None: 0 everywhere.
    Returns      (h, w) uint8: 0 known background, 128 unknown, 255 known foreground. No contour and nothing soft:
                 nothing unknown. Empty in, empty out.
    Raises       InvalidArray if shapes, dtypes or ranges differ; InvalidOptions for a band below 0.
    Memory       the result and a strip of rows.
    """
    if alpha.ndim != 2:
        raise InvalidArray(f"alpha: expected (h, w); got {alpha.shape}.")
    full = full_scale(alpha)
    if not 0 <= band_px < math.inf:
        raise InvalidOptions(f"band_px: expected 0 or more; got {band_px}.")
    if uncertainty is not None:
        require_alpha(uncertainty, "uncertainty")
        if not uncertainty.size:
            raise InvalidArray(f"uncertainty: expected at least one pixel; got {uncertainty.shape}.")
    trimap = np.full(alpha.shape, UNKNOWN, np.uint8)
    reach = math.ceil(band_px * (1 if uncertainty is None else WIDEST)) + 1
    for top in range(0, len(alpha) if alpha.size else 0, STRIP_ROWS):
        bottom = min(top + STRIP_ROWS, len(alpha))
        above = max(0, top - reach)
        distance = _distance_to_contour(alpha[above : bottom + reach] > full // 2)[top - above : bottom - above]
        near = distance <= _band(band_px, uncertainty, (top, bottom), alpha.shape)
        strip = alpha[top:bottom]
        trimap[top:bottom][(strip == 0) & ~near] = BACKGROUND
        trimap[top:bottom][(strip == full) & ~near] = FOREGROUND
    return trimap


def border_uncertainty(coarse: Alpha) -> Alpha:
    """How unsure a network is of its border: 0 where the border is clear, 1 where it is vague.

    coarse   (h, w) float32 in [0, 1], at the network's size.
    Returns  (h, w) float32 in [0, 1]. The softness at a point is the mean of 4 a (1 - a) in the 7 x 7 pixels around:
             0.2 where the border ramps over two pixels of the network's, 0.6 where it takes six; these become 0
             and 1, what is between them linear, and each point takes the largest value among its 7 x 7 pixels.
             Empty in, empty out.
    Raises   InvalidArray if shape, dtype or range differ.
    """
    require_alpha(coarse, "coarse alpha")
    if coarse.size == 0:
        return coarse.copy()
    side = 2 * WINDOW + 1
    softness = cv2.blur(4 * coarse * (1 - coarse), (side, side), borderType=cv2.BORDER_REFLECT)
    unsure = np.clip((softness - np.float32(CLEAR)) / np.float32(VAGUE - CLEAR), 0, 1)
    return np.asarray(cv2.dilate(unsure, np.ones((side, side), np.uint8)), np.float32)


def read_trimap(path: str | Path, shape: tuple[int, int], options: ReadOptions = ReadOptions()) -> Trimap:
    """Read a trimap of a user's: black background, white foreground, anything between unknown.

    path     a grey picture, or RGB whose channels agree, 8 or 16 bit. Values within a tenth of black or white count
             as such, so JPEG's noise does no harm; so do pixels that the file's own alpha hides, as unknown.
    shape    (h, w) of the photo.
    Returns  (h, w) uint8: 0, 128 or 255. There may be no unknown pixel at all.
    Raises   InvalidTrimap if its size is another, it is a colour picture, or no foreground or no background is known;
             UnreadablePhoto, PhotoTooLarge.
    """
    picture = _read(path, shape, "trimap", options)
    _require_grey(picture, path, "trimap", "A picture with strokes is read as a scribble.")
    trimap = _black_and_white(picture)
    require_known(trimap, f"{path}: the trimap")
    return trimap


def read_scribble(path: str | Path, shape: tuple[int, int], options: ReadOptions = ReadOptions()) -> Trimap:
    """Read strokes of a user's: white ones mean foreground, black ones background, everything else is unknown.

    path     grey or RGB, 8 or 16 bit, with or without alpha: strokes on a transparent layer or on any other colour.
             A stroke is where all channels are within a tenth of white, or of black, and alpha is at least half;
             strokes over a photo that has white or black of its own cannot be told from it.
    shape, Returns, Raises  as for `read_trimap`; colours are no error.
    """
    trimap = _black_and_white(_read(path, shape, "scribble", options))
    require_known(trimap, f"{path}: the scribble")
    return trimap


def read_mask(
    path: str | Path, shape: tuple[int, int], *, bits: Literal[8, 16] = 8, options: ReadOptions = ReadOptions()
) -> Levels:
    """Read a mask or an alpha of a user's.

    path     a picture with transparency, of which the alpha is taken; else grey, or RGB whose channels agree: black
             is background, white foreground. Values are kept as they are; in a file saved with loss those within
             4 % of black or white become black or white.
    shape    (h, w) of the photo.
    bits     of the result; a file of the other depth is converted.
    Returns  (h, w) uint8 or uint16.
    Raises   InvalidTrimap if its size is another, it is an opaque colour picture, or has one value everywhere;
             UnreadablePhoto, PhotoTooLarge.
    """
    picture = _read(path, shape, "mask", options)
    full = full_scale(picture.samples)
    if picture.alpha is not None and (picture.alpha < full).any():
        levels = picture.alpha.copy()
    else:
        _require_grey(picture, path, "mask", "Give a grey picture, or one with transparency.")
        levels = picture.samples[..., picture.samples.shape[2] // 2].copy()
    if picture.format in LOSSY:
        levels[levels <= FADED * full] = 0
        levels[levels >= full - FADED * full] = full
    if levels.size and levels.min() == levels.max():
        raise InvalidTrimap(
            f"{path}: every pixel of the mask has the value {levels.flat[0]} of {full}. "
            "Give a picture that is white where the subject is and black elsewhere."
        )
    if bits == picture.bits:
        return levels
    if bits == 16:
        return levels.astype(np.uint16) * np.uint16(257)  # 65535 = 257 x 255
    eight: Levels = to_8_bit(levels)
    return eight


def require_trimap(trimap: Trimap, shape: tuple[int, int], name: str = "trimap") -> None:
    """Raise InvalidArray unless `trimap` is uint8, of that shape (h, w), and each value 0, 128 or 255."""
    if trimap.shape != shape or trimap.dtype != np.uint8:
        raise InvalidArray(f"{name}: expected uint8 {shape}; got {trimap.dtype} {trimap.shape}.")
    others = (trimap != BACKGROUND) & (trimap != UNKNOWN) & (trimap != FOREGROUND)
    if others.any():
        raise InvalidArray(f"{name}: expected values 0, 128 and 255 only; got {int(trimap[others].min())}.")


def require_known(trimap: Trimap, name: str = "the trimap") -> None:
    """Raise InvalidTrimap unless some foreground and some background is known; an empty trimap passes.

    name  what the trimap is called in the error, a path first if it was a file.
    """
    if trimap.size == 0:
        return
    foreground, background = (trimap == FOREGROUND).any(), (trimap == BACKGROUND).any()
    advice = "Mark white what surely is the subject, black what surely is not."
    if not foreground and not background:
        raise InvalidTrimap(f"{name} leaves every pixel unknown. {advice}")
    only = {FOREGROUND: "foreground (white)", BACKGROUND: "background (black)"}.get(int(trimap.flat[0]))
    if only and (trimap == trimap.flat[0]).all():
        raise InvalidTrimap(f"{name} is {only} everywhere. {advice}")
    if not foreground:
        raise InvalidTrimap(f"{name} knows no foreground. Mark white what surely is the subject.")
    if not background:
        raise InvalidTrimap(f"{name} knows no background. Mark black what surely is not the subject.")


def _distance_to_contour(inside: Mask) -> NDArray[np.float32]:
    """Distance in pixels to where `inside` changes; beyond the picture's sides if it never does."""
    # between two pixels the contour is taken to run midway
    planes = [
        cv2.distanceTransform(side.view(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE) for side in (inside, ~inside)
    ]
    distance: NDArray[np.float32] = planes[0] + planes[1] - np.float32(0.5)
    return distance


def _band(
    band_px: float, uncertainty: Alpha | None, rows: tuple[int, int], shape: tuple[int, ...]
) -> NDArray[np.float32]:
    """The band at each pixel of some rows of a picture of `shape`; of one value, or (rows, w)."""
    if uncertainty is None:
        return np.full((1, 1), band_px, np.float32)
    height, width = shape
    wide = cv2.resize(uncertainty, (width, len(uncertainty)), interpolation=cv2.INTER_LINEAR)
    at = np.clip((np.arange(*rows) + 0.5) * (len(wide) / height) - 0.5, 0, len(wide) - 1)
    above = np.floor(at).astype(np.intp)
    below = np.minimum(above + 1, len(wide) - 1)
    down = (at - above).astype(np.float32)[:, None]
    unsure = wide[above] * (1 - down) + wide[below] * down
    band: NDArray[np.float32] = np.float32(band_px) * (1 + np.float32(WIDEST - 1) * unsure)
    return band


def _read(path: str | Path, shape: tuple[int, int], kind: str, options: ReadOptions) -> Photo:
    """A picture of the photo's size in grey or RGB."""
    picture = read_photo(path, options)
    if (picture.height, picture.width) != tuple(shape):
        turned = (picture.width, picture.height) == tuple(shape)
        advice = "It lies on its side: export it upright." if turned else "Give one of the photo's size."
        raise InvalidTrimap(
            f"{path}: the {kind} is {picture.width} x {picture.height} pixels, the photo, upright, "
            f"{shape[1]} x {shape[0]}. {advice}"
        )
    if picture.space == "cmyk":
        raise InvalidTrimap(f"{path}: the {kind} is a CMYK picture. Save it as grey or RGB.")
    return picture


def _require_grey(picture: Photo, path: str | Path, kind: str, advice: str) -> None:
    if picture.space == "grey":
        return
    samples = picture.samples
    coloured = _highest(samples) - _lowest(samples) > NEAR * full_scale(samples)
    if np.count_nonzero(coloured) > COLOURED * coloured.size:
        raise InvalidTrimap(f"{path}: the {kind} is a colour picture. {advice}")


def _black_and_white(picture: Photo) -> Trimap:
    """White pixels are known foreground, black ones known background, transparent and all others unknown."""
    samples, full = picture.samples, full_scale(picture.samples)
    trimap = np.full(samples.shape[:2], UNKNOWN, np.uint8)
    trimap[_lowest(samples) >= full - NEAR * full] = FOREGROUND
    trimap[_highest(samples) <= NEAR * full] = BACKGROUND
    if picture.alpha is not None:
        trimap[picture.alpha <= full // 2] = UNKNOWN
    return trimap


def _lowest(samples: Levels) -> Levels:
    # over planes: numpy's own reduction over a short last axis takes many times as long
    lowest = samples[..., 0].copy()
    for channel in range(1, samples.shape[2]):
        np.minimum(lowest, samples[..., channel], out=lowest)
    return lowest


def _highest(samples: Levels) -> Levels:
    highest = samples[..., 0].copy()
    for channel in range(1, samples.shape[2]):
        np.maximum(highest, samples[..., channel], out=highest)
    return highest
