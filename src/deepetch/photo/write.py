"""Samples become a file, whole or not at all, with what the source carried.

libvips encodes the pixels. The metadata is put into JPEG, PNG, WebP and TIFF here, since libvips writes EXIF
anew (maker notes break, tags appear) and states a density when there is none.
"""

from __future__ import annotations

import os
import struct
import sys
import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO, TypeAlias

import cv2
import numpy as np
import pyvips

from deepetch.arrays import Levels, Samples
from deepetch.errors import InvalidArray, OutputFailed, UnsupportedOutput
from deepetch.options import SaveOptions
from deepetch.photo.atomic import atomic_output
from deepetch.photo.photo import CHANNELS, Metadata, Space
from deepetch.photo.read import (
    DESCRIPTIVE,
    EXIF_DIRECTORY,
    GPS_DIRECTORY,
    ICC,
    IPTC,
    RESOLUTION_UNIT,
    TYPE_BYTES,
    X_RESOLUTION,
    XMP,
    Y_RESOLUTION,
    Directory,
    build_directories,
    build_exif,
    directory_density,
    exif_directories,
)
from deepetch.photo.view import needs_conversion, srgb_profile, to_srgb, vips_image

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"


@dataclass(frozen=True, kw_only=True)
class Holds:
    """What a file format can hold."""

    spaces: tuple[Space, ...]
    bits: int
    alpha: bool
    max_side: int
    iptc: bool


