"""A labelled set of any form: recognised by what lies there, and split where it is not split yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from deepetch.datasets.coco import find_coco, read_coco
from deepetch.datasets.example import Example
from deepetch.datasets.folder import is_cutout_folder, is_folder_set, read_cutouts, read_folder
from deepetch.datasets.index import INDEX, read_index
from deepetch.datasets.split import split_by_seed
from deepetch.datasets.supervisely import is_supervisely, read_supervisely
from deepetch.errors import DatasetError, InvalidOptions
from deepetch.options import DataOptions

FORMS = "index.csv, a Supervisely project (meta.json), COCO JSON, images/ and masks/, or pictures with alpha"


def read_dataset(path: Path, choice: DataOptions = DataOptions()) -> list[Example]:
    """Read a labelled set; each example has a split.

    Where no picture says its split, `split_by_seed` divides them 80 : 10 : 10, always the same way; where some say it,
    the others are for training.
    Raises  DatasetError when nothing known lies there, or no picture fits the choice; InvalidOptions for a choice that
            this form of a set does not know.
    """
    examples = _read_all(path, choice)
    if examples and not any(example.split for example in examples):
        examples = split_by_seed(examples)
    examples = [example if example.split else replace(example, split="train") for example in examples]
    chosen = [
        example
        for example in examples
        if (choice.split is None or example.split == choice.split)
        and (choice.kinds is None or example.kind in choice.kinds)
    ]
    if not chosen:
        known = ", ".join(sorted({example.kind for example in examples})) or "none"
        kinds = "any" if choice.kinds is None else ", ".join(choice.kinds)
        raise DatasetError(f"{path}: no picture fits split {choice.split or 'any'} and kind {kinds}; kinds: {known}.")
    return chosen


def _read_all(path: Path, choice: DataOptions) -> list[Example]:
    if not path.exists():
        raise DatasetError(f"{path}: no such file or folder.")
    if (path / INDEX).exists():
        _refuse(choice, "index.csv", "categories", "datasets")
        return read_index(path)
    if is_supervisely(path):
        return read_supervisely(path, datasets=choice.datasets, categories=choice.categories)
    if find_coco(path):
        _refuse(choice, "COCO", "datasets")
        return read_coco(path, categories=choice.categories)
    if is_folder_set(path):
        _refuse(choice, "a folder of masks", "datasets")
        return read_folder(path, categories=_numbers(choice.categories))
    if is_cutout_folder(path):
        _refuse(choice, "a folder of cut-outs", "categories", "datasets")
        return read_cutouts(path)
    raise DatasetError(f"{path}: no labelled set lies here; known are {FORMS}.")


def _refuse(choice: DataOptions, form: str, *names: str) -> None:
    for name in names:
        if getattr(choice, name) is not None:
            raise InvalidOptions(f"--{name}: {form} has no {name}; leave it out.")


def _numbers(categories: Sequence[str] | None) -> list[int] | None:
    try:
        return None if categories is None else [int(category) for category in categories]
    except ValueError as error:
        raise InvalidOptions(
            f"--categories: expected numbers of classes, as the masks hold them; got {', '.join(categories or ())}."
        ) from error
