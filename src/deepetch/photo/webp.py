"""The extended container of a WebP file, which carries metadata (WebP Container Specification)."""

from __future__ import annotations

import struct

from deepetch.photo.exif import exif_with_density
from deepetch.photo.photo import Metadata


def with_webp_chunks(data: bytes, metadata: Metadata, *, height: int, width: int, has_alpha: bool) -> bytes:
    """A file of libvips with our metadata: VP8X, ICCP, the chunks of the picture, EXIF, XMP."""
    exif = exif_with_density(metadata.exif, metadata.density)
    if not (metadata.profile or exif or metadata.xmp):
        return data

    def chunk(kind: bytes, content: bytes) -> bytes:
        return kind + struct.pack("<I", len(content)) + content + b"\0" * (len(content) & 1)

    picture = data[12:]
    if picture[:4] == b"VP8X":
        picture = picture[8 + 10 :]
    flags = bool(metadata.profile) << 5 | has_alpha << 4 | bool(exif) << 3 | bool(metadata.xmp) << 2
    sizes = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    out = chunk(b"VP8X", struct.pack("<I", flags) + sizes)
    if metadata.profile:
        out += chunk(b"ICCP", metadata.profile)
    out += picture
    if exif:
        out += chunk(b"EXIF", exif)
    if metadata.xmp:
        out += chunk(b"XMP ", metadata.xmp)
    return b"RIFF" + struct.pack("<I", len(out) + 4) + b"WEBP" + out
