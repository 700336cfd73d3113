"""The instances of a labelled picture, as its set tells them.

What an annotation names are its objects. A picture with a mask alone has the connected parts of it, and one whose set
has a picture of numbers (`instances/NAME.png`, as `deepetch studio` writes it) what that says.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from deepetch.arrays import Alpha, Mask
from deepetch.datasets.example import Example
from deepetch.datasets.instances import MOST, Instances, class_of, connected_instances
from deepetch.datasets.objects import Annotation, LabelledObject, cropped_bitmap, object_mask
from deepetch.datasets.truth import Objects, require_size
from deepetch.errors import DatasetError
from deepetch.photo.photo import Photo
from deepetch.photo.read import read_photo


def read_instances(example: Example, photo: Photo, alpha: Alpha) -> Instances:
    """The instances of a labelled picture.

    Objects of an annotation are numbered as they stand there, crowds left out; where two overlap the smaller one lies
    in front. Their classes are the annotation's; of other pictures, "person" for the kind "people", else "product".
    alpha   as `read_example` gives it.
    Raises  DatasetError for a picture of numbers of another size or with more than 255 things.
    """
    if isinstance(example.truth, Objects):
        return _of_objects(example.truth)
    name = class_of(example.kind)
    mask: Mask = alpha >= 0.5
    if example.instances is None:
        return connected_instances(mask, name)
    found = _of_file(example.instances, photo)
    return Instances(np.where(mask, found, 0).astype(np.uint8), (name,) * int(found.max(initial=0)))


def tells_instances(example: Example) -> bool:
    """Whether a set itself says which pixel is whose."""
    return isinstance(example.truth, Objects) or example.instances is not None


def few_enough(example: Example) -> bool:
    """Whether a picture is annotated with objects that can all be told apart: no more than 255."""
    return isinstance(example.truth, Objects) and len(_things(example.truth, example.truth.load())) <= MOST


def classes_of(example: Example) -> set[str]:
    """The classes that the things of a picture may have, without decoding it."""
    if isinstance(example.truth, Objects):
        return {thing.category for thing in _things(example.truth, example.truth.load())}
    return {class_of(example.kind)} if example.has_subject else set()


def _things(truth: Objects, annotation: Annotation) -> list[LabelledObject]:
    """The objects that are subjects, crowds left out."""
    chosen = truth.categories
    return [thing for thing in annotation.objects if not thing.crowd and (chosen is None or thing.category in chosen)]


def _of_objects(truth: Objects) -> Instances:
    annotation = truth.load()
    things = _things(truth, annotation)
    if len(things) > MOST:
        raise DatasetError(f"{truth.where}: {len(things)} objects in one picture; at most {MOST} can be told apart.")
    height, width = annotation.height, annotation.width
    bitmaps = [cropped_bitmap(object_mask(thing, height, width)) for thing in things]
    numbers = np.zeros((height, width), np.uint8)
    for index in sorted(range(len(bitmaps)), key=lambda index: -int(bitmaps[index].mask.sum())):
        top, left = bitmaps[index].top, bitmaps[index].left
        rows, columns = bitmaps[index].mask.shape
        numbers[top : top + rows, left : left + columns][bitmaps[index].mask] = index + 1
    return Instances(numbers, tuple(thing.category for thing in things))


def _of_file(path: Path, photo: Photo) -> NDArray[np.uint8]:
    numbers = read_photo(path).samples[..., 0]
    require_size(path, numbers.shape, photo)
    if int(numbers.max(initial=0)) > MOST:
        raise DatasetError(f"{path}: expected numbers of things up to {MOST}; got {int(numbers.max())}.")
    return numbers.astype(np.uint8)
