"""Whether an ICC profile can be used (ICC.1:2022)."""

from __future__ import annotations

import struct

from deepetch.photo.photo import Space

_COLOUR_SPACES: dict[Space, bytes] = {"grey": b"GRAY", "rgb": b"RGB ", "cmyk": b"CMYK"}
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


def icc_space(profile: bytes) -> Space | None:
    """The space of the samples that an ICC profile describes; None for another, such as Lab."""
    return next((space for space, name in _COLOUR_SPACES.items() if profile[16:20] == name), None)


def output_fault(profile: bytes, space: Space) -> str | None:
    """Why pictures cannot be converted to an ICC profile of `space` (the end of a sentence); None if they can.

    A profile of an input device, a link of devices, or a list of named colours describes no picture's space, and
    one that has tables from its colours alone knows no way to them (ICC.1:2022, sections 7.2.5 and 8).
    """
    if fault := profile_fault(profile, space):
        return fault
    device = profile[12:16]
    if device not in (b"mntr", b"prtr", b"spac"):
        return f"is of the class {device.decode('latin-1')!r}, not one of a display, printer or colour space"
    count = int.from_bytes(profile[128:132], "big")
    tags = {profile[at : at + 4] for at in range(132, 132 + 12 * count, 12)}
    if not (tags & {b"B2A0", b"B2A1"} or (space != "cmyk" and _NEEDED_WITHOUT_TABLES[space] <= tags)):
        return "has no table for converting to it"
    return None


def profile_name(profile: bytes) -> str:
    """What an ICC profile calls itself (ICC.1:2022, 9.2.41; textDescriptionType of ICC.1:2001-04); "" if nothing."""
    count = int.from_bytes(profile[128:132], "big")
    for tag, offset, size in struct.iter_unpack(">4sII", profile[132 : 132 + 12 * count]):
        if tag != b"desc":
            continue
        text = profile[offset : offset + size]
        if text[:4] == b"mluc" and len(text) >= 28:
            length, start = struct.unpack_from(">II", text, 20)  # of the first language
            return text[start : start + length].decode("utf-16-be", "replace").strip("\0 ")
        if text[:4] == b"desc":
            length = int.from_bytes(text[8:12], "big")
            return text[12 : 12 + length].decode("latin-1").strip("\0 ")
    return ""
