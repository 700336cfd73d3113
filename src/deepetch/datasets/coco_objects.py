"""The annotations of one picture in COCO's JSON: read as labelled objects, and how it stores an object.

Polygons go through corners between pixels. A run-length encoding (RLE) counts pixels down the columns, from left to
right, background and object in turn (cocodataset.org, "Data format").
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from types import ModuleType
from typing import Any, TypeAlias

import numpy as np

from deepetch.arrays import Mask
from deepetch.datasets.fields import FARTHEST, field, is_coordinate, told
from deepetch.datasets.objects import (
    Annotation,
    Bitmap,
    LabelledObject,
    Points,
    Polygon,
    Shape,
    bounding_box,
    cropped_bitmap,
    object_mask,
    outlines,
)
from deepetch.errors import DatasetError, MissingExtra

# pycocotools draws at five times the size and holds every step of an outline: without these it would leave its integers
# or fill the memory
LONGEST = 5_000_000  # pixels around
FEWEST_CORNERS = 3
COUNT_DIGITS = 7  # characters of one count, 5 bits each, enough for the differences of 32-bit numbers

Id: TypeAlias = int | str


def annotation_objects(
    entries: Sequence[Mapping[str, Any]], *, width: int, height: int, names: Mapping[Id, str], where: str
) -> Annotation:
    """Make objects of the annotations of one picture, given as their file holds them.

    width, height  of the picture, in pixels.
    names          of the categories, by id.
    where          names the file in messages.
    Returns        an object for each: polygons stay polygons, an RLE, plain or compressed, becomes a bitmap. An empty
                   "segmentation" with a "bbox" has no shape: a box is no mask. `iscrowd` may be missing: no crowd.
    Raises         DatasetError, with file and annotation, for what is not of this format, goes around in more than
                   5,000,000 pixels or beyond 1,000,000; MissingExtra without pycocotools.
    """
    mask_api()
    objects = []
    for at, entry in enumerate(entries, 1):
        place = f"{where}: annotation {id_field(entry, 'id', f'{where}: annotation number {at} of its picture')}"
        crowd = entry.get("iscrowd", 0)
        if crowd not in (0, 1):
            raise DatasetError(f'{place}: expected "iscrowd" to be 0 or 1; got {crowd!r:.40}. Export it again.')
        category = names[reference_field(entry, "category_id", names, "categories", place)]
        shapes = _shapes(entry, height, width, place)
        objects.append(LabelledObject(category=category, shapes=shapes, crowd=bool(crowd)))
    return Annotation(height=height, width=width, objects=tuple(objects))


def object_entry(thing: LabelledObject, height: int, width: int) -> dict[str, Any]:
    """An object of a picture of `height` x `width` pixels as an annotation holds it, but for the ids.

    Its mask stays exact: as polygons if it has a pixel and no hole and is no crowd, else as a compressed RLE.
    Raises  MissingExtra without pycocotools.
    """
    mask_api()
    mask = object_mask(thing, height, width)
    left, top, right, bottom = bounding_box(mask)
    return {
        "segmentation": _segmentation(thing, mask),
        "area": int(mask.sum()),
        "bbox": [left, top, right - left, bottom - top],
        "iscrowd": int(thing.crowd),
    }


def id_field(holder: Any, key: str, where: str) -> Id:
    """The id that an entry holds under a key. Raises DatasetError if there is none; `where` names the entry."""
    value = holder.get(key) if isinstance(holder, Mapping) else None
    if not isinstance(value, int | str) or isinstance(value, bool):
        raise DatasetError(
            f'{where}: expected "{key}" to be a whole number or text; got {told(value)}. Export it again.'
        )
    return value


def reference_field(entry: Any, key: str, known: Collection[Id], many: str, where: str) -> Id:
    """An id that is one of the `known` ids of `many` (images, categories). Raises DatasetError if it is not."""
    value = id_field(entry, key, where)
    if value not in known:
        raise DatasetError(f'{where}: its "{key}" {value} is none of the {many}. Export it again.')
    return value


def mask_api() -> ModuleType:
    """COCO's own functions for run-length encodings. Raises MissingExtra if pycocotools is not installed."""
    try:
        from pycocotools import mask
    except ModuleNotFoundError as error:
        raise MissingExtra(
            "COCO's masks need pycocotools, which is not installed: pip install 'deepetch[data]'."
        ) from error
    api: ModuleType = mask
    return api


def _shapes(entry: Mapping[str, Any], height: int, width: int, where: str) -> tuple[Shape, ...]:
    segmentation = entry.get("segmentation")
    if isinstance(segmentation, dict):
        return (_bitmap(segmentation, height, width, where),)
    if not isinstance(segmentation, list):
        raise DatasetError(
            f'{where}: expected "segmentation" to be polygons [[x, y, ...], ...] or an RLE {{"counts", "size"}}; '
            f"got {told(segmentation)}. Export it again."
        )
    if not segmentation:
        box = field(entry, "bbox", list, where)
        if len(box) != 4 or not all(is_coordinate(number) for number in box):
            raise DatasetError(f'{where}: expected "bbox" to be four numbers. Export it again.')
    return tuple(Polygon(_corners(numbers, where)) for numbers in segmentation)