# Sides: 31 bits in PNG; TIFF's 32-bit offsets end before its sides; 14 bits in WebP; libvips' limit for AVIF.
FORMATS = {
    "png": Holds(spaces=("grey", "rgb"), bits=16, alpha=True, max_side=2**31 - 1, iptc=False),
    "tiff": Holds(spaces=("grey", "rgb", "cmyk"), bits=16, alpha=True, max_side=2**31 - 1, iptc=True),
    "webp": Holds(spaces=("rgb",), bits=8, alpha=True, max_side=16_383, iptc=False),
    "avif": Holds(spaces=("rgb",), bits=8, alpha=True, max_side=16_384, iptc=False),
    "jpeg": Holds(spaces=("grey", "rgb", "cmyk"), bits=8, alpha=False, max_side=65_500, iptc=True),
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


@dataclass(frozen=True, eq=False, kw_only=True)
class _Picture:
    """Exactly what is to be encoded."""

    samples: Samples
    space: Space
    alpha: Levels | None
    metadata: Metadata

    def image(self) -> Any:
        """A libvips image over the arrays; colour and alpha are joined row by row while encoding."""
        image = vips_image(self.samples, self.space)
        if self.alpha is None:
            return image
        joined = image.bandjoin(vips_image(self.alpha[..., None], "grey"))
        return joined.copy(interpretation=image.interpretation)


_Saver: TypeAlias = "Callable[[_Picture, BinaryIO, SaveOptions], None]"


def write_picture(
    path: str | Path,
    samples: Samples,
    space: Space,
    *,
    alpha: Levels | None = None,
    metadata: Metadata = Metadata(),  # noqa: B008 (frozen)
    options: SaveOptions = SaveOptions(),  # noqa: B008 (frozen)
) -> tuple[str, ...]:
    """Write a picture in the format that the suffix of `path` names.

    samples   (h, w, c) uint8 or uint16, c = 1, 3 or 4 for `space` grey, rgb or cmyk (0 = no ink).
    alpha     (h, w) of the same dtype, straight; None for an opaque picture.
    metadata  goes along where the format can hold it.
    options   `quality`, `lossless`, `png_compression`, `convert_to` and `overwrite` count here.
    Returns   one sentence for each thing that the format could not hold as it was.
    Raises    UnsupportedOutput if the format cannot hold it at all: CMYK in PNG, WebP or AVIF unless
              `convert_to` is "srgb"; alpha in JPEG; a side beyond the format's limit; an unknown suffix.
              OutputExists, OutputFailed. InvalidArray if the arrays do not fit each other.
              The file is then as it was before.
    PNG and TIFF keep 8 and 16 bit exactly; TIFF is deflate with predictor, its alpha an unassociated extra
    channel. WebP and AVIF hold 8-bit RGB; JPEG is 8 bit, 4:4:4. 16 bit becomes 8 by rounding to the nearest.
    """
    path = Path(path)
    kind = output_format(path)
    _check_arrays(samples, space, alpha)
    pyvips.cache_set_max(0)  # the operation cache would keep whole pictures alive
    picture, said = _fitted(_Picture(samples=samples, space=space, alpha=alpha, metadata=metadata), kind, path, options)
    with atomic_output(path, overwrite=options.overwrite) as temporary, temporary.open("r+b") as file:
        _SAVERS[kind](picture, file, options)
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
    if kind == "jpeg" and picture.space == "cmyk":
        said.append("JPEG stores CMYK with 8 bit and lossy.")
    if picture.metadata.iptc and not holds.iptc:
        said.append(f"{name} cannot hold IPTC data: it was left out.")
    if kind == "jpeg":
        picture = replace(picture, metadata=_jpeg_metadata(picture.metadata, said))
    contiguous: Any = np.ascontiguousarray(picture.samples)
    alpha = None if picture.alpha is None else np.ascontiguousarray(picture.alpha)
    return replace(picture, samples=contiguous, alpha=alpha), said


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


def _jpeg_metadata(metadata: Metadata, said: list[str]) -> Metadata:
    """Drop, and say, what does not fit into a JPEG segment of 65,533 bytes."""
    for field, limit in (("exif", 65_527), ("xmp", 65_504), ("iptc", 65_505)):
        if len(getattr(metadata, field) or b"") > limit:
            metadata = replace(metadata, **{field: None})
            said.append(f"The {field.upper()} data is too long for JPEG: it was left out.")
    if len(metadata.profile or b"") > 255 * 65_519:
        metadata = replace(metadata, profile=None)
        said.append("The colour profile is too long for JPEG: it was left out.")
    return metadata


class _Target:
    """A libvips target over a Python file: it can edit the stream's head, and keeps the file's own error."""

    def __init__(self, file: BinaryIO, edit: Callable[[bytes], bytes | None] | None = None) -> None:
        self._file = file
        self._edit = edit
        self._head = b""
        self._error: OSError | None = None

    def save(self, image: Any, operation: str, *, keep: str = "none", **arguments: Any) -> None:
        target = pyvips.TargetCustom()
        target.on_write(self._write)
        target.on_read(self._read)  # TIFF goes back to what it wrote
        target.on_seek(self._seek)
        try:
            pyvips.Operation.call(operation, image, target, keep=keep, **arguments)
        except pyvips.Error as error:
            if self._error:
                raise self._error from error
            raise OutputFailed(f"not written; the encoder failed: {_first_line(error)}") from error
        if self._error:
            raise self._error

    # libvips calls these three, and no exception may come out of them.

    def _write(self, chunk: Any) -> int:
        try:
            if self._edit is None:
                self._file.write(chunk)
                return len(chunk)
            self._head += bytes(chunk)
            edited = self._edit(self._head)
            if edited is not None:
                self._edit = None
                self._file.write(edited)
        except OSError as error:
            self._error = error
            return -1
        return len(chunk)

    def _seek(self, offset: int, whence: int) -> int:
        try:
            return self._file.seek(offset, whence)
        except OSError as error:  # a seek empties the write buffer first
            self._error = error
            return -1

    def _read(self, length: int) -> bytes:
        try:
            return self._file.read(length)
        except OSError as error:
            self._error = error
            return b""


def _first_line(error: pyvips.Error) -> str:
    return next((line.strip() for line in reversed(str(error).splitlines()) if line.strip()), "no reason given")


# PNG


def _save_png(picture: _Picture, file: BinaryIO, options: SaveOptions) -> None:
    def edit(head: bytes) -> bytes | None:
        """Put our chunks behind IHDR; what libvips put there (a density, always) goes."""
        at = len(PNG_SIGNATURE) + 25  # IHDR: 13 bytes and 12 around them
        while len(head) >= at + 8 and head[at + 4 : at + 8] != b"IDAT":
            at += 12 + int.from_bytes(head[at : at + 4], "big")
        if len(head) < at + 8:
            return None
        return head[:33] + _png_chunks(picture.metadata) + head[at:]

    # Filter "sub": "none" is a third larger and slower, "up" equal, "all" a tenth smaller in twice the time.
    _Target(file, edit).save(picture.image(), "pngsave_target", compression=options.png_compression, filter="sub")


def _png_chunks(metadata: Metadata) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    out = b""
    if metadata.profile:
        out += chunk(b"iCCP", b"icc\0\0" + zlib.compress(metadata.profile))
    if metadata.density:
        x, y = (round(density / 0.0254) for density in metadata.density)
        out += chunk(b"pHYs", struct.pack(">IIB", x, y, 1))
    if metadata.exif:
        out += chunk(b"eXIf", metadata.exif)
    if metadata.xmp:
        out += chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + metadata.xmp)
    return out


