"""Divide a set into train, val and test, or into folds: always the same way for the same names and seed.

Pictures of one group stay together, and each kind is divided by itself. A hash of seed, kind and name decides which
picture goes where, so that neither the order of the list nor the machine matters.
"""

from __future__ import annotations

import hashlib
import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar, Protocol, TypeAlias, TypeVar

from deepetch.errors import DatasetError, InvalidOptions

SPLITS = ("train", "val", "test")

Unit: TypeAlias = list[int]  # positions of pictures that stay together


class Divided(Protocol):
    """What dividing asks of a picture; `datasets.example.Example` is one."""

    __dataclass_fields__: ClassVar[dict[str, Any]]

    @property
    def name(self) -> str: ...
    @property
    def image(self) -> Path: ...
    @property
    def kind(self) -> str: ...
    @property
    def split(self) -> str: ...
    @property
    def group(self) -> str: ...


T = TypeVar("T", bound=Divided)
U = TypeVar("U")


def split_by_seed(
    examples: Sequence[T], *, shares: tuple[float, float, float] = (0.8, 0.1, 0.1), seed: int = 42
) -> list[T]:
    """Give each example a split, whatever it had before; the order stays.

    shares   of train, val and test in each kind; they sum to 1. Without groups a kind of n pictures is divided into the
             whole numbers nearest to n times the shares (largest remainder). Groups are whole, so beside large groups a
             split may hold about one group more or less.
    A group of several kinds counts for the one that comes first in the alphabet. A kind of one picture is for training,
    unless train's share is 0.
    Raises   InvalidOptions for shares that are negative or do not sum to 1, DatasetError for no example.
    """
    if len(shares) != len(SPLITS) or not all(share >= 0 for share in shares) or not math.isclose(sum(shares), 1):
        raise InvalidOptions(f"shares: expected three that are not negative and sum to 1; got {shares}.")
    if not examples:
        raise DatasetError("nothing to split: the data set has no labelled picture.")
    chosen = [""] * len(examples)
    for units in _units(examples, range(len(examples)), seed).values():
        total = sum(len(unit) for unit in units)
        targets = [1, 0, 0] if total == 1 and shares[0] > 0 else _largest_remainder(total, shares)
        counts, done = [0, 0, 0], 0
        for unit in units:
            # to the split that lags most behind its share of what is placed so far: large groups, which come first,
            # are spread over all splits, and the single pictures after them make the counts exact
            done += len(unit)
            lags = [target * done / total - count for target, count in zip(targets, counts, strict=True)]
            place = lags.index(max(lags))
            counts[place] += len(unit)
            for index in unit:
                chosen[index] = SPLITS[place]
    return [replace(example, split=split) for example, split in zip(examples, chosen, strict=True)]


def folds(examples: Sequence[T], k: int, *, seed: int = 42) -> list[list[T]]:
    """Divide a set for k-fold cross-validation: k lists, each the whole set in its order with other pictures as val.

    Every example is "val" in exactly one list and "train" in the others; those of the split "test" stay that in all.
    Kinds and groups are spread as evenly as whole groups allow.
    Raises  InvalidOptions for k < 2, or more folds than groups (a picture without group is one).
    """
    if k < 2:
        raise InvalidOptions(f"folds: expected at least 2; got {k}.")
    divided = [index for index, example in enumerate(examples) if example.split != "test"]
    kinds = _units(examples, divided, seed)
    count = sum(len(units) for units in kinds.values())
    if k > count:
        raise InvalidOptions(f"folds: expected at most {count}, one a group that is not in test; got {k}.")
    fold_of = dict[int, int]()
    totals = [0] * k
    for units in kinds.values():
        counts = [0] * k
        for unit in units:
            _, _, fold = min(zip(counts, totals, range(k), strict=True))
            counts[fold] += len(unit)
            totals[fold] += len(unit)
            fold_of |= dict.fromkeys(unit, fold)
    return [
        [
            replace(example, split="val" if fold_of[index] == fold else "train") if index in fold_of else example
            for index, example in enumerate(examples)
        ]
        for fold in range(k)
    ]


def _units(examples: Sequence[Divided], chosen: Iterable[int], seed: int) -> dict[str, list[Unit]]:
    """What stays together, for each kind in alphabetical order; large units first, equal ones as their hash says."""
    units = defaultdict[str | int, Unit](list)
    for index in chosen:
        units[examples[index].group or index].append(index)
    kinds = defaultdict[str, list[tuple[int, bytes, str, Unit]]](list)
    for unit in units.values():
        first = examples[unit[0]]
        kind = min(examples[index].kind for index in unit)
        name = first.group or f"{first.name}\0{first.image.name}"
        # pictures that share kind and name still differ in their path
        kinds[kind].append((-len(unit), _hash(f"{seed}\0{kind}\0{name}"), str(first.image), unit))
    return {kind: [unit for *_, unit in sorted(kinds[kind])] for kind in sorted(kinds)}


def _hash(text: str) -> bytes:
    return hashlib.blake2b(text.encode("utf-8", "surrogateescape"), digest_size=16).digest()


def _largest_remainder(total: int, shares: Sequence[float]) -> list[int]:
    """Whole numbers that sum to `total`, nearest to its shares; of equal remainders the first counts more."""
    # rounded, so that what binary fractions add to 0.1 x 30 decides nothing
    quotas = [round(total * share, 9) for share in shares]
    counts = [math.floor(quota) for quota in quotas]
    order = sorted(range(len(shares)), key=lambda place: counts[place] - quotas[place])
    for place in order[: total - sum(counts)]:
        counts[place] += 1
    return counts


def spread(items: Sequence[U], most: int) -> Sequence[U]:
    """At most so many of the items, evenly spread over them, the first and the last among them; 0: all."""
    if not most or len(items) <= most:
        return items
    return [items[round(index * (len(items) - 1) / max(1, most - 1))] for index in range(most)]
