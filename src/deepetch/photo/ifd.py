"""Image file directories: the tagged values that TIFF files and EXIF blocks consist of (TIFF 6.0, section 2).

`order` is a byte order as `struct` writes it, "<" or ">".
"""

from __future__ import annotations

import os
import struct
from typing import BinaryIO, TypeAlias

# tag -> (type, count, value in the byte order of its file)
Directory: TypeAlias = dict[int, tuple[int, int, bytes]]

TYPE_BYTES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8}
X_RESOLUTION, Y_RESOLUTION, RESOLUTION_UNIT = 282, 283, 296


def byte_order(head: bytes | bytearray) -> str:
    """The byte order that the first two bytes of a TIFF file or an EXIF block state."""
    return ">" if head[:2] == b"MM" else "<"


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


def build_directory(order: str, directory: Directory, start: int, *, big: bool = False) -> bytes:
    """A directory with its values behind it, for the file offset `start` (even), and none following."""
    count, number, inline = ("Q", "Q", 8) if big else ("H", "I", 4)
    entries, values = bytearray(struct.pack(order + count, len(directory))), bytearray()
    after = start + len(entries) + (4 + 2 * inline) * len(directory) + inline
    for tag, (kind, length, value) in sorted(directory.items()):
        entries += struct.pack(order + "HH" + number, tag, kind, length)
        if len(value) <= inline:
            entries += value.ljust(inline, b"\0")
        else:
            entries += struct.pack(order + number, after + len(values))
            values += value + b"\0" * (len(value) & 1)
    return bytes(entries + bytes(inline) + values)


def pointer(order: str, offset: int, *, big: bool = False) -> tuple[int, int, bytes]:
    """The entry of a tag that says where another directory lies."""
    return (18, 1, struct.pack(order + "Q", offset)) if big else (4, 1, struct.pack(order + "I", offset))


def integers(entry: tuple[int, int, bytes] | None, order: str) -> tuple[int, ...]:
    """The values of an integer tag (byte, short, long); empty when it is missing or of another type."""
    if entry is None or entry[0] not in (1, 3, 4, 7, 13, 16):
        return ()
    letter = {1: "B", 7: "B", 3: "H", 4: "I", 13: "I", 16: "Q"}[entry[0]]
    return struct.unpack(f"{order}{entry[1]}{letter}", entry[2])


def stated_density(directory: Directory, order: str) -> tuple[float, float] | None:
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
        values.append(numerator / denominator * scale)
    return values[0], values[1]


def resolution_tags(density: tuple[float, float] | None, order: str) -> Directory:
    """The tags that state a density in pixels per inch; for None square pixels without a unit."""

    def ratio(value: float) -> tuple[int, int, bytes]:
        return 5, 1, struct.pack(order + "II", round(value * 10_000), 10_000)

    x, y = density or (1, 1)
    unit = struct.pack(order + "H", 2 if density else 1)
    return {X_RESOLUTION: ratio(x), Y_RESOLUTION: ratio(y), RESOLUTION_UNIT: (3, 1, unit)}
