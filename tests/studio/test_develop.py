"""What a camera adds."""

from __future__ import annotations

import numpy as np
import pytest

from deepetch.studio.develop import develop
from deepetch.studio.scene import Flaws

GREY = np.full((200, 200, 3), 0.5, np.float32)


def test_perfect_camera_adds_nothing_but_rounding():
    picture = np.random.default_rng(0).random((20, 30, 3), np.float32)
    seen = develop(picture, Flaws(softness=0, noise=0, jpeg_quality=95), seed=1)
    assert seen.dtype == np.uint8
    assert np.array_equal(seen, np.rint(picture * 255))


@pytest.mark.parametrize("noise", [1.0, 4.0])
def test_noise_of_a_mid_grey_is_as_strong_as_asked(noise):
    seen = develop(GREY, Flaws(softness=0, noise=noise, jpeg_quality=95), seed=1).astype(float)
    # 40,000 pixels, alike within some nine: the deviation is known to 2 %, and rounding adds 1/12
    assert seen.std() == pytest.approx(np.sqrt(noise**2 + 1 / 12), rel=0.06)
    assert seen.mean() == pytest.approx(127.5, abs=0.3)


def test_dark_has_less_noise_than_light():
    flaws = Flaws(softness=0, noise=4, jpeg_quality=95)
    dark, light = (develop(GREY * scale, flaws, seed=1).std() for scale in (0.1, 1.8))
    assert dark < light


def test_softness_spreads_an_edge_by_its_deviation():
    edge = np.zeros((8, 61, 3), np.float32)
    edge[:, 30:] = 1.0
    seen = develop(edge, Flaws(softness=2.0, noise=0, jpeg_quality=95), seed=1)[4, :, 0].astype(float)
    spread = np.diff(seen) / 255  # the derivative of a blurred edge is the blur itself
    place = np.arange(60) - 29
    assert np.sqrt((spread * place**2).sum()) == pytest.approx(2.0, rel=0.03)


def test_noise_is_the_same_for_a_seed_and_another_for_another():
    flaws = Flaws(softness=0, noise=3, jpeg_quality=95)
    assert np.array_equal(develop(GREY, flaws, seed=1), develop(GREY, flaws, seed=1))
    assert not np.array_equal(develop(GREY, flaws, seed=1), develop(GREY, flaws, seed=2))
