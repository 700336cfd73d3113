"""What libvips does not tell of a TIFF file (EXIF, IPTC, which channel is an alpha, what is cut off) or write to it."""

from __future__ import annotations

import os
import struct
from collections.abc import Sequence
from dataclasses import replace
from typing import BinaryIO

from deepetch.photo.exif import (
    EXIF_DIRECTORY,
    GPS_DIRECTORY,
    build_exif,
    exif_directories_in,
    linked_directories,
)
from deepetch.photo.ifd import (
    Directory,
    build_directory,
    byte_order,
    integers,
    pointer,
    read_directory,
    resolution_tags,
    stated_density,
)
from deepetch.photo.iptc import photoshop_blocks
from deepetch.photo.photo import Metadata

STRIPS, TILES = (273, 279), (324, 325)  # the tags of their offsets and of their sizes
TILE_WIDTH, EXTRA_SAMPLES = 322, 338
XMP, IPTC, PHOTOSHOP, ICC = 700, 33723, 34377, 34675
# what a TIFF file says about the picture, not about its own layout: description, make, model, software, date,
# artist, host computer, copyright
DESCRIPTIVE = (270, 271, 272, 305, 306, 315, 316, 33432)


def first_directory(stream: BinaryIO) -> tuple[str, bool, Directory]:
    """Byte order, whether it is a BigTIFF, and the first directory."""
    stream.seek(0)
    head = stream.read(16).ljust(16, b"\0")
    order = byte_order(head)
    big = struct.unpack(order + "H", head[2:4])[0] == 43
    first = struct.unpack(order + ("Q" if big else "I"), head[8:16] if big else head[4:8])[0]
    return order, big, read_directory(stream, order, first, big=big)[0]


def tiff_is_complete(stream: BinaryIO) -> bool:
    """Whether every strip or tile lies inside the file; libvips paints those black that do not."""
    order, _, main = first_directory(stream)
    end = stream.seek(0, os.SEEK_END)
    for offsets, sizes in (STRIPS, TILES):
        starts, lengths = integers(main.get(offsets), order), integers(main.get(sizes), order)
        if any(start + length > end for start, length in zip(starts, lengths, strict=False)):
            return False
    return True


def tiff_is_tiled(stream: BinaryIO) -> bool:
    return TILE_WIDTH in first_directory(stream)[2]


def tiff_alpha(stream: BinaryIO, extras: int) -> tuple[int | None, list[str]]:
    """Which of the `extras` channels behind the colours is an alpha (None: none is), and what is to be said."""
    order, _, main = first_directory(stream)
    kinds = (*integers(main.get(EXTRA_SAMPLES), order), *[0] * extras)[:extras]
    alpha = next((at for at, kind in enumerate(kinds) if kind in (1, 2)), None)  # 1 premultiplied, 2 straight
    warnings = []
    if alpha is not None and kinds[alpha] == 1:
        warnings.append("The alpha was premultiplied; the colours were divided by it, with rounding.")
    if others := extras - (alpha is not None):
        warnings.append(f"{others} extra channel(s) that are no alpha are left out.")
    return alpha, warnings


def with_tiff_metadata(metadata: Metadata, stream: BinaryIO) -> Metadata:
    """`metadata` with the EXIF, the IPTC block and the density of a TIFF file."""
    order, big, main = first_directory(stream)
    described = {tag: main[tag] for tag in DESCRIPTIVE if tag in main}
    directories = {0: described, **linked_directories(stream, order, main, big=big)}
    exif = build_exif(order, directories) if any(directories.values()) else None
    iptc = main.get(IPTC) or main.get(PHOTOSHOP)
    return replace(metadata, exif=exif, iptc=iptc[2] if iptc else None, density=stated_density(main, order))


def append_tiff_metadata(file: BinaryIO, metadata: Metadata, extra: Sequence[int] = ()) -> None:
    """Write the first directory anew at the end of the file, with our tags; the pixels stay where they are.

    extra  what the channels behind the colours are: 2 a straight alpha, 0 something else. libvips calls all alpha.
    libvips writes no EXIF to TIFF, and IPTC with a wrong length.
    """
    order, big, main = first_directory(file)
    exif = exif_directories_in(order, metadata.exif) if metadata.exif else {0: Directory()}
    main |= {tag: entry for tag, entry in exif[0].items() if tag in DESCRIPTIVE}
    main |= resolution_tags(metadata.density, order)
    if extra:
        main[EXTRA_SAMPLES] = (3, len(extra), struct.pack(f"{order}{len(extra)}H", *extra))
    # who finds Photoshop's tag looks there for IPTC too
    photoshop = photoshop_blocks(metadata.iptc, metadata.resources) if metadata.resources else None
    blocks = ((XMP, 1, metadata.xmp), (IPTC, 7, metadata.iptc), (PHOTOSHOP, 1, photoshop), (ICC, 7, metadata.profile))
    for tag, kind, block in blocks:
        if block:
            main[tag] = (kind, len(block), block)

    end = file.seek(0, os.SEEK_END)
    file.write(b"\0" * (end & 1))
    for tag in (EXIF_DIRECTORY, GPS_DIRECTORY):
        if directory := exif.get(tag):
            start = file.tell()
            file.write(build_directory(order, directory, start, big=big))
            main[tag] = pointer(order, start, big=big)
    start = file.tell()
    file.write(build_directory(order, main, start, big=big))
    file.seek(8 if big else 4)
    file.write(struct.pack(order + ("Q" if big else "I"), start))