# JPEG


def _save_jpeg(picture: _Picture, file: BinaryIO, options: SaveOptions) -> None:
    def edit(head: bytes) -> bytes | None:
        return b"\xff\xd8" + _jpeg_segments(picture.metadata) + head[2:] if len(head) >= 2 else None

    _Target(file, edit).save(picture.image(), "jpegsave_target", Q=options.quality, subsample_mode="off")


def _jpeg_segments(metadata: Metadata) -> bytes:
    def segment(marker: int, data: bytes) -> bytes:
        return struct.pack(">BBH", 0xFF, marker, len(data) + 2) + data

    # JFIF is meant for grey and YCbCr, but it is where every reader looks for the density, with CMYK too.
    x, y = (min(65535, max(1, round(value))) for value in metadata.density or (1, 1))
    out = segment(0xE0, b"JFIF\0" + struct.pack(">BBBHHBB", 1, 2, 1 if metadata.density else 0, x, y, 0, 0))
    if metadata.exif:
        out += segment(0xE1, b"Exif\0\0" + metadata.exif)
    if metadata.xmp:
        out += segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + metadata.xmp)
    if metadata.iptc:
        resource = b"8BIM\x04\x04\0\0" + struct.pack(">I", len(metadata.iptc)) + metadata.iptc
        out += segment(0xED, b"Photoshop 3.0\0" + resource + b"\0" * (len(metadata.iptc) & 1))
    profile = metadata.profile or b""
    parts = [profile[at : at + 65_519] for at in range(0, len(profile), 65_519)]
    for number, part in enumerate(parts, start=1):
        out += segment(0xE2, b"ICC_PROFILE\0" + bytes((number, len(parts))) + part)
    return out


# WebP


def _save_webp(picture: _Picture, file: BinaryIO, options: SaveOptions) -> None:
    # Effort 2 for lossy: half the time of 4, 1 % larger; 0 for lossless: a third of 2's time, a fifth larger.
    # `exact` keeps the colours under alpha 0.
    try:
        data = picture.image().webpsave_buffer(
            Q=options.quality,
            lossless=options.lossless,
            exact=options.lossless,
            effort=0 if options.lossless else 2,
            keep="none",
        )
    except pyvips.Error as error:
        raise OutputFailed(f"not written; the encoder failed: {_first_line(error)}") from error
    file.write(_webp_with_metadata(data, picture))


def _webp_with_metadata(data: bytes, picture: _Picture) -> bytes:
    """The extended container (WebP Container Specification): VP8X, ICCP, the picture's chunks, EXIF, XMP."""
    metadata = picture.metadata
    exif = _exif_with_density(metadata)
    if not (metadata.profile or exif or metadata.xmp):
        return data

    def chunk(kind: bytes, content: bytes) -> bytes:
        return kind + struct.pack("<I", len(content)) + content + b"\0" * (len(content) & 1)

    body = data[12:]
    if body[:4] == b"VP8X":
        body = body[8 + 10 :]
    height, width = picture.samples.shape[:2]
    flags = bool(metadata.profile) << 5 | (picture.alpha is not None) << 4 | bool(exif) << 3 | bool(metadata.xmp) << 2
    sizes = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    out = chunk(b"VP8X", struct.pack("<I", flags) + sizes)
    if metadata.profile:
        out += chunk(b"ICCP", metadata.profile)
    out += body
    if exif:
        out += chunk(b"EXIF", exif)
    if metadata.xmp:
        out += chunk(b"XMP ", metadata.xmp)
    return b"RIFF" + struct.pack("<I", len(out) + 4) + b"WEBP" + out


def _exif_with_density(metadata: Metadata) -> bytes | None:
    """EXIF for formats that have no other place for the density; unchanged if it states it already."""
    if metadata.density is None:
        return metadata.exif
    order, directories = exif_directories(metadata.exif) if metadata.exif else ("<", {0: Directory()})
    if metadata.exif and directory_density(directories[0], order):
        return metadata.exif
    directories[0] = directories[0] | _resolution_tags(metadata.density, order)
    return build_exif(order, directories)


