"""Which kind of picture a file is, told by its first bytes."""

from __future__ import annotations

import struct

from deepetch.errors import UnreadablePhoto
from deepetch.photo.png import PNG_SIGNATURE

# what files of these kinds are called: for finding pictures in folders; reading goes by the first bytes
READ_SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".tif", ".tiff", ".avif", ".heic", ".heif"})
READ_KINDS = "JPEG, PNG, WebP, TIFF, AVIF or HEIC"
_HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}
_FOREIGN = {
    b"GIF8": "a GIF",
    b"%PDF": "a PDF",
    b"8BPS": "a Photoshop document",
    b"BM": "a BMP",
    b"\x00\x00\x00\x0cjP  ": "a JPEG 2000",
    b"\x00\x00\x00\x0cJXL ": "a JPEG XL",
    b"\xff\x0a": "a JPEG XL",
    b"<svg": "an SVG",
    b"\x76\x2f\x31\x01": "an OpenEXR picture",
}


def kind_of(head: bytes, name: str, *, readable: str = READ_KINDS) -> str:
    """Say "jpeg", "png", "webp", "tiff", "avif" or "heic"; UnreadablePhoto, with what it is instead, for others.

    readable  the kinds that the caller reads, to be named then.
    """
    if not head:
        raise UnreadablePhoto(f"{name}: the file is empty. Copy it again from its source.")
    if head.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if head.startswith(PNG_SIGNATURE):
        return "png"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "webp"
    if head[:4] in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"):
        return "tiff"
    if head[4:8] == b"ftyp":
        brands = {head[at : at + 4] for at in range(8, min(struct.unpack(">I", head[:4])[0], len(head)), 4)}
        if brands & {b"avif", b"avis"}:
            return "avif"
        if brands & _HEIC_BRANDS:
            return "heic"
    known = next((what for magic, what in _FOREIGN.items() if head.lstrip().startswith(magic)), None)
    if known:
        raise UnreadablePhoto(f"{name}: {known} is not supported. Convert it to PNG, TIFF or JPEG.")
    raise UnreadablePhoto(f"{name}: not a picture. Give a {readable} file.")
