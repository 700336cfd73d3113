"""Bytes or a path become a Photo: the only way in for picture files, decoded by libvips or, if HEIC, by libheif.

Every error of libvips, libheif and the file system is translated here into one line of ours.
"""

from __future__ import annotations

import io
import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO

import cv2
import numpy as np
import pyvips
from numpy.typing import NDArray

from deepetch.arrays import Samples
from deepetch.errors import UnreadablePhoto
from deepetch.options import ReadOptions
from deepetch.photo.decoded import Decoded, fill_range, require_size
from deepetch.photo.exif import upright_exif
from deepetch.photo.heic import HEIC_ERRORS, decode_heic
from deepetch.photo.icc import profile_fault
from deepetch.photo.iptc import iptc_records
from deepetch.photo.orientation import turned
from deepetch.photo.photo import CHANNELS, Metadata, Photo, Space
from deepetch.photo.png import png_density
from deepetch.photo.signature import kind_of
from deepetch.photo.tiff import tiff_alpha, tiff_is_complete, tiff_is_tiled, with_tiff_metadata

_LOADERS = {
    "jpeg": "jpegload_source",
    "png": "pngload_source",
    "webp": "webpload_source",
    "tiff": "tiffload_source",
    "avif": "heifload_source",
}
_SPACES: dict[str, Space] = {
    "b-w": "grey",
    "grey16": "grey",
    "srgb": "rgb",
    "rgb": "rgb",
    "rgb16": "rgb",
    "cmyk": "cmyk",
}
_LEAST_DENSITY, _MOST_DENSITY = 0.01, 65_535  # pixels per inch; more fits neither JPEG nor PSD
# libjpeg says these about files whose picture is whole; after every other warning it has painted grey
_HARMLESS_JPEG = (
    "extraneous bytes",
    "Unknown Adobe color transform",
    "unknown JFIF revision",
    "Inconsistent progression",
)


def read_photo(source: str | Path | bytes, options: ReadOptions = ReadOptions()) -> Photo:
    """Read a picture with everything it carries, upright.

    source   a path, or a file's bytes; JPEG, PNG, WebP, TIFF, AVIF or HEIC, told by content, not by name.
    options  limits, checked in the header before a pixel is decoded.
    Returns  a Photo; palette and 1, 2 or 4-bit pictures are expanded to 8 bit, 10 and 12-bit ones to 16 bit.
             CMYK: 0 = no ink, whatever the file's own convention. What was changed or lost is in `warnings`.
    Raises   UnreadablePhoto if the file is missing, not a picture of these kinds, truncated or damaged;
             PhotoTooLarge if it exceeds a limit. A damaged picture is never returned partly grey.
    """
    pyvips.cache_set_max(0)  # the operation cache would keep whole pictures alive
    name = "picture" if isinstance(source, bytes) else str(source)
    with _opened(source) as stream:
        kind = kind_of(stream.read(4096), name)
        stream.seek(0)
        damage = HEIC_ERRORS if kind == "heic" else pyvips.Error
        try:
            if kind == "heic":
                decoded = decode_heic(stream, name, options)
            else:
                decoded = _decode(source, stream, kind, name, options)
        except damage as error:
            raise _damaged(kind, name) from error
    return _upright(decoded, kind)


@contextmanager
def _opened(source: str | Path | bytes) -> Iterator[BinaryIO]:
    """A seekable stream; unbuffered for files, because libvips shares its file descriptor."""
    if isinstance(source, bytes):
        yield io.BytesIO(source)
        return
    try:
        if not stat.S_ISREG(os.stat(source).st_mode):  # noqa: PTH116 (a pipe would block on open)
            what = "a folder" if Path(source).is_dir() else "not a regular file"
            raise UnreadablePhoto(f"{source}: this is {what}. Give the path of a picture.")
        stream = open(source, "rb", buffering=0)  # noqa: PTH123, SIM115
    except FileNotFoundError as error:
        raise UnreadablePhoto(f"{source}: there is no such file. Check the path.") from error
    except PermissionError as error:
        raise UnreadablePhoto(f"{source}: no permission to read it. Change the file's rights.") from error
    except (OSError, ValueError) as error:  # ValueError: a zero byte in the path
        reason = error.strerror if isinstance(error, OSError) else error
        raise UnreadablePhoto(f"{source!s}: cannot be opened ({reason}). Check the path.") from error
    try:
        yield stream
    except OSError as error:
        raise UnreadablePhoto(f"{source}: reading failed ({error.strerror}). Check the disk.") from error
    finally:
        stream.close()


