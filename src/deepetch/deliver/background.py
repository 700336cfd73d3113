"""The subject over nothing, a colour, another picture, or a continuation of its own backdrop.

Everything is worked out in the encoded values of the photo's own space, as retouching programs do. Fully opaque
pixels are the source's, bit for bit; the only new array of the photo's size is the result.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast

import cv2
import numpy as np
import pyvips
from numpy.typing import NDArray

from deepetch.arrays import Levels, Samples, full_scale
from deepetch.deliver.shadow_layer import ShadowLayer, lay_beneath, lay_shadow
from deepetch.errors import InvalidArray, InvalidOptions
from deepetch.matte.matte import Matte
from deepetch.photo.photo import CHANNELS, Photo
from deepetch.photo.read import read_photo
from deepetch.photo.view import needs_conversion, to_srgb, vips_image
from deepetch.photo.write import to_8_bit

Colour = tuple[int, int, int]  # sRGB, 0 to 255

WHITE: Colour = (255, 255, 255)
STRIP_ROWS = 64
GRADIENT_ROWS = 16  # float rows painted at a time: they stay in the processor's cache
CHUNK = 1 << 18  # border pixels mixed at a time

SURVEY_SIDE = 384  # blend: longer side of the reduced photo in which the backdrop is looked at
GRID_SIDE = 96  # blend: longer side of the grid that the gradient is made of
MARGIN = 0.025  # blend: pixels so near to the subject, as a share of the longer side, do not count as backdrop
SPREADS = (0.5, 0.2, 0.08)  # blend: widths of the averages, widest first, as shares of the longer side
LEAST_BACKDROP = 0.05  # blend: an average over less backdrop than this share of its window leans on the wider one


@dataclass(frozen=True, kw_only=True)
class Background:
    """What lies behind the subject: nothing, an sRGB colour, the picture at `path`, or the photo's own backdrop."""

    kind: Literal["transparent", "colour", "picture", "blend"]
    colour: Colour = WHITE
    path: Path | None = None


def parse_background(text: str) -> Background:
    """Read "transparent", "white", "#rrggbb", "blend", or the path of an existing picture.

    The words come first: a file called "white" is "./white".
    Raises  InvalidOptions if it is none of these.
    """
    if text in ("transparent", "blend"):
        return Background(kind="transparent" if text == "transparent" else "blend")
    if text == "white":
        return Background(kind="colour")
    if re.fullmatch(r"#[0-9a-fA-F]{6}", text):
        red, green, blue = bytes.fromhex(text[1:])
        return Background(kind="colour", colour=(red, green, blue))
    try:
        is_file = bool(text) and Path(text).is_file()
    except (OSError, ValueError):  # a name too long, or with a zero byte, is no file
        is_file = False
    if is_file:
        return Background(kind="picture", path=Path(text))
    raise InvalidOptions(
        f"background: expected transparent, white, '#rrggbb', blend or the path of a picture; got {text!r}."
    )


def composite(
    photo: Photo,
    matte: Matte,
    background: Background,
    *,
    picture: Photo | None = None,
    shadow: ShadowLayer | None = None,
) -> tuple[Samples, Levels | None]:
    """Lay the subject over `background`.

    picture  the background picture if it has been read already (one for many photos); else its path is read.
    shadow   between the two; with nothing behind it is in samples and alpha, as of `lay_beneath`.
    Returns  samples like the photo's, and alpha (h, w) if transparent, else None.
    Raises   InvalidArray if photo and matte differ in size or depth; InvalidOptions if the photo's space cannot show
             the background; a PhotoError if the picture cannot be read.
    """
    if background.kind == "transparent":
        samples, alpha = cut_transparent(photo, matte)
        return (samples, alpha) if shadow is None else lay_beneath(samples, alpha, shadow)
    canvas = paint_background(photo, matte, background, picture=picture)
    if shadow is not None:
        lay_shadow(canvas, photo.space, shadow)
    return lay_subject(photo, matte, canvas), None


def paint_background(photo: Photo, matte: Matte, background: Background, *, picture: Photo | None = None) -> Samples:
    """A background that is not transparent, alone: samples like the photo's. Arguments and errors as of `composite`."""
    if background.kind == "colour":
        return _filled(photo, encode_colour(background.colour, photo))
    if background.kind == "blend":
        return _continued(photo, matte)
    if picture is None:
        if background.path is None:
            raise InvalidOptions("background: a picture needs a path or the picture itself.")
        picture = read_photo(background.path)
    return _covered(photo, picture)


