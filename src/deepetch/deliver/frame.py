"""Where the subject lies in the delivered picture: the geometry first, then samples, alpha and border moved by it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias, cast

import numpy as np
from numpy.typing import NDArray

from deepetch.arrays import Levels, Samples, full_scale
from deepetch.errors import InvalidArray, InvalidOptions, NoSubject
from deepetch.matte.matte import BorderColours, Matte
from deepetch.options import FrameOptions, ReadOptions
from deepetch.photo.photo import Photo

ROUNDING = 1e-6  # of a pixel: what floating point may add to a whole number
STRIP_ROWS, STRIP_COLUMNS = 64, 64  # of the result, worked out at a time

Planes: TypeAlias = NDArray[np.float32]  # (planes, h, w)


@dataclass(frozen=True)
class Box:
    """Rows top to bottom and columns left to right, the last ones not in it; pixels are squares, 0 is a corner."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def height(self) -> float:
        return self.bottom - self.top


@dataclass(frozen=True, kw_only=True)
class Frame:
    """A canvas of `width` x `height` pixels: the picture's point (x, y) lies at (left + scale x, top + scale y) on it.

    `left` and `top` may be negative, and are whole numbers where `scale` is 1.
    box   the subject's, on the canvas.
    fill  the share of the canvas that it spans, whichever of width and height is filled more.
    """

    scale: float
    left: float
    top: float
    width: int
    height: int
    box: Box

    @property
    def fill(self) -> float:
        return max(self.box.width / self.width, self.box.height / self.height)


def subject_box(alpha: Levels, threshold: float = FrameOptions.threshold) -> Box:
    """The smallest box around all pixels of an alpha (h, w) that are `threshold` of full or more.

    Specks count: they were cleaned away when the alpha was made (`matte.clean`).
    Raises  NoSubject if there is no such pixel; InvalidArray for another shape or dtype.
    """
    if alpha.ndim != 2:
        raise InvalidArray(f"alpha: expected uint8 or uint16 (h, w); got {alpha.dtype} {alpha.shape}.")
    least = threshold * full_scale(alpha)
    rows = np.flatnonzero(alpha.max(axis=1, initial=0) >= least)
    columns = np.flatnonzero(alpha.max(axis=0, initial=0) >= least)
    if not rows.size:
        raise NoSubject(f"no subject to frame: alpha is below {threshold:.0%} everywhere. Ask for a lower threshold.")
    return Box(int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)


def frame_subject(box: Box, width: int, height: int, options: FrameOptions) -> Frame:
    """Lay the subject in `box` of a picture of `width` x `height` pixels on a canvas as the options say.

    Without a size asked the scale is 1, if `min_side` and `max_side` let it; the canvas is then what `fill`, `margin`
    and `aspect` make of the box, rounded down but never into the margin. A scale that would change no side by half a
    pixel is 1 too.
    Raises  InvalidOptions if the subject would be enlarged more than `max_upscale`, does not fit above the base line,
            or the canvas would be larger than a photo may be.
    """
    return frame_set([box], [(width, height)], options)[0]


def frame_set(boxes: Sequence[Box], sizes: Sequence[tuple[int, int]], options: FrameOptions) -> list[Frame]:
    """Frame several views of a product with one scale and one canvas: the largest of them fills it as asked.

    boxes, sizes  the subject's box, and width and height of the picture, for each view.
    The canvas and the scale are those of a subject as wide as the widest and as high as the highest view.
    Raises        InvalidOptions as `frame_subject`; no view at all gives no frame.
    """
    if not boxes:
        return []
    whole = options.fill is None and options.margin is None
    targets = [Box(0, 0, *size) for size in sizes] if whole else list(boxes)
    wide, high = max(target.width for target in targets), max(target.height for target in targets)
    scale, width, height = _scale_and_canvas(wide, high, options)
    what = f"{'largest ' if len(boxes) > 1 else ''}{'picture' if whole else 'subject'}"
    _require_reasonable(what, wide, high, scale, width, height, options)
    if abs(scale - 1) * max(wide, high) < 0.5:
        scale = 1.0
    frames = []
    for box, target in zip(boxes, targets, strict=True):
        left = width / 2 - scale * (target.left + target.right) / 2
        top = height / 2 - scale * (target.top + target.bottom) / 2
        if options.align == "base-line":
            top = _base_line(height, options) - scale * target.bottom
        if scale == 1:
            left, top = math.floor(left + ROUNDING), math.floor(top + ROUNDING)
        framed = Box(left + scale * box.left, top + scale * box.top, left + scale * box.right, top + scale * box.bottom)
        frames.append(Frame(scale=scale, left=left, top=top, width=width, height=height, box=framed))
    return frames


