"""Labelled objects, as annotation tools store them, and the masks they mean.

Coordinates are x to the right and y down, in pixels of the picture, (0, 0) at its upper left corner, so that the centre
of the first pixel is (0.5, 0.5).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from deepetch.arrays import Mask
from deepetch.errors import MissingExtra

Points: TypeAlias = NDArray[np.float64]  # (n, 2), x and y


@dataclass(frozen=True, eq=False)
class Polygon:
    """An outline (n, 2) and the outlines of its holes; each closes itself.

    inclusive  the points are centres of pixels that belong to the outline, as in Supervisely, and a hole's belong to
               the hole; else they are corners between pixels, as in COCO.
    """

    exterior: Points
    interiors: tuple[Points, ...] = ()
    inclusive: bool = False


@dataclass(frozen=True, eq=False)
class Bitmap:
    """A mask (h, w) bool whose first pixel lies at column `left`, row `top` of the picture; it may reach beyond it."""

    mask: Mask
    left: int = 0
    top: int = 0


@dataclass(frozen=True)
class Rectangle:
    left: float
    top: float
    right: float
    bottom: float


Shape: TypeAlias = Polygon | Bitmap | Rectangle


@dataclass(frozen=True, eq=False, kw_only=True)
class LabelledObject:
    """One thing in a picture.

    shapes  its parts; a bottle cut in two by a hand has two. No part is an object nobody can see.
    crowd   a region of many, not told apart (COCO's `iscrowd`).
    """

    category: str
    shapes: tuple[Shape, ...]
    crowd: bool = False


@dataclass(frozen=True, eq=False, kw_only=True)
class Annotation:
    """What a tool says of one picture of `height` x `width` pixels."""

    height: int
    width: int
    objects: tuple[LabelledObject, ...]


def object_mask(thing: LabelledObject, height: int, width: int) -> Mask:
    """The pixels of an object, (height, width) bool: the union of its parts."""
    mask = np.zeros((height, width), np.bool_)
    for shape in thing.shapes:
        mask |= shape_mask(shape, height, width)
    return mask


def foreground_mask(annotation: Annotation, categories: Collection[str] | None = None) -> Mask:
    """The union of the objects of some categories, (height, width) bool; of all of them by default, crowds included.

    No object: False everywhere.
    """
    mask = np.zeros((annotation.height, annotation.width), np.bool_)
    for thing in annotation.objects:
        if categories is None or thing.category in categories:
            mask |= object_mask(thing, annotation.height, annotation.width)
    return mask


def shape_mask(shape: Shape, height: int, width: int) -> Mask:
    """The pixels (height, width) bool of a shape: those whose centre lies inside.

    Inclusive outlines are drawn as Supervisely draws them, others as COCO's own tools do; both are exact to a pixel.
    Outlines with fewer than three corners have no inside.
    """
    if isinstance(shape, Bitmap):
        return _placed(shape, height, width)
    if isinstance(shape, Rectangle):
        rows, columns = np.arange(height) + 0.5, np.arange(width) + 0.5
        inside = (rows >= shape.top) & (rows <= shape.bottom)
        mask: Mask = inside[:, None] & (columns >= shape.left) & (columns <= shape.right)
        return mask
    fill = _filled_inclusive if shape.inclusive else _filled
    mask = fill(shape.exterior, height, width)
    for interior in shape.interiors:
        mask &= ~fill(interior, height, width)
    return mask


def bounding_box(mask: Mask) -> tuple[int, int, int, int]:
    """First column, first row, last column + 1, last row + 1 of the true pixels; all 0 when there is none."""
    columns, rows = np.flatnonzero(mask.any(axis=0)), np.flatnonzero(mask.any(axis=1))
    if not rows.size:
        return (0, 0, 0, 0)
    return (int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)


def cropped_bitmap(mask: Mask) -> Bitmap:
    """A mask as the smallest bitmap that holds it; an empty mask is an empty bitmap."""
    left, top, right, bottom = bounding_box(mask)
    return Bitmap(np.ascontiguousarray(mask[top:bottom, left:right]), left, top)


def outlines(mask: Mask) -> tuple[Polygon, ...]:
    """Trace a mask a quarter pixel inside its edges: a polygon for each connected part (8-neighbours), with its holes.

    The polygons drawn again with `shape_mask` are the mask, exactly. Empty mask: no polygon.
    """
    # at twice the size, a pixel's outline as OpenCV traces it, through pixel centres, encloses the centre of the pixel
    # and of no other
    double = np.repeat(np.repeat(mask.astype(np.uint8), 2, axis=0), 2, axis=1)
    contours, tree = cv2.findContours(double, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
    if tree is None:
        return ()
    points = [(contour.reshape(-1, 2) + 0.5) / 2 for contour in contours]
    polygons = []
    for index, (_, _, child, parent) in enumerate(tree.reshape(-1, 4)):
        if parent >= 0:
            continue
        holes = []
        while child >= 0:
            holes.append(points[child])
            child = tree.reshape(-1, 4)[child][0]
        polygons.append(Polygon(points[index], tuple(holes)))
    return tuple(polygons)


def _placed(bitmap: Bitmap, height: int, width: int) -> Mask:
    rows, columns = bitmap.mask.shape
    top, left = max(0, bitmap.top), max(0, bitmap.left)
    bottom, right = min(height, bitmap.top + rows), min(width, bitmap.left + columns)
    mask = np.zeros((height, width), np.bool_)
    if bottom > top and right > left:
        mask[top:bottom, left:right] = bitmap.mask[
            top - bitmap.top : bottom - bitmap.top, left - bitmap.left : right - bitmap.left
        ]
    return mask


def _filled_inclusive(points: Points, height: int, width: int) -> Mask:
    mask = np.zeros((height, width), np.uint8)
    if len(points):
        cv2.fillPoly(mask, [np.rint(points - 0.5).astype(np.int32)], 1)
    return mask.astype(np.bool_)


def _filled(points: Points, height: int, width: int) -> Mask:
    if len(points) < 3:
        return np.zeros((height, width), np.bool_)
    try:
        from pycocotools import mask as coco
    except ModuleNotFoundError as error:
        raise MissingExtra(
            "polygons need pycocotools, which is not installed: pip install 'deepetch[data]'."
        ) from error
    return np.asarray(coco.decode(coco.frPyObjects([points.reshape(-1).tolist()], height, width))[..., 0], np.bool_)
