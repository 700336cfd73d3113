"""Test pictures laid over test backgrounds, always the same way: what a mask is worth off its own white."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from deepetch.arrays import Alpha
from deepetch.datasets.example import Example, read_example
from deepetch.datasets.index import read_index
from deepetch.photo.photo import Photo
from deepetch.photo.read import read_photo


class Scene(NamedTuple):
    """A picture laid over a background, its alpha (h, w), and its colours (h, w, 3) in 8-bit levels, 0 beside it."""

    example: Example
    photo: Photo
    alpha: Alpha
    foreground: NDArray[np.float32]


def composed(data: Path, kind: str, *, split: str = "test", seed: int = 1) -> Iterator[Scene]:
    """Every picture of `kind`, enlarged to 55 to 95 % of a background of the same split and placed inside it.

    The draw depends on seed and the picture's name alone. The alpha's edge is pulled in by half a pixel, since the
    outermost pixels of a binary mask show the old background.
    """
    backgrounds = read_index(data, split=split, kinds=["backgrounds"])
    for example in read_index(data, split=split, kinds=[kind]):
        draw = np.random.default_rng((seed, zlib.crc32(example.name.encode())))
        photo, alpha = read_example(example)
        behind = read_photo(backgrounds[draw.integers(len(backgrounds))].image).samples
        height, width = behind.shape[:2]
        scale = draw.uniform(0.55, 0.95) * min(height / photo.height, width / photo.width)
        size = (max(1, round(photo.width * scale)), max(1, round(photo.height * scale)))
        method = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
        front = cv2.resize(photo.samples, size, interpolation=method).astype(np.float32)
        cover = cv2.resize(alpha, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
        if photo.alpha is None:
            cover = np.clip((cover - 0.5) * 2, 0, 1)
        top, left = draw.integers(height - size[1] + 1), draw.integers(width - size[0] + 1)
        place = (slice(top, top + size[1]), slice(left, left + size[0]))
        scene = behind.astype(np.float32)
        scene[place] = cover[..., None] * front + (1 - cover[..., None]) * scene[place]
        truth, foreground = np.zeros((height, width), np.float32), np.zeros((height, width, 3), np.float32)
        truth[place], foreground[place] = cover, front.clip(0, 255)
        photo = Photo(samples=np.rint(scene).clip(0, 255).astype(np.uint8), space="rgb", format="png")
        yield Scene(example, photo, truth, foreground)
