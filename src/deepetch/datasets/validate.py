"""What is wrong with a labelled set, or looks so; a word for each kind of problem:

    unreadable      the picture or its truth is missing or damaged
    size            the mask has another size than the picture
    empty           the true alpha is nowhere 0.5 or more, though the picture is to show a subject
    full            the true alpha is 0.5 or more in 99.9 % of the picture, or in all of it
    duplicate       the picture has the same pixels as an earlier one
    near-duplicate  the picture looks like an earlier one of another split, or like its mirror image: what is tested was
                    seen in training
    noise           a suspicion, no fault: the mask's edge does not follow the picture. Thin things and subjects in the
                    colours of their ground are suspected too.

Of the first four no training can use a picture.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from pathlib import Path
from typing import Literal, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from deepetch.arrays import Alpha, View
from deepetch.datasets.example import Example
from deepetch.datasets.read_instances import read_instances
from deepetch.errors import DatasetError, PhotoError
from deepetch.photo.photo import Photo
from deepetch.photo.read import read_photo
from deepetch.photo.view import working_view

What: TypeAlias = Literal["unreadable", "size", "empty", "full", "duplicate", "near-duplicate", "noise"]
Print: TypeAlias = NDArray[np.uint64]  # (4,), the 256 bits of a difference hash

UNUSABLE: frozenset[What] = frozenset({"unreadable", "size", "empty", "full"})
FULL = 0.999  # of the picture
SIDE = 512  # pixels of the longer side at which pictures are compared and edges looked at
GRID = 16  # rows, and steps from column to column, of a difference hash
STEP = 2 / 255  # a smaller step is no step: JPEG and reducing make such ones, in even grounds above all
# Bits of 256. Of 5.5 million pairs of different photos across splits 4 were so near, all of them shirts of one cut on
# white; of copies at half the size, saved as JPEG of quality 60, 96 in 100 are.
NEAR = 12
LEAST_STEPS = 2 * NEAR + 1  # two hashes with fewer are near even where they have no step in common, as even grounds are
TILE = 512  # pictures of one split that are compared with as many of another at a time: 2 MB
OFFSET = 6  # pixels at SIDE by which the contour is moved; wider than a hand-drawn outline is off, narrower than a limb
LEAST_CONTOUR = 100  # pixels at SIDE; of fewer the mean says little
# Of 275 products outlined by hand none is at or below; of 2,707 people 25, most of them cut off, full of holes or
# loosely outlined. Grown or shrunk by 6 px, moved by 8 px or swapped with another's, more than 95 masks in 100 are.
LEAST_EDGE = 1.25


@dataclass(frozen=True)
class Problem:
    """Something wrong with one picture.

    name, image  of the example.
    what         the kind of problem, see above.
    text         one line: what is wrong, with which file.
    """

    name: str
    image: Path
    what: What
    text: str


def validate(examples: Sequence[Example], *, progress: Callable[[int], None] = lambda done: None) -> list[Problem]:
    """Read each picture of a set once, with its truth, and list what is wrong, in the order of the examples.

    Memory stays at one picture, beside a hundred bytes for each of the set. No example: no problem.
    Raises  MissingExtra for a truth that needs a package which is not installed.
    """
    found: list[list[Problem]] = []
    prints = np.zeros((len(examples), 2, GRID * GRID // 64), np.uint64)
    first = np.arange(len(examples))  # the earliest example of the same pixels
    owner: dict[bytes, int] = {}
    for index, example in enumerate(examples):
        problems: list[Problem] = []
        found.append(problems)
        try:
            photo = read_photo(example.image)
        except PhotoError as error:
            problems.append(_problem(example, "unreadable", str(error)))
        else:
            view = working_view(photo, SIDE)
            prints[index] = difference_hash(view), difference_hash(view[:, ::-1])
            first[index] = owner.setdefault(_digest(photo), index)
            problems += (_problem(example, what, text) for what, text in _faults(example, photo, view))
            if first[index] != index:
                problems.append(
                    _problem(example, "duplicate", _pair(example, "the same pixels as", examples[first[index]]))
                )
        progress(index + 1)
    for later, earlier in near_pairs(prints, first, [example.split for example in examples]):
        text = _pair(examples[later], "looks like", examples[earlier])
        found[later].append(_problem(examples[later], "near-duplicate", text))
    return [problem for problems in found for problem in problems]


def without(examples: Sequence[Example], problems: Sequence[Problem]) -> list[Example]:
    """The examples but those that are unreadable or whose truth is of another size, empty or full; in their order."""
    unusable = {(problem.name, problem.image) for problem in problems if problem.what in UNUSABLE}
    return [example for example in examples if (example.name, example.image) not in unusable]


def difference_hash(view: View) -> Print:
    """Where a picture becomes lighter from left to right, on a grid of 16 rows and 17 columns: 256 bits as 4 words.

    view     (h, w, 3) float32 in [0, 1]; any size.
    Copies of other size, compression or brightness differ in few bits.
    """
    small = cv2.resize(
        cv2.cvtColor(np.ascontiguousarray(view), cv2.COLOR_RGB2GRAY), (GRID + 1, GRID), interpolation=cv2.INTER_AREA
    )
    return np.packbits(small[:, 1:] > small[:, :-1] + STEP).view(np.uint64)


def edge_contrast(view: View, alpha: Alpha) -> float | None:
    """How much stronger the picture's edges are on a mask's contour than beside it, 6 px outward and inward.

    view     (h, w, 3) float32 in [0, 1], of any size.
    alpha    (H, W) float32 in [0, 1] of the same picture, of any size; its contour at 0.5 counts, the frame does not.
    Returns  the mean gradient on the contour divided by that on the moved ones, all at 512 px of the longer side: far
             above 1 where the mask follows the picture, about 1 where it does not. An edge counts a pixel beside itself
             too, since outlines drawn by hand are no nearer. None for a contour of less than 100 px, or without any
             edge beside it.
    """
    height, width = view.shape[:2]
    size = max(1, round(width * SIDE / max(height, width))), max(1, round(height * SIDE / max(height, width)))
    mask = _resized(alpha, size) >= 0.5
    gradient = _gradient(_resized(view, size))
    # of a pixel's distances to the mask and to what is outside it one is 0
    distance = sum(
        np.asarray(cv2.distanceTransform(part.astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_5)) for part in (mask, ~mask)
    )
    contour, beside = gradient[distance <= 1], gradient[np.abs(distance - OFFSET) < 1]
    if contour.size < LEAST_CONTOUR or not beside.any():
        return None
    return float(contour.mean() / beside.mean())


def near_pairs(
    prints: NDArray[np.uint64], first: NDArray[np.int64], splits: Sequence[str]
) -> Iterator[tuple[int, int]]:
    """Each picture that is near an earlier one of another split, and the nearest of these; in their order.

    prints   (n, 2, 4), the difference hashes of each picture and of its mirror image; 0 for one that was not read.
    first    (n,), the same number for pictures of the same pixels, which are not compared.
    splits   of n pictures; those of "" are not compared either.
    """
    count = len(splits)
    told = np.bitwise_count(prints[:, 0]).sum(axis=1, dtype=np.int64) >= LEAST_STEPS
    sides = [np.flatnonzero(told & (np.array(splits) == split)) for split in sorted(set(splits)) if split]
    far = (NEAR + 1) * count
    nearest = np.full(count, far, np.int64)  # distance x count + the earlier picture: the least is the nearest
    for one, other in combinations(sides, 2):
        for rows, columns in product(_tiles(one), _tiles(other)):
            distance = np.minimum(*(_distances(prints[rows, 0], prints[columns, side]) for side in (0, 1)))
            row, column = np.nonzero((distance <= NEAR) & (first[rows, None] != first[columns]))
            ends = np.stack([rows[row], columns[column]])
            np.minimum.at(nearest, ends.max(axis=0), distance[row, column].astype(np.int64) * count + ends.min(axis=0))
    for later in np.flatnonzero(nearest < far):
        yield int(later), int(nearest[later] % count)


def _faults(example: Example, photo: Photo, view: View) -> Iterator[tuple[What, str]]:
    """What is wrong with the truth of one picture."""
    try:
        alpha = example.truth.read(photo)
        if example.instances is not None:
            read_instances(example, photo, alpha)
    except (DatasetError, PhotoError) as error:
        yield "size" if _tells_of_size(error, photo) else "unreadable", str(error)
        return
    if not example.has_subject:
        return
    share = float((alpha >= 0.5).mean())
    if share == 0:
        yield "empty", f"{example.image}: shows a subject, but its alpha is nowhere 0.5 or more."
    elif share >= FULL:
        yield "full", f"{example.image}: the subject covers {100 * share:.1f} % of the picture."
    else:
        contrast = edge_contrast(view, alpha)
        if contrast is not None and contrast <= LEAST_EDGE:
            yield (
                "noise",
                f"{example.image}: the mask's edge does not seem to follow the picture, whose edges are {contrast:.2f} "
                "times as strong there as beside it. Look at it.",
            )


def _tells_of_size(error: Exception, photo: Photo) -> bool:
    """Whether an error is that of `truth.require_size`, which every truth raises for a mask of another size."""
    return f"expected a mask of {photo.width} x {photo.height} like its picture" in str(error)


def _resized(array: NDArray[np.float32], size: tuple[int, int]) -> NDArray[np.float32]:
    """Shrunk by averaging over areas, enlarged by lines between pixels."""
    shrinks = size[0] <= array.shape[1]
    return np.asarray(cv2.resize(array, size, interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR))


def _gradient(view: View) -> NDArray[np.float32]:
    """How steep a picture is, (h, w), in its steepest channel and at the steepest pixel of 3 x 3."""
    smooth = cv2.GaussianBlur(view, (0, 0), 1.0)  # grain has no edge
    squares = cv2.Scharr(smooth, cv2.CV_32F, 1, 0) ** 2 + cv2.Scharr(smooth, cv2.CV_32F, 0, 1) ** 2
    steepest = np.sqrt(np.maximum(np.maximum(squares[..., 0], squares[..., 1]), squares[..., 2]))
    return np.asarray(cv2.dilate(steepest, np.ones((3, 3), np.uint8)))


def _digest(photo: Photo) -> bytes:
    digest = hashlib.blake2b(f"{photo.samples.dtype} {photo.samples.shape}".encode(), digest_size=16)
    for array in (photo.samples, photo.alpha):
        if array is not None:
            digest.update(np.ascontiguousarray(array).data)
    return digest.digest()


def _tiles(indices: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    return [indices[at : at + TILE] for at in range(0, len(indices), TILE)]


def _distances(one: NDArray[np.uint64], other: NDArray[np.uint64]) -> NDArray[np.uint16]:
    """Numbers of different bits (n, m) of prints (n, 4) and (m, 4) (Hamming distances)."""
    distance = np.zeros((len(one), len(other)), np.uint16)
    for word in range(one.shape[1]):
        distance += np.bitwise_count(one[:, None, word] ^ other[None, :, word])
    return distance


def _problem(example: Example, what: What, text: str) -> Problem:
    return Problem(name=example.name, image=example.image, what=what, text=text)


def _pair(example: Example, relation: str, earlier: Example) -> str:
    here, there = example.split or "no split", earlier.split or "no split"
    return f"{example.image}: {relation} {earlier.image}; this one is in {here}, that one in {there}."
