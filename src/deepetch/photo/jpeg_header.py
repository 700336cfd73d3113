"""The header of a JPEG file, edited without touching its picture (ITU-T T.81, B.1.1.3; JFIF 1.02)."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import TypeAlias

from deepetch.errors import UnreadablePhoto
from deepetch.photo.jpeg import profile_segments, segment

APP0, APP1, APP2, APP13 = 0xE0, 0xE1, 0xE2, 0xED
START_OF_SCAN, END_OF_IMAGE = 0xDA, 0xD9
_ALONE = {0x01, *range(0xD0, 0xD9)}  # markers that no length follows
_PHOTOSHOP = b"Photoshop 3.0\0"

Place: TypeAlias = tuple[int, int, int]  # of a segment: marker, where it begins, where the next one does


def header_segments(data: bytes) -> Iterator[Place]:
    """The segments before the first scan. Raises UnreadablePhoto for bytes that are no JPEG header."""
    at = 2
    while at + 4 <= len(data):
        if data[at] != 0xFF:
            raise UnreadablePhoto(f"JPEG: expected a marker at byte {at}. Copy or export the file again.")
        marker = data[at + 1]
        if marker == 0xFF or marker in _ALONE:  # a byte that fills up, a marker alone
            at += 1 if marker == 0xFF else 2
            continue
        if marker in (START_OF_SCAN, END_OF_IMAGE):
            return
        after = at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        yield marker, at, after
        at = after


def photoshop_resources(data: bytes) -> bytes:
    """Photoshop's image resources, whole blocks in a row; a row longer than a segment is spread over several."""
    parts = [data[at + 4 : after] for marker, at, after in header_segments(data) if marker == APP13]
    return b"".join(part.removeprefix(_PHOTOSHOP) for part in parts if part.startswith(_PHOTOSHOP))


def jpeg_with_density(data: bytes, density: int) -> bytes:
    """The file with a density in pixels per inch in its JFIF segment, which is put in front if there is none."""
    for marker, at, after in header_segments(data):
        if marker == APP0 and data[at + 4 : at + 9] == b"JFIF\0" and after - at >= 16:
            return data[: at + 11] + struct.pack(">BHH", 1, density, density) + data[at + 16 :]
    jfif = b"JFIF\0" + struct.pack(">BBBHHBB", 1, 2, 1, density, density, 0, 0)
    return data[:2] + segment(APP0, jfif) + data[2:]


def jpeg_with_profile(data: bytes, profile: bytes) -> bytes:
    """The file with an ICC profile behind its JFIF and EXIF segments; it must have none."""
    place = 2
    for marker, _, after in header_segments(data):
        if marker not in (APP0, APP1):
            break
        place = after
    return data[:place] + profile_segments(profile) + data[place:]
