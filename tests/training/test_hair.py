"""Strands drawn along a subject's border."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from deepetch.training.augment import seeded
from deepetch.training.hair import add_hair
from drawn_subjects import disc_mask

CPU = torch.device("cpu")
RED, BLUE = (0.8, 0.2, 0.1), (0.1, 0.2, 0.8)


def discs(count=6, size=128):
    mask = torch.from_numpy(disc_mask(size, size)).float().expand(count, 1, size, size).clone()
    red, blue = (torch.tensor(colour).view(1, 3, 1, 1) for colour in (RED, BLUE))
    return mask * red + (1 - mask) * blue, mask


def grown(seed=0):
    pictures, alphas = discs()
    return (pictures, alphas, *add_hair(pictures, alphas, seeded(CPU, seed)))


def test_alpha_only_grows_and_stays_an_alpha():
    _, before, _, after = grown()
    assert after.shape == before.shape
    assert after.dtype == torch.float32
    assert (after >= before).all()
    assert after.max() <= 1
    added = (after > before).sum((1, 2, 3))
    assert (added > 0).all()
    assert added.max() > 500  # of 16,384 pixels


def test_strands_are_thin_and_partly_transparent():
    _, before, _, after = grown()
    new = after[(before == 0) & (after > 0)]
    assert ((new > 0.02) & (new < 0.98)).float().mean() > 0.8


def test_strands_reach_away_from_the_border():
    _, before, _, after = grown()
    near = torch.nn.functional.max_pool2d(before, 9, 1, 4)
    assert ((after > 0.05) & (near == 0)).any()


def test_strands_have_the_subjects_colour_and_all_else_its_own():
    pictures, before, shown, after = grown()
    untouched = (after == before).expand_as(shown)
    torch.testing.assert_close(shown[untouched], pictures[untouched], rtol=0, atol=1e-6)
    strong = ((before == 0) & (after > 0.3))[:, 0]
    colours = shown.permute(0, 2, 3, 1)[strong]
    assert (colours[:, 0] > 2 * colours[:, 2]).all()  # red, in whatever light, and no blue of the old background


def test_the_same_seed_draws_the_same_and_another_another():
    one, two, other = grown(1), grown(1), grown(2)
    for first, second in zip(one, two, strict=True):
        torch.testing.assert_close(first, second, rtol=0, atol=0)
    assert not torch.equal(one[3], other[3])


@pytest.mark.parametrize("value", [0.0, 1.0])
def test_without_a_border_nothing_grows_out_of_the_frame(value):
    pictures, alphas = discs(2)
    alphas = torch.full_like(alphas, value)
    shown, after = add_hair(pictures, alphas, seeded(CPU, 0))
    if value == 0:
        torch.testing.assert_close(shown, pictures, rtol=0, atol=0)
    torch.testing.assert_close(after, alphas, rtol=0, atol=0)


def test_a_tiny_subject_is_left_alone():
    pictures, alphas = discs(1)
    alphas[:] = 0
    alphas[0, 0, 60:64, 60:64] = 1
    np.testing.assert_array_equal(add_hair(pictures, alphas, seeded(CPU, 0))[1], alphas)
