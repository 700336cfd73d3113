"""The things in a picture one by one: which pixel is whose, and of what class."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from deepetch.arrays import Mask

MOST = 255  # things in a picture
NEAR = 4  # pixels
SPECK = 0.01  # a connected part smaller than this share of the largest one is no thing
CLASS_OF_KIND = {"people": "person"}
OTHER_CLASS = "product"


@dataclass(frozen=True, eq=False)
class Instances:
    """numbers (h, w) uint8: k on the pixels of thing k, 0 elsewhere; classes[k - 1] is what it is."""

    numbers: NDArray[np.uint8]
    classes: tuple[str, ...]


def class_of(kind: str) -> str:
    """What the pictures of a kind show, where no annotation says it."""
    return CLASS_OF_KIND.get(kind, OTHER_CLASS)


def connected_instances(mask: Mask, name: str) -> Instances:
    """The connected parts (8 neighbours) of a mask (h, w), the largest first, without specks; none of an empty mask."""
    count, labels, statistics, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)
    areas = statistics[1:, cv2.CC_STAT_AREA]
    order = np.argsort(-areas, kind="stable")[:MOST]
    kept = [part for part in order if areas[part] >= SPECK * areas[order[0]]]
    numbers = np.zeros(count, np.uint8)
    numbers[[part + 1 for part in kept]] = np.arange(1, len(kept) + 1)
    return Instances(numbers[labels], (name,) * len(kept))


def whole_things(numbers: NDArray[np.uint8], mask: Mask) -> Iterator[Mask]:
    """The things of a mask (h, w) as masks, in the order of their numbers (h, w), which together are the mask.

    A pixel of the mask without a number belongs to the nearest thing within NEAR pixels, as along borders that two
    renderings draw; what is farther from all of them is one thing more, the last. An empty mask: none.
    """
    found = np.where(mask, numbers, 0)
    if found.any():
        distance, labels = cv2.distanceTransformWithLabels(
            (found == 0).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_5, labelType=cv2.DIST_LABEL_PIXEL
        )
        number_of = np.zeros(labels.max() + 1, np.uint8)
        number_of[labels[found > 0]] = found[found > 0]
        found = np.where(mask & (distance <= NEAR), number_of[labels], 0)
    for number in np.unique(found[found > 0]):
        yield found == number
    rest = mask & (found == 0)
    if rest.any():
        yield rest
