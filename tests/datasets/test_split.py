from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from deepetch.datasets.example import Example
from deepetch.datasets.split import folds, split_by_seed, spread
from deepetch.datasets.truth import NoSubject
from deepetch.errors import DatasetError, InvalidOptions


def example(name, kind="people", group="", split="", folder="data"):
    return Example(
        name=name,
        image=Path(folder, f"{name}.jpg"),
        truth=NoSubject(),
        kind=kind,
        source="drawn",
        split=split,
        group=group,
    )


def people(count):
    return [example(f"p{index:04}") for index in range(count)]


def products(groups, views):
    return [example(f"g{group}v{view}", "products", f"g{group}") for group in range(groups) for view in range(views)]


def counts(examples):
    held = Counter(e.split for e in examples)
    return tuple(held[split] for split in ("train", "val", "test"))


def splits(examples):
    return {e.image: e.split for e in examples}


def sides(examples):
    """Splits of each group."""
    held = {}
    for e in examples:
        if e.group:
            held.setdefault(e.group, set()).add(e.split)
    return held


def mixed():
    alone = [example(f"x{index}", "products") for index in range(23)]
    return people(57) + products(9, 4) + alone + [example("wall", "backgrounds")]


# split_by_seed


def test_order_and_all_but_the_split_stay():
    examples = [replace(e, split="test") for e in mixed()]
    divided = split_by_seed(examples)
    assert [replace(e, split="test") for e in divided] == examples
    assert {e.split for e in divided} == {"train", "val", "test"}
    assert all(e.split == "test" for e in examples)


@pytest.mark.parametrize(
    ("count", "shares", "expected"),
    [
        (1000, (0.8, 0.1, 0.1), (800, 100, 100)),
        (30, (0.8, 0.1, 0.1), (24, 3, 3)),
        (7, (0.8, 0.1, 0.1), (5, 1, 1)),  # 5.6, 0.7, 0.7
        (5, (0.8, 0.1, 0.1), (4, 1, 0)),  # 4, 0.5, 0.5
        (3, (0.8, 0.1, 0.1), (3, 0, 0)),  # 2.4, 0.3, 0.3
        (2, (0.8, 0.1, 0.1), (2, 0, 0)),
        (1, (0.8, 0.1, 0.1), (1, 0, 0)),
        (1, (0.2, 0.4, 0.4), (1, 0, 0)),
        (1, (0.0, 0.4, 0.6), (0, 0, 1)),
        (100, (0.7, 0.0, 0.3), (70, 0, 30)),
        (10, (0.0, 0.0, 1.0), (0, 0, 10)),
        (9, (1 / 3, 1 / 3, 1 / 3), (3, 3, 3)),
    ],
)
def test_shares_are_kept_by_largest_remainder(count, shares, expected):
    assert counts(split_by_seed(people(count), shares=shares)) == expected


def test_each_kind_has_its_shares():
    divided = split_by_seed(people(40) + [example(f"b{index}", "backgrounds") for index in range(20)])
    assert counts([e for e in divided if e.kind == "people"]) == (32, 4, 4)
    assert counts([e for e in divided if e.kind == "backgrounds"]) == (16, 2, 2)


def test_groups_of_one_size_are_divided_like_pictures():
    divided = split_by_seed(products(20, 5))
    assert counts(divided) == (80, 10, 10)
    assert all(len(held) == 1 for held in sides(divided).values())


def test_large_groups_are_not_all_for_training():
    divided = split_by_seed(products(10, 10) + [example(f"x{index}", "products") for index in range(100)])
    assert counts(divided) == (160, 20, 20)
    assert {next(iter(held)) for held in sides(divided).values()} == {"train", "val", "test"}


@pytest.mark.parametrize("seed", range(20))
def test_groups_stay_whole_and_shares_miss_by_little_more_than_one(seed):
    random = np.random.default_rng(seed)
    sizes = random.integers(1, 9, random.integers(5, 40))
    examples = [
        example(f"{group}-{view}", group=f"g{group}") for group, size in enumerate(sizes) for view in range(size)
    ]
    shares = random.dirichlet((4, 1, 1))
    divided = split_by_seed(examples, shares=tuple(shares), seed=seed)
    assert all(len(held) == 1 for held in sides(divided).values())
    # over by 2/3 of a group and a rounding at most, so short by twice that
    missed = np.array(counts(divided)) - shares * len(examples)
    assert missed.max() <= 2 / 3 * sizes.max() + 1
    assert missed.min() >= -4 / 3 * sizes.max() - 2


def test_a_group_of_several_kinds_counts_for_the_first_in_the_alphabet():
    group = [example("a", "people", "g"), example("b", "backgrounds", "g")]
    examples = [*group, *people(10)]
    # alone in its kind, the group is for training, and the people are divided without it
    divided = split_by_seed(examples)
    assert [e.split for e in divided[:2]] == ["train", "train"]
    assert counts(divided[2:]) == (8, 1, 1)


@pytest.mark.parametrize("seed", range(5))
def test_order_of_the_examples_does_not_matter(seed):
    examples = mixed()
    shuffled = [examples[index] for index in np.random.default_rng(seed).permutation(len(examples))]
    assert splits(split_by_seed(examples)) == splits(split_by_seed(shuffled))
    by_fold = zip(folds(examples, 4), folds(shuffled, 4), strict=True)
    assert all(splits(one) == splits(other) for one, other in by_fold)