def _damaged(kind: str, name: str) -> UnreadablePhoto:
    return UnreadablePhoto(f"{name}: the {kind.upper()} data is truncated or damaged. Copy or export the file again.")


def _decode(source: str | Path | bytes, stream: BinaryIO, kind: str, name: str, options: ReadOptions) -> Decoded:
    """Decode with libvips; pyvips.Error if the file is damaged."""
    if kind == "tiff" and not tiff_is_complete(stream):
        raise _damaged(kind, name)
    warnings: list[str] = []
    image, pixels = _pixels(source, stream, kind, name, options, warnings)
    fields = set(image.get_fields())

    def blob(field: str) -> bytes | None:
        return (bytes(image.get(field)) or None) if field in fields else None

    space = _SPACES[image.interpretation]
    alpha_band = CHANNELS[space] if image.bands > CHANNELS[space] else None
    metadata = Metadata(
        profile=blob("icc-profile-data"), exif=blob("exif-data"), iptc=blob("iptc-data"), xmp=blob("xmp-data")
    )
    if kind == "tiff":
        metadata = with_tiff_metadata(metadata, stream)
        extra, said = tiff_alpha(stream, image.bands - CHANNELS[space])
        alpha_band = None if extra is None else CHANNELS[space] + extra
        warnings += said
    elif kind == "png":
        metadata = replace(metadata, density=png_density(stream))
    elif kind == "jpeg" and "resolution-unit" in fields:
        metadata = replace(metadata, density=(image.xres * 25.4, image.yres * 25.4))
    if "n-pages" in fields and image.get("n-pages") > 1:
        warnings.append(f"The file holds {image.get('n-pages')} pictures; only the first is used.")
    if "bits-per-sample" in fields and image.format == "ushort":
        fill_range(pixels, image.get("bits-per-sample"))
    return Decoded(
        pixels=pixels,
        space=space,
        alpha_band=alpha_band,
        orientation=image.get("orientation") if "orientation" in fields and kind != "avif" else 1,
        metadata=metadata,
        warnings=tuple(warnings),
    )


def _pixels(
    source: str | Path | bytes,
    stream: BinaryIO,
    kind: str,
    name: str,
    options: ReadOptions,
    warnings: list[str],
) -> tuple[Any, Samples]:
    """Header and samples; pyvips.Error if the file is damaged.

    JPEG is decoded at the strictest level first, since at a lower one data cut short before its end turns grey; what
    libjpeg calls harmless allows the lower one. A tile of a TIFF that cannot be read turns black at every level but
    the strictest. What libvips says is not consulted there: its error text is shared by all threads and can get lost.
    """
    if kind == "jpeg":
        try:
            image = _header(source, stream, kind, name, options, fail_on="warning")
            return image, _banded(image)
        except pyvips.Error as error:
            if not _harmless(str(error)):
                raise
        warnings.append("The JPEG data has small faults that do not touch the picture.")
    tiled = kind == "tiff" and tiff_is_tiled(stream)
    image = _header(source, stream, kind, name, options, fail_on="warning" if tiled else "error")
    return image, _banded(image)


def _banded(image: Any) -> NDArray[Any]:
    """(h, w, bands); pyvips itself drops the axis of a single band, and all axes of a single grey pixel."""
    pixels: NDArray[Any] = image.numpy().reshape(image.height, image.width, image.bands)
    return pixels


