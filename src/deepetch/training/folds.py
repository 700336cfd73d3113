"""The folds of a pack: what each run of a cross-validation trains on and is judged by."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from deepetch.datasets.pack import Pack
from deepetch.datasets.split import folds

KEPT = "kept"  # what `val` is called meanwhile: no fold sees it, and the weights of an ensemble are chosen on it


@dataclass(frozen=True)
class Row:
    """A picture of a pack, as far as dividing is concerned."""

    name: str
    image: Path
    kind: str
    split: str
    group: str


def fold_packs(pack: Pack, k: int, *, seed: int = 42) -> list[Pack]:
    """k packs of the same pictures: a k-th part of `train`, another one each time, is `val`; the old `val` is kept.

    Groups stay together, kinds are spread evenly (`datasets.split.folds`).
    Raises  InvalidOptions for k < 2, or more folds than there are groups to divide.
    """
    examples = [
        Row(row["name"], Path(row["name"]), row["kind"], row["split"], row.get("group", "")) for row in pack.rows
    ]
    train = [index for index, example in enumerate(examples) if example.split == "train"]
    packs = []
    for divided in folds([examples[index] for index in train], k, seed=seed):
        rows = [row | {"split": KEPT if row["split"] == "val" else row["split"]} for row in pack.rows]
        for index, example in zip(train, divided, strict=True):
            rows[index] = rows[index] | {"split": example.split}
        packs.append(replace(pack, rows=rows))
    return packs
