"""A data set decoded once into squares of one size: what training reads, in one file that is mapped, not loaded.

The file is a plain safetensors file (a JSON header, then raw bytes), mapped with NumPy alone; `packing` writes it:

    images   (n, size, size, 3) uint8  encoded sRGB, longer side = size, the rest filled by reflection
    alphas   (n, size, size) uint8     the truth, placed and reflected alike
    content  (n, 4) float32            top, left, bottom, right of the true picture, as shares of the square

and its header's metadata hold one JSON row an example: name, kind, source, split. Of sets that tell their things apart
there are also

    instances  (n, size, size) uint8   the number of the thing that a pixel is of; 0 of none, and beside the picture
    labels     (n, 255) uint8          of the things 1, 2, ..., each a place in the metadata's list of classes
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from deepetch.errors import DatasetError

BACKGROUNDS = "backgrounds"  # the kind of pictures without a subject
DTYPES: dict[str, np.dtype[Any]] = {"U8": np.dtype(np.uint8), "F32": np.dtype("<f4")}


@dataclass(frozen=True, eq=False)
class Pack:
    """A mapped pack; `rows[i]` describes `images[i]`, `alphas[i]`, `content[i]`, and `instances[i]` if there is any."""

    images: NDArray[np.uint8]
    alphas: NDArray[np.uint8]
    content: NDArray[np.float32]
    rows: list[dict[str, str]]
    instances: NDArray[np.uint8] | None = None
    labels: NDArray[np.uint8] | None = None
    classes: tuple[str, ...] = ()

    @property
    def size(self) -> int:
        return int(self.images.shape[1])

    def select(self, *, split: str, kind: str | None = None) -> NDArray[np.int64]:
        """Indices of the rows of a split and, when given, a kind; empty when there is none."""
        return np.array(
            [
                index
                for index, row in enumerate(self.rows)
                if row["split"] == split and (kind is None or row["kind"] == kind)
            ],
            np.int64,
        )


def open_pack(path: Path) -> Pack:
    """Map a pack; nothing is read but the header.

    Raises  DatasetError when the file is missing or no pack.
    """
    try:
        with path.open("rb") as file:
            length = int.from_bytes(file.read(8), "little")
            if not 2 <= length <= 100_000_000:
                raise ValueError("no header")
            header = json.loads(file.read(length))
        rows = json.loads(header["__metadata__"]["rows"])
        arrays = {
            name: np.memmap(
                path, DTYPES[entry["dtype"]], "c", 8 + length + entry["data_offsets"][0], tuple(entry["shape"])
            )
            for name, entry in header.items()
            if name != "__metadata__"
        }
        return Pack(rows=rows, classes=tuple(json.loads(header["__metadata__"].get("classes", "[]"))), **arrays)
    except OSError as error:
        raise DatasetError(f"{path}: cannot open the pack ({error.strerror}).") from error
    except (ValueError, KeyError, TypeError, UnicodeDecodeError) as error:
        raise DatasetError(f"{path}: no pack of pictures; make one with `deepetch data pack DATA -o FILE`.") from error
