"""Another density in everything that states one."""

from __future__ import annotations

import re
import struct
from dataclasses import replace

from deepetch.photo.ifd import RESOLUTION_UNIT, X_RESOLUTION, Y_RESOLUTION, byte_order
from deepetch.photo.photo import Metadata

SCALE = 10_000  # of the ratios that are written
INCH = 2


def with_density(metadata: Metadata, density: tuple[float, float]) -> Metadata:
    """Metadata that state `density`, pixels per inch across and down, also where EXIF and XMP state another.

    In EXIF the numbers alone are written over, so every other byte stays where it is.
    """
    x, y = (round(value * SCALE) for value in density)
    exif, xmp = metadata.exif, metadata.xmp
    if exif is not None:
        exif = _exif_stating(exif, {X_RESOLUTION: x, Y_RESOLUTION: y})
    if xmp is not None:
        stated = {b"XResolution": f"{x}/{SCALE}", b"YResolution": f"{y}/{SCALE}", b"ResolutionUnit": f"{INCH}"}
        for name, value in stated.items():
            pattern = rb"(tiff:" + name + rb"(?:\s*=\s*[\"']|>)\s*)[0-9]+(?:/[0-9]+)?"
            xmp = re.sub(pattern, rb"\g<1>" + value.encode(), xmp)
    return replace(metadata, density=density, exif=exif, xmp=xmp)


def _exif_stating(exif: bytes, ratios: dict[int, int]) -> bytes:
    block, order = bytearray(exif), byte_order(exif)
    try:
        (offset,) = struct.unpack_from(order + "I", block, 4)
        (count,) = struct.unpack_from(order + "H", block, offset)
        for entry in range(offset + 2, offset + 2 + 12 * count, 12):
            tag, kind, _, place = struct.unpack_from(order + "HHII", block, entry)
            if tag in ratios and kind == 5:
                struct.pack_into(order + "II", block, place, ratios[tag], SCALE)
            elif tag == RESOLUTION_UNIT and kind == 3:
                struct.pack_into(order + "H", block, entry + 8, INCH)
    except struct.error:  # cut off: what lies beyond states nothing
        pass
    return bytes(block)