def _resolution_tags(density: tuple[float, float] | None, order: str) -> Directory:
    def ratio(value: float) -> bytes:
        return struct.pack(order + "II", round(value * 10_000), 10_000)

    x, y = density or (1, 1)
    return {
        X_RESOLUTION: (5, 1, ratio(x)),
        Y_RESOLUTION: (5, 1, ratio(y)),
        RESOLUTION_UNIT: (3, 1, struct.pack(order + "H", 2 if density else 1)),
    }


# AVIF


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
    _Target(file).save(
        image,
        "heifsave_target",
        keep=keep,
        compression="av1",
        Q=options.quality,
        lossless=options.lossless,
        subsample_mode="off",
        effort=0,  # at equal quality 1 and 2 take 2 and 4 times as long for files that are 2 and 5 % larger
    )


# TIFF


def _save_tiff(picture: _Picture, file: BinaryIO, options: SaveOptions) -> None:
    _Target(file).save(
        picture.image(),
        "tiffsave_target",
        compression="deflate",
        predictor="horizontal",
        level=1,
        bigtiff=False,
    )
    file.seek(0)
    _append_tiff_metadata(file, picture.metadata)


def _append_tiff_metadata(file: BinaryIO, metadata: Metadata) -> None:
    """Write the first directory anew at the end of the file, with our tags; the pixels stay where they are.

    libvips writes no EXIF to TIFF, and IPTC with a wrong length. Entries of the old directory are copied as
    they are, because their offsets count from the start of the file (TIFF 6.0, section 2).
    """
    order = "<" if sys.byteorder == "little" else ">"
    file.seek(4)
    offset = struct.unpack(order + "I", file.read(4))[0]
    file.seek(offset)
    count = struct.unpack(order + "H", file.read(2))[0]
    raw = [file.read(12) for _ in range(count)]

    directories = _exif_in_order(metadata.exif, order) if metadata.exif else {0: Directory()}
    added = {tag: entry for tag, entry in directories[0].items() if tag in DESCRIPTIVE}
    added |= _resolution_tags(metadata.density, order)
    for tag, kind, block in ((XMP, 1, metadata.xmp), (IPTC, 7, metadata.iptc), (ICC, 7, metadata.profile)):
        if block:
            added[tag] = (kind, len(block), block)

    end = file.seek(0, os.SEEK_END)
    file.write(b"\0" * (end & 1))
    for tag in (EXIF_DIRECTORY, GPS_DIRECTORY):
        if directories.get(tag):
            start = file.tell()
            block, at = build_directories(order, {0: directories[tag]}, start)
            file.write(block)
            added[tag] = (4, 1, struct.pack(order + "I", at))
    entries = {struct.unpack(order + "H", entry[:2])[0]: entry for entry in raw}
    for tag, (kind, length, value) in added.items():
        if len(value) > 4:
            position = file.tell()
            file.write(value + b"\0" * (len(value) & 1))
            value = struct.pack(order + "I", position)
        entries[tag] = struct.pack(order + "HHI", tag, kind, length) + value.ljust(4, b"\0")
    offset = file.tell()
    file.write(struct.pack(order + "H", len(entries)) + b"".join(entries[tag] for tag in sorted(entries)) + bytes(4))
    file.seek(4)
    file.write(struct.pack(order + "I", offset))


def _exif_in_order(exif: bytes, order: str) -> dict[int, Directory]:
    """The directories of an EXIF block with their numbers in the byte order of the TIFF file."""
    stored, directories = exif_directories(exif)
    if stored == order:
        return directories

    def swapped(kind: int, value: bytes) -> bytes:
        width = {5: 4, 10: 4}.get(kind, TYPE_BYTES[kind])  # a ratio is two integers
        return np.frombuffer(value, f"u{width}").byteswap().tobytes()

    return {
        name: {tag: (kind, count, swapped(kind, value)) for tag, (kind, count, value) in directory.items()}
        for name, directory in directories.items()
    }


_SAVERS: dict[str, _Saver] = {
    "png": _save_png,
    "jpeg": _save_jpeg,
    "webp": _save_webp,
    "avif": _save_avif,
    "tiff": _save_tiff,
}
