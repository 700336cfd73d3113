"""IPTC-IIM records, and the row of Photoshop resource blocks that JPEG and TIFF wrap them in (resource 0x0404)."""

from __future__ import annotations

import struct


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


def photoshop_blocks(records: bytes | None, others: bytes | None = None) -> bytes:
    """A row of resource blocks: these IPTC records as the first, then others, which are whole blocks already."""
    first = b""
    if records:
        first = b"8BIM\x04\x04\0\0" + struct.pack(">I", len(records)) + records + b"\0" * (len(records) & 1)
    return first + (others or b"")
