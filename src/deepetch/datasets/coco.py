"""Data sets in COCO's JSON, found and read as COCO itself and Roboflow lay them out; `coco_objects` decodes masks."""

from __future__ import annotations

import functools
import mmap
import os
import re
import string
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deepetch.datasets.coco_objects import Id, annotation_objects, id_field, mask_api, reference_field
from deepetch.datasets.example import Example, split_named
from deepetch.datasets.fields import field, read_json, require_known, size_fields
from deepetch.datasets.pack import BACKGROUNDS
from deepetch.datasets.place import is_file, unreadable, unreadable_folder
from deepetch.datasets.truth import NoSubject, Objects
from deepetch.errors import DatasetError

ANNOTATIONS, IMAGES, PREFIX = "annotations", "images", "instances_"
LAYOUTS = (  # of a folder, the first that fits counts
    ("_annotations.coco.json", "*/_annotations.coco.json"),  # Roboflow
    (f"{ANNOTATIONS}/{PREFIX}*.json",),  # COCO; captions and key points of the same pictures lie beside them
    (f"{ANNOTATIONS}/*.json",),
    ("*.json",),
)
KEPT = ("id", "category_id", "segmentation", "bbox", "iscrowd")  # of an annotation, in memory
HEADING = 0  # Roboflow lists the name of a set's classes together as one more category, of this id
MIXED = "mixed"  # the kind of pictures with objects of several categories


@dataclass(frozen=True, kw_only=True)
class _Contents:
    """What one file says.

    names    of its categories, by id.
    entries  the annotations of each picture, as they are in the file but for keys we do not need; by the image's id.
    """

    path: Path
    source: str
    names: dict[Id, str]
    images: dict[Id, dict[str, Any]]
    entries: dict[Id, list[dict[str, Any]]]


def find_coco(path: Path) -> list[Path]:
    """Find the annotation files of a data set, sorted; [] when there is none.

    path  a .json file, or a folder with `_annotations.coco.json` or `*/_annotations.coco.json`, else
          `annotations/instances_*.json`, else `annotations/*.json`, else `*.json`; hidden files are not looked at.
    A file counts when it begins as an object and "images" and "annotations", each with a list, occur in it: files of
    hundreds of megabytes are searched, not parsed. Whether both are at the top is seen when it is read.
    Raises  DatasetError for a file that cannot be opened.
    """
    if is_file(path):
        return [path] if path.suffix.lower() == ".json" and _is_coco(path) else []
    for patterns in LAYOUTS:
        files = (file for pattern in patterns for file in matching(path, pattern))
        found = sorted(file for file in files if is_file(file) and not file.name.startswith(".") and _is_coco(file))
        if found:
            return found
    return []


def read_coco(path: Path, *, images: Path | None = None, categories: Collection[str] | None = None) -> list[Example]:
    """Read which pictures a data set holds; masks are decoded, and checked, only when their truth is asked for.

    path        as `find_coco` takes it.
    images      where the pictures lie. None: beside the file, in `images/`, `../images/SPLIT/`, `../SPLIT/` or
                `../images/`, whichever has the picture first; SPLIT is "train2017" for `instances_train2017.json`.
    categories  names of those that are the subject; None: all of them. Number 0, when no object has it and others name
                it as their supercategory, is Roboflow's heading, no category.
    Returns     the pictures in the files' order. The kind is the category when all (chosen) objects are of one, else
                "mixed"; without such an object it is "backgrounds", and there is no subject. The split is the word in
                the file's name, or else the folder's whole name, if it is train, val or test or a longer form of these.
    Raises      DatasetError when no file is found, one is damaged, a picture is missing, a category is unknown, two
                have the same name, an annotation is of no known picture or category, no picture is listed, or no
                object has more than a box; MissingExtra without pycocotools.
    """
    files = find_coco(path)
    if not files:
        raise DatasetError(
            f'{path}: no COCO annotations; expected a .json file with "images" and "annotations", or a folder with '
            "such files in it, in annotations/, or as train/_annotations.coco.json."
        )
    mask_api()  # that it is missing is said before large files are read
    contents = [_read_contents(file) for file in files]
    known = {name for content in contents for name in content.names.values()}
    require_known(categories or (), known, "category", "categories", path)
    subject = None if categories is None else frozenset(categories)
    _require_masks(path, contents, subject)
    examples = [example for content in contents for example in _examples(content, images, subject)]
    if not examples:
        raise DatasetError(f'{path}: no picture is listed under "images". Export it again.')
    return examples


def matching(folder: Path, pattern: str) -> Iterator[Path]:
    """What lies in a folder under names that fit a pattern, in any order. Raises DatasetError if it cannot be read."""
    try:
        yield from folder.glob(pattern)
    except OSError as error:
        raise unreadable_folder(folder, error) from error


def _is_coco(path: Path) -> bool:
    try:
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as text:
            return bool(
                re.match(rb"(?:\xef\xbb\xbf)?\s*\{", text)
                and re.search(rb'"images"\s*:\s*\[', text)
                and re.search(rb'"annotations"\s*:\s*\[', text)
            )
    except ValueError:  # an empty file cannot be mapped
        return False
    except OSError as error:
        raise unreadable(path, error) from error


