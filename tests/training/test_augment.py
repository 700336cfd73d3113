from __future__ import annotations

import math

import pytest
import torch
from torch import Generator

from deepetch.training.augment import (
    Geometry,
    cast_shadow,
    chance,
    composite,
    gaussian_blur,
    inside,
    mean_colour,
    photometric,
    random_affine,
    shrink,
    studio_backdrop,
    uniform,
    warp,
)

IDENTITY = torch.tensor([[[1.0, 0, 0], [0, 1.0, 0]]])


def generator(seed=0):
    return Generator().manual_seed(seed)


def blob(n=4, size=48):
    """(n, 1, size, size) soft discs off the middle."""
    y, x = torch.meshgrid(torch.arange(size), torch.arange(size), indexing="ij")
    radius = torch.hypot(y - size * 0.4, x - size * 0.6)
    return ((size / 4 - radius) / 4 + 0.5).clamp(0, 1)[None, None].repeat(n, 1, 1, 1)


@pytest.mark.parametrize("outside", ["reflection", "zeros"])
def test_picture_that_equals_its_mask_still_does_after_any_map(outside):
    alphas = blob(8)
    maps = random_affine(8, Geometry(), generator())
    pictures = warp(alphas.repeat(1, 3, 1, 1), maps, 40, outside=outside)
    masks = warp(alphas, maps, 40, outside=outside)
    assert torch.equal(pictures, masks.expand_as(pictures))


def test_identity_map_returns_the_picture():
    picture = torch.rand(1, 3, 32, 32, generator=generator())
    # bilinear at pixel centres: the weights are 1 and 0 but for rounding of the positions
    assert torch.allclose(warp(picture, IDENTITY, 32), picture, atol=1e-5)


def test_flip_map_mirrors_the_picture():
    picture = torch.rand(1, 3, 32, 32, generator=generator())
    flip = IDENTITY * torch.tensor([[-1.0, 1, 1], [1, 1, 1]])
    assert torch.allclose(warp(picture, flip, 32), picture.flip(3), atol=1e-5)


def test_outside_is_mirrored_or_empty():
    picture = torch.ones(1, 1, 16, 16)
    away = IDENTITY + torch.tensor([[0, 0, 1.0], [0, 0, 0]])  # half the side to the right
    assert (warp(picture, away, 16, outside="reflection") == 1).all()
    empty = warp(picture, away, 16, outside="zeros")
    assert (empty[..., :7] == 1).all()
    assert (empty[..., 9:] == 0).all()


def test_maps_stay_in_their_ranges():
    geometry = Geometry(zoom=(0.8, 1.25), rotation=20, shift=0.1, stretch=0.1)
    maps = random_affine(500, geometry, generator())
    linear, shift = maps[:, :, :2].double(), maps[:, :, 2]
    assert shift.abs().max() <= 0.2  # of [-1, 1]: twice the share of the side
    areas = linear.det().abs()
    assert areas.min() >= 1 / 1.25**2 - 1e-6
    assert areas.max() <= 1 / 0.8**2 + 1e-6
    assert 0.4 < (linear.det() < 0).double().mean() < 0.6  # every second picture is mirrored
    angle = torch.atan2(linear[:, 1, 0], linear[:, 1, 1]).abs() * 180 / math.pi
    assert angle.max() <= 20 + 1e-4


def test_same_generator_draws_the_same():
    for draw in (
        lambda g: random_affine(3, Geometry(), g),
        lambda g: photometric(torch.full((3, 3, 16, 16), 0.5), g),
        lambda g: studio_backdrop(3, 16, g, near=torch.zeros(3, 3, 1, 1)),
        lambda g: cast_shadow(torch.ones(3, 3, 32, 32), blob(3, 32), g),
    ):
        assert torch.equal(draw(generator(1)), draw(generator(1)))
        assert not torch.equal(draw(generator(1)), draw(generator(2)))


