"""Packshots as files of every kind: a disc and a square on white, drawn and written without deepetch."""

from __future__ import annotations

import struct
from typing import Any

import numpy as np
import tifffile
from PIL import Image
from psd_tools import PSDImage

WHITE = {"grey": (1.0,), "rgb": (1.0, 1.0, 1.0), "cmyk": (0.0, 0.0, 0.0, 0.0)}
TRIANGLE = ((0.1, 0.1), (0.1, 0.9), (0.9, 0.5))
COLOUR = {"grey": (0.3,), "rgb": (0.8, 0.3, 0.1), "cmyk": (0.1, 0.6, 0.8, 0.0)}  # 0 = no ink


def disc(size: int = 200, radius: float = 90) -> Any:
    """(size, size) bool, in the middle."""
    y, x = np.mgrid[:size, :size] + 0.5
    return np.hypot(y - size / 2, x - size / 2) < radius


def packshot(space: str = "rgb", bits: int = 8, mask: Any = None) -> Any:
    """(h, w, c) samples: one colour where the mask is (default: the disc), else white."""
    mask = disc() if mask is None else mask
    full = 2**bits - 1
    samples = np.where(mask[..., None], COLOUR[space], WHITE[space]) * full
    return np.round(samples).astype(np.uint8 if bits == 8 else np.uint16)


def save(file: Any, samples: Any, space: str = "rgb", **options: Any) -> Any:
    """Write with Pillow, tifffile or psd-tools, by the ending; `kind` says another format than the ending's."""
    kind = options.pop("kind", file.suffix)
    plain = samples[..., 0] if samples.shape[2] == 1 else samples
    if kind == ".tif":
        photometric = {"grey": "minisblack", "rgb": "rgb", "cmyk": "separated"}[space]
        tifffile.imwrite(file, plain, photometric=photometric, metadata=None, **options)
        return file
    if kind == ".png" and samples.dtype == np.uint16:
        raise ValueError("Pillow writes no 16-bit RGB")
    mode = {"grey": "L", "rgb": "RGB", "cmyk": "CMYK"}[space]
    image = Image.frombytes(mode, plain.shape[1::-1], plain.tobytes())
    if kind == ".psd":
        if space == "cmyk":  # stored as what is not inked
            image = Image.frombytes(mode, image.size, (255 - plain).tobytes())
        PSDImage.frompil(image).save(file)
        return file
    form = {".jpg": "JPEG", ".png": "PNG", ".webp": "WEBP"}[kind]
    image.save(file, form, **({"quality": 95} if kind == ".jpg" else {}) | options)
    return file


def path_block(number: int = 2000, name: bytes = b"Path 1", points: Any = TRIANGLE) -> bytes:
    """An image resource that holds a polygon of points (y, x), byte by byte as Adobe's specification has it."""
    data = struct.pack(">H24x", 6) + struct.pack(">HH22x", 0, len(points))
    for y, x in points:
        data += struct.pack(">H6i", 2, *[round(value * 2**24) for value in (y, x) * 3])
    return block(number, name, data)


def block(number: int, name: bytes, data: bytes, signature: bytes = b"8BIM") -> bytes:
    named = bytes([len(name)]) + name
    named += b"\0" * (len(named) % 2)
    return signature + struct.pack(">H", number) + named + struct.pack(">I", len(data)) + data + b"\0" * (len(data) % 2)


def clipping_block(name: bytes = b"Path 1") -> bytes:
    return block(2999, b"", bytes([len(name)]) + name + struct.pack(">iH", 65536, 0))


def save_with_resources(file: Any, blocks: bytes, samples: Any = None, orientation: int | None = None) -> Any:
    """A JPEG, TIFF or PSD with Photoshop's resources put in by hand, and an EXIF orientation if it is no PSD."""
    samples = packshot() if samples is None else samples
    if file.suffix == ".tif":
        turned = [] if orientation is None else [(274, 3, 1, orientation, True)]
        return save(file, samples, extratags=[(34377, 1, len(blocks), blocks, True), *turned])
    exif = Image.Exif()
    exif[274] = orientation or 1
    save(file, samples, **({} if orientation is None else {"exif": exif}))
    data = file.read_bytes()
    if file.suffix == ".jpg":
        content = b"Photoshop 3.0\0" + blocks
        data = data[:2] + b"\xff\xed" + struct.pack(">H", len(content) + 2) + content + data[2:]
    else:
        palette = int.from_bytes(data[26:30], "big")
        at = 30 + palette
        length = int.from_bytes(data[at : at + 4], "big")
        data = data[:at] + struct.pack(">I", length + len(blocks)) + blocks + data[at + 4 :]
    file.write_bytes(data)
    return file
