"""A labelled picture: what every reader yields and everything else takes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from deepetch.arrays import Alpha
from deepetch.datasets.split import SPLITS
from deepetch.datasets.truth import NoSubject, Truth
from deepetch.photo.photo import Photo
from deepetch.photo.read import read_photo

# what folders and datasets are called by the tools that write them
_SPLIT_NAMES = {"training": "train", "valid": "val", "validation": "val", "testing": "test"} | {s: s for s in SPLITS}


@dataclass(frozen=True, kw_only=True)
class Example:
    """One picture of a labelled set.

    name    of its file, without suffix.
    truth   where its true alpha comes from.
    kind    what sort of picture, e.g. "people"; measures are reported per kind.
    source  where it comes from, for the record.
    split   "train", "val" or "test"; "" where the set does not say.
    group   pictures of one group, such as all views of one product, stay on one side of a split; "" is no group.
    instances  a picture of numbers that says which pixel is of which thing, see `datasets.instances`; None: none.
    """

    name: str
    image: Path
    truth: Truth
    kind: str
    source: str
    split: str
    group: str = ""
    instances: Path | None = None

    @property
    def has_subject(self) -> bool:
        """False for pictures that show nothing to cut out."""
        return not isinstance(self.truth, NoSubject)


def read_example(example: Example) -> tuple[Photo, Alpha]:
    """Read the photo and its true alpha, (h, w) float32 in [0, 1], both at full size.

    Raises  DatasetError when the truth is missing, of another size, or no alpha; UnreadablePhoto for a damaged file.
    """
    photo = read_photo(example.image)
    return photo, example.truth.read(photo)


def split_named(name: str) -> str:
    """The split that a word stands for, in any case: "Valid" is "val"; "" for other words."""
    return _SPLIT_NAMES.get(name.lower(), "")
