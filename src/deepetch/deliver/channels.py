"""Channels beside the colours in PSD and TIFF, and the image resources that name them (Adobe, Photoshop File Formats).

Adobe's specification leaves the values of a spot channel open; files of Photoshop's own hold 0 where the ink is full.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from deepetch.arrays import Levels
from deepetch.deliver.path.photoshop import Resource

NAMES, DISPLAY_OF_OLD, UNICODE_NAMES, IDENTIFIERS, DISPLAY = 1006, 1007, 1045, 1053, 1077
CUT_OUT, TRANSPARENCY = "Cut-out", "Transparency"
RGB = 0  # a colour space
FIRST_IDENTIFIER = 1  # 0 is the transparency's

ChannelKind = Literal["mask", "transparency", "spot"]
# how a channel is shown: colour as 16-bit RGB, opacity or solidity in percent, and what the colour marks
# (1: what is masked out, 2: ink); white ink that hides nothing shows the print as it will look
_SHOWN: dict[ChannelKind, tuple[tuple[int, int, int], int, int]] = {
    "mask": ((65535, 0, 0), 50, 1),
    "transparency": ((65535, 0, 0), 50, 1),
    "spot": ((65535, 65535, 65535), 0, 2),
}


@dataclass(frozen=True, eq=False)
class ExtraChannel:
    """A channel (h, w) in the depth of the picture: a mask, full where it selects, or a spot colour, 0 for full ink.

    name  1 to 254 characters of ASCII.
    """

    name: str
    levels: Levels
    kind: ChannelKind = "mask"


def channel_resources(channels: Sequence[tuple[str, ChannelKind]]) -> tuple[Resource, ...]:
    """What tells Photoshop and others the channels' names, and which is a spot colour; none without channels."""
    if not channels:
        return ()
    pascal, unicode, identifiers, old, new = b"", b"", b"", b"", struct.pack(">I", 1)
    for number, (name, kind) in enumerate(channels, FIRST_IDENTIFIER):
        pascal += bytes([len(name)]) + name.encode("ascii")
        text = name.encode("utf-16-be") + b"\0\0"  # readers count the zero at its end
        unicode += struct.pack(">I", len(text) // 2) + text
        identifiers += struct.pack(">I", 0 if kind == "transparency" else number)
        colour, opacity, marks = _SHOWN[kind]
        shown = struct.pack(">H4HHB", RGB, *colour, 0, opacity, marks)
        new += shown
        old += shown + b"\0"
    return (
        Resource(NAMES, "", pascal),
        Resource(DISPLAY_OF_OLD, "", old),
        Resource(UNICODE_NAMES, "", unicode),
        Resource(IDENTIFIERS, "", identifiers),
        Resource(DISPLAY, "", new),
    )
