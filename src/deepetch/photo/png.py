"""The chunks of a PNG file that carry metadata (PNG, third edition, section 11)."""

from __future__ import annotations

import os
import struct
import zlib
from typing import BinaryIO

from deepetch.photo.photo import Metadata

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_IHDR_END = len(PNG_SIGNATURE) + 25  # 13 bytes and 12 around them


def png_density(stream: BinaryIO) -> tuple[float, float] | None:
    """Pixels per inch from the pHYs chunk; libvips reports 72 also when there is none."""
    stream.seek(len(PNG_SIGNATURE))
    while len(head := stream.read(8)) == 8:
        length, kind = struct.unpack(">I4s", head)
        if kind in (b"IDAT", b"IEND"):
            return None
        if kind == b"pHYs":
            x, y, unit = struct.unpack(">IIB", stream.read(9))
            return (x * 0.0254, y * 0.0254) if unit == 1 and x and y else None
        stream.seek(length + 4, os.SEEK_CUR)
    return None


def png_says_srgb(stream: BinaryIO) -> bool:
    """Whether the file has an sRGB chunk, which stands for the profile."""
    stream.seek(len(PNG_SIGNATURE))
    while len(head := stream.read(8)) == 8:
        length, kind = struct.unpack(">I4s", head)
        if kind in (b"IDAT", b"IEND"):
            return False
        if kind == b"sRGB":
            return True
        stream.seek(length + 4, os.SEEK_CUR)
    return False


def with_png_chunks(head: bytes, metadata: Metadata) -> bytes | None:
    """The beginning of a file with our chunks behind IHDR; what stood there (libvips' density, always) goes.

    Returns  None if `head` does not reach the pixels yet.
    """
    at = _IHDR_END
    while len(head) >= at + 8 and head[at + 4 : at + 8] != b"IDAT":
        at += 12 + int.from_bytes(head[at : at + 4], "big")
    if len(head) < at + 8:
        return None
    return head[:_IHDR_END] + _chunks(metadata) + head[at:]


def _chunks(metadata: Metadata) -> bytes:
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
