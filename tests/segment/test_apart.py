"""Which pixels are whose, where instances overlap."""

from __future__ import annotations

import numpy as np

from deepetch.inference.instance import Instance
from deepetch.segment.apart import told_apart

SHAPE = (40, 80)
LEFT, MIDDLE, RIGHT = slice(5, 20), slice(20, 35), slice(55, 75)
ROWS = slice(10, 30)


def alpha_of(*columns):
    alpha = np.zeros(SHAPE, np.float32)
    for part in columns:
        alpha[ROWS, part] = 0.9
    return alpha


def thing(first, last, *, score=0.9, name="product", rows=ROWS):
    box = (first / SHAPE[1], rows.start / SHAPE[0], last / SHAPE[1], rows.stop / SHAPE[0])
    return Instance(name=name, score=score, box=box, mask=np.ones((28, 28), np.float32))


def columns(claim):
    shown = np.flatnonzero(claim.mask.any(axis=0))
    return int(shown[0]), int(shown[-1]) + 1


def test_each_takes_its_own_and_no_pixel_is_two_things():
    claims = told_apart(alpha_of(LEFT, RIGHT), [thing(5, 20), thing(55, 75, score=0.8)])
    assert [(columns(claim), claim.score) for claim in claims] == [((5, 20), 0.9), ((55, 75), 0.8)]
    assert not (claims[0].mask & claims[1].mask).any()
    assert claims[0].mask.sum() == 20 * 15


def test_what_touches_is_parted_by_the_surer_and_a_group_gets_the_rest():
    told = [thing(5, 35, score=0.7), thing(5, 20, score=0.95)]
    claims = told_apart(alpha_of(LEFT, MIDDLE), told)
    assert [(columns(claim), claim.score) for claim in claims] == [((5, 20), 0.95), ((20, 35), 0.7)]


def test_a_group_of_things_that_are_all_found_is_no_thing():
    told = [thing(5, 35, score=0.7), thing(5, 20, score=0.95), thing(20, 35, score=0.9)]
    assert [columns(claim) for claim in told_apart(alpha_of(LEFT, MIDDLE), told)] == [(5, 20), (20, 35)]


def test_a_surer_group_of_parts_that_do_not_touch_comes_last():
    told = [thing(5, 75, score=0.99), thing(5, 20, score=0.6)]
    claims = told_apart(alpha_of(LEFT, RIGHT), told)
    assert [(columns(claim), claim.score) for claim in claims] == [((5, 20), 0.6), ((55, 75), 0.99)]


def test_one_thing_found_twice_is_one_whatever_it_is_called():
    told = [thing(5, 20, score=0.9), thing(5, 19, score=0.8), thing(6, 20, score=0.7, name="person")]
    claims = told_apart(alpha_of(LEFT), told)
    assert [(claim.name, claim.score) for claim in claims] == [("product", 0.9)]


def test_a_product_lies_in_front_of_the_person_who_holds_it():
    hand = slice(14, 22)
    told = [thing(5, 35, score=0.99, name="person"), thing(8, 16, score=0.6, rows=hand)]
    claims = told_apart(alpha_of(LEFT, MIDDLE), told)
    assert [claim.name for claim in claims] == ["product", "person"]
    assert claims[0].mask.sum() == 8 * 8
    assert claims[1].mask.sum() == 20 * 30 - 8 * 8


def test_a_part_of_a_surer_thing_of_its_class_is_none():
    told = [thing(5, 35, score=0.99), thing(8, 16, score=0.6, rows=slice(14, 22))]
    (claim,) = told_apart(alpha_of(LEFT, MIDDLE), told)
    assert columns(claim) == (5, 35)


def test_what_nobody_claims_is_a_thing_without_a_class_but_a_speck_is_not():
    alpha = alpha_of(LEFT, RIGHT)
    alpha[2, 2] = 1
    claims = told_apart(alpha, [thing(5, 20)])
    assert [(claim.name, claim.score, columns(claim)) for claim in claims] == [
        ("product", 0.9, (5, 20)),
        ("", None, (55, 75)),
    ]


def test_instances_that_show_nowhere_are_none():
    assert told_apart(alpha_of(), [thing(5, 20)]) == []
    assert told_apart(alpha_of(), []) == []
    (claim,) = told_apart(alpha_of(LEFT), [thing(55, 75)])
    assert (claim.name, columns(claim)) == ("", (5, 20))


def test_without_instances_each_connected_part_is_one_the_largest_first():
    claims = told_apart(alpha_of(LEFT, RIGHT), [])
    assert [columns(claim) for claim in claims] == [(55, 75), (5, 20)]
    assert all(claim.score is None for claim in claims)
