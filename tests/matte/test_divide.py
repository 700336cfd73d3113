"""An alpha between the things that claim it."""

from __future__ import annotations

import numpy as np
import pytest

from deepetch.errors import InvalidArray
from deepetch.matte import divide
from deepetch.matte.divide import divide_alpha, owners_of


def bands(count, height=24, width=30, *, strength=1.0, gap=2):
    """Claims side by side, with `gap` pixels between that nobody claims."""
    claims = []
    for number in range(count):
        claim = np.zeros((height, width), np.float32)
        claim[2:-2, number * width // count + gap : (number + 1) * width // count - gap] = strength
        claims.append(claim)
    return claims


def full(dtype, shape=(24, 30)):
    return np.full(shape, np.iinfo(dtype).max, dtype)


def shares(owners, number):
    """Each pixel's 3 x 3 mean of being owned, in a loop, the border mirrored."""
    owned = np.pad(owners == number, 1, mode="reflect").astype(float)
    height, width = owners.shape
    return np.array([[owned[y : y + 3, x : x + 3].mean() for x in range(width)] for y in range(height)])


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("scale", [1, 3])
def test_parts_together_are_the_alpha_and_no_two_show_a_pixel(dtype, scale):
    random = np.random.default_rng(0)
    alpha = random.integers(0, np.iinfo(dtype).max + 1, (24 * scale, 30 * scale)).astype(dtype)
    parts = divide_alpha(alpha, bands(3))
    assert [part.dtype for part in parts] == [alpha.dtype] * 3
    whole = np.sum([part.astype(np.int64) for part in parts], axis=0)
    # a share is a 255th, rounded, of each of at most three things that meet
    assert np.abs(whole - alpha).max() <= alpha.max() * 1.5 / 255 + 1.5
    shown = np.sum([part >= np.iinfo(dtype).max / 2 for part in parts], axis=0)
    assert shown.max() == 1


def test_away_from_seams_the_alpha_stays_bit_for_bit():
    alpha = np.random.default_rng(0).integers(0, 65536, (24, 30)).astype(np.uint16)
    left, right = divide_alpha(alpha, bands(2))
    np.testing.assert_array_equal(left[:, :13], alpha[:, :13])
    np.testing.assert_array_equal(right[:, 17:], alpha[:, 17:])
    assert not left[:, 17:].any()
    assert not right[:, :13].any()


def test_a_part_is_the_alpha_times_its_share():
    random = np.random.default_rng(3)
    alpha = random.integers(0, 256, (24, 30)).astype(np.uint8)
    claims = [random.random((24, 30)).astype(np.float32) for _ in range(3)]
    owners = np.argmax(claims, axis=0)
    for number, part in enumerate(divide_alpha(alpha, claims)):
        np.testing.assert_allclose(part, alpha * shares(owners, number), atol=1.01)


def test_the_greater_claim_wins_and_of_equal_ones_the_first():
    claims = [np.full((8, 8), 0.5, np.float32), np.full((8, 8), 0.5, np.float32), np.zeros((8, 8), np.float32)]
    claims[1][:, 4:] = 0.6
    np.testing.assert_array_equal(owners_of(claims, 8, 8)[0], [0] * 4 + [1] * 4)


def test_what_nobody_claims_goes_to_the_nearest():
    random = np.random.default_rng(5)
    claims = [np.zeros((20, 26), np.float32) for _ in range(4)]
    for claim in claims:
        top, left = random.integers(0, 18), random.integers(0, 24)
        claim[top : top + 2, left : left + 2] = 1
    parts = divide_alpha(full(np.uint8, (20, 26)), claims)
    y, x = np.mgrid[:20, :26]
    away = []
    for claim in claims:
        rows, columns = np.nonzero(claim)
        away.append(np.hypot(y[..., None] - rows, x[..., None] - columns).min(-1))
    nearest = np.sort(away, axis=0)
    clear = nearest[1] - nearest[0] > 3  # beyond the seam
    owner = np.argmax(parts, axis=0)
    assert clear.any()
    np.testing.assert_array_equal(owner[clear], np.argmin(away, axis=0)[clear])


def test_a_faint_claim_in_a_box_takes_nothing_from_a_thing_beside():
    """A network's mask says a little everywhere in its box: that is no claim on a neighbour's border."""
    wide, near = np.zeros((20, 30), np.float32), np.zeros((20, 30), np.float32)
    wide[5:15] = 0.004
    wide[5:15, 20:28] = 1
    near[5:15, 2:10] = 1
    parts = divide_alpha(full(np.uint8, (20, 30)), [wide, near])
    assert (parts[1][:, :13] == 255).all()
    assert not parts[0][:, :13].any()


def test_a_thing_that_claims_nothing_gets_nothing():
    claims = [*bands(2), np.zeros((24, 30), np.float32)]
    assert not divide_alpha(full(np.uint8), claims)[2].any()


def test_one_thing_has_all_and_no_thing_has_no_part():
    alpha = full(np.uint16)
    np.testing.assert_array_equal(divide_alpha(alpha, bands(1))[0], alpha)
    assert divide_alpha(alpha, []) == []


@pytest.mark.parametrize("strip", [1, 7 * 90, 20 * 90])
def test_strips_change_nothing(monkeypatch, strip):
    random = np.random.default_rng(2)
    claims = [random.random((24, 30)).astype(np.float32) for _ in range(4)]
    whole = owners_of(claims, 71, 90)
    monkeypatch.setattr(divide, "STRIP", strip)
    np.testing.assert_array_equal(owners_of(claims, 71, 90), whole)


def test_as_many_things_as_a_byte_counts():
    claims = [np.zeros((16, 16), np.float32) for _ in range(255)]
    for number, claim in enumerate(claims):
        claim[number // 16, number % 16] = 1
    owners = owners_of(claims, 16, 16)
    np.testing.assert_array_equal(owners.ravel()[:255], np.arange(255))
    assert len(divide_alpha(full(np.uint8, (16, 16)), claims)) == 255
    with pytest.raises(InvalidArray, match="claims: expected at most 255; got 256"):
        divide_alpha(full(np.uint8, (16, 16)), [*claims, claims[0]])


def test_claims_of_several_sizes_or_types_are_refused():
    with pytest.raises(InvalidArray, match="claims: expected one grid"):
        divide_alpha(full(np.uint8), [np.zeros((4, 4), np.float32), np.zeros((4, 5), np.float32)])
    with pytest.raises(InvalidArray, match="claim"):
        divide_alpha(full(np.uint8), [np.zeros((4, 4), np.uint8)])
    with pytest.raises(InvalidArray, match="claim"):
        divide_alpha(full(np.uint8), [np.full((4, 4), np.nan, np.float32)])
