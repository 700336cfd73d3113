"""Pictures, profiles and metadata drawn in code for the tests of `photo/`; nothing here uses deepetch."""

from __future__ import annotations

import io
import struct
from typing import Any

import numpy as np
import pyvips
import tifffile
from PIL import Image

CHANNELS = {"grey": 1, "rgb": 3, "cmyk": 4}
FULL = {8: 255, 16: 65535}


def ramps(space: str, bits: int, height: int = 24, width: int = 36) -> Any:
    """(h, w, c) samples: smooth ramps, another direction in each channel, both ends of the range present."""
    y, x = np.mgrid[0 : 1 : height * 1j, 0 : 1 : width * 1j]
    planes = [x, 1 - y, (x + y) / 2, 0.5 * (1 - x) * y][: CHANNELS[space]]
    return np.round(np.stack(planes, axis=-1) * FULL[bits]).astype(np.uint8 if bits == 8 else np.uint16)


def disc(bits: int, height: int = 24, width: int = 36) -> Any:
    """(h, w) alpha of a disc with a soft edge of four pixels."""
    y, x = np.mgrid[0:height, 0:width]
    radius = np.hypot(y - height / 2, x - width / 2)
    soft = np.clip((min(height, width) / 3 - radius) / 4 + 0.5, 0, 1)
    return np.round(soft * FULL[bits]).astype(np.uint8 if bits == 8 else np.uint16)


def corners(height: int = 20, width: int = 32) -> Any:
    """(h, w, 3) uint8, one flat colour a quarter: upper left red, right green; lower left blue, white."""
    out = np.zeros((height, width, 3), np.uint8)
    out[: height // 2, : width // 2] = (220, 20, 20)
    out[: height // 2, width // 2 :] = (20, 220, 20)
    out[height // 2 :, : width // 2] = (20, 20, 220)
    out[height // 2 :, width // 2 :] = (240, 240, 240)
    return out


def stored_as(upright: Any, orientation: int) -> Any:
    """What a camera stores so that turning by `orientation` gives `upright` (EXIF 2.32, table of tag 274)."""
    return {
        1: lambda a: a,
        2: lambda a: a[:, ::-1],
        3: lambda a: a[::-1, ::-1],
        4: lambda a: a[::-1],
        5: lambda a: a.swapaxes(0, 1),
        6: lambda a: a.swapaxes(0, 1)[::-1],
        7: lambda a: a.swapaxes(0, 1)[::-1, ::-1],
        8: lambda a: a.swapaxes(0, 1)[:, ::-1],
    }[orientation](upright)


def with_pillow(samples: Any, form: str, **options: Any) -> bytes:
    """Encode (h, w, c) uint8 with Pillow."""
    array = samples[..., 0] if samples.ndim == 3 and samples.shape[2] == 1 else samples
    if form == "JPEG" and "exif" in options:
        options["exif"] = b"Exif\0\0" + options["exif"]
    image = Image.fromarray(np.ascontiguousarray(array))
    if options.pop("mode", None) == "CMYK":
        height, width = array.shape[:2]
        image = Image.frombytes("CMYK", (width, height), np.ascontiguousarray(array).tobytes())
    out = io.BytesIO()
    image.save(out, form, **options)
    return out.getvalue()


def with_tifffile(samples: Any, space: str, extra: list[str] | None = None, **options: Any) -> bytes:
    """Encode (h, w, c) samples with tifffile, without the description it would add."""
    photometric = {"grey": "minisblack", "rgb": "rgb", "cmyk": "separated"}[space]
    array = samples[..., 0] if samples.shape[2] == 1 else samples
    out = io.BytesIO()
    contig = {"planarconfig": "contig"} if samples.shape[2] > 1 else {}
    tifffile.imwrite(
        out,
        array,
        extrasamples=extra,
        metadata=None,
        software=False,
        **{"photometric": photometric, **contig, **options},
    )
    return out.getvalue()


def built_in_profile(name: str) -> bytes:
    """libvips' "srgb", "p3" or "cmyk" profile."""
    return bytes(pyvips.Operation.call("profile_load", name))


def grey_profile(gamma: float) -> bytes:
    """A smallest possible ICC v2 profile of grey with a pure power curve (ICC.1:2001-04, sections 6.1 and 6.5)."""
    white = b"XYZ \0\0\0\0" + struct.pack(">iii", 63190, 65536, 54061)  # D50
    curve = b"curv\0\0\0\0" + struct.pack(">IH", 1, round(gamma * 256)) + b"\0\0"
    name = b"desc\0\0\0\0" + struct.pack(">I", 5) + b"grey\0" + bytes(78 + 1)
    table, data, at = b"", b"", 128 + 4 + 3 * 12
    for tag, block in ((b"desc", name), (b"wtpt", white), (b"kTRC", curve)):
        block += b"\0" * (-len(block) % 4)
        table += tag + struct.pack(">II", at + len(data), len(block))
        data += block
    size = at + len(data)
    header = struct.pack(">I4sI4s4s4s", size, b"none", 0x02100000, b"mntr", b"GRAY", b"XYZ ")
    header += bytes(12) + b"acsp" + bytes(28) + struct.pack(">iii", 63190, 65536, 54061)
    return header.ljust(128, b"\0") + struct.pack(">I", 3) + table + data


THUMBNAIL = b"\xff\xd8\xff\xdb" + b"the old background" * 5 + b"\xff\xd9"
MAKER_NOTE = b"MAKER\0\x01\x02 offsets inside count from the start of the block"


def exif_block(orientation: int = 1, *, order: str = "<", thumbnail: bool = False, density: int | None = None) -> bytes:
    """An EXIF block written by hand: maker, orientation, a maker note; a thumbnail in a second directory."""

    def entry(tag: int, kind: int, count: int, value: int) -> bytes:
        inline = struct.pack(order + "HH", value, 0) if kind == 3 else struct.pack(order + "I", value)
        return struct.pack(order + "HHI", tag, kind, count) + inline

    main_count = 3 + (3 if density else 0)
    exif_at = 8 + 2 + 12 * main_count + 4
    make_at = exif_at + 2 + 12 + 4
    note_at = make_at + 8
    ratio_at = note_at + len(MAKER_NOTE) + len(MAKER_NOTE) % 2
    second_at = ratio_at + 8
    main = entry(271, 2, 8, make_at) + entry(274, 3, 1, orientation)
    if density:
        main += entry(282, 5, 1, ratio_at) + entry(283, 5, 1, ratio_at) + entry(296, 3, 1, 2)
    main += entry(34665, 4, 1, exif_at)
    out = struct.pack(order + "2sHI", b"II" if order == "<" else b"MM", 42, 8)
    out += struct.pack(order + "H", main_count) + main + struct.pack(order + "I", second_at if thumbnail else 0)
    out += struct.pack(order + "H", 1) + entry(0x927C, 7, len(MAKER_NOTE), note_at) + bytes(4)
    out += b"Camera\0\0" + MAKER_NOTE.ljust(ratio_at - note_at, b"\0") + struct.pack(order + "II", density or 0, 1)
    if thumbnail:
        at = second_at + 2 + 24 + 4
        out += struct.pack(order + "H", 2) + entry(513, 4, 1, at) + entry(514, 4, 1, len(THUMBNAIL)) + bytes(4)
        out += THUMBNAIL
    return out


XMP = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    b'<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" dc:format="image/x"/>'
    b"</rdf:RDF></x:xmpmeta>"
)
IPTC = b"\x1c\x02\x78\x00\x05Shoes\x1c\x02\x19\x00\x03red"
