"""Samples become a file, whole or not at all, with what the source carried.

libvips encodes the pixels. The metadata of JPEG, PNG, WebP and TIFF is put in by us, since libvips writes EXIF anew
(maker notes break, tags appear) and states a density when there is none.
"""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO

import cv2
import numpy as np
import pyvips

from deepetch.arrays import Levels, Samples
from deepetch.errors import InvalidArray, UnsupportedOutput
from deepetch.options import SaveOptions, TiffCompression
from deepetch.photo.atomic import atomic_output
from deepetch.photo.jpeg import fitted_to_segments, with_jpeg_segments
from deepetch.photo.photo import CHANNELS, Metadata, Space
from deepetch.photo.png import with_png_chunks
from deepetch.photo.target import Target
from deepetch.photo.tiff import append_tiff_metadata
from deepetch.photo.view import needs_conversion, srgb_profile, to_srgb, vips_image
from deepetch.photo.webp import with_webp_chunks


@dataclass(frozen=True, kw_only=True)
class Holds:
    """What a file format can hold; `resources`: Photoshop's image resources, which IPTC and clipping paths lie in."""

    spaces: tuple[Space, ...]
    bits: int
    alpha: bool
    max_side: int
    resources: bool


# Sides: 31 bits in PNG; TIFF's 32-bit offsets end before its sides; 14 bits in WebP; libvips' limit for AVIF.
FORMATS = {
    "png": Holds(spaces=("grey", "rgb"), bits=16, alpha=True, max_side=2**31 - 1, resources=False),
    "tiff": Holds(spaces=("grey", "rgb", "cmyk"), bits=16, alpha=True, max_side=2**31 - 1, resources=True),
    "webp": Holds(spaces=("rgb",), bits=8, alpha=True, max_side=16_383, resources=False),
    "avif": Holds(spaces=("rgb",), bits=8, alpha=True, max_side=16_384, resources=False),
    "jpeg": Holds(spaces=("grey", "rgb", "cmyk"), bits=8, alpha=False, max_side=65_500, resources=True),
}
SUFFIXES = {
    ".png": "png",
    ".jpg": "jpeg",
    ".jpeg": "jpeg",
    ".webp": "webp",
    ".tif": "tiff",
    ".tiff": "tiff",
    ".avif": "avif",
}
NAMES = {"png": "PNG", "tiff": "TIFF", "webp": "WebP", "avif": "AVIF", "jpeg": "JPEG"}
STRAIGHT_ALPHA, UNSPECIFIED = 2, 0  # kinds of extra samples (TIFF 6.0, section 18)
MAX_TIFF = 2**32 - 2**16  # bytes, with room for tags
# what noise grows by when it is packed (measured: 1.055, 1.370)
NOISE_GROWS: dict[TiffCompression, float] = {"deflate": 1.06, "lzw": 1.4, "none": 1.001}
LOSSY = ("jpeg", "webp", "avif")


@dataclass(frozen=True, eq=False, kw_only=True)
class _Picture:
    """Exactly what is to be encoded."""

    samples: Samples
    space: Space
    alpha: Levels | None
    extra: tuple[Levels, ...]
    metadata: Metadata

    def image(self) -> Any:
        """A libvips image over the arrays; colour, alpha and the rest are joined row by row while encoding."""
        image = vips_image(self.samples, self.space)
        planes = self.extra if self.alpha is None else (self.alpha, *self.extra)
        if not planes:
            return image
        joined = image.bandjoin([vips_image(plane[..., None], "grey") for plane in planes])
        return joined.copy(interpretation=image.interpretation)


