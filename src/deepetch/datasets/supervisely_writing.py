"""Write a labelled set as a project of Supervisely; `supervisely` says how it is laid out."""

from __future__ import annotations

import colorsys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from deepetch.datasets.fields import write_json
from deepetch.datasets.objects import Annotation
from deepetch.datasets.place import Names, copy_picture, is_folder_name, make_folder, remove_old
from deepetch.datasets.supervisely import ANNOTATIONS, IMAGES
from deepetch.datasets.supervisely_annotation import INNER, META, object_entry
from deepetch.errors import DatasetError
from deepetch.photo.atomic import require_free
from deepetch.photo.signature import READ_SUFFIXES


def write_supervisely(
    items: Iterable[tuple[Path, Annotation, str]],
    folder: Path,
    *,
    overwrite: bool = False,
    progress: Callable[[int], None] = lambda done: None,
) -> None:
    """Write a project; `meta.json` comes last, so that what a failure leaves behind is not taken for one.

    items      a picture, which is copied byte for byte, its annotation, and the dataset it belongs to ("outer/inner" is
               a dataset inside another). Two pictures of one name do not meet: the second a.jpg is a-2.jpg.
    overwrite  True: files of the same names are replaced; others that lie there stay.
    An object of one inclusive polygon, or one rectangle with whole sides, stays that; every other becomes one bitmap.
    Supervisely refuses a bitmap without pixels: such an object is left out, its class is not.
    Raises     DatasetError for no item, a picture that cannot be read or whose suffix is unknown, or a name that is no
               folder; OutputExists; OutputFailed.
    """
    require_free(folder / META, overwrite=overwrite)
    geometries: dict[str, set[str]] = {}  # those of each class
    names, done = Names(), 0
    for done, (picture, annotation, dataset) in enumerate(items, 1):
        place = _dataset_folder(folder, dataset)
        if picture.suffix.lower() not in READ_SUFFIXES:
            suffixes = ", ".join(sorted(READ_SUFFIXES))
            raise DatasetError(f"{picture}: expected a name ending in one of {suffixes}. Rename it.")
        name = Path(names.free(str(place / picture.name.lstrip(".")))).name  # hidden ones are not read
        copy_picture(picture, place / IMAGES / name, overwrite=overwrite)
        make_folder(place / ANNOTATIONS)
        if done == 1:
            remove_old(folder / META)
        entries = [
            (thing.category, object_entry(thing, annotation.height, annotation.width)) for thing in annotation.objects
        ]
        for title, entry in entries:
            geometries.setdefault(title, set()).update([entry["geometryType"]] if entry else [])
        document = {
            "description": "",
            "tags": [],
            "size": {"height": annotation.height, "width": annotation.width},
            "objects": [entry for _, entry in entries if entry],
        }
        write_json(place / ANNOTATIONS / f"{name}.json", document, overwrite=overwrite)
        progress(done)
    if not done:
        raise DatasetError(f"{folder}: nothing to write: there is no labelled picture.")
    meta = {"classes": _classes(geometries), "tags": [], "projectType": "images"}
    write_json(folder / META, meta, overwrite=overwrite)


def _dataset_folder(project: Path, dataset: str) -> Path:
    parts = dataset.split("/")
    if not all(map(is_folder_name, parts)):
        raise DatasetError(f'"{dataset}": expected the name of a dataset, such as train or shoes/train.')
    return project / f"/{INNER}/".join(parts)


def _classes(geometries: dict[str, set[str]]) -> list[dict[str, Any]]:
    return [
        {
            "title": title,
            "shape": "bitmap" if geometries[title] <= {"bitmap"} else "any",
            "color": colour,
            "geometry_config": {},
        }
        for title, colour in zip(sorted(geometries), _colours(len(geometries)), strict=True)
    ]


def _colours(count: int) -> list[str]:
    """Colours, each different, the first ones far apart; always the same ones."""
    colours = dict[str, None]()
    step = 0
    while len(colours) < count:
        # multiples of irrational numbers, without their whole parts, fill the interval evenly (Weyl 1916)
        hue, saturation, value = step * (5**0.5 - 1) / 2 % 1, 1 - step * 2**0.5 % 1 * 0.4, 1 - step * 3**0.5 % 1 * 0.4
        red, green, blue = (round(level * 255) for level in colorsys.hsv_to_rgb(hue, saturation, value))
        colours[f"#{red:02X}{green:02X}{blue:02X}"] = None
        step += 1
    return list(colours)