def apply_frame(photo: Photo, matte: Matte, frame: Frame) -> tuple[Photo, Matte]:
    """The photo and its matte on the frame's canvas, to be laid over any background from there.

    With a scale of 1 every sample, alpha and border colour that lies on the canvas is kept bit for bit. Otherwise all
    are resampled once, in the encoded values of the photo's own space and depth, by Keys' cubic convolution widened
    to the pixels of the result (Keys 1981, a = -1/2; negative lobes only next to the middle, so that clipping leaves
    no ghost beside a hard edge, as Lanczos' further lobes would). Colours of the subject are weighted by alpha
    (Porter, Duff 1984), with its own colours at the border, so that no hidden colour is mixed into them.
    Beyond the picture the canvas has paper white (CMYK: no ink), alpha 0, and the photo's own alpha 0, so that it
    counts as no backdrop. Metadata stay.
    Returns  photo and matte themselves if the frame changes nothing.
    Raises   InvalidArray if photo and matte differ in size or depth.
    Memory   beside the result, a strip of the photo as float32.
    """
    if matte.alpha.shape != photo.samples.shape[:2] or matte.alpha.dtype != photo.samples.dtype:
        raise InvalidArray(
            f"photo and matte: expected one size and depth; got {photo.samples.dtype} {photo.samples.shape} "
            f"and {matte.alpha.dtype} {matte.alpha.shape}."
        )
    if frame.scale == 1:
        if (frame.left, frame.top, frame.width, frame.height) == (0, 0, photo.width, photo.height):
            return photo, matte
        return _shifted(photo, matte, frame)
    return _resampled(photo, matte, frame)


def _scale_and_canvas(wide: float, high: float, options: FrameOptions) -> tuple[float, int, int]:
    """The scale of something `wide` x `high` pixels, and the width and height of its canvas."""
    fill, margin = options.fill or 1.0, options.margin or 0

    def scale_for(side: int, length: float) -> float:
        return (side - 2 * margin) * fill / length

    def side_for(length: float, scale: float) -> int:
        inner = math.ceil(length * scale - ROUNDING)
        return max(inner, math.floor(length * scale / fill + ROUNDING)) + 2 * margin

    width, height = options.width, options.height
    if width is None and height is None:
        width, height = side_for(wide, 1), side_for(high, 1)
        if options.aspect is not None:
            width, height = (
                max(width, math.floor(height * options.aspect + ROUNDING)),
                max(height, math.floor(width / options.aspect + ROUNDING)),
            )
        longer = max(width, height)
        limited = max(longer, options.min_side or longer)
        limited = min(limited, options.max_side or limited)
        if limited == longer:
            return 1.0, width, height
        upright = height > width
        width, height = (None, limited) if upright else (limited, None)
    if options.aspect is not None:
        if width is None:
            width = max(1, round(cast(int, height) * options.aspect))
        if height is None:
            height = max(1, round(width / options.aspect))
    if width is None:
        scale = scale_for(cast(int, height), high)
        return scale, side_for(wide, scale), cast(int, height)
    if height is None:
        scale = scale_for(width, wide)
        return scale, width, side_for(high, scale)
    scale = min(scale_for(width, wide), scale_for(height, high))
    if options.base_line is not None and options.margin is not None:
        scale = min(scale, (_base_line(height, options) - margin) / high)
    return scale, width, height


def _base_line(height: int, options: FrameOptions) -> float:
    if options.base_line is not None:
        return options.base_line * height
    return height - (options.margin or 0) if options.fill is None else height * (1 + options.fill) / 2