def test_pictures_of_one_name_in_several_folders_are_told_apart_in_any_order():
    examples = [example("0001", folder=f"data/{index}") for index in range(30)]
    assert splits(split_by_seed(examples)) == splits(split_by_seed(examples[::-1]))


def test_where_the_set_lies_does_not_matter():
    here = split_by_seed(people(50))
    there = split_by_seed([replace(e, image=Path("/elsewhere") / e.image.name) for e in people(50)])
    assert [e.split for e in here] == [e.split for e in there]


def test_another_seed_divides_otherwise():
    one, other = split_by_seed(people(100)), split_by_seed(people(100), seed=43)
    assert counts(one) == counts(other)
    assert splits(one) != splits(other)


def test_every_run_of_python_divides_alike():
    code = (
        "from pathlib import Path\n"
        "from deepetch.datasets.example import Example\n"
        "from deepetch.datasets.split import split_by_seed\n"
        "from deepetch.datasets.truth import NoSubject\n"
        "made = [Example(name=f'p{i:04}', image=Path(f'data/p{i:04}.jpg'), truth=NoSubject(), kind='people', source='',"
        " split='') for i in range(40)]\n"
        "print(*[e.split for e in split_by_seed(made)])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"PYTHONHASHSEED": "7"},
    )
    assert done.stdout.split() == [e.split for e in split_by_seed(people(40))]


def test_which_pictures_are_for_testing_is_no_matter_of_their_place_in_the_list():
    tested = [index for index, e in enumerate(split_by_seed(people(1000))) if e.split == "test"]
    # 100 of 1000 numbers drawn at random have a mean of 500 and a deviation of 29; four of these are allowed
    assert abs(np.mean(tested) - 500) < 116


@pytest.mark.parametrize(
    "shares",
    [(0.8, 0.1, 0.2), (1.1, -0.1, 0.0), (0.5, 0.5), (0.0, 0.0, 0.0), (float("nan"), 0.5, 0.5), (float("inf"), 0, 0)],
)
def test_shares_that_are_none_are_refused(shares):
    with pytest.raises(InvalidOptions, match="shares: expected three"):
        split_by_seed(people(10), shares=shares)


def test_nothing_to_split_is_said():
    with pytest.raises(DatasetError, match="nothing to split"):
        split_by_seed([])


# folds


@pytest.mark.parametrize("k", [2, 3, 5, 7])
def test_every_example_is_val_once_and_train_else(k):
    examples = mixed()
    lists = folds(examples, k)
    assert len(lists) == k
    for position, e in enumerate(examples):
        held = [fold[position] for fold in lists]
        assert [replace(one, split=e.split) for one in held] == [e] * k
        assert sorted(one.split for one in held) == ["train"] * (k - 1) + ["val"]


def test_test_stays_test_in_all_folds():
    examples = [replace(e, split="test" if index % 5 == 0 else "") for index, e in enumerate(people(50))]
    for fold in folds(examples, 4):
        assert [e.split == "test" for e in fold] == [index % 5 == 0 for index in range(50)]
        assert counts(fold) == (30, 10, 10)


@pytest.mark.parametrize("k", [2, 3, 4])
def test_kinds_are_spread_evenly_and_groups_stay_whole(k):
    for fold in folds(mixed(), k):
        assert all(len(held) == 1 for held in sides(fold).values())
        assert abs(sum(e.split == "val" for e in fold if e.kind == "people") - 57 / k) < 1
        assert abs(sum(e.split == "val" for e in fold if e.kind == "products") - 59 / k) < 4  # a group has 4


def test_rare_kinds_do_not_all_fall_into_the_first_fold():
    examples = [example(f"{kind}{index}", kind) for kind in "abcd" for index in range(2)]
    assert [sum(e.split == "val" for e in fold) for fold in folds(examples, 4)] == [2, 2, 2, 2]


def test_as_many_folds_as_groups_leave_one_out():
    for fold in folds([*products(3, 2), example("x")], 4):
        assert len({e.group for e in fold if e.split == "val"}) == 1


def test_another_seed_folds_otherwise():
    assert [splits(fold) for fold in folds(people(40), 4)] != [splits(fold) for fold in folds(people(40), 4, seed=1)]


@pytest.mark.parametrize(
    ("examples", "k", "said"),
    [
        (people(10), 1, "at least 2; got 1"),
        (people(10), -3, "at least 2; got -3"),
        (people(4), 5, "at most 4"),
        (products(3, 10), 4, "at most 3"),
        ([replace(e, split="test") for e in people(9)] + people(1), 2, "at most 1"),
        ([], 2, "at most 0"),
    ],
)
def test_folds_that_cannot_be_are_refused(examples, k, said):
    with pytest.raises(InvalidOptions, match=said):
        folds(examples, k)


def test_spread_takes_both_ends():
    assert list(spread(range(10), 4)) == [0, 3, 6, 9]
    assert list(spread(range(3), 5)) == list(spread(range(3), 0)) == [0, 1, 2]
    assert list(spread([], 5)) == []
