"""Decode a data set once into the pack that training reads; `pack` says what the file holds."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from deepetch.arrays import Alpha, View
from deepetch.datasets.example import Example, read_example
from deepetch.datasets.instances import MOST, Instances
from deepetch.datasets.pack import DTYPES
from deepetch.datasets.read_instances import classes_of, read_instances, tells_instances
from deepetch.errors import DatasetError
from deepetch.photo.atomic import atomic_output
from deepetch.photo.photo import Photo
from deepetch.photo.resize import letterbox, place
from deepetch.photo.view import reduced, view_of

MOST_CLASSES = 256  # a byte tells apart


def write_pack(
    examples: Sequence[Example],
    path: Path,
    *,
    size: int = 320,
    instances: bool = False,
    overwrite: bool = False,
    progress: Callable[[int], None] = lambda done: None,
) -> None:
    """Decode `examples` once into `path`; memory stays at one picture, the file appears whole or not at all.

    size       longer side of the packed pictures, a multiple of 32.
    instances  pack them too, if any of the examples tells them: a quarter more, which Mask R-CNN alone reads.
    Raises     DatasetError for an empty list or too many classes, InvalidOptions, OutputExists, OutputFailed, and what
               `read_example` raises.
    """
    if not examples:
        raise DatasetError("nothing to pack: the data set has no labelled picture.")
    count = len(examples)
    rows = [{"name": e.name, "kind": e.kind, "source": e.source, "split": e.split, "group": e.group} for e in examples]
    layout: dict[str, tuple[str, tuple[int, ...]]] = {
        "images": ("U8", (count, size, size, 3)),
        "alphas": ("U8", (count, size, size)),
        "content": ("F32", (count, 4)),
    }
    metadata = {"rows": json.dumps(rows)}
    classes: list[str] = []
    if instances and any(tells_instances(example) for example in examples):
        classes = sorted({name for example in examples for name in classes_of(example)})
        if len(classes) > MOST_CLASSES:
            raise DatasetError(f"the set has {len(classes)} classes; at most {MOST_CLASSES}. Choose with --categories.")
    if classes:
        layout |= {"instances": ("U8", (count, size, size)), "labels": ("U8", (count, MOST))}
        metadata["classes"] = json.dumps(classes)
    header, offsets = _header(layout, metadata)
    # written, not mapped: on a full disk a mapped file ends the process
    with atomic_output(path, overwrite=overwrite) as temporary, temporary.open("wb") as file:
        file.write(header)
        for index, example in enumerate(examples):
            photo, alpha = read_example(example)
            arrays = _square(straight_view(photo, size), alpha, size)
            if classes:
                arrays += _numbered(read_instances(example, photo, alpha), classes, size)
            for offset, row in zip(offsets, arrays, strict=True):
                file.seek(len(header) + offset + index * row.nbytes)
                file.write(row.tobytes())
            progress(index + 1)


def straight_view(photo: Photo, size: int) -> View:
    """The colours of a photo without its own alpha: a cut-out's edge, laid over white, would bring white along."""
    return view_of(reduced(photo.samples, size), photo.space, photo.metadata.profile)


def _square(view: View, alpha: Alpha, size: int) -> tuple[NDArray[Any], ...]:
    """One row of images, alphas and content."""
    height, width = alpha.shape
    placement = place(height, width, size)
    image = np.rint(letterbox(view, placement).clip(0, 1) * 255).astype(np.uint8)
    levels = np.rint(letterbox(alpha, placement).clip(0, 1) * 255).astype(np.uint8)
    edges = np.array([placement.top, placement.left, placement.bottom, placement.right], np.float32)
    return image, levels, edges / np.float32(size)


def _numbered(found: Instances, classes: list[str], size: int) -> tuple[NDArray[Any], ...]:
    """One row of instances and labels."""
    placement = place(found.numbers.shape[0], found.numbers.shape[1], size)
    inner_size = (placement.right - placement.left, placement.bottom - placement.top)
    numbers = np.zeros((size, size), np.uint8)
    numbers[placement.top : placement.bottom, placement.left : placement.right] = cv2.resize(
        found.numbers, inner_size, interpolation=cv2.INTER_NEAREST_EXACT
    )
    labels = np.zeros(MOST, np.uint8)
    labels[: len(found.classes)] = [classes.index(name) for name in found.classes]
    return numbers, labels


def _header(layout: dict[str, tuple[str, tuple[int, ...]]], metadata: dict[str, str]) -> tuple[bytes, list[int]]:
    """The safetensors header for `layout`, padded to 8 bytes, and where each array begins after it."""
    entries: dict[str, Any] = {"__metadata__": metadata}
    offsets, position = [], 0
    for name, (dtype, shape) in layout.items():
        length = int(np.prod(shape)) * DTYPES[dtype].itemsize
        entries[name] = {"dtype": dtype, "shape": shape, "data_offsets": [position, position + length]}
        offsets.append(position)
        position += length
    text = json.dumps(entries).encode()
    text += b" " * (-len(text) % 8)
    return len(text).to_bytes(8, "little") + text, offsets
