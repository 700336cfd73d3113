"""A labelled set from one form into another: pictures copied byte for byte, masks as exact as the form allows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal, TypeAlias

import numpy as np

from deepetch.datasets.coco_writing import write_coco
from deepetch.datasets.example import Example, read_example
from deepetch.datasets.folder import write_folder
from deepetch.datasets.index import write_index
from deepetch.datasets.instances import whole_things
from deepetch.datasets.objects import Annotation, LabelledObject, cropped_bitmap
from deepetch.datasets.read_instances import read_instances
from deepetch.datasets.supervisely_writing import write_supervisely
from deepetch.datasets.truth import Objects, require_size
from deepetch.errors import DatasetError
from deepetch.photo.read import read_photo

Form: TypeAlias = Literal["folder", "supervisely", "coco", "index"]


def convert(
    examples: Sequence[Example],
    form: Form,
    folder: Path,
    *,
    overwrite: bool = False,
    progress: Callable[[int], None] = lambda done: None,
) -> None:
    """Write a set anew as `form`; memory stays at one picture.

    folder, index       masks keep every level of a soft alpha. An index also keeps which pixel is of which object, if
                        there are no more than 255.
    supervisely, coco   masks are alpha >= 0.5; objects keep their classes. A mask without classes becomes one object of
                        the example's kind, or one for each thing that a picture of numbers tells apart. A Supervisely
                        dataset is called like its split.
    Raises  DatasetError for an empty set, or what reading an example raises; OutputExists, OutputFailed.
    """
    if not examples:
        raise DatasetError("nothing to convert: the set has no picture.")
    if form == "index":
        write_index(examples, folder, overwrite=overwrite, progress=progress)
    elif form == "folder":
        items = ((example.name, example.image, read_example(example)[1], example.split) for example in examples)
        write_folder(items, folder, overwrite=overwrite, progress=progress)
    elif form == "supervisely":
        write_supervisely(_annotated(examples), folder, overwrite=overwrite, progress=progress)
    else:
        write_coco(_annotated(examples), folder, overwrite=overwrite, progress=progress)


def _annotated(examples: Sequence[Example]) -> Iterator[tuple[Path, Annotation, str]]:
    for example in examples:
        yield example.image, annotation_of(example), example.split


def annotation_of(example: Example) -> Annotation:
    """The objects of an example that are its subject; a mask without classes is one object of the example's kind.

    What a picture of numbers tells apart are objects each. An empty mask: no object. Raises what `read_example` and
    `read_instances` raise.
    """
    truth = example.truth
    if isinstance(truth, Objects):
        annotation = truth.load()
        require_size(truth.where, (annotation.height, annotation.width), read_photo(example.image))
        kept = tuple(
            thing for thing in annotation.objects if truth.categories is None or thing.category in truth.categories
        )
        return replace(annotation, objects=kept)
    photo, alpha = read_example(example)
    mask = alpha >= 0.5
    numbers = np.zeros(mask.shape, np.uint8)
    if example.instances is not None:
        numbers = read_instances(example, photo, alpha).numbers
    things = tuple(
        LabelledObject(category=example.kind, shapes=(cropped_bitmap(thing),)) for thing in whole_things(numbers, mask)
    )
    return Annotation(height=mask.shape[0], width=mask.shape[1], objects=things)