def test_uniform_and_chance_have_their_means():
    values = uniform(10_000, 2, 4, generator())
    assert values.min() >= 2
    assert values.max() < 4
    assert abs(values.mean() - 3) < 0.03  # four standard errors: 4 x 0.577 / 100
    assert abs(chance(10_000, 0.3, generator()).float().mean() - 0.3) < 0.02


@pytest.mark.parametrize("seed", range(3))
def test_pictures_stay_in_range(seed):
    g = generator(seed)
    pictures = torch.rand(8, 3, 32, 32, generator=g)
    for made in (
        photometric(pictures, g),
        studio_backdrop(8, 32, g, near=pictures[:, :, :1, :1]),
        cast_shadow(pictures, blob(8, 32), g),
    ):
        assert made.shape == pictures.shape
        assert torch.isfinite(made).all()
        assert made.min() >= 0
        assert made.max() <= 1


def test_inside_marks_the_true_picture():
    content = torch.tensor([[0.25, 0.0, 0.75, 1.0], [0.0, 0.125, 1.0, 0.5]])
    marks = inside(content, 8)
    assert marks.shape == (2, 1, 8, 8)
    expected = torch.zeros(2, 1, 8, 8)
    expected[0, 0, 2:6, :] = 1
    expected[1, 0, :, 1:4] = 1
    assert torch.equal(marks, expected)


def test_composite_is_the_formula():
    g = generator()
    f, b = torch.rand(2, 2, 3, 5, 5, generator=g)
    a = torch.rand(2, 1, 5, 5, generator=g)
    assert torch.allclose(composite(f, a, b), a * f + (1 - a) * b, atol=1e-6)
    assert torch.equal(composite(f, torch.zeros_like(a), b), b)
    assert torch.equal(composite(f, torch.ones_like(a), b), f)


def test_shrink_keeps_full_and_empty_and_draws_the_half_to_zero():
    assert shrink(torch.tensor([0.0, 0.25, 0.5, 0.75, 1.0])).tolist() == [0, 0, 0, 0.5, 1]


def test_mean_colour_is_the_subjects_and_grey_without_one():
    pictures = torch.zeros(2, 3, 40, 40)
    pictures[:, 0] = 0.8
    alphas = torch.stack([torch.ones(1, 40, 40), torch.zeros(1, 40, 40)])
    colours = mean_colour(pictures, alphas)[..., 0, 0]
    assert torch.allclose(colours[0], torch.tensor([0.8, 0, 0]), atol=1e-3)  # one pixel of grey in 1600
    assert torch.equal(colours[1], torch.tensor([0.5, 0.5, 0.5]))


def test_shadow_only_darkens():
    backgrounds = torch.rand(8, 3, 32, 32, generator=generator())
    shadowed = cast_shadow(backgrounds, blob(8, 32), generator())
    assert (shadowed <= backgrounds + 1e-6).all()
    assert (shadowed < backgrounds - 1e-3).any()


def test_shadow_of_nothing_changes_nothing():
    backgrounds = torch.rand(4, 3, 32, 32, generator=generator())
    assert torch.equal(cast_shadow(backgrounds, torch.zeros(4, 1, 32, 32), generator()), backgrounds)


def test_blur_keeps_flat_pictures_and_the_mean_of_a_point():
    assert torch.allclose(gaussian_blur(torch.full((1, 3, 16, 16), 0.3), 1.2), torch.tensor(0.3), atol=1e-6)
    point = torch.zeros(1, 1, 17, 17)
    point[0, 0, 8, 8] = 1
    blurred = gaussian_blur(point, 1.0)
    assert blurred.sum() == pytest.approx(1, abs=1e-5)
    # a Gaussian of sigma 1 cut at three pixels and rescaled
    weights = torch.exp(-0.5 * torch.arange(-3, 4).double() ** 2)
    assert blurred[0, 0, 8, 8] == pytest.approx(float((weights[3] / weights.sum()) ** 2), abs=1e-6)
