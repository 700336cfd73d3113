"""Whether an ICC profile can be used (ICC.1:2022)."""

from __future__ import annotations

import struct

from deepetch.photo.photo import Space

_COLOUR_SPACES = {"grey": b"GRAY", "rgb": b"RGB ", "cmyk": b"CMYK"}
_TABLES = {b"A2B0", b"A2B1", b"D2B0", b"D2B1"}
_NEEDED_WITHOUT_TABLES = {
    "grey": {b"kTRC"},
    "rgb": {b"rXYZ", b"gXYZ", b"bXYZ", b"rTRC", b"gTRC", b"bTRC"},
    "cmyk": {b"A2B0"},
}


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
    for tag, offset, size in struct.iter_unpack(">4sII", profile[132 : 132 + 12 * count]):
        if offset + size > len(profile):
            return "is damaged"
        tags.add(tag)
    if profile[16:20] != _COLOUR_SPACES[space]:
        return f"is not one for {space if space == 'grey' else space.upper()} pictures"
    if not (tags & _TABLES or _NEEDED_WITHOUT_TABLES[space] <= tags):
        return "is damaged"
    return None
