"""Bytes or a path become a Photo: the only place where picture files are decoded.

Every error of libvips, libheif and the file system is translated here into one line of ours.
"""

from __future__ import annotations

import io
import os
import re
import stat
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO, TypeAlias

import cv2
import numpy as np
import pyvips

from deepetch.arrays import Samples
from deepetch.errors import PhotoTooLarge, UnreadablePhoto
from deepetch.options import ReadOptions
from deepetch.photo.photo import CHANNELS, Metadata, Photo, Space

# tag -> (type, count, value in the byte order of its file): one directory of a TIFF file or an EXIF block
Directory: TypeAlias = dict[int, tuple[int, int, bytes]]

TYPE_BYTES = {
    1: 1,
    2: 1,
    3: 2,
    4: 4,
    5: 8,
    6: 1,
    7: 1,
    8: 2,
    9: 4,
    10: 8,
    11: 4,
    12: 8,
    13: 4,
    16: 8,
    17: 8,
    18: 8,
}
ORIENTATION, X_RESOLUTION, Y_RESOLUTION, RESOLUTION_UNIT = 274, 282, 283, 296
EXIF_DIRECTORY, GPS_DIRECTORY, INTEROP_DIRECTORY = 34665, 34853, 40965
XMP, IPTC, PHOTOSHOP, ICC, EXTRA_SAMPLES, TILE_WIDTH = 700, 33723, 34377, 34675, 338, 322
# what a TIFF file says about the picture, not about its own layout: description, make, model, software, date,
# artist, host computer, copyright
DESCRIPTIVE = (270, 271, 272, 305, 306, 315, 316, 33432)

_LOADERS = {
    "jpeg": "jpegload_source",
    "png": "pngload_source",
    "webp": "webpload_source",
    "tiff": "tiffload_source",
    "avif": "heifload_source",
}
_HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}
_FOREIGN = {
    b"GIF8": "a GIF",
    b"%PDF": "a PDF",
    b"8BPS": "a Photoshop document",
    b"BM": "a BMP",
    b"\x00\x00\x00\x0cjP  ": "a JPEG 2000",
    b"\x00\x00\x00\x0cJXL ": "a JPEG XL",
    b"\xff\x0a": "a JPEG XL",
    b"<svg": "an SVG",
    b"\x76\x2f\x31\x01": "an OpenEXR picture",
}
_SPACES: dict[str, Space] = {
    "b-w": "grey",
    "grey16": "grey",
    "srgb": "rgb",
    "rgb": "rgb",
    "rgb16": "rgb",
    "cmyk": "cmyk",
}
# libjpeg says these about files whose picture is whole; after every other warning it has painted grey
_HARMLESS_JPEG = (
    "extraneous bytes",
    "Unknown Adobe color transform",
    "unknown JFIF revision",
    "Inconsistent progression",
)


@dataclass(frozen=True, eq=False, kw_only=True)
class _Decoded:
    """A picture as its decoder gave it: not yet upright, alpha and colour in one array."""

    pixels: Samples
    space: Space
    alpha_band: int | None
    orientation: int
    metadata: Metadata
    warnings: tuple[str, ...]


def read_photo(
    source: str | Path | bytes,
    options: ReadOptions = ReadOptions(),  # noqa: B008 (frozen)
) -> Photo:
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
        kind = _kind(stream.read(4096), name)
        stream.seek(0)
        if kind == "heic":
            decoded = _decode_heic(stream, name, options)
        else:
            decoded = _decode(source, stream, kind, name, options)
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


def _kind(head: bytes, name: str) -> str:
    if not head:
        raise UnreadablePhoto(f"{name}: the file is empty. Copy it again from its source.")
    if head.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "webp"
    if head[:4] in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"):
        return "tiff"
    if head[4:8] == b"ftyp":
        brands = {head[at : at + 4] for at in range(8, min(struct.unpack(">I", head[:4])[0], len(head)), 4)}
        if brands & {b"avif", b"avis"}:
            return "avif"
        if brands & _HEIC_BRANDS:
            return "heic"
    known = next((what for magic, what in _FOREIGN.items() if head.lstrip().startswith(magic)), None)
    if known:
        raise UnreadablePhoto(f"{name}: {known} is not supported. Convert it to PNG, TIFF or JPEG.")
    raise UnreadablePhoto(f"{name}: not a picture. Give a JPEG, PNG, WebP, TIFF, AVIF or HEIC file.")