def write_picture(
    path: str | Path,
    samples: Samples,
    space: Space,
    *,
    alpha: Levels | None = None,
    extra: Sequence[Levels] = (),
    metadata: Metadata = Metadata(),
    options: SaveOptions = SaveOptions(),
) -> tuple[str, ...]:
    """Write a picture in the format that the suffix of `path` names.

    samples   (h, w, c) uint8 or uint16, c = 1, 3 or 4 for `space` grey, rgb or cmyk (0 = no ink).
    alpha     (h, w) of the same dtype, straight; None for an opaque picture.
    extra     more channels like alpha that are no alpha, for TIFF alone.
    metadata  goes along where the format can hold it.
    options   `background`, `path`, `shadow` and `spot` do not count here.
    Returns   one sentence for each thing that the format could not hold as it was.
    Raises    UnsupportedOutput if the format cannot hold it at all: CMYK in PNG, WebP or AVIF unless
              `convert_to` is "srgb"; alpha in JPEG; a side beyond the format's limit; an unknown suffix; more than
              `max_bytes` at the lowest quality.
              OutputExists, OutputFailed. InvalidArray if the arrays do not fit each other.
              The file is then as it was before.
    PNG and TIFF keep 8 and 16 bit exactly; TIFF is packed with a predictor, or not at all, its alpha an
    unassociated extra channel, and BigTIFF where four gigabytes might not do. WebP and AVIF hold 8-bit RGB; JPEG is
    8 bit, 4:4:4. 16 bit becomes 8 by rounding to the nearest.
    """
    path = Path(path)
    kind = output_format(path)
    _check_arrays(samples, space, alpha)
    for plane in extra:
        _check_arrays(samples, space, plane)
    if extra and kind != "tiff":
        raise UnsupportedOutput(f"{path}: {NAMES[kind]} holds no more channels than colours and alpha. Use .tif.")
    pyvips.cache_set_max(0)  # the operation cache would keep whole pictures alive
    picture = _Picture(samples=samples, space=space, alpha=alpha, extra=tuple(extra), metadata=metadata)
    picture, said = _fitted(picture, kind, path, options)
    with atomic_output(path, overwrite=options.overwrite) as temporary, temporary.open("r+b") as file:
        said += _save_within(picture, kind, file, path, options)
    return tuple(said)


def output_format(path: Path) -> str:
    """The format that the suffix of `path` asks for; UnsupportedOutput if we do not write it."""
    suffix = path.suffix.lower()
    if suffix in SUFFIXES:
        return SUFFIXES[suffix]
    if suffix in (".heic", ".heif"):
        raise UnsupportedOutput(f"{path}: HEIC is read but not written. Use .avif, .png, .tif, .webp or .jpg.")
    what = f"the suffix {suffix!r} is unknown" if suffix else "the name has no suffix"
    raise UnsupportedOutput(f"{path}: {what}. Use .png, .tif, .webp, .avif or .jpg.")


def _check_arrays(samples: Samples, space: Space, alpha: Levels | None) -> None:
    if samples.dtype not in (np.uint8, np.uint16) or samples.ndim != 3 or samples.shape[2] != CHANNELS[space]:
        raise InvalidArray(
            f"samples: expected uint8 or uint16 (h, w, {CHANNELS[space]}) for {space}; "
            f"got {samples.dtype} {samples.shape}."
        )
    if samples.size == 0:
        raise InvalidArray(f"samples: expected at least one pixel; got {samples.shape}.")
    if alpha is not None and (alpha.dtype != samples.dtype or alpha.shape != samples.shape[:2]):
        raise InvalidArray(
            f"alpha: expected {samples.dtype} {samples.shape[:2]} like the samples; got {alpha.dtype} {alpha.shape}."
        )