def _read_contents(path: Path) -> _Contents:
    document = read_json(path)
    images = _images(path, field(document, "images", list, str(path)))
    categories = _by_id(field(document, "categories", list, str(path)), path, "category")
    entries: dict[Id, list[dict[str, Any]]] = {}
    used = set[Id]()
    for at, entry in enumerate(field(document, "annotations", list, str(path)), 1):
        where = f"{path}: annotation {id_field(entry, 'id', f'{path}: annotation number {at}')}"
        image = reference_field(entry, "image_id", images, "images", where)
        used.add(reference_field(entry, "category_id", categories, "categories", where))
        entries.setdefault(image, []).append({key: entry[key] for key in KEPT if key in entry})
    info = document.get("info")
    source = info.get("description") if isinstance(info, dict) else None
    return _Contents(
        path=path,
        source=source if isinstance(source, str) else "",
        names=_names(path, categories, used),
        images=images,
        entries=entries,
    )


def _images(path: Path, listed: list[Any]) -> dict[Id, dict[str, Any]]:
    """What is said of each picture, by its id."""
    images = _by_id(listed, path, "image")
    owner = dict[str, Id]()
    for key, image in images.items():
        where = f"{path}: image {key}"
        name = field(image, "file_name", str, where)
        if owner.setdefault(name, key) != key:
            raise DatasetError(
                f'{where}: its file "{name}" is that of image {owner[name]} too, so that neither has all its objects. '
                "Export it again."
            )
        size_fields(image, where)
    return images


def _names(path: Path, categories: Mapping[Id, dict[str, Any]], used: Collection[Id]) -> dict[Id, str]:
    """The names of the categories, by id, without Roboflow's heading."""
    names: dict[Id, str] = {}
    owner = dict[str, Id]()
    for key, category in categories.items():
        name = field(category, "name", str, f"{path}: category {key}")
        others = (other.get("supercategory") for other in categories.values() if other is not category)
        if key == HEADING and key not in used and name in others:
            continue
        if owner.setdefault(name, key) != key:
            raise DatasetError(f'{path}: the categories {owner[name]} and {key} are both called "{name}". Rename one.')
        names[key] = name
    return names


def _by_id(listed: list[Any], path: Path, what: str) -> dict[Id, dict[str, Any]]:
    found = dict[Id, dict[str, Any]]()
    for at, entry in enumerate(listed, 1):
        key = id_field(entry, "id", f"{path}: {what} number {at}")
        if key in found:
            raise DatasetError(f"{path}: {what} {key} is there twice. Export it again.")
        found[key] = entry
    return found


def _require_masks(path: Path, contents: Iterable[_Contents], subject: Collection[str] | None) -> None:
    segmentations = [
        entry.get("segmentation")
        for content in contents
        for entries in content.entries.values()
        for entry in entries
        if subject is None or content.names[entry["category_id"]] in subject
    ]
    if segmentations and all(segmentation == [] for segmentation in segmentations):
        raise DatasetError(f'{path}: the objects have boxes only, no "segmentation". Export them with masks.')


def _examples(content: _Contents, images: Path | None, subject: frozenset[str] | None) -> Iterator[Example]:
    places = _places(content.path) if images is None else [images]
    split = _split(content.path)
    for key, image in content.images.items():
        entries = content.entries.get(key, [])
        names = {entry["category_id"]: content.names[entry["category_id"]] for entry in entries}
        shown = sorted({name for name in names.values() if subject is None or name in subject})
        where = f"{content.path}, image {key}"
        load = functools.partial(
            annotation_objects,
            tuple(entries),
            width=image["width"],
            height=image["height"],
            names=names,
            where=str(content.path),
        )
        yield Example(
            name=Path(image["file_name"]).stem,
            image=_picture(image["file_name"], places, where),
            truth=Objects(load, subject, where) if shown else NoSubject(),
            kind=BACKGROUNDS if not shown else shown[0] if len(shown) == 1 else MIXED,
            source=content.source,
            split=split,
        )


def _places(path: Path) -> list[Path]:
    """Folders where the pictures of an annotation file may lie, in the order of trust."""
    beside = path.parent
    outer = Path(os.path.normpath(beside / ".."))
    names = dict.fromkeys([path.stem.removeprefix(PREFIX), *_split_words(path.stem)])
    return [
        beside,
        beside / IMAGES,
        *(outer / IMAGES / name for name in names),
        *(outer / name for name in names),
        outer / IMAGES,
    ]


def _picture(name: str, places: Sequence[Path], where: str) -> Path:
    for place in places:
        if is_file(place / name):
            return place / name
    looked = ", ".join(str(place) for place in places)
    raise DatasetError(f'{where}: the picture "{name}" is missing; looked in {looked}. Copy it into one of these.')


def _split(path: Path) -> str:
    # a word within the folder's name may be the project's: my-test-shop/labels.json
    words = _split_words(path.stem) or [path.absolute().parent.name]
    return split_named(words[0].rstrip(string.digits))


def _split_words(name: str) -> list[str]:
    """The words of a name that stand for a split, with a year if one follows: "val2017"."""
    return [word for word in re.findall(r"[A-Za-z]+\d*", name) if split_named(word.rstrip(string.digits))]
