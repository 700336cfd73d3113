"""A data set decoded once into squares of one size: what training reads, in one file that is mapped, not loaded.

The file is a plain safetensors file (a JSON header, then raw bytes), written and mapped with NumPy alone:

    images   (n, size, size, 3) uint8  encoded sRGB, longer side = size, the rest filled by reflection
    alphas   (n, size, size) uint8     the truth, placed and reflected alike
    content  (n, 4) float32            top, left, bottom, right of the true picture, as shares of the square

and its header's metadata hold one JSON row an example: name, kind, source, split.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from deepetch.arrays import Alpha, View
from deepetch.datasets.example import Example, read_example
from deepetch.errors import DatasetError
from deepetch.photo.resize import letterbox, place
from deepetch.photo.view import working_view
from deepetch.photo.write import atomic_output

DTYPES = {"U8": np.dtype(np.uint8), "F32": np.dtype("<f4")}


@dataclass(frozen=True, eq=False)
class Pack:
    """A mapped pack; `rows[i]` describes `images[i]`, `alphas[i]`, `content[i]`."""

    images: NDArray[np.uint8]
    alphas: NDArray[np.uint8]
    content: NDArray[np.float32]
    rows: list[dict[str, str]]

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


def write_pack(
    examples: Sequence[Example],
    path: Path,
    *,
    size: int = 320,
    overwrite: bool = False,
    progress: Callable[[int], None] = lambda done: None,
) -> None:
    """Decode `examples` once into `path`; memory stays at one picture, the file appears whole or not at all.

    Raises  DatasetError for an empty list, OutputExists, OutputFailed, and what `read_example` raises.
    """
    if not examples:
        raise DatasetError("nothing to pack: the data set has no labelled picture.")
    count = len(examples)
    rows = [{"name": e.name, "kind": e.kind, "source": e.source, "split": e.split} for e in examples]
    layout = {
        "images": ("U8", (count, size, size, 3)),
        "alphas": ("U8", (count, size, size)),
        "content": ("F32", (count, 4)),
    }
    header, offsets = _header(layout, {"rows": json.dumps(rows)})
    with atomic_output(path, overwrite=overwrite) as temporary:
        temporary.write_bytes(header)
        arrays = {
            name: np.memmap(temporary, DTYPES[dtype], "r+", len(header) + offsets[name], shape)
            for name, (dtype, shape) in layout.items()
        }
        for index, example in enumerate(examples):
            photo, alpha = read_example(example)
            image, levels, content = _square(working_view(photo, size), alpha, size)
            arrays["images"][index], arrays["alphas"][index], arrays["content"][index] = image, levels, content
            progress(index + 1)
        for array in arrays.values():
            array.flush()


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
                path, DTYPES[entry["dtype"]], "r", 8 + length + entry["data_offsets"][0], tuple(entry["shape"])
            )
            for name, entry in header.items()
            if name != "__metadata__"
        }
        return Pack(arrays["images"], arrays["alphas"], arrays["content"], rows)
    except OSError as error:
        raise DatasetError(f"{path}: cannot open the pack ({error.strerror}).") from error
    except (ValueError, KeyError, TypeError, UnicodeDecodeError) as error:
        raise DatasetError(f"{path}: no pack of pictures; make one with `deepetch data pack DATA -o FILE`.") from error


def _square(view: View, alpha: Alpha, size: int) -> tuple[NDArray[np.uint8], NDArray[np.uint8], NDArray[np.float32]]:
    placement = place(*alpha.shape, size)
    image = np.rint(letterbox(view, placement).clip(0, 1) * 255).astype(np.uint8)
    levels = np.rint(letterbox(alpha, placement).clip(0, 1) * 255).astype(np.uint8)
    content = np.array([placement.top, placement.left, placement.bottom, placement.right], np.float32) / size
    return image, levels, content


def _header(layout: dict[str, tuple[str, tuple[int, ...]]], metadata: dict[str, str]) -> tuple[bytes, dict[str, int]]:
    """The safetensors header for `layout`, padded to 8 bytes, and where each array begins after it."""
    entries: dict[str, Any] = {"__metadata__": metadata}
    offsets, position = {}, 0
    for name, (dtype, shape) in layout.items():
        length = int(np.prod(shape)) * DTYPES[dtype].itemsize
        entries[name] = {"dtype": dtype, "shape": shape, "data_offsets": [position, position + length]}
        offsets[name] = position
        position += length
    text = json.dumps(entries).encode()
    text += b" " * (-len(text) % 8)
    return len(text).to_bytes(8, "little") + text, offsets