def _fitted(picture: _Picture, kind: str, path: Path, options: SaveOptions) -> tuple[_Picture, list[str]]:
    """The picture as the format can hold it, and what that changed; refused where no change was asked for."""
    holds, name, said = FORMATS[kind], NAMES[kind], []
    height, width = picture.samples.shape[:2]
    if max(height, width) > holds.max_side:
        raise UnsupportedOutput(
            f"{path}: {name} holds at most {holds.max_side} pixels a side; this one is {width} x {height}. "
            "Use .tif or .png."
        )
    if picture.alpha is not None and not holds.alpha:
        raise UnsupportedOutput(
            f"{path}: {name} cannot hold transparency. Choose a background (--background white) or use .png or .tif."
        )
    if picture.space == "cmyk" and "cmyk" not in holds.spaces and options.convert_to is None:
        raise UnsupportedOutput(f"{path}: {name} cannot hold CMYK. Use .tif, or --convert-to srgb.")
    if options.convert_to == "srgb":
        picture, changed = _converted(picture)
        said += ["The colours were converted to sRGB."] if changed else []
    elif picture.space not in holds.spaces:  # grey, in a format that holds RGB only
        if needs_conversion(picture.space, picture.metadata.profile):
            picture, _ = _converted(picture)
            said.append(f"{name} holds no grey profile: the grey was converted to sRGB.")
        else:
            metadata = replace(picture.metadata, profile=srgb_profile() if picture.metadata.profile else None)
            samples: Any = np.repeat(picture.samples, 3, axis=2)
            picture = replace(picture, samples=samples, space="rgb", metadata=metadata)
    if picture.samples.dtype == np.uint16 and holds.bits == 8:
        alpha = None if picture.alpha is None else to_8_bit(picture.alpha)
        picture = replace(picture, samples=to_8_bit(picture.samples), alpha=alpha)
        said.append(f"{name} holds 8 bit: the 16-bit values were rounded.")
    if picture.metadata.iptc and not holds.resources:
        said.append(f"{name} cannot hold IPTC data: it was left out.")
    if picture.metadata.resources and not holds.resources:
        said.append(f"{name} holds no path: it was left out. Use .psd, .tif or .jpg.")
    if kind == "jpeg":
        said += ["JPEG stores CMYK with 8 bit and lossy."] if picture.space == "cmyk" else []
        metadata, too_long = fitted_to_segments(picture.metadata)
        picture = replace(picture, metadata=metadata)
        said += too_long
    contiguous: Any = np.ascontiguousarray(picture.samples)
    alpha = None if picture.alpha is None else np.ascontiguousarray(picture.alpha)
    extra: Any = tuple(np.ascontiguousarray(plane) for plane in picture.extra)
    return replace(picture, samples=contiguous, alpha=alpha, extra=extra), said


def _converted(picture: _Picture) -> tuple[_Picture, bool]:
    """The picture in sRGB with sRGB's profile; and whether its values changed."""
    profile = picture.metadata.profile
    metadata = replace(picture.metadata, profile=srgb_profile())
    if not needs_conversion(picture.space, profile):
        if picture.space == "rgb":
            return replace(picture, metadata=metadata if profile is None else picture.metadata), False
        samples: Any = np.repeat(picture.samples, 3, axis=2)
        return replace(picture, samples=samples, space="rgb", metadata=metadata), True
    contiguous: Any = np.ascontiguousarray(picture.samples)
    image = vips_image(contiguous, picture.space)
    samples = to_srgb(image, picture.space, profile, bits=picture.samples.dtype.itemsize * 8).numpy()
    return replace(picture, samples=samples, space="rgb", metadata=metadata), True


def to_8_bit(samples: Any) -> Any:
    """Round 16-bit values to the nearest of 8 bits: the divisor is 65535 / 255 = 257, so none lies midway."""
    eight = cv2.convertScaleAbs(samples, alpha=1 / 257)
    return eight.reshape(samples.shape)


def _save_within(picture: _Picture, kind: str, file: BinaryIO, path: Path, options: SaveOptions) -> list[str]:
    """Encode with the highest quality that keeps `max_bytes`; one sentence if that is not the one asked for."""

    def size(quality: int) -> int:
        file.seek(0)
        file.truncate()
        _SAVERS[kind](picture, file, replace(options, quality=quality))
        return file.seek(0, os.SEEK_END)

    first, limit = size(options.quality), options.max_bytes
    if limit is None or first <= limit:
        return []
    if kind not in LOSSY or (options.lossless and kind != "jpeg"):
        raise too_large(path, NAMES[kind], first, limit)
    fits, fails = min(options.min_quality, options.quality), options.quality
    if (least := size(fits)) > limit:
        raise too_large(path, f"{NAMES[kind]} of quality {fits}, the lowest,", least, limit)
    while fails - fits > 1:
        middle = (fits + fails) // 2
        if size(middle) <= limit:
            fits = middle
        else:
            fails = middle
    size(fits)
    taken = f"{NAMES[kind]} of quality {options.quality} takes {megabytes(first)}"
    return [f"{taken}, the limit is {megabytes(limit)}: quality {fits} was used."]


def too_large(path: str | Path, what: str, size: int, limit: int) -> UnsupportedOutput:
    """The error for a file of `size` bytes where `limit` are allowed."""
    return UnsupportedOutput(
        f"{path}: {what} takes {megabytes(size)}; the limit is {megabytes(limit)}. "
        "Ask for a smaller picture or another format."
    )


