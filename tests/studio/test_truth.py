"""What is true of a rendered picture follows from its light."""

from __future__ import annotations

import numpy as np
import pytest

from deepetch.studio.scene import Exposure
from deepetch.studio.truth import (
    background,
    composite,
    encode,
    foreground,
    gain,
    instance_map,
    opaque_alpha,
    shadow_alpha,
    transparent_alpha,
)

DRAW = np.random.default_rng(0)


def flat(value, height=4, width=5):
    return np.full((height, width, 3), value, np.float32)


@pytest.mark.parametrize(
    ("linear", "encoded"),
    # IEC 61966-2-1; 0.2140 is the light of a middle grey of 0.5
    [(0.0, 0.0), (0.002, 0.02584), (0.21404, 0.5), (1.0, 1.0), (7.0, 1.0), (-1.0, 0.0)],
)
def test_light_is_encoded_by_the_standard(linear, encoded):
    assert encode(flat(linear))[0, 0, 0] == pytest.approx(encoded, abs=1e-4)


def test_ground_is_brought_to_its_level():
    empty = flat(0.2)
    empty[0] = 9.0  # a lamp in the picture does not count
    factor = gain(Exposure(meter="ground", level=0.8), empty)
    assert factor == pytest.approx(4.0)


def test_picture_is_brought_to_its_level():
    light = np.zeros((2, 2, 3), np.float32)
    light[0, 0, 1] = 1.0  # green alone: 0.7152 of its luminance, in a quarter of the picture
    factor = gain(Exposure(meter="picture", level=0.3), light)
    assert factor == pytest.approx(0.3 / (0.7152 / 4))


def test_black_picture_is_not_divided_by():
    assert np.isfinite(gain(Exposure(meter="picture", level=0.3), flat(0)))


def test_what_sampling_leaves_of_full_and_none_is_full_and_none():
    alpha = opaque_alpha(np.array([[0.0, 0.003, 0.5, 0.998, 1.0]], np.float32))
    assert alpha.tolist() == [[0.0, 0.0, 0.5, 1.0, 1.0]]
    assert alpha.dtype == np.float32


def test_alpha_of_glass_is_what_keeps_the_ground_from_showing():
    """A pane that mirrors 0.1 everywhere and lets through 90, 80 and 70 % of red, green and blue."""
    black = flat(0.1)
    white = black + np.float32([0.9, 0.8, 0.7])
    coverage = np.ones((4, 5), np.float32)
    coverage[0] = 0
    alpha = transparent_alpha(coverage, white - black)
    assert alpha[1, 0] == pytest.approx(0.2)
    assert (alpha[0] == 0).all()


def test_opaque_edge_before_two_grounds_is_its_coverage():
    coverage = np.linspace(0, 1, 20, dtype=np.float32).reshape(4, 5)
    black = coverage[..., None] * flat(0.37)
    white = black + (1 - coverage[..., None])
    assert np.allclose(transparent_alpha(coverage, white - black), opaque_alpha(coverage), atol=1e-6)


def test_foreground_over_its_background_is_the_picture():
    front, behind = (DRAW.random((30, 40, 3), np.float32) for _ in range(2))
    alpha = np.clip(DRAW.random((30, 40), np.float32) * 1.4 - 0.2, 0, 1)
    colour = composite(front, behind, alpha)
    solved = foreground(colour, behind, alpha)
    assert np.allclose(composite(solved, behind, alpha), colour, atol=1e-5)
    sure = alpha > 0.05
    assert np.allclose(solved[sure], front[sure], atol=1e-4)
    assert (solved[alpha == 0] == 0).all()


def test_background_is_the_picture_where_nothing_stands():
    picture, plate = flat(0.5), flat(0.25)
    alpha = np.zeros((4, 5), np.float32)
    alpha[1] = 0.5
    behind = background(picture, plate, alpha)
    assert (behind[1] == 0.25).all()
    assert (behind[[0, 2, 3]] == 0.5).all()


def test_foreground_stays_a_colour_where_no_colour_explains_the_picture():
    solved = foreground(flat(1.0), flat(0.0), np.full((4, 5), 0.5, np.float32))
    assert (solved == 1).all()


def test_shadow_is_how_much_darker_the_stage_gets():
    empty = flat(0.8)
    plate = empty.copy()
    plate[1] *= 0.25
    plate[2] = 0.9  # brighter: a reflection is no shadow
    shadow = shadow_alpha(plate, empty)
    assert shadow[1, 0] == pytest.approx(0.75)
    assert (shadow[[0, 2]] == 0).all()
    assert (shadow_alpha(flat(0), flat(0)) == 0).all()


def test_every_pixel_belongs_to_what_covers_most_of_it():
    names = np.array([7, 4_000_000_000], np.uint32)
    ids = np.array([[[7, 4_000_000_000], [7, 5], [4_000_000_000, 7], [5, 7]]], np.uint32)
    shares = np.array([[[0.5, 0.4], [0.3, 0.7], [0.45, 0.45], [0.9, 0.1]]], np.float32)
    # a pixel of 45 and 45 % goes to the first; what has another name, or none, is background
    assert instance_map(ids, shares, names).tolist() == [[1, 0, 1, 0]]
