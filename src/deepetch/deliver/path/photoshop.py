"""A clipping path as Photoshop keeps it: image resources, in PSD, TIFF, JPEG and EPS alike.

Adobe, "Photoshop File Formats Specification", path resource format: resources 2000 to 2997 hold a path each, in records
of 26 bytes; resource 2999 names the one that clips. All numbers are big-endian.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from deepetch.deliver.path.bezier import Curve
from deepetch.deliver.path.path import ClippingPath
from deepetch.errors import InvalidOptions, UnreadablePhoto, UnsupportedOutput

PATH_RESOURCE, CLIPPING_RESOURCE = 2000, 2999
PATH_NAME = "Path 1"
SIGNATURES = (b"8BIM", b"MeSa", b"PHUT", b"AgHg", b"DCSR")  # ours first; ImageReady and other programs of Adobe's
RECORD = 26
SUBPATH, LINKED, UNLINKED, FILL_RULE, INITIAL_FILL = 0, 1, 2, 6, 8
OPEN = (3, 4, 5)
KNOTS = (LINKED, UNLINKED, 4, 5)  # of closed and of open subpaths
ONE = 2**24  # 8.24 fixed point: the picture's height or width
MAX_KNOTS = 2**16 - 1  # of a subpath
COLLINEAR = 1e-3  # sine of the angle up to which two handles are linked


@dataclass(frozen=True)
class Resource:
    """An image resource: its number, its name as Photoshop shows it, its bytes."""

    number: int
    name: str
    data: bytes


def path_resources(path: ClippingPath, name: str = PATH_NAME) -> tuple[Resource, Resource]:
    """The path, and the word that it is the clipping path.

    name     1 to 254 characters of ASCII.
    Raises   UnsupportedOutput for a subpath of more than 65,535 knots, InvalidOptions for another name.
    """
    if not (1 <= len(name) < 255 and name.isascii() and name.isprintable()):
        raise InvalidOptions(f"path name: expected 1 to 254 printable ASCII characters; got {name!r}.")
    return (
        Resource(PATH_RESOURCE, name, encode_path(path)),
        Resource(CLIPPING_RESOURCE, "", _pascal(name)),
    )


def encode_path(path: ClippingPath) -> bytes:
    """The records of a path: fill rule, initial fill (none), and each subpath's length and knots.

    Subpaths exclude one another (operation 0: even-odd). A knot has the point before it, itself and the point after it,
    y before x, as shares of height and width; its handles are linked where they lie on one line.
    """
    records = [struct.pack(">H24x", FILL_RULE), struct.pack(">HH22x", INITIAL_FILL, 0)]
    for curve in path.subpaths:
        if len(curve) > MAX_KNOTS:
            raise UnsupportedOutput(
                f"a Photoshop path holds {MAX_KNOTS:,} knots a subpath; this one has {len(curve):,}. "
                "Allow a larger tolerance."
            )
        records.append(struct.pack(">HH22x", SUBPATH, len(curve)))
        knots = np.stack([np.roll(curve[:, 2], 1, axis=0), curve[:, 0], curve[:, 1]], axis=1)
        fixed = np.rint(knots[..., ::-1] / (path.height, path.width) * ONE).astype(np.int64)
        selectors = np.where(_linked(knots), LINKED, UNLINKED)
        records += [
            struct.pack(">H6i", selector, *numbers)
            for selector, numbers in zip(selectors.tolist(), fixed.reshape(-1, 6).tolist(), strict=True)
        ]
    return b"".join(records)


def decode_path(data: bytes, width: int, height: int) -> ClippingPath:
    """Read the closed subpaths of a path resource of a picture of this size; open ones are left out.

    Raises  UnreadablePhoto for bytes that are no path.
    """
    if len(data) % RECORD:
        raise UnreadablePhoto(f"path resource: expected records of {RECORD} bytes; got {len(data)} bytes.")
    records = iter(data[start : start + RECORD] for start in range(0, len(data), RECORD))
    subpaths = []
    for record in records:
        selector, count = struct.unpack_from(">HH", record)
        if selector == SUBPATH:
            knots = np.array([_knot(next(records, b"")) for _ in range(count)], np.float64).reshape(count, 3, 2)
            if count:
                subpaths.append(_segments(knots[..., ::-1] / ONE * (width, height)))
        elif selector not in (FILL_RULE, INITIAL_FILL, 7, *OPEN):
            raise UnreadablePhoto(f"path resource: unexpected record {selector}.")
    return ClippingPath(tuple(subpaths), width, height)


def turned_path(data: bytes, orientation: int) -> bytes:
    """A path resource of stored pixels, for the same pixels turned upright by their EXIF orientation (1 to 8).

    Its points stay where they were on what is seen. Bytes that are no path are given back as they are.
    """
    if len(data) % RECORD:
        return data
    records = np.frombuffer(data, np.uint8).reshape(-1, RECORD)
    of_knots = np.isin(records[:, 1], KNOTS) & (records[:, 0] == 0)
    points = records[of_knots, 2:].copy().view(">i4").astype(np.int64).reshape(-1, 3, 2)
    y, x = points[..., 0], points[..., 1]
    upright = {
        2: (y, ONE - x),
        3: (ONE - y, ONE - x),
        4: (ONE - y, x),
        5: (x, y),
        6: (x, ONE - y),
        7: (ONE - x, ONE - y),
        8: (ONE - x, y),
    }.get(orientation, (y, x))
    turned = np.clip(np.stack(upright, axis=-1), -(2**31), 2**31 - 1).astype(">i4")
    records = records.copy()
    records[of_knots, 2:] = turned.reshape(-1, 6).view(np.uint8)
    return records.tobytes()


def resource_block(resource: Resource) -> bytes:
    """A resource as it lies in the file: "8BIM", number, name and data, each padded to an even length."""
    head = b"8BIM" + struct.pack(">H", resource.number) + _pascal(resource.name)
    size = len(resource.data)
    return head + struct.pack(">I", size) + resource.data + bytes(size % 2)


def read_resources(data: bytes) -> Iterator[Resource]:
    """The resources of a row of blocks, which zeros may follow. Raises UnreadablePhoto where it is none."""
    place = 0
    while place < len(data) and data[place : place + 4].strip(b"\0"):
        try:
            signature, number, length = struct.unpack_from(">4sHB", data, place)
            name = data[place + 7 : place + 7 + length].decode("mac_roman")
            place += 7 + length + (1 - length % 2)
            (size,) = struct.unpack_from(">I", data, place)
        except struct.error as error:
            raise UnreadablePhoto("image resources: the last block is cut off.") from error
        place += 4
        if signature not in SIGNATURES or place + size > len(data):
            raise UnreadablePhoto(f"image resources: no whole block before byte {place}.")
        yield Resource(number, name, data[place : place + size])
        place += size + size % 2


def _pascal(text: str) -> bytes:
    """Its length and the text, padded to an even number of bytes."""
    return bytes([len(text)]) + text.encode("mac_roman") + bytes(1 - len(text) % 2)


def _knot(record: bytes) -> tuple[int, ...]:
    if len(record) < RECORD or record[:2] not in (struct.pack(">H", LINKED), struct.pack(">H", UNLINKED)):
        raise UnreadablePhoto("path resource: a subpath has fewer knots than it says.")
    return struct.unpack_from(">6i", record, 2)


def _segments(knots: Curve) -> Curve:
    following = np.roll(knots, -1, axis=0)
    return np.stack([knots[:, 1], knots[:, 2], following[:, 0], following[:, 1]], axis=1)


def _linked(knots: Curve) -> NDArray[np.bool_]:
    before, after = knots[:, 1] - knots[:, 0], knots[:, 2] - knots[:, 1]
    lengths = np.hypot(*before.T) * np.hypot(*after.T)
    cross = before[:, 0] * after[:, 1] - before[:, 1] * after[:, 0]
    dot = (before * after).sum(axis=1)
    return np.asarray((np.abs(cross) <= COLLINEAR * lengths) & (dot > 0), np.bool_)