def megabytes(size: int) -> str:
    """Bytes as text; four digits, so that a limit and what exceeds it differ."""
    return f"{size / 1e6:.4g} MB" if size >= 100_000 else f"{size:,} bytes"


def _save_png(picture: _Picture, file: BinaryIO, options: SaveOptions) -> None:
    # Filter "sub": "none" is a third larger and slower, "up" equal, "all" a tenth smaller in twice the time.
    target = Target(file, lambda head: with_png_chunks(head, picture.metadata))
    target.save(picture.image(), "pngsave_target", compression=options.png_compression, filter="sub")


def _save_jpeg(picture: _Picture, file: BinaryIO, options: SaveOptions) -> None:
    target = Target(file, lambda head: with_jpeg_segments(head, picture.metadata))
    target.save(picture.image(), "jpegsave_target", Q=options.quality, subsample_mode="off")


def _save_webp(picture: _Picture, file: BinaryIO, options: SaveOptions) -> None:
    # Effort 2 for lossy: half the time of 4, 1 % larger; 0 for lossless: a third of 2's time, a fifth larger.
    # `exact` keeps the colours under alpha 0.
    encoded = io.BytesIO()
    Target(encoded).save(
        picture.image(),
        "webpsave_target",
        Q=options.quality,
        lossless=options.lossless,
        exact=options.lossless,
        effort=0 if options.lossless else 2,
    )
    height, width = picture.samples.shape[:2]
    has_alpha = picture.alpha is not None
    file.write(with_webp_chunks(encoded.getvalue(), picture.metadata, height=height, width=width, has_alpha=has_alpha))


def _save_avif(picture: _Picture, file: BinaryIO, options: SaveOptions) -> None:
    """EXIF goes through libvips here, which writes it anew: the values stay, their layout does not."""
    metadata = picture.metadata
    image = picture.image()
    # Where no density is known, 72, which is what EXIF asks to write then; libvips would invent 25.4.
    x, y = metadata.density or (72.0, 72.0)
    image = image.copy(xres=x / 25.4, yres=y / 25.4)
    for field, block in (("icc-profile-data", metadata.profile), ("xmp-data", metadata.xmp)):
        if block:
            image.set_type(pyvips.GValue.blob_type, field, block)
    keep = "icc|xmp"
    if metadata.exif or metadata.density:
        keep = "icc|xmp|exif"
    if metadata.exif:
        image.set_type(pyvips.GValue.blob_type, "exif-data", b"Exif\0\0" + metadata.exif)
    Target(file).save(
        image,
        "heifsave_target",
        keep=keep,
        compression="av1",
        Q=options.quality,
        lossless=options.lossless,
        subsample_mode="off",
        effort=0,  # at equal quality 1 and 2 take 2 and 4 times as long for files that are 2 and 5 % larger
    )


def _save_tiff(picture: _Picture, file: BinaryIO, options: SaveOptions) -> None:
    Target(file).save(
        picture.image(),
        "tiffsave_target",
        compression=options.tiff_compression,
        predictor="horizontal",
        level=1,
        bigtiff=_needs_big_tiff(picture, options.tiff_compression),
    )
    kinds = ([] if picture.alpha is None else [STRAIGHT_ALPHA]) + [UNSPECIFIED] * len(picture.extra)
    append_tiff_metadata(file, picture.metadata, kinds)


def _needs_big_tiff(picture: _Picture, compression: TiffCompression) -> bool:
    """Whether the file may be longer than 32-bit offsets reach, with what noise grows by when it is packed."""
    planes = (picture.samples, *(() if picture.alpha is None else (picture.alpha,)), *picture.extra)
    metadata = picture.metadata
    blocks = (metadata.profile, metadata.exif, metadata.iptc, metadata.xmp, metadata.resources)
    pixels: float = NOISE_GROWS[compression] * sum(plane.nbytes for plane in planes)
    return pixels + sum(len(block or b"") for block in blocks) > MAX_TIFF


_SAVERS: dict[str, Callable[[_Picture, BinaryIO, SaveOptions], None]] = {
    "png": _save_png,
    "jpeg": _save_jpeg,
    "webp": _save_webp,
    "avif": _save_avif,
    "tiff": _save_tiff,
}