def _corners(numbers: Any, where: str) -> Points:
    if not isinstance(numbers, list) or not all(is_coordinate(number) for number in numbers):
        raise DatasetError(
            f"{where}: expected polygons [x, y, ...] of numbers within {FARTHEST:,} pixels; got another. "
            "Export it again."
        )
    if len(numbers) % 2 or len(numbers) < 2 * FEWEST_CORNERS:
        raise DatasetError(
            f"{where}: expected a polygon of {FEWEST_CORNERS} corners or more, x and y of each; "
            f"got {len(numbers)} numbers. Export it again."
        )
    points = np.array(numbers, np.float64).reshape(-1, 2)
    if not _is_drawable(points):
        raise DatasetError(
            f"{where}: a polygon goes around in more than {LONGEST:,} pixels. Draw it with fewer corners."
        )
    return points


def _is_drawable(points: Points) -> bool:
    steps = np.abs(points - np.roll(points, 1, axis=0)).max(axis=1, initial=0)
    return bool((np.abs(points) <= FARTHEST).all() and steps.sum() <= LONGEST)


def _bitmap(rle: dict[str, Any], height: int, width: int, where: str) -> Bitmap:
    size = field(rle, "size", list, where)
    if size != [height, width]:
        raise DatasetError(
            f'{where}: expected the "size" [{height}, {width}] of its picture, height first; got {size!r:.40}. '
            "Export it again."
        )
    counts = rle.get("counts")
    if isinstance(counts, str):
        counts = _unpacked(counts, where)
    elif not isinstance(counts, list) or any(isinstance(count, bool) or not isinstance(count, int) for count in counts):
        raise DatasetError(f'{where}: expected "counts" to be whole numbers or text. Export it again.')
    # pycocotools leaves what counts do not reach as it was in memory, and ends with errors of its own for others
    pixels = height * width
    wrong = next((count for count in counts if not 0 <= count <= pixels), None)
    if wrong is not None:
        raise DatasetError(f'{where}: expected "counts" from 0 to {pixels}; got {wrong}. Export it again.')
    if len(counts) > pixels + 1:
        raise DatasetError(f"{where}: {len(counts)} counts are too many for {pixels} pixels. Export it again.")
    if sum(counts) != pixels:
        raise DatasetError(
            f'{where}: expected "counts" that sum to the {pixels} pixels of the picture; got {sum(counts)}. '
            "Export it again."
        )
    api = mask_api()
    runs = api.frPyObjects({"counts": counts, "size": [height, width]}, height, width)
    return cropped_bitmap(np.asarray(api.decode(runs), np.bool_))


def _unpacked(text: str, where: str) -> list[int]:
    """The counts of a compressed RLE.

    A character from "0" to "o" holds 6 bits: 5 of a number, lowest first, and whether more follow; the highest of the
    last 5 is the sign. From the fourth count on it is the difference from the count two before (COCO API, maskApi.c).
    """
    bits = np.frombuffer(text.encode("utf-8", "surrogatepass"), np.uint8).astype(np.int64) - ord("0")
    ends = np.flatnonzero(bits & 32 == 0)
    starts = np.concatenate([[0], ends + 1])[:-1]
    digits = ends - starts + 1
    whole = bits.size > 0 and bits.min() >= 0 and bits.max() < 64 and ends[-1:].tolist() == [bits.size - 1]
    if not whole or digits.max() > COUNT_DIGITS:
        raise DatasetError(f'{where}: the text of "counts" is no compressed RLE. Export it again.')
    shift = 5 * (np.arange(bits.size) - np.repeat(starts, digits))
    counts = np.add.reduceat((bits & 31) << shift, starts)
    counts -= np.where(bits[ends] & 16, 1 << 5 * digits, 0)
    counts[1::2] = np.cumsum(counts[1::2])
    counts[2::2] = np.cumsum(counts[2::2])
    unpacked: list[int] = counts.tolist()
    return unpacked


def _segmentation(thing: LabelledObject, mask: Mask) -> Any:
    if not thing.crowd:
        polygons = _polygons(thing.shapes) or _polygons(outlines(mask))
        if polygons:
            return polygons
    rle = mask_api().encode(np.asfortranarray(mask.astype(np.uint8)))
    return {"size": list(mask.shape), "counts": rle["counts"].decode("ascii")}


def _polygons(shapes: Sequence[Shape]) -> list[list[float]]:
    """Shapes as COCO's polygons; [] unless it has them all, as they are."""
    polygons = []
    for shape in shapes:
        if not isinstance(shape, Polygon) or shape.inclusive or shape.interiors:
            return []
        if len(shape.exterior) < FEWEST_CORNERS or not _is_drawable(shape.exterior):
            return []
        polygons.append(shape.exterior.reshape(-1).tolist())
    return polygons