def cut_transparent(photo: Photo, matte: Matte) -> tuple[Samples, Levels]:
    """Straight samples and their alpha: the border in the subject's own colours, everything hidden made white.

    Hidden pixels are one colour, so that no trace of the old background is left in the file and it packs small; white
    (CMYK: no ink), so that a program that drops or misreads alpha shows a pack shot on white, not on black.
    """
    canvas = _filled(photo, encode_colour(WHITE, photo))
    _copy_opaque(photo, matte, canvas)
    canvas.reshape(-1, canvas.shape[2])[matte.border.index] = matte.border.colours
    return canvas, matte.alpha


def lay_over_colour(photo: Photo, matte: Matte, colour: Colour) -> Samples:
    """The subject over one sRGB colour, converted to the photo's space; white is exactly paper white.

    Raises  InvalidOptions if the photo is grey and the colour is not.
    """
    return lay_subject(photo, matte, _filled(photo, encode_colour(colour, photo)))


def lay_over_picture(photo: Photo, matte: Matte, picture: Photo) -> Samples:
    """The subject over `picture`, scaled to cover the photo, its middle kept, in the photo's space and depth.

    A picture of the photo's own space and profile keeps its values; others go through sRGB, so that colours beyond it
    are clipped.
    Raises  InvalidOptions if the picture has transparent parts.
    """
    return lay_subject(photo, matte, _covered(photo, picture))


def lay_over_backdrop(photo: Photo, matte: Matte) -> Samples:
    """The subject over a soft gradient that continues the photo's own backdrop, also where the subject hid it.

    The gradient is the plane that fits the pixels where alpha is 0 (a margin around the subject left out, and what the
    photo's own alpha hides) best, and wide averages of what they deviate from it; its finest features are about 8 % of
    the longer side. 8-bit photos are dithered with half a level of fixed noise, against bands. A photo that the
    subject fills comes back as it is; one whose own alpha hides all the rest gets a gradient of its hidden colours.
    """
    return lay_subject(photo, matte, _continued(photo, matte))


