"""Projects of Supervisely, found and read.

A project is a folder with `meta.json`, which lists the classes, and a folder for each dataset: pictures in `img`, an
annotation for each in `ann` (a.jpg and a.jpg.json, in older exports a.json). Datasets inside a dataset lie in its
folder `datasets` and are called "outer/inner" (developer.supervisely.com, "Supervisely annotation JSON format").
"""

from __future__ import annotations

import functools
from collections.abc import Collection, Sequence
from pathlib import Path

from deepetch.datasets.example import Example, split_named
from deepetch.datasets.fields import read_json, require_known
from deepetch.datasets.place import is_file, unreadable_folder
from deepetch.datasets.supervisely_annotation import INNER, META, read_annotation, read_classes
from deepetch.datasets.truth import Objects
from deepetch.errors import DatasetError
from deepetch.photo.signature import READ_SUFFIXES

IMAGES, ANNOTATIONS = "img", "ann"


def is_supervisely(folder: Path) -> bool:
    """Whether a `meta.json` with classes lies there; one that cannot be read counts: reading says what is wrong."""
    if not is_file(folder / META):
        return False
    try:
        meta = read_json(folder / META)
    except DatasetError:
        return True
    return isinstance(meta, dict) and "classes" in meta


def read_supervisely(
    folder: Path, *, datasets: Sequence[str] | None = None, categories: Collection[str] | None = None
) -> list[Example]:
    """Read which pictures a project holds; an annotation is opened only when its truth is asked for.

    datasets    names, in the order wanted; None: all, sorted.
    categories  titles of the classes that are the subject; None: every class.
    Returns     the pictures of each dataset sorted by name; their kind is the dataset, and so is their split if the
                dataset, or one around it, is called so ("train", "val", "test" or longer forms of these).
    Raises      DatasetError for a missing or damaged `meta.json`, an unknown dataset or class, no picture at all, a
                picture without annotation, or an annotation without picture.
    """
    classes = read_classes(folder)
    require_known(categories or (), classes, "class", "classes", folder / META)
    found = _datasets(folder)
    if not found:
        raise DatasetError(f"{folder}: no dataset, a folder with {IMAGES}/ and {ANNOTATIONS}/. Export it again.")
    chosen = list(dict.fromkeys(found if datasets is None else datasets))
    require_known(chosen, found, "dataset", "datasets", folder)
    subject = None if categories is None else frozenset(categories)
    source = folder.resolve().name
    examples = [
        Example(
            name=image.stem,
            image=image,
            truth=Objects(functools.partial(read_annotation, annotation), subject, str(annotation)),
            kind=name,
            source=source,
            split=_split(name),
        )
        for name in chosen
        for image, annotation in _pairs(found[name])
    ]
    if not examples:
        raise DatasetError(f"{folder}: no picture in {', '.join(chosen) or 'no dataset'}. Export it again.")
    return examples


def _datasets(folder: Path, outer: str = "") -> dict[str, Path]:
    """Name and folder of each dataset, sorted."""
    found = {}
    for place in _entries(folder):
        name = outer + place.name
        if _is_folder(place / IMAGES) or _is_folder(place / ANNOTATIONS):
            found[name] = place
        if _is_folder(place / INNER):
            found |= _datasets(place / INNER, f"{name}/")
    return found


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError as error:
        raise DatasetError(f"{path}: cannot be looked at ({error.strerror}). Change the folder's rights.") from error


def _entries(folder: Path) -> list[Path]:
    """What lies in a folder, sorted, without hidden files (macOS leaves "._a.jpg" beside a.jpg); no folder: nothing."""
    try:
        return sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    except FileNotFoundError:
        return []
    except OSError as error:
        raise unreadable_folder(folder, error) from error


def _pairs(place: Path) -> list[tuple[Path, Path]]:
    """Each picture of a dataset and its annotation; neither may be alone."""
    annotations = {path.name: path for path in _entries(place / ANNOTATIONS) if path.suffix.lower() == ".json"}
    pairs, owner = [], dict[str, Path]()
    for image in _entries(place / IMAGES):
        if image.suffix.lower() not in READ_SUFFIXES:
            continue
        expected = f"{image.name}.json"
        name = expected if expected in annotations else f"{image.stem}.json"
        if name not in annotations:
            raise DatasetError(
                f"{image}: expected its annotation {place / ANNOTATIONS / expected}; got none. "
                "Export the annotations too, or take the picture away."
            )
        if name in owner:
            raise DatasetError(
                f"{annotations[name]}: belongs to {owner[name].name} and to {image.name}. "
                f"Give each its own: {owner[name].name}.json and {expected}."
            )
        owner[name] = image
        pairs.append((image, annotations[name]))
    alone = annotations.keys() - owner.keys()
    if alone:
        suffixes = ", ".join(sorted(READ_SUFFIXES))
        raise DatasetError(
            f"{annotations[min(alone)]}: expected its picture in {place / IMAGES}, as {suffixes}; "
            "got none. Export the pictures too, or take the annotation away."
        )
    return pairs


def _split(dataset: str) -> str:
    return next((split for part in dataset.split("/") if (split := split_named(part))), "")
