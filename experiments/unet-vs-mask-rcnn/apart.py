"""How many products are told apart: python experiments/unet-vs-mask-rcnn/apart.py BENCH MODEL...

What `deepetch cut --instances` makes a file of is matched with the bench's true products, the best pairs first; a
product is found when a pair's IoU is at least 0.5. What is left over of the things found is too many. A segmenter's
things are the parts of its cut-out.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from deepetch.arrays import Mask
from deepetch.cutout import cut_out
from deepetch.datasets.read import read_dataset
from deepetch.errors import NoSubject
from deepetch.instances import Thing, separate
from deepetch.options import DataOptions
from deepetch.photo.read import read_photo
from deepetch.segment.segment import Segmenter, load_segmenter

FOUND = 0.5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bench", type=Path, help="what `deepetch studio bench` wrote")
    parser.add_argument("models", nargs="+")
    asked = parser.parse_args()
    examples = read_dataset(asked.bench, DataOptions(split="test"))
    print("| model | pictures | products | found | too many | mean IoU of the found |\n|---|---|---|---|---|---|")
    for name in asked.models:
        model = load_segmenter(name)
        totals: dict[str, list[float]] = {}
        for example in examples:
            assert example.instances is not None
            things = [thing.cutout.alpha >= 128 for thing in _things(model, example.image)]
            numbers = read_photo(example.instances).samples[..., 0]
            true = [numbers == number for number in np.unique(numbers[numbers > 0])]
            overlaps = matched(things, true)
            found = [overlap for overlap in overlaps if overlap >= FOUND]
            row = [1, len(true), len(found), len(things) - len(found), sum(found)]
            sort = "several products" if len(true) > 1 else "one product"
            totals[sort] = [sum(pair) for pair in zip(totals.get(sort, [0] * len(row)), row, strict=True)]
        for sort, (pictures, products, hits, extra, overlap) in sorted(totals.items()):
            print(
                f"| {model.spec.name} | {pictures:.0f} of {sort} | {products:.0f} | {hits:.0f} | {extra:.0f} "
                f"| {overlap / max(1, hits):.3f} |"
            )


def matched(things: Sequence[Mask], true: Sequence[Mask]) -> list[float]:
    """The IoU of each pair, none in two pairs, the best pairs first."""
    pairs = sorted(
        ((_iou(thing, product), i, j) for i, thing in enumerate(things) for j, product in enumerate(true)), reverse=True
    )
    taken: tuple[set[int], set[int]] = set(), set()
    overlaps = []
    for overlap, i, j in pairs:
        if i not in taken[0] and j not in taken[1]:
            taken[0].add(i)
            taken[1].add(j)
            overlaps.append(overlap)
    return overlaps


def _iou(one: Mask, other: Mask) -> float:
    return np.count_nonzero(one & other) / max(1, np.count_nonzero(one | other))


def _things(model: Segmenter, path: Path) -> list[Thing]:
    try:
        return separate(cut_out(read_photo(path), model))
    except NoSubject:
        return []


if __name__ == "__main__":
    main()
