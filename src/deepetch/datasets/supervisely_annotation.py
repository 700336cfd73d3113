"""One annotation of Supervisely: read as labelled objects, one mask of it put back, and how it stores an object.

Points are pixels, counted from 0, column before row (developer.supervisely.com, "Supervisely annotation JSON format").
"""

from __future__ import annotations

import base64
import io
import struct
import zlib
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from deepetch.arrays import Mask, require_mask
from deepetch.datasets.fields import (
    FARTHEST,
    MOST_PIXELS,
    field,
    is_coordinate,
    read_json,
    require_known,
    size_fields,
    write_json,
)
from deepetch.datasets.objects import (
    Annotation,
    Bitmap,
    LabelledObject,
    Points,
    Polygon,
    Rectangle,
    Shape,
    cropped_bitmap,
    object_mask,
)
from deepetch.datasets.place import is_file
from deepetch.errors import DatasetError
from deepetch.photo.png import PNG_SIGNATURE

META, INNER = "meta.json", "datasets"  # of the project around an annotation
MOST_PNG_BYTES = 64 << 20  # of one bitmap, unpacked
GEOMETRY = ("bitmap", "points", "parts", "nodes", "faces", "angle", "shape")  # an object's keys that say where it lies


def read_annotation(path: Path) -> Annotation:
    """Read the annotation of one picture.

    Returns  an object for each of the file's. Bitmaps and alpha masks (where they are not 0), polygons, multipolygons
             and rectangles are shapes; points, lines, keypoints and whatever else covers no area are objects without
             shape. An object that does not say its type has that of its class in `meta.json`.
    Raises   DatasetError, with file and object, for what is not of this format.
    """
    _, height, width, things = _document(path)
    objects = tuple(_labelled_object(thing, path, f"{path}: object {at}") for at, thing in enumerate(things, 1))
    return Annotation(height=height, width=width, objects=objects)


def replace_mask(annotation_path: Path, category: str, mask: Mask) -> None:
    """Put an edited mask back: all objects of a class become one bitmap, in the place of the first.

    mask    (h, w) bool of the annotation's size. Empty: the objects of the class are removed.
    The file is replaced whole or not at all. Other objects and keys stay as they are; so do the first object's tags,
    description and ids. Without an object of this class the bitmap becomes the last one.
    Raises  DatasetError for a mask of another size, a class that `meta.json` does not know or that holds no bitmaps, or
            a damaged file; InvalidArray if the mask is not bool; OutputFailed.
    """
    require_mask(mask)
    meta = _project_of(annotation_path) / META
    classes = read_classes(meta.parent)
    require_known((category,), classes, "class", "classes", meta)
    if classes[category] not in ("bitmap", "any"):
        raise DatasetError(
            f'{meta}: the class "{category}" holds objects of type {classes[category]}, no masks. '
            'Set its "shape" to "any", or put the mask into another class.'
        )
    document, height, width, things = _document(annotation_path)
    if mask.shape != (height, width):
        raise DatasetError(
            f"{annotation_path}: expected a mask of {width} x {height} like the annotation; "
            f"got {mask.shape[1]} x {mask.shape[0]}."
        )
    titles = [field(thing, "classTitle", str, f"{annotation_path}: object {at}") for at, thing in enumerate(things, 1)]
    at = titles.index(category) if category in titles else len(titles)
    first = things[at] if category in titles else {"classTitle": category, "description": "", "tags": []}
    kept = {key: value for key, value in first.items() if key not in GEOMETRY}
    document["objects"] = [
        *things[:at],
        *([kept | _bitmap_entry(mask)] if mask.any() else []),
        *(thing for thing, title in zip(things[at:], titles[at:], strict=True) if title != category),
    ]
    write_json(annotation_path, document, overwrite=True)


def object_entry(thing: LabelledObject, height: int, width: int) -> dict[str, Any] | None:
    """An object of a picture of `height` x `width` pixels as an annotation holds it; None if it has no pixel.

    One inclusive polygon, or one rectangle with whole sides, stays that; everything else becomes one bitmap.
    """
    named = {"classTitle": thing.category, "description": "", "tags": []}
    if len(thing.shapes) == 1:
        points = _kept_points(thing.shapes[0])
        if points:
            return named | points
    mask = object_mask(thing, height, width)
    return named | _bitmap_entry(mask) if mask.any() else None


def read_classes(folder: Path) -> dict[str, str]:
    """Title and shape of each class that a project's `meta.json` lists. Raises DatasetError if that is damaged."""
    path = folder / META
    return {
        field(entry, "title", str, f"{path}: class {at}"): field(entry, "shape", str, f"{path}: class {at}")
        for at, entry in enumerate(field(read_json(path), "classes", list, str(path)), 1)
    }


def _project_of(annotation: Path) -> Path:
    folder = annotation.absolute().parent.parent.parent  # without NAME.json, ann and the dataset
    while folder.name == INNER and not is_file(folder / META):
        folder = folder.parent.parent
    return folder


def _document(path: Path) -> tuple[dict[str, Any], int, int, list[Any]]:
    """An annotation as it is, its height and width, and its objects as they are."""
    document = read_json(path)
    height, width = size_fields(field(document, "size", dict, str(path)), f"{path}: size")
    return document, height, width, field(document, "objects", list, str(path))


def _labelled_object(thing: Any, path: Path, where: str) -> LabelledObject:
    category = field(thing, "classTitle", str, where)
    if thing.get("geometryType") is None:
        # older exports leave it out; Supervisely itself goes by the class then
        project = _project_of(path)
        kind = read_classes(project).get(category, "any") if is_file(project / META) else "any"
        if kind == "any":
            raise DatasetError(f'{where}: expected "geometryType" to be text; got nothing. Export it again.')
    else:
        kind = field(thing, "geometryType", str, where)
    return LabelledObject(category=category, shapes=_shapes(thing, kind, where))