def _harmless(complaint: str) -> bool:
    """Whether libvips stopped at a JPEG for something that leaves the picture whole; without a reason it is not."""
    said = [line for line in complaint.splitlines() if "JPEG" in line or "JFIF" in line or "Adobe" in line]
    return bool(said) and all(any(text in line for text in _HARMLESS_JPEG) for line in said)


def _header(
    source: str | Path | bytes, stream: BinaryIO, kind: str, name: str, options: ReadOptions, *, fail_on: str
) -> Any:
    """A lazily decoded image within the limits and of a kind that a Photo can hold."""
    stream.seek(0)
    if isinstance(source, bytes):
        origin = pyvips.Source.new_from_memory(source)
    else:
        origin = pyvips.Source.new_from_descriptor(stream.fileno())
    image = pyvips.Operation.call(_LOADERS[kind], origin, access="sequential", fail_on=fail_on)
    require_size(image.width, image.height, name, options)
    if image.format not in ("uchar", "ushort"):
        raise UnreadablePhoto(f"{name}: {image.format} samples are not supported. Save it with 8 or 16 bit.")
    if image.interpretation not in _SPACES or image.bands < CHANNELS[_SPACES[image.interpretation]]:
        raise UnreadablePhoto(
            f"{name}: the colour space ({image.interpretation}, {image.bands} channels) is not supported. "
            "Save it as grey, RGB or CMYK."
        )
    return image


def _upright(decoded: Decoded, kind: str) -> Photo:
    """Split colour from alpha, turn both, and clean the metadata of what no longer holds."""
    channels = CHANNELS[decoded.space]
    warnings = list(decoded.warnings)
    pixels: Any = decoded.pixels.reshape(*decoded.pixels.shape[:2], -1)
    alpha = None
    if decoded.alpha_band is not None:
        alpha = turned(np.ascontiguousarray(pixels[..., decoded.alpha_band]), decoded.orientation)
    if pixels.shape[2] == 4 and channels == 3:
        pixels = cv2.cvtColor(pixels, cv2.COLOR_RGBA2RGB)  # drops the fourth channel; seven times numpy's speed
    samples = turned(np.ascontiguousarray(pixels[..., :channels]), decoded.orientation)

    metadata = decoded.metadata
    exif, stated = upright_exif(metadata.exif) if metadata.exif else (None, None)
    density = metadata.density or stated
    if density:
        x, y = (round(value, 4) for value in density)
        density = (y, x) if decoded.orientation >= 5 else (x, y)
        if min(x, y) < _LEAST_DENSITY or max(x, y) > _MOST_DENSITY:
            density = None
            warnings.append(f"The stated density of {x:g} x {y:g} pixels per inch makes no sense and is left out.")
    profile = metadata.profile
    if profile and (fault := profile_fault(profile, decoded.space)):
        profile = None
        warnings.append(f"The colour profile {fault} and is left out; the colours are taken as they are.")
    if profile is None and decoded.space == "cmyk":
        warnings.append("CMYK without a usable profile: a general coated-paper profile is assumed for the preview.")
    return Photo(
        samples=samples,
        space=decoded.space,
        format=kind,
        alpha=alpha,
        metadata=Metadata(
            profile=profile,
            density=density,
            exif=exif,
            iptc=iptc_records(metadata.iptc) if metadata.iptc else None,
            xmp=_upright_xmp(metadata.xmp) if metadata.xmp else None,
        ),
        warnings=tuple(warnings),
    )


def _upright_xmp(xmp: bytes) -> bytes:
    """Set a stated orientation to 1 and drop thumbnails: they show the old background."""
    xmp = re.sub(rb"(tiff:Orientation(?:\s*=\s*[\"']|>)\s*)[1-8]", rb"\g<1>1", xmp)
    return re.sub(rb"<(xmp|xap):Thumbnails\b.*?</\1:Thumbnails>", b"", xmp, flags=re.DOTALL)