def encode_colour(colour: Colour, photo: Photo) -> Samples:
    """An sRGB colour in the space and depth of `photo`: (c,).

    White is all channels full (CMYK: no ink), whatever the profile says. Other colours go through the photo's profile,
    relative colorimetric with black point compensation; CMYK without a profile through libvips' general CMYK.
    Raises  InvalidOptions for a colour that is not neutral in a grey photo.
    """
    full = full_scale(photo.samples)
    channels, dtype = CHANNELS[photo.space], photo.samples.dtype
    if colour == WHITE:
        return np.full(channels, 0 if photo.space == "cmyk" else full, dtype)
    if photo.space == "grey" and len(set(colour)) > 1:
        name = "#" + bytes(colour).hex()
        raise InvalidOptions(f"background: the photo is grey and {name} is not. Choose a grey such as #808080.")
    srgb = (np.array(colour) * (full // 255)).astype(dtype).reshape(1, 1, 3)
    return cast(Samples, _from_srgb(cast(Samples, srgb), photo).reshape(channels))


def require_match(photo: Photo, matte: Matte) -> None:
    """Raise InvalidArray if photo and matte differ in size or depth."""
    if matte.alpha.shape != photo.samples.shape[:2] or matte.alpha.dtype != photo.samples.dtype:
        raise InvalidArray(
            f"photo and matte: expected one size and depth; got {photo.samples.dtype} {photo.samples.shape} "
            f"and {matte.alpha.dtype} {matte.alpha.shape}."
        )


def _covered(photo: Photo, picture: Photo) -> Samples:
    if picture.alpha is not None and int(picture.alpha.min(initial=full_scale(picture.alpha))) < full_scale(
        picture.alpha
    ):
        raise InvalidOptions("background: the picture has transparent parts. Give an opaque one.")
    cropped = _middle(picture.samples, photo.height / photo.width)
    converted = _in_space_of(photo, cropped, picture)
    shrinks = converted.shape[0] > photo.height
    method = cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC
    canvas = cv2.resize(converted, (photo.width, photo.height), interpolation=method)
    return cast(Samples, canvas.reshape(photo.samples.shape))


def _continued(photo: Photo, matte: Matte) -> Samples:
    require_match(photo, matte)
    canvas = np.empty_like(photo.samples)
    paint_gradient(_backdrop_grid(photo, matte), canvas)
    return canvas


def _filled(photo: Photo, colour: Samples) -> Samples:
    canvas = np.empty_like(photo.samples)
    # row by row: copying a line is several times as fast as repeating a pixel
    canvas.reshape(photo.height, -1)[:] = np.tile(colour, photo.width)
    return canvas


def lay_subject(photo: Photo, matte: Matte, canvas: Samples) -> Samples:
    """Lay the subject over a canvas like the photo's samples, in place, and return it.

    Raises  InvalidArray if photo and matte differ in size or depth.
    """
    _copy_opaque(photo, matte, canvas)
    pixels, alpha = canvas.reshape(-1, canvas.shape[2]), matte.alpha.reshape(-1)
    # uint32 holds full * full + full // 2 for 16 bits, and F a + B (full - a) is never more
    full = np.uint32(full_scale(canvas))
    for start in range(0, matte.border.index.size, CHUNK):
        at = matte.border.index[start : start + CHUNK]
        opacity = alpha[at].astype(np.uint32)[:, None]
        mixed = matte.border.colours[start : start + CHUNK] * opacity + pixels[at] * (full - opacity)
        pixels[at] = (mixed + full // np.uint32(2)) // full
    return canvas


def _copy_opaque(photo: Photo, matte: Matte, canvas: Samples) -> None:
    require_match(photo, matte)
    full = full_scale(photo.samples)
    for start in range(0, photo.height, STRIP_ROWS):
        rows = slice(start, start + STRIP_ROWS)
        opaque = matte.alpha[rows] == full
        if opaque.any():
            cv2.copyTo(photo.samples[rows], opaque.view(np.uint8), canvas[rows])


def _middle(samples: Samples, height_to_width: float) -> Samples:
    height, width = samples.shape[:2]
    rows = max(1, min(height, round(width * height_to_width)))
    columns = max(1, min(width, round(height / height_to_width)))
    top, left = (height - rows) // 2, (width - columns) // 2
    return cast(Samples, np.ascontiguousarray(samples[top : top + rows, left : left + columns]))


def _in_space_of(photo: Photo, samples: Samples, picture: Photo) -> Samples:
    samples = _in_depth(samples, photo.bits)
    if picture.space == photo.space and picture.metadata.profile == photo.metadata.profile:
        return samples
    if needs_conversion(picture.space, picture.metadata.profile):
        image = to_srgb(vips_image(samples, picture.space), picture.space, picture.metadata.profile, bits=photo.bits)
        samples = image.numpy()
    elif picture.space == "grey":
        samples = cast(Samples, np.repeat(samples, 3, axis=2))
    return _from_srgb(samples, photo)


def _in_depth(samples: Samples, bits: int) -> Samples:
    if samples.dtype.itemsize * 8 == bits:
        return samples
    if bits == 16:
        return samples.astype(np.uint16) * np.uint16(257)
    eight: Samples = to_8_bit(samples)
    return eight


def _from_srgb(samples: Samples, photo: Photo) -> Samples:
    """(h, w, 3) sRGB in the photo's depth to the photo's space, profile or not."""
    profile = photo.metadata.profile
    if not needs_conversion(photo.space, profile):
        return samples if photo.space == "rgb" else _luminance(samples, photo.bits)
    image = vips_image(cast(Samples, np.ascontiguousarray(samples)), "rgb")
    image = image.icc_import(input_profile="srgb", intent="relative").copy()
    if profile is None:
        profile = pyvips.Operation.call("profile_load", "cmyk")
    image.set_type(pyvips.GValue.blob_type, "icc-profile-data", profile)
    image = image.icc_export(intent="relative", black_point_compensation=True, depth=photo.bits)
    return _as_samples(image, photo)


def _luminance(samples: Samples, bits: int) -> Samples:
    if (samples[..., 0] == samples[..., 1]).all() and (samples[..., 0] == samples[..., 2]).all():
        return cast(Samples, np.ascontiguousarray(samples[..., :1]))
    image = vips_image(cast(Samples, np.ascontiguousarray(samples)), "rgb").colourspace(
        "b-w" if bits == 8 else "grey16"
    )
    grey: Samples = image.numpy().reshape(*samples.shape[:2], 1)
    return grey


def _as_samples(image: Any, photo: Photo) -> Samples:
    array: Samples = image.numpy().reshape(image.height, image.width, CHANNELS[photo.space])
    return array


def _backdrop_grid(photo: Photo, matte: Matte) -> NDArray[np.float32]:
    """The backdrop as a smooth grid (h, w, c) float32 in sample values; what the subject hides is filled in."""
    scale = min(1.0, SURVEY_SIDE / max(photo.height, photo.width))
    size = (max(1, round(photo.width * scale)), max(1, round(photo.height * scale)))
    colours = cv2.resize(photo.samples, size, interpolation=cv2.INTER_AREA).reshape(size[1], size[0], -1)
    subject = (cv2.resize(matte.alpha, size, interpolation=cv2.INTER_AREA) > 0).astype(np.uint8)
    if photo.alpha is not None:  # colours that the file itself hides are no backdrop
        visible = cv2.resize(photo.alpha, size, interpolation=cv2.INTER_AREA) == full_scale(photo.alpha)
        subject |= (~visible).astype(np.uint8)
    margin = round(MARGIN * max(size))
    near = cv2.dilate(subject, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * margin + 1, 2 * margin + 1)))
    # a frame filled up to its margin: then what lies within the margin, and at last the subject itself
    seen = next((1 - mask for mask in (near, subject) if not mask.all()), np.ones_like(subject)).astype(np.float32)
    shrink = min(1.0, GRID_SIDE / max(size))
    grid = (max(1, round(size[0] * shrink)), max(1, round(size[1] * shrink)))
    weight = cv2.resize(seen, grid, interpolation=cv2.INTER_AREA)[..., None].reshape(grid[1], grid[0], 1)
    sums = cv2.resize(colours * seen[..., None], grid, interpolation=cv2.INTER_AREA).reshape(grid[1], grid[0], -1)
    # a plane first: averages alone would flatten a gradient; they then add what is not a plane
    plane = _plane(sums, weight)
    sums = sums - weight * plane
    fill: NDArray[Any] = np.zeros_like(plane)
    for spread in SPREADS:
        sigma = spread * max(grid)
        # normalised convolution (Knutsson, Westin 1993), leaning on the next wider one where little backdrop is near
        fill = (_blur(sums, sigma) + LEAST_BACKDROP * fill) / (_blur(weight, sigma) + LEAST_BACKDROP)
    return np.asarray(plane + fill, np.float32)


def _plane(sums: NDArray[Any], weight: NDArray[Any]) -> NDArray[np.float32]:
    """The plane over the grid that fits weighted colours `sums` (h, w, c) best, least squares: (h, w, c)."""
    height, width, channels = sums.shape
    rows, columns = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    terms = np.stack([np.ones_like(rows), rows, columns], axis=-1).reshape(-1, 3)
    weights = weight.reshape(-1, 1)
    # weights terms^T terms x = terms^T sums; lstsq, since a single row or column of pixels leaves a slope open
    slopes = np.linalg.lstsq(terms.T @ (terms * weights), terms.T @ sums.reshape(-1, channels), rcond=1e-6)[0]
    return np.asarray((terms @ slopes).reshape(height, width, channels), np.float32)


def _blur(picture: NDArray[Any], sigma: float) -> NDArray[np.float32]:
    blurred = np.asarray(cv2.GaussianBlur(picture, (0, 0), sigma, borderType=cv2.BORDER_REFLECT), np.float32)
    return blurred.reshape(picture.shape)


def paint_gradient(grid: NDArray[np.float32], canvas: Samples) -> None:
    """Enlarge `grid` onto `canvas` (h, w, c) bicubically, a strip of rows at a time, dithered if 8 bit."""
    height, width, channels = canvas.shape
    full = full_scale(canvas)
    across = cv2.resize(grid, (width, grid.shape[0]), interpolation=cv2.INTER_CUBIC).reshape(grid.shape[0], -1)
    # row i of this matrix holds the bicubic weights of the grid's rows in the canvas's row i
    down = cv2.resize(np.eye(grid.shape[0], dtype=np.float32), (grid.shape[0], height), interpolation=cv2.INTER_CUBIC)
    noise = np.zeros((GRADIENT_ROWS, width * channels), np.float32)
    if full == 255:
        noise += np.random.default_rng(0).random(noise.shape, np.float32) - np.float32(0.5)
    buffer = np.empty_like(noise)
    for start in range(0, height, GRADIENT_ROWS):
        rows = slice(start, min(start + GRADIENT_ROWS, height))
        used = np.flatnonzero(down[rows].any(axis=0))
        taps = slice(used[0], used[-1] + 1)
        strip = buffer[: rows.stop - start]
        np.matmul(down[rows, taps], across[taps], out=strip)
        strip += noise[: len(strip)]
        canvas[rows] = np.rint(np.clip(strip, 0, full, out=strip), out=strip).reshape(-1, width, channels)
