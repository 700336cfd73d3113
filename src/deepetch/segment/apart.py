"""Which pixels are whose, where instances overlap: the merging of panoptic segmentation (Kirillov et al. 2019).

Masks of 28 x 28 overlap at their borders, one thing is found twice, and one box may hold a group. So things take whole
masks, one after the other, and an instance that has lost most of its mask is no thing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from deepetch.arrays import Alpha, Mask
from deepetch.inference.instance import Instance
from deepetch.segment.instances import pasted

LEFT = 0.3  # share of its mask that must be left to a thing by surer ones of its class
SAME = 0.6  # IoU from which two instances are one thing, of whatever class
SPANS = 0.2  # share of its mask outside its largest part that makes an instance one of several parts
UNKNOWN = 0.5  # share of a part that nobody claims, above which it is a thing of its own
SPECK = 0.01  # a part smaller than this share of the largest one is no thing of its own


@dataclass(frozen=True, eq=False, kw_only=True)
class Claim:
    """name   the class, "" of what no instance is of.
    score  of the instance; None of what is of none.
    mask   (h, w) bool, no pixel of which another thing claims.
    """

    name: str
    score: float | None
    mask: Mask


def told_apart(alpha: Alpha, instances: Sequence[Instance]) -> list[Claim]:
    """The things of an alpha (h, w) float32 in [0, 1], none of whose pixels is another's.

    Parts are what hangs together of the alpha at 0.5. Instances are judged from the surest down, those that span
    several parts after all others, since things that do not touch are seldom one: one is no thing of its own if it
    is mostly the same as a surer one, or has lost most of its mask to surer ones of its class. Where two things
    overlap the smaller lies in front. Parts that are for the most part nobody's are things without a class; pixels
    of alpha that nobody claims are left to the caller.
    Returns  the instances' things, the smallest first, then the others, the largest first; [] for none.
    """
    shown = alpha >= 0.5
    parts = np.asarray(cv2.connectedComponents(shown.astype(np.uint8), connectivity=8)[1], np.int32)
    masks = [(pasted(instance, alpha.shape[0], alpha.shape[1]) >= 0.5) & shown for instance in instances]
    order = sorted(range(len(masks)), key=lambda index: (_spans(masks[index], parts), -instances[index].score))
    kept: list[int] = []
    for index in order:
        mask, name = masks[index], instances[index].name
        rivals = [masks[other] for other in kept if instances[other].name == name]
        lost = np.any(rivals, axis=0) if rivals else np.zeros_like(mask)
        same = any(_are_one(mask, masks[other]) for other in kept)
        if mask.any() and not same and np.count_nonzero(mask & ~lost) >= LEFT * np.count_nonzero(mask):
            kept.append(index)
    taken = np.zeros(alpha.shape, np.bool_)
    claims = []
    for index in sorted(kept, key=lambda index: np.count_nonzero(masks[index])):
        mask = masks[index] & ~taken
        taken |= mask
        if mask.any():
            claims.append(Claim(name=instances[index].name, score=instances[index].score, mask=mask))
    return claims + _unclaimed(parts, taken)


def _are_one(one: Mask, other: Mask) -> bool:
    return bool(np.count_nonzero(one & other) >= SAME * np.count_nonzero(one | other))


def _spans(mask: Mask, parts: NDArray[np.int32]) -> bool:
    counts = np.bincount(parts[mask])
    return bool(len(counts) and counts.max() < (1 - SPANS) * counts.sum())


def _unclaimed(parts: NDArray[np.int32], taken: Mask) -> list[Claim]:
    """Parts that are for the most part nobody's."""
    areas = np.bincount(parts.ravel())
    free = np.bincount(parts[~taken], minlength=len(areas))
    areas[0] = 0
    least = SPECK * areas.max(initial=0)
    found = [part for part in range(1, len(areas)) if areas[part] >= least and free[part] >= UNKNOWN * areas[part]]
    return [
        Claim(name="", score=None, mask=(parts == part) & ~taken)
        for part in sorted(found, key=lambda part: -areas[part])
    ]
