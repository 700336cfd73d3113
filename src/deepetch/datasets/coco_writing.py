"""Write a labelled set as COCO lays it out; `coco` finds and reads it again."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path, PurePosixPath
from typing import Any

from deepetch.datasets.coco import ANNOTATIONS, IMAGES, PREFIX, matching
from deepetch.datasets.coco_objects import mask_api, object_entry
from deepetch.datasets.fields import write_json
from deepetch.datasets.objects import Annotation
from deepetch.datasets.place import Names, copy_picture, is_folder_name, make_folder, remove_old
from deepetch.errors import DatasetError
from deepetch.photo.atomic import require_free

UNSPLIT = "all"  # stands for no split in names


def write_coco(
    items: Iterable[tuple[Path, Annotation, str]],
    folder: Path,
    *,
    overwrite: bool = False,
    progress: Callable[[int], None] = lambda done: None,
) -> None:
    """Write `images/SPLIT/` and `annotations/instances_SPLIT.json`; SPLIT is "all" where the split is "".

    items      a picture, which is copied byte for byte, its annotation, and the split it belongs to. Two pictures of
               one name do not meet: the second a.jpg is a-2.jpg.
    overwrite  False: nothing is written where an `instances_*.json` lies. True: files of the same names are replaced,
               others stay.
    The JSON comes last, and an old one of a split goes before its first picture is replaced, so that what a failure
    leaves behind is not taken for a data set. Every file has the same categories; ids count from 1 in each.
    Masks are exact. An object of polygons without holes, not inclusive, keeps them; any other is traced if its mask has
    no hole, else it becomes a compressed RLE, as do crowds and objects without a pixel. `area` and `bbox` are the
    mask's.
    Raises     DatasetError for no item, a picture that cannot be read, or a split that is no name of a folder;
               OutputExists; OutputFailed; MissingExtra without pycocotools.
    """
    mask_api()
    if not overwrite:
        for file in sorted(matching(folder, f"{ANNOTATIONS}/{PREFIX}*.json")):
            require_free(file, overwrite=False)
    names = Names()
    categories = dict[str, int]()
    documents = dict[str, dict[str, Any]]()
    for done, (picture, annotation, split) in enumerate(items, 1):
        place = split or UNSPLIT
        if place not in documents:
            _clear(_file_of(folder, place), overwrite=overwrite)
            documents[place] = {"info": {}, "licenses": [], "images": [], "annotations": []}
        target = names.free(f"{place}/{picture.name}")
        copy_picture(picture, folder / IMAGES / target, overwrite=overwrite)
        images, entries = documents[place]["images"], documents[place]["annotations"]
        size = {"width": annotation.width, "height": annotation.height}
        images.append({"id": len(images) + 1, "file_name": PurePosixPath(target).name, **size})
        for thing in annotation.objects:
            category = categories.setdefault(thing.category, len(categories) + 1)
            ids = {"id": len(entries) + 1, "image_id": len(images), "category_id": category}
            entries.append(ids | object_entry(thing, annotation.height, annotation.width))
        progress(done)
    if not documents:
        raise DatasetError(f"{folder}: nothing to write: there is no labelled picture.")
    listed = [{"id": number, "name": name, "supercategory": ""} for name, number in categories.items()]
    for place, document in documents.items():
        write_json(_file_of(folder, place), {**document, "categories": listed}, overwrite=overwrite)


def _file_of(folder: Path, place: str) -> Path:
    if not is_folder_name(place):
        raise DatasetError(f'"{place}": expected the name of a split, such as train.')
    return folder / ANNOTATIONS / f"{PREFIX}{place}.json"


def _clear(file: Path, *, overwrite: bool) -> None:
    require_free(file, overwrite=overwrite)
    make_folder(file.parent)
    remove_old(file)
