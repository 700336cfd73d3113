"""The segments of a JPEG file that carry metadata, each of at most 65,533 bytes (ITU-T T.81, B.1.1.4)."""

from __future__ import annotations

import struct
from dataclasses import replace

from deepetch.photo.iptc import photoshop_blocks
from deepetch.photo.photo import Metadata

_PROFILE_PART = 65_519  # of a segment, behind its name and two numbers
_PHOTOSHOP = b"Photoshop 3.0\0"


def fitted_to_segments(metadata: Metadata) -> tuple[Metadata, list[str]]:
    """`metadata` without what is too long for a JPEG file, and one sentence for each thing left out."""
    said = []
    for field, limit in (("exif", 65_527), ("xmp", 65_504), ("iptc", 65_505)):
        if len(getattr(metadata, field) or b"") > limit:
            metadata = replace(metadata, **{field: None})
            said.append(f"The {field.upper()} data is too long for JPEG: it was left out.")
    blocks = photoshop_blocks(metadata.iptc, metadata.resources)
    if metadata.resources and len(_PHOTOSHOP) + len(blocks) > 65_533:
        metadata = replace(metadata, resources=None)
        said.append("The clipping path is too long for JPEG: it was left out. Use .tif or .psd.")
    if len(metadata.profile or b"") > 255 * _PROFILE_PART:
        metadata = replace(metadata, profile=None)
        said.append("The colour profile is too long for JPEG: it was left out.")
    return metadata, said


def with_jpeg_segments(head: bytes, metadata: Metadata) -> bytes | None:
    """The beginning of a file with our segments in front; None if `head` is too short yet."""
    return head[:2] + _segments(metadata) + head[2:] if len(head) >= 2 else None


def segment(marker: int, data: bytes) -> bytes:
    """A marker, the length and up to 65,533 bytes."""
    return struct.pack(">BBH", 0xFF, marker, len(data) + 2) + data


def profile_segments(profile: bytes) -> bytes:
    """An ICC profile in as many segments as it needs, 255 at most (ICC.1:2022, annex B.4); none for no profile."""
    parts = [profile[at : at + _PROFILE_PART] for at in range(0, len(profile), _PROFILE_PART)]
    return b"".join(
        segment(0xE2, b"ICC_PROFILE\0" + bytes((number, len(parts))) + part)
        for number, part in enumerate(parts, start=1)
    )


def _segments(metadata: Metadata) -> bytes:
    # JFIF is meant for grey and YCbCr, but it is where every reader looks for the density, with CMYK too.
    x, y = (min(65535, max(1, round(value))) for value in metadata.density or (1, 1))
    out = segment(0xE0, b"JFIF\0" + struct.pack(">BBBHHBB", 1, 2, 1 if metadata.density else 0, x, y, 0, 0))
    if metadata.exif:
        out += segment(0xE1, b"Exif\0\0" + metadata.exif)
    if metadata.xmp:
        out += segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + metadata.xmp)
    if blocks := photoshop_blocks(metadata.iptc, metadata.resources):
        out += segment(0xED, _PHOTOSHOP + blocks)
    return out + profile_segments(metadata.profile or b"")