def _check_size(width: int, height: int, name: str, options: ReadOptions) -> None:
    if width < 1 or height < 1:
        raise UnreadablePhoto(f"{name}: the picture has no pixels ({width} x {height}). Export it again.")
    if width * height > options.max_pixels:
        raise PhotoTooLarge(
            f"{name}: {width} x {height} is {width * height / 1e6:.0f} megapixels; the limit is "
            f"{options.max_pixels / 1e6:g}. Reduce the picture or raise max_pixels."
        )
    if max(width, height) > options.max_side:
        raise PhotoTooLarge(
            f"{name}: {width} x {height} has a side above the limit of {options.max_side} pixels. "
            "Reduce the picture or raise max_side."
        )


def _decode(source: str | Path | bytes, stream: BinaryIO, kind: str, name: str, options: ReadOptions) -> _Decoded:
    warnings: list[str] = []
    damaged = f"{name}: the {kind.upper()} data is truncated or damaged. Copy or export the file again."
    if kind == "tiff" and not _tiff_is_complete(stream):
        raise UnreadablePhoto(damaged)
    try:
        image, pixels = _pixels(source, stream, kind, name, options, warnings)
    except pyvips.Error as error:
        raise UnreadablePhoto(damaged) from error
    space = _SPACES[image.interpretation]
    alpha_band = CHANNELS[space] if image.bands > CHANNELS[space] else None
    fields = set(image.get_fields())
    metadata = Metadata(
        profile=_blob(image, fields, "icc-profile-data"),
        exif=_blob(image, fields, "exif-data"),
        iptc=_blob(image, fields, "iptc-data"),
        xmp=_blob(image, fields, "xmp-data"),
    )
    orientation = image.get("orientation") if "orientation" in fields and kind != "avif" else 1
    if kind == "tiff":
        metadata, alpha_band = _tiff_metadata(stream, metadata, image.bands, space, warnings)
    elif kind == "png":
        metadata = replace(metadata, density=_png_density(stream))
    elif kind == "jpeg" and "resolution-unit" in fields:
        metadata = replace(metadata, density=(_round(image.xres * 25.4), _round(image.yres * 25.4)))
    if "n-pages" in fields and image.get("n-pages") > 1:
        warnings.append(f"The file holds {image.get('n-pages')} pictures; only the first is used.")
    if "bits-per-sample" in fields and image.format == "ushort":
        _fill_range(pixels, image.get("bits-per-sample"))
    return _Decoded(
        pixels=pixels,
        space=space,
        alpha_band=alpha_band,
        orientation=orientation,
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
            return image, image.numpy()
        except pyvips.Error as error:
            if not _harmless(str(error)):
                raise
        warnings.append("The JPEG data has small faults that do not touch the picture.")
    tiled = kind == "tiff" and TILE_WIDTH in _tiff_directory(stream)[2]
    image = _header(source, stream, kind, name, options, fail_on="warning" if tiled else "error")
    return image, image.numpy()


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
    _check_size(image.width, image.height, name, options)
    if image.format not in ("uchar", "ushort"):
        raise UnreadablePhoto(f"{name}: {image.format} samples are not supported. Save it with 8 or 16 bit.")
    if image.interpretation not in _SPACES or image.bands < CHANNELS[_SPACES[image.interpretation]]:
        raise UnreadablePhoto(
            f"{name}: the colour space ({image.interpretation}, {image.bands} channels) is not supported. "
            "Save it as grey, RGB or CMYK."
        )
    return image


def _decode_heic(stream: BinaryIO, name: str, options: ReadOptions) -> _Decoded:
    import pillow_heif  # brings Pillow: only for phones' pictures

    try:
        picture = pillow_heif.open_heif(stream, convert_hdr_to_8bit=False)
        _check_size(picture.size[0], picture.size[1], name, options)
        mode = picture.mode.partition(";")[0]
        pixels = np.array(picture)  # a copy: the decoder's own buffer dies with it
    except (
        ValueError,
        RuntimeError,
        OSError,
        EOFError,
        SyntaxError,
        IndexError,
    ) as error:  # IndexError: no picture in it
        raise UnreadablePhoto(
            f"{name}: the HEIC data is truncated or damaged. Copy or export the file again."
        ) from error
    if mode not in ("L", "LA", "RGB", "RGBA"):
        raise UnreadablePhoto(f"{name}: HEIC pictures of mode {mode} are not supported. Save it as PNG or TIFF.")
    if pixels.dtype == np.uint16:
        _fill_range(pixels, picture.info.get("bit_depth", 16))
    info = picture.info
    warnings = []
    primaries = info.get("nclx_profile", {}).get("color_primaries", 1)
    if not info.get("icc_profile") and primaries not in (1, 2):
        warnings.append("The colours are described without an ICC profile; they are taken as sRGB.")
    space: Space = "grey" if mode.startswith("L") else "rgb"
    return _Decoded(
        pixels=pixels.reshape(*pixels.shape[:2], -1),
        space=space,
        alpha_band=CHANNELS[space] if mode.endswith("A") else None,
        orientation=1,  # libheif has applied the file's own rotation; EXIF's would apply it twice
        metadata=Metadata(profile=info.get("icc_profile"), exif=info.get("exif"), xmp=info.get("xmp")),
        warnings=tuple(warnings),
    )


def _upright(decoded: _Decoded, kind: str) -> Photo:
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
    density = metadata.density
    exif, stated = upright_exif(metadata.exif) if metadata.exif else (None, None)
    density = density or stated
    if density and decoded.orientation >= 5:
        density = (density[1], density[0])
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


def turned(samples: Any, orientation: int) -> Any:
    """Turn an array by its EXIF orientation (1 to 8; anything else counts as 1), c-contiguous.

    6, the most frequent, is "turn a quarter clockwise to see it upright".
    """
    shape = samples.shape[2:]
    if orientation == 2:
        out = cv2.flip(samples, 1)
    elif orientation == 3:
        out = cv2.rotate(samples, cv2.ROTATE_180)
    elif orientation == 4:
        out = cv2.flip(samples, 0)
    elif orientation == 5:
        out = cv2.transpose(samples)
    elif orientation == 6:
        out = cv2.rotate(samples, cv2.ROTATE_90_CLOCKWISE)
    elif orientation == 7:
        out = cv2.flip(cv2.transpose(samples), -1)
    elif orientation == 8:
        out = cv2.rotate(samples, cv2.ROTATE_90_COUNTERCLOCKWISE)
    else:
        out = samples
    return out.reshape(*out.shape[:2], *shape)  # OpenCV drops the axis of a single channel


def _fill_range(pixels: Any, bits: int) -> None:
    """Bring 10 and 12-bit values, which decoders shift to the top, to the full 16 bits: white is 65535."""
    if 8 < bits < 16:
        pixels |= pixels >> bits


def profile_fault(profile: bytes, space: Space) -> str | None:
    """Why an ICC profile cannot be used with samples of `space` (the end of a sentence); None if it can.

    libvips takes a broken profile in silence and converts as if there were none, so the check is ours:
    header, colour space, tag table, and the tags a transform needs (ICC.1:2022, sections 7.2, 7.3 and 8).
    """
    if len(profile) < 132 or profile[36:40] != b"acsp" or int.from_bytes(profile[:4], "big") > len(profile):
        return "is damaged"
    count = int.from_bytes(profile[128:132], "big")
    if 132 + 12 * count > len(profile):
        return "is damaged"
    tags = set()
    for entry in range(132, 132 + 12 * count, 12):
        tag, offset, size = struct.unpack(">4sII", profile[entry : entry + 12])
        if offset + size > len(profile):
            return "is damaged"
        tags.add(tag)
    needed = {
        "grey": {b"kTRC"},
        "rgb": {b"rXYZ", b"gXYZ", b"bXYZ", b"rTRC", b"gTRC", b"bTRC"},
        "cmyk": {b"A2B0"},
    }
    if profile[16:20] != {"grey": b"GRAY", "rgb": b"RGB ", "cmyk": b"CMYK"}[space]:
        return f"is not one for {space if space == 'grey' else space.upper()} pictures"
    if not (tags & {b"A2B0", b"A2B1", b"D2B0", b"D2B1"} or needed[space] <= tags):
        return "is damaged"
    return None


def _blob(image: Any, fields: set[str], name: str) -> bytes | None:
    return (bytes(image.get(name)) or None) if name in fields else None


def _round(density: float) -> float:
    return round(density, 4)


def _png_density(stream: BinaryIO) -> tuple[float, float] | None:
    """Pixels per inch from the pHYs chunk; libvips reports 72 also when there is none."""
    stream.seek(8)
    while len(head := stream.read(8)) == 8:
        length, kind = struct.unpack(">I4s", head)
        if kind in (b"IDAT", b"IEND"):
            return None
        if kind == b"pHYs":
            x, y, unit = struct.unpack(">IIB", stream.read(9))
            return (_round(x * 0.0254), _round(y * 0.0254)) if unit == 1 and x and y else None
        stream.seek(length + 4, os.SEEK_CUR)
    return None


def _upright_xmp(xmp: bytes) -> bytes:
    """Set a stated orientation to 1 and drop thumbnails: they show the old background."""
    xmp = re.sub(rb"(tiff:Orientation(?:\s*=\s*[\"']|>)\s*)[1-8]", rb"\g<1>1", xmp)
    return re.sub(rb"<(xmp|xap):Thumbnails\b.*?</\1:Thumbnails>", b"", xmp, flags=re.DOTALL)


def iptc_records(block: bytes) -> bytes | None:
    """The IPTC-IIM records alone out of a Photoshop resource block (JPEG APP13, TIFF tag 34377), if any."""
    if block.startswith(b"\x1c"):
        return block
    at = 14 if block.startswith(b"Photoshop 3.0\0") else 0
    while block[at : at + 4] == b"8BIM" and at + 12 <= len(block):
        name = (block[at + 6] + 2) & ~1  # a Pascal string, padded to even
        size = int.from_bytes(block[at + 6 + name : at + 10 + name], "big")
        start = at + 10 + name
        if block[at + 4 : at + 6] == b"\x04\x04":
            return block[start : start + size] or None
        at = start + size + (size & 1)
    return None


# EXIF and TIFF share one structure: a header with the byte order, then directories (TIFF 6.0, section 2).


def read_directory(stream: BinaryIO, order: str, offset: int, *, big: bool = False) -> tuple[Directory, int]:
    """One directory and the offset of the next; tags of unknown type or with values outside are left out."""
    end = stream.seek(0, os.SEEK_END)
    count_size, entry_size, inline = (8, 20, 8) if big else (2, 12, 4)
    number = "Q" if big else "I"
    directory: Directory = {}
    if not 0 < offset <= end - count_size:
        return directory, 0
    stream.seek(offset)
    count = int(struct.unpack(order + ("Q" if big else "H"), stream.read(count_size))[0])
    if count * entry_size > end - offset:
        return directory, 0
    entries = stream.read(count * entry_size)
    tail = stream.read(inline)
    for at in range(0, len(entries) - entry_size + 1, entry_size):
        tag, kind, length = struct.unpack(order + "HH" + number, entries[at : at + 4 + inline])
        size = TYPE_BYTES.get(kind, 0) * length
        value = entries[at + 4 + inline : at + entry_size]
        if size > inline:
            position = struct.unpack(order + number, value)[0]
            if position + size > end:
                continue
            stream.seek(position)
            value = stream.read(size)
        if size:
            directory[tag] = (kind, length, value[:size])
    return directory, int(struct.unpack(order + number, tail)[0]) if len(tail) == inline else 0


def integers(entry: tuple[int, int, bytes] | None, order: str) -> tuple[int, ...]:
    """The values of an integer tag (byte, short, long); empty when it is missing or of another type."""
    if entry is None or entry[0] not in (1, 3, 4, 7, 13, 16):
        return ()
    letter = {1: "B", 7: "B", 3: "H", 4: "I", 13: "I", 16: "Q"}[entry[0]]
    return struct.unpack(f"{order}{entry[1]}{letter}", entry[2])


def directory_density(directory: Directory, order: str) -> tuple[float, float] | None:
    """Pixels per inch stated by the resolution tags; None when they are missing or without a unit."""
    unit = integers(directory.get(RESOLUTION_UNIT), order) or (2,)
    scale = {2: 1.0, 3: 2.54}.get(unit[0])
    values = []
    for tag in (X_RESOLUTION, Y_RESOLUTION):
        kind, _, value = directory.get(tag, (0, 0, b""))
        if kind != 5 or scale is None:
            return None
        numerator, denominator = struct.unpack(order + "II", value[:8])
        if not numerator or not denominator:
            return None
        values.append(_round(numerator / denominator * scale))
    return values[0], values[1]


def exif_directories(exif: bytes) -> tuple[str, dict[int, Directory]]:
    """Byte order ("<" or ">") and directories of an EXIF block: 0 the main, EXIF and GPS by their tags."""
    order = ">" if exif[:2] == b"MM" else "<"
    stream = io.BytesIO(exif)
    main, _ = read_directory(stream, order, struct.unpack(order + "I", exif[4:8])[0] if len(exif) >= 8 else 0)
    directories = {0: main}
    for tag in (EXIF_DIRECTORY, GPS_DIRECTORY):
        if pointer := integers(main.get(tag), order):
            directories[tag] = read_directory(stream, order, pointer[0])[0]
    return order, directories


def build_directories(order: str, directories: dict[int, Directory], start: int) -> tuple[bytes, int]:
    """Lay out directories as they stand from file offset `start` (even) on.

    directories  as `exif_directories` gives them; pointers to EXIF and GPS are set here.
    Returns      the bytes, and the offset of the main directory. A maker note keeps its bytes; offsets that
                 some makers store inside it are not adjusted.
    """
    out = bytearray()
    main = dict(directories[0])
    at = start
    for tag in (EXIF_DIRECTORY, GPS_DIRECTORY, 0):
        directory = main if tag == 0 else dict(directories.get(tag, {}))
        directory.pop(INTEROP_DIRECTORY, None)
        if not directory:
            main.pop(tag, None)
            continue
        at = start + len(out)
        if tag:
            main[tag] = (4, 1, struct.pack(order + "I", at))
        entries, values = bytearray(struct.pack(order + "H", len(directory))), bytearray()
        after = at + 2 + 12 * len(directory) + 4
        for key, (kind, count, value) in sorted(directory.items()):
            entries += struct.pack(order + "HHI", key, kind, count)
            if len(value) <= 4:
                entries += value.ljust(4, b"\0")
            else:
                entries += struct.pack(order + "I", after + len(values))
                values += value + b"\0" * (len(value) & 1)
        out += entries + bytes(4) + values
    return bytes(out), at


def build_exif(order: str, directories: dict[int, Directory]) -> bytes:
    """An EXIF block (TIFF structure, without the "Exif" prefix) of these directories."""
    body, main = build_directories(order, directories, 8)
    return struct.pack(order + "2sHI", b"MM" if order == ">" else b"II", 42, main) + body


def upright_exif(exif: bytes) -> tuple[bytes | None, tuple[float, float] | None]:
    """Set the orientation to 1 and wipe the thumbnail, leaving every other byte where it is.

    exif     the block, with or without its "Exif" prefix.
    Returns  the block without prefix, None if it is no EXIF; and the density it states, pixels per inch.
    Byte offsets stay valid, so maker notes survive.
    """
    block = bytearray(exif.removeprefix(b"Exif\0\0"))
    if len(block) < 14 or not block.startswith((b"II*\0", b"MM\0*")):
        return None, None
    order = ">" if block[:2] == b"MM" else "<"
    stream = io.BytesIO(block)
    offset = struct.unpack(order + "I", block[4:8])[0]
    main, following = read_directory(stream, order, offset)
    if not main:
        return None, None
    count = struct.unpack(order + "H", block[offset : offset + 2])[0]
    for entry in range(offset + 2, offset + 2 + 12 * count, 12):
        tag, kind = struct.unpack(order + "HH", block[entry : entry + 4])
        if tag == ORIENTATION and kind in (3, 4):
            block[entry + 8 : entry + 12] = struct.pack(order + ("H2x" if kind == 3 else "I"), 1)
    if following:
        thumbnail, _ = read_directory(stream, order, following)
        link = offset + 2 + 12 * count
        block[link : link + 4] = bytes(4)
        for at, size in ((513, 514), (273, 279)):  # JPEG thumbnail; strips of an uncompressed one
            for first, length in zip(
                integers(thumbnail.get(at), order), integers(thumbnail.get(size), order), strict=False
            ):
                last = min(first + length, len(block))
                if last == len(block):
                    del block[first:]
                else:
                    block[first:last] = bytes(max(0, last - first))
    return bytes(block), directory_density(main, order)


def _tiff_directory(stream: BinaryIO) -> tuple[str, bool, Directory]:
    """Byte order, whether it is a BigTIFF, and the first directory."""
    stream.seek(0)
    head = stream.read(16).ljust(16, b"\0")
    order = ">" if head[:2] == b"MM" else "<"
    big = struct.unpack(order + "H", head[2:4])[0] == 43
    first = struct.unpack(order + ("Q" if big else "I"), head[8:16] if big else head[4:8])[0]
    return order, big, read_directory(stream, order, first, big=big)[0]


def _tiff_is_complete(stream: BinaryIO) -> bool:
    """Whether every strip or tile lies inside the file; libvips paints those black that do not."""
    order, _, main = _tiff_directory(stream)
    end = stream.seek(0, os.SEEK_END)
    for offsets, sizes in ((273, 279), (324, 325)):
        starts, lengths = integers(main.get(offsets), order), integers(main.get(sizes), order)
        if any(start + length > end for start, length in zip(starts, lengths, strict=False)):
            return False
    return True


def _tiff_metadata(
    stream: BinaryIO, metadata: Metadata, bands: int, space: Space, warnings: list[str]
) -> tuple[Metadata, int | None]:
    """What libvips does not tell of a TIFF file: EXIF, IPTC, density, and which extra channel is an alpha."""
    order, big, main = _tiff_directory(stream)
    alpha_band = None
    if extras := bands - CHANNELS[space]:
        kinds = (*integers(main.get(EXTRA_SAMPLES), order), *[0] * extras)[:extras]
        found = [at for at, kind in enumerate(kinds) if kind in (1, 2)]  # 1 premultiplied, 2 straight, 0 anything
        alpha_band = CHANNELS[space] + found[0] if found else None
        if found and kinds[found[0]] == 1:
            warnings.append("The alpha was premultiplied; the colours were divided by it, with rounding.")
        if extras > bool(found):
            warnings.append(f"{extras - bool(found)} extra channel(s) that are no alpha are left out.")

    described = {tag: main[tag] for tag in DESCRIPTIVE if tag in main}
    directories = {0: described}
    for tag in (EXIF_DIRECTORY, GPS_DIRECTORY):
        if pointer := integers(main.get(tag), order):
            directories[tag] = read_directory(stream, order, pointer[0], big=big)[0]
    exif = build_exif(order, directories) if any(directories.values()) else None
    iptc = main.get(IPTC) or main.get(PHOTOSHOP)
    return (
        replace(
            metadata,
            exif=exif,
            density=directory_density(main, order),
            iptc=iptc[2] if iptc else None,
        ),
        alpha_band,
    )
