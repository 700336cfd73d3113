"""What a labelled set holds: counts, sizes, classes, how much is subject, how coarse the masks are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from deepetch.arrays import Mask
from deepetch.datasets.example import Example, read_example
from deepetch.datasets.truth import Objects
from deepetch.errors import DatasetError, PhotoError

STRAIGHT = 1.0  # an outline may leave the mask's edge by so many pixels, where two corners are joined


@dataclass(frozen=True, kw_only=True)
class Spread:
    """The least, the median and the greatest of some numbers."""

    least: float
    median: float
    greatest: float


@dataclass(frozen=True, kw_only=True)
class Summary:
    """What `inspect` found.

    pictures    number of pictures for each (split, kind).
    categories  number of objects of each class, for annotations that have classes.
    width, height  in pixels.
    foreground  share of the picture where alpha >= 0.5, of pictures with a subject.
    vertices    corners per 100 px of contour that a polygon needs to follow the mask to within a pixel; at 640 px 2
                to 3 for cartons outlined with a click a corner, 5 to 8 for garments, 9 to 11 for portraits with hair.
    unread      (name, reason) of pictures that could not be read; they count in `pictures` only.
    """

    pictures: dict[tuple[str, str], int]
    categories: dict[str, int]
    width: Spread | None
    height: Spread | None
    foreground: Spread | None
    vertices: Spread | None
    unread: tuple[tuple[str, str], ...]


def inspect(examples: Sequence[Example], *, progress: Callable[[int], None] = lambda done: None) -> Summary:
    """Read every picture of a set once and describe it; memory stays at one picture. No example: all empty or None."""
    categories = Counter[str]()
    widths, heights, shares, vertices = list[float](), list[float](), list[float](), list[float]()
    unread = []
    for done, example in enumerate(examples, 1):
        try:
            photo, alpha = read_example(example)
            if isinstance(example.truth, Objects):
                categories.update(thing.category for thing in example.truth.load().objects)
        except (DatasetError, PhotoError) as error:
            unread.append((example.name, str(error)))
            continue
        finally:
            progress(done)
        widths.append(photo.width)
        heights.append(photo.height)
        mask = alpha >= 0.5
        if example.has_subject:
            shares.append(float(mask.mean()))
        if mask.any() and not mask.all():
            vertices.append(vertices_per_100_px(mask))
    return Summary(
        pictures=dict(sorted(Counter((example.split, example.kind) for example in examples).items())),
        categories=dict(sorted(categories.items())),
        width=_spread(widths),
        height=_spread(heights),
        foreground=_spread(shares),
        vertices=_spread(vertices),
        unread=tuple(unread),
    )


def vertices_per_100_px(mask: Mask) -> float:
    """Corners per 100 pixels of contour of a polygon that stays within a pixel of the mask's edge.

    The polygon is Douglas and Peucker's (1973), over all outlines and holes. No contour: 0.
    """
    contours, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    length = sum(cv2.arcLength(contour, True) for contour in contours)
    if length == 0:
        return 0.0
    return 100 * sum(len(cv2.approxPolyDP(contour, STRAIGHT, True)) for contour in contours) / length


def _spread(numbers: Sequence[float]) -> Spread | None:
    if not numbers:
        return None
    return Spread(least=min(numbers), median=float(np.median(numbers)), greatest=max(numbers))