def _require_reasonable(
    what: str, wide: float, high: float, scale: float, width: int, height: int, options: FrameOptions
) -> None:
    if scale <= 0:
        raise InvalidOptions(f"frame: no room is left for the {what} on {width} x {height}. Ask for a smaller margin.")
    if scale > options.max_upscale * (1 + ROUNDING):
        asked = f"{width} x {height}" if options.fill is None else f"{options.fill:.0%} of {width} x {height}"
        raise InvalidOptions(
            f"frame: the {what} has {wide:.0f} x {high:.0f} pixels and needs {wide * scale:.0f} x {high * scale:.0f} "
            f"for {asked}: {scale:.2f} times as many a side, the limit is {options.max_upscale:g}. "
            "Ask for a smaller picture, or give a larger photo."
        )
    if max(width, height) > ReadOptions.max_side or width * height > ReadOptions.max_pixels:
        raise InvalidOptions(f"frame: a canvas of {width} x {height} is too large. Ask for a larger fill.")
    if options.align == "base-line":
        line = _base_line(height, options)
        below = height - line
        if scale * high > line + 0.5 or (options.margin is not None and below < options.margin - 0.5):
            raise InvalidOptions(
                f"base_line: {line:.0f} of {height} pixels down there is no room for the {what}'s {scale * high:.0f} "
                "and what fill or margin ask for. Choose another line."
            )


def _on_canvas(offset: float, scale: float, length: int, canvas: int) -> slice:
    """The canvas's pixels whose centres lie on a picture of `length` pixels."""
    first = max(0, math.ceil(offset - 0.5 - ROUNDING))
    last = min(canvas, math.ceil(offset + scale * length - 0.5 - ROUNDING))
    return slice(first, max(first, last))


def _empty(photo: Photo, frame: Frame, rows: slice, columns: slice) -> tuple[Samples, Levels, Levels | None]:
    """White samples, alpha 0, and alpha 0 for the photo's own, if it has one or the canvas is larger than it."""
    dtype, size = photo.samples.dtype, (frame.height, frame.width)
    white = 0 if photo.space == "cmyk" else full_scale(photo.samples)
    samples = np.full((*size, photo.samples.shape[2]), white, dtype)
    inside = (rows.stop - rows.start, columns.stop - columns.start) == size
    own = None if photo.alpha is None and inside else np.zeros(size, dtype)
    return cast(Samples, samples), cast(Levels, np.zeros(size, dtype)), cast(Levels | None, own)


def _shifted(photo: Photo, matte: Matte, frame: Frame) -> tuple[Photo, Matte]:
    left, top = round(frame.left), round(frame.top)
    rows = _on_canvas(top, 1, photo.height, frame.height)
    columns = _on_canvas(left, 1, photo.width, frame.width)
    samples, alpha, own = _empty(photo, frame, rows, columns)
    seen = slice(rows.start - top, rows.stop - top), slice(columns.start - left, columns.stop - left)
    samples[rows, columns] = photo.samples[seen]
    alpha[rows, columns] = matte.alpha[seen]
    if own is not None:
        own[rows, columns] = full_scale(own) if photo.alpha is None else photo.alpha[seen]
    row, column = np.divmod(matte.border.index, photo.width)
    row, column = row + top, column + left
    kept = (row >= 0) & (row < frame.height) & (column >= 0) & (column < frame.width)
    index = (row * frame.width + column)[kept]
    border = BorderColours(index, matte.border.colours[kept])
    return replace(photo, samples=samples, alpha=own), Matte(alpha, border)


