"""EXIF blocks: a byte order, a main directory, and directories for the exposure and the place (Exif 2.32, section 4).

A block is kept byte for byte where it can be, since maker notes hold offsets into it that nobody can adjust.
"""

from __future__ import annotations

import io
import struct
from typing import BinaryIO

import numpy as np

from deepetch.photo.ifd import (
    TYPE_BYTES,
    Directory,
    build_directory,
    byte_order,
    integers,
    pointer,
    read_directory,
    resolution_tags,
    stated_density,
)

ORIENTATION = 274
EXIF_DIRECTORY, GPS_DIRECTORY, INTEROP_DIRECTORY = 34665, 34853, 40965


def upright_exif(exif: bytes) -> tuple[bytes | None, tuple[float, float] | None]:
    """Set the orientation to 1 and wipe the thumbnail, leaving every other byte where it is.

    exif     the block, with or without its "Exif" prefix.
    Returns  the block without prefix, None if it is no EXIF; and the density it states, pixels per inch.
    Byte offsets stay valid, so maker notes survive.
    """
    block = bytearray(exif.removeprefix(b"Exif\0\0"))
    if len(block) < 14 or not block.startswith((b"II*\0", b"MM\0*")):
        return None, None
    order = byte_order(block)
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
    return bytes(block), stated_density(main, order)


def exif_directories(exif: bytes) -> tuple[str, dict[int, Directory]]:
    """Byte order and directories of an EXIF block: 0 the main, EXIF and GPS by their tags."""
    order = byte_order(exif)
    stream = io.BytesIO(exif)
    main, _ = read_directory(stream, order, struct.unpack(order + "I", exif[4:8])[0] if len(exif) >= 8 else 0)
    return order, {0: main, **linked_directories(stream, order, main)}


def linked_directories(stream: BinaryIO, order: str, main: Directory, *, big: bool = False) -> dict[int, Directory]:
    """The EXIF and GPS directories that `main` points to, by their tags; the one for interoperability is not kept."""
    found = {}
    for tag in (EXIF_DIRECTORY, GPS_DIRECTORY):
        if offset := integers(main.get(tag), order):
            found[tag], _ = read_directory(stream, order, offset[0], big=big)
            found[tag].pop(INTEROP_DIRECTORY, None)
    return found


def exif_directories_in(order: str, exif: bytes) -> dict[int, Directory]:
    """`exif_directories` with the numbers in the byte order `order`."""
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


def build_exif(order: str, directories: dict[int, Directory]) -> bytes:
    """An EXIF block, without its "Exif" prefix, of directories as `exif_directories` gives them.

    The pointers to EXIF and GPS are set here. A maker note keeps its bytes; offsets that some makers store
    inside it are not adjusted.
    """
    pointers = (EXIF_DIRECTORY, GPS_DIRECTORY, INTEROP_DIRECTORY)
    main = {tag: entry for tag, entry in directories[0].items() if tag not in pointers}
    head, body = 8, b""
    for tag in (EXIF_DIRECTORY, GPS_DIRECTORY):
        if directory := directories.get(tag):
            main[tag] = pointer(order, head + len(body))
            body += build_directory(order, directory, head + len(body))
    at = head + len(body)
    signature = struct.pack(order + "2sHI", b"MM" if order == ">" else b"II", 42, at)
    return signature + body + build_directory(order, main, at)


def exif_with_density(exif: bytes | None, density: tuple[float, float] | None) -> bytes | None:
    """EXIF for formats that have no other place for the density; unchanged if it states one already."""
    if density is None:
        return exif
    order, directories = exif_directories(exif) if exif else ("<", {0: Directory()})
    if stated_density(directories[0], order):
        return exif
    directories[0] |= resolution_tags(density, order)
    return build_exif(order, directories)
