"""The planes of a Photoshop document, compressed strip by strip while they are written, so that none is held whole."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

import numpy as np
from psd_tools.compression import encode_rle
from psd_tools.constants import Compression

from deepetch.arrays import Levels, full_scale

STRIP_ROWS = 64
COPIED = 2**24  # bytes at a time


@dataclass(frozen=True, eq=False)
class Plane:
    """One channel (h, w), 8 or 16 bit.

    inverted  what is full is written as 0: the document's sense of CMYK, where full means no ink.
    """

    levels: Levels
    inverted: bool = False

    @property
    def bits(self) -> int:
        return self.levels.itemsize * 8

    def strip(self, top: int) -> Any:
        """The values to store of 64 rows, or as many as there are, in the machine's byte order."""
        strip = self.levels[top : top + STRIP_ROWS]
        full = self.levels.dtype.type(full_scale(self.levels))
        return full - strip if self.inverted else np.ascontiguousarray(strip)

    def strips(self) -> Iterator[Any]:
        """All of them, from the top."""
        return (self.strip(top) for top in range(0, self.levels.shape[0], STRIP_ROWS))


class LayerPlanes:
    """Writes the channels of layers; one that was written before is copied from where it lies in the file.

    file  open for writing and reading, at its end.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._places: dict[Plane, tuple[int, int]] = {}

    def write(self, plane: Plane) -> int:
        """Returns  the number of bytes that the channel takes, its compression among them."""
        start = self._file.tell()
        if plane in self._places:
            self._copy(*self._places[plane])
        elif plane.bits == 8:
            self._file.write(struct.pack(">H", Compression.RLE))
            _write_run_lengths(self._file, [plane])
        else:  # as Photoshop does: run lengths say little about 16-bit samples
            self._file.write(struct.pack(">H", Compression.ZIP_WITH_PREDICTION))
            _write_differences(self._file, plane)
        size = self._file.tell() - start
        self._places.setdefault(plane, (start, size))
        return size

    def _copy(self, start: int, size: int) -> None:
        end = self._file.tell()
        for done in range(0, size, COPIED):
            self._file.seek(start + done)
            part = self._file.read(min(COPIED, size - done))
            self._file.seek(end + done)
            self._file.write(part)


def write_flattened(file: BinaryIO, planes: Sequence[Plane]) -> None:
    """Write the picture that viewers show, all planes of one size and depth: 8 bit packed, 16 bit as they are."""
    if planes[0].bits == 8:
        file.write(struct.pack(">H", Compression.RLE))
        _write_run_lengths(file, planes)
        return
    file.write(struct.pack(">H", Compression.RAW))
    for plane in planes:
        for strip in plane.strips():
            file.write(_stored(strip))


def _write_run_lengths(file: BinaryIO, planes: Sequence[Plane]) -> None:
    """PackBits: first the length of every row, then the rows of all planes."""
    start = file.tell()
    file.write(bytes(2 * sum(plane.levels.shape[0] for plane in planes)))
    lengths = []
    for plane in planes:
        for strip in plane.strips():
            rows, columns = strip.shape
            packed = encode_rle(strip.tobytes(), columns, rows, 8, 1)
            lengths.append(packed[: 2 * rows])
            file.write(memoryview(packed)[2 * rows :])
    end = file.tell()
    file.seek(start)
    file.write(b"".join(lengths))
    file.seek(end)


def _write_differences(file: BinaryIO, plane: Plane) -> None:
    """Deflated differences from the pixel to the left."""
    packer = _packer(plane)
    for strip in plane.strips():
        file.write(packer.compress(_differences(strip)))
    file.write(packer.flush())


def _packer(plane: Plane) -> Any:
    """What packs the plane fast: by runs alone, or by strings too where three strips of the plane tell that it pays.

    16 bit of a camera or a scanner are noise in their lower bits; the search for strings finds nothing there and takes
    three times as long. It pays for what was 8 bit once, and for plain areas and gradients.
    """
    height = plane.levels.shape[0]
    sample = b"".join(_differences(plane.strip(height * quarter // 4)) for quarter in (1, 2, 3))
    sizes = [len(packer.compress(sample) + packer.flush()) for packer in (_by_runs(), _by_strings())]
    return _by_runs() if sizes[0] <= sizes[1] else _by_strings()


def _by_runs() -> Any:
    return zlib.compressobj(1, strategy=zlib.Z_RLE)


def _by_strings() -> Any:
    return zlib.compressobj(1)


def _differences(strip: Any) -> bytes:
    differences = strip.copy()
    differences[:, 1:] -= strip[:, :-1]
    return _stored(differences)


def _stored(strip: Any) -> bytes:
    data: bytes = strip.astype(strip.dtype.newbyteorder(">")).tobytes()
    return data