def _shapes(thing: Any, kind: str, where: str) -> tuple[Shape, ...]:
    if kind in ("bitmap", "alpha_mask"):
        return (_bitmap(field(thing, "bitmap", dict, where), where),)
    if kind == "polygon":
        return (_polygon(field(thing, "points", dict, where), where),)
    if kind == "multipolygon":
        return tuple(_polygon(part, where) for part in field(thing, "parts", list, where))
    if kind == "rectangle":
        return (_rectangle(field(thing, "points", dict, where), where),)
    return ()


def _points(values: list[Any], where: str) -> Points:
    for value in values:
        if not isinstance(value, list) or len(value) != 2 or not all(is_coordinate(number) for number in value):
            raise DatasetError(
                f"{where}: expected points [x, y] within {FARTHEST:,} pixels; got another. Export it again."
            )
    return np.array(values, np.float64).reshape(-1, 2)


def _polygon(points: Any, where: str) -> Polygon:
    exterior = _points(field(points, "exterior", list, where), where)
    interiors = []
    for hole in field(points, "interior", list, where):
        if not isinstance(hole, list):
            raise DatasetError(f'{where}: expected "interior" to be a list of holes. Export it again.')
        interiors.append(_points(hole, where) + 0.5)
    return Polygon(exterior + 0.5, tuple(interiors), inclusive=True)


def _rectangle(points: Any, where: str) -> Rectangle:
    corners = _points(field(points, "exterior", list, where), where)
    if len(corners) != 2:
        raise DatasetError(f"{where}: expected a rectangle of two points; got {len(corners)}. Export it again.")
    (left, top), (right, bottom) = np.sort(corners, axis=0).tolist()
    return Rectangle(left, top, right + 1, bottom + 1)  # both points are pixels of the rectangle


def _bitmap(bitmap: Any, where: str) -> Bitmap:
    ((left, top),) = _points([field(bitmap, "origin", list, where)], where).tolist()
    if not (left.is_integer() and top.is_integer()):
        raise DatasetError(f'{where}: expected "origin" to be whole pixels; got {left:g}, {top:g}. Export it again.')
    return Bitmap(_unpacked(field(bitmap, "data", str, where), where), int(left), int(top))


def _unpacked(data: str, where: str) -> Mask:
    """The mask that a base64 text of a zlib stream of a PNG holds: its alpha, or else whatever is not black."""
    stream = zlib.decompressobj()
    try:
        png = stream.decompress(base64.b64decode("".join(data.split()), validate=True), MOST_PNG_BYTES + 1)
    except (ValueError, zlib.error) as error:
        raise DatasetError(f"{where}: the bitmap is no zlib data in base64 ({error}). Export it again.") from error
    if len(png) > MOST_PNG_BYTES:
        raise DatasetError(f"{where}: the bitmap unpacks to more than {MOST_PNG_BYTES >> 20} MiB; that is no mask.")
    if not stream.eof or png[:8] != PNG_SIGNATURE or png[12:16] != b"IHDR" or len(png) < 24:
        raise DatasetError(f"{where}: the bitmap is no whole PNG. Export it again.")
    width, height = struct.unpack(">II", png[16:24])
    if width * height > MOST_PIXELS:
        raise DatasetError(f"{where}: the bitmap has {width} x {height} pixels; at most {MOST_PIXELS:,} are read.")
    damaged = f"{where}: the bitmap's PNG is damaged. Export it again."
    try:
        levels = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_UNCHANGED)
    except cv2.error as error:
        raise DatasetError(damaged) from error
    if levels is None:
        raise DatasetError(damaged)
    if levels.ndim == 3:
        levels = levels[..., 3] if levels.shape[2] == 4 else levels.max(axis=2)
    mask: Mask = levels > 0
    return mask


def _packed(mask: Mask) -> str:
    """A mask as Supervisely stores it: a PNG of one bit with a palette whose first colour is transparent."""
    from PIL import Image

    image = Image.fromarray(mask.astype(np.uint8), "P")
    image.putpalette([0, 0, 0, 255, 255, 255])
    png = io.BytesIO()
    image.save(png, "PNG", bits=1, transparency=0)
    return base64.b64encode(zlib.compress(png.getvalue())).decode("ascii")


def _bitmap_entry(mask: Mask) -> dict[str, Any]:
    bitmap = cropped_bitmap(mask)
    return {"geometryType": "bitmap", "bitmap": {"data": _packed(bitmap.mask), "origin": [bitmap.left, bitmap.top]}}


def _kept_points(shape: Shape) -> dict[str, Any] | None:
    """A shape that Supervisely has too, as it stores it; None for others."""
    if isinstance(shape, Polygon) and shape.inclusive:
        exterior, *interiors = (_pixels(outline) for outline in (shape.exterior, *shape.interiors))
        if min(map(len, (exterior, *interiors))) >= 3:
            return {"geometryType": "polygon", "points": {"exterior": exterior, "interior": interiors}}
    if isinstance(shape, Rectangle):
        left, top, right, bottom = shape.left, shape.top, shape.right, shape.bottom
        whole = all(float(side).is_integer() for side in (left, top, right, bottom))
        if whole and left < right and top < bottom:
            corners = [[int(left), int(top)], [int(right) - 1, int(bottom) - 1]]
            return {"geometryType": "rectangle", "points": {"exterior": corners, "interior": []}}
    return None


def _pixels(points: Points) -> list[list[float]]:
    return [[int(value) if value.is_integer() else value for value in point] for point in (points - 0.5).tolist()]
