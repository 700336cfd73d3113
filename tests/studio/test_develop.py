"""What a camera adds."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from deepetch.studio.develop import develop
from deepetch.studio.scene import Flaws

PERFECT = Flaws(black=0, contrast=0, gains=(1, 1), glare=0, softness=0, noise=0, jpeg_quality=95)
GREY = np.full((200, 200, 3), 0.5, np.float32)


def test_perfect_camera_adds_nothing_but_rounding():
    picture = np.random.default_rng(0).random((20, 30, 3), np.float32)
    seen = develop(picture, PERFECT, seed=1)
    assert seen.dtype == np.uint8
    assert np.array_equal(seen, np.rint(picture * 255))


@pytest.mark.parametrize("noise", [1.0, 4.0])
def test_noise_of_a_mid_grey_is_as_strong_as_asked(noise):
    seen = develop(GREY, replace(PERFECT, noise=noise), seed=1).astype(float)
    # 40,000 pixels, alike within some nine: the deviation is known to 2 %, and rounding adds 1/12
    assert seen.std() == pytest.approx(np.sqrt(noise**2 + 1 / 12), rel=0.06)
    assert seen.mean() == pytest.approx(127.5, abs=0.3)


def test_dark_has_less_noise_than_light():
    flaws = replace(PERFECT, noise=4)
    dark, light = (develop(GREY * scale, flaws, seed=1).std() for scale in (0.1, 1.8))
    assert dark < light


def test_softness_spreads_an_edge_by_its_deviation():
    edge = np.zeros((8, 61, 3), np.float32)
    edge[:, 30:] = 1.0
    seen = develop(edge, replace(PERFECT, softness=2.0), seed=1)[4, :, 0].astype(float)
    spread = np.diff(seen) / 255  # the derivative of a blurred edge is the blur itself
    place = np.arange(60) - 29
    assert np.sqrt((spread * place**2).sum()) == pytest.approx(2.0, rel=0.03)


def test_noise_is_the_same_for_a_seed_and_another_for_another():
    flaws = replace(PERFECT, noise=3)
    assert np.array_equal(develop(GREY, flaws, seed=1), develop(GREY, flaws, seed=1))
    assert not np.array_equal(develop(GREY, flaws, seed=1), develop(GREY, flaws, seed=2))


def test_black_point_and_contrast_keep_white_and_steepen_the_middle():
    ramp = np.linspace(0, 1, 256, dtype=np.float32)[None, :, None].repeat(3, 2)
    black = develop(ramp, replace(PERFECT, black=0.2), seed=1)[0, :, 0]
    assert (black[0], black[51], black[255]) == (0, 0, 255)
    assert black[153] == pytest.approx(127.5, abs=1)  # 0.6 lies in the middle between 0.2 and 1
    steep = develop(ramp, replace(PERFECT, contrast=0.4), seed=1)[0, :, 0].astype(float)
    assert (steep[0], steep[255]) == (0, 255)
    assert np.all(np.diff(steep) >= 0)
    assert (steep[148] - steep[108]) / 40 == pytest.approx(1.4, abs=0.03)


def test_white_balance_changes_red_and_blue():
    seen = develop(GREY, replace(PERFECT, gains=(1.1, 0.8)), seed=1)
    assert seen[0, 0].tolist() == [140, 128, 102]


def test_glare_lifts_black_and_leaves_white():
    seen = develop(np.array([[[0, 0.5, 1]]], np.float32), replace(PERFECT, glare=0.1), seed=1)
    assert seen[0, 0].tolist() == [26, 140, 255]