def _resampled(photo: Photo, matte: Matte, frame: Frame) -> tuple[Photo, Matte]:
    rows = _on_canvas(frame.top, frame.scale, photo.height, frame.height)
    columns = _on_canvas(frame.left, frame.scale, photo.width, frame.width)
    samples, alpha, own = _empty(photo, frame, rows, columns)
    channels, full = samples.shape[2], full_scale(samples)
    indices: list[NDArray[np.int64]] = [np.zeros(0, np.int64)]
    colours: list[Samples] = [matte.border.colours[:0]]
    for start in range(rows.start, rows.stop, STRIP_ROWS):
        strip = slice(start, min(start + STRIP_ROWS, rows.stop))
        taps, weights = _weights(strip, frame.top, frame.scale, photo.height)
        planes = _across(weights @ _planes(photo, matte, taps), columns, frame, photo.width)
        seen, weighted, share = planes[:channels], planes[channels : 2 * channels], planes[2 * channels]
        opacity = np.rint(np.clip(share, 0, 1) * full).astype(samples.dtype)
        # the mean colour of what is opaque under a pixel: the alpha-weighted sum over the sum of the weights
        own_colour = weighted / np.where(opacity > 0, share, 1)
        shown = np.where(opacity == full, own_colour, seen)
        samples[strip, columns] = _rounded(shown, full, samples.dtype)
        alpha[strip, columns] = opacity
        if own is not None:
            own[strip, columns] = _rounded(planes[2 * channels + 1 :], full, samples.dtype, full)[..., 0]
        row, column = np.nonzero((opacity > 0) & (opacity < full))
        indices.append((row + strip.start) * frame.width + column + columns.start)
        colours.append(cast(Samples, _rounded(own_colour, full, samples.dtype)[row, column]))
    border = BorderColours(np.concatenate(indices), cast(Samples, np.concatenate(cast(Any, colours))))
    return replace(photo, samples=samples, alpha=own), Matte(alpha, border)


def _rounded(planes: NDArray[Any], full: int, dtype: Any, factor: float = 1) -> Any:
    """Planes (k, h, w) of float to (h, w, k) of `dtype`."""
    return np.moveaxis(np.rint(np.clip(planes * np.float32(factor), 0, full)).astype(dtype), 0, -1)


def _planes(photo: Photo, matte: Matte, rows: slice) -> Planes:
    """What is resampled: the photo's channels; the subject's, times alpha; alpha; and the photo's own, in [0, 1]."""
    full = np.float32(full_scale(photo.samples))
    seen = photo.samples[rows]
    subject = seen.astype(np.float32)
    within = slice(*np.searchsorted(matte.border.index, (rows.start * photo.width, rows.stop * photo.width)))
    pixels = subject.reshape(-1, subject.shape[2])
    pixels[matte.border.index[within] - rows.start * photo.width] = matte.border.colours[within]
    share = matte.alpha[rows].astype(np.float32) / full
    subject *= share[..., None]
    own = np.ones_like(share) if photo.alpha is None else photo.alpha[rows].astype(np.float32) / full
    stacked = np.concatenate([seen, subject, share[..., None], own[..., None]], axis=2, dtype=np.float32)
    return np.ascontiguousarray(np.moveaxis(stacked, -1, 0))


def _across(planes: Planes, columns: slice, frame: Frame, width: int) -> Planes:
    result = np.empty((*planes.shape[:2], columns.stop - columns.start), np.float32)
    for start in range(columns.start, columns.stop, STRIP_COLUMNS):
        strip = slice(start, min(start + STRIP_COLUMNS, columns.stop))
        taps, weights = _weights(strip, frame.left, frame.scale, width)
        result[..., strip.start - columns.start : strip.stop - columns.start] = planes[..., taps] @ weights.T
    return result


def _weights(pixels: slice, offset: float, scale: float, length: int) -> tuple[slice, Planes]:
    """The picture's pixels that the canvas's `pixels` are made of, and the share of each: (pixels, taps)."""
    centres = (np.arange(pixels.start, pixels.stop) + 0.5 - offset) / scale - 0.5
    stretch = max(1.0, 1 / scale)
    first = max(0, math.ceil(centres[0] - 2 * stretch))
    last = min(length, math.floor(centres[-1] + 2 * stretch) + 1)
    distance = np.abs(np.arange(first, last) - centres[:, None]) / stretch
    # Keys 1981, eq. 15
    near = (1.5 * distance - 2.5) * distance**2 + 1
    far = ((-0.5 * distance + 2.5) * distance - 4) * distance + 2
    weights = np.where(distance < 1, near, np.where(distance < 2, far, 0))
    weights /= weights.sum(axis=1, keepdims=True)  # beyond its frame the picture says nothing
    return slice(first, last), weights.astype(np.float32)
