from __future__ import annotations

import math

import cv2
import numpy as np
import pytest

from deepetch.errors import InvalidArray
from deepetch.measure.photograph import (
    blockiness,
    border_band,
    border_contrast,
    cast,
    colourfulness,
    edge_rise,
    foreground_share,
    luma,
    noise_level,
    spectral_slope,
    tones,
)

EMPTY = np.zeros((0, 5, 3), np.float32)
FLAT = np.full((64, 64, 3), 0.5, np.float32)


def grey(plane):
    return np.repeat(np.asarray(plane, np.float32)[..., None], 3, axis=2)


def step(deviation, degrees=0.0, side=96):
    """A step from 0.2 to 0.8 through the middle, blurred by a Gaussian, from the formula of its integral."""
    rows, columns = np.mgrid[:side, :side] - side / 2 + 0.2
    across = columns * math.cos(math.radians(degrees)) + rows * math.sin(math.radians(degrees))
    return 0.5 + 0.3 * np.vectorize(math.erf)(across / deviation / math.sqrt(2))


@pytest.mark.parametrize("deviation", [1.0, 1.5, 2.5])
@pytest.mark.parametrize("degrees", [0, 20, 45, 110])
def test_rise_of_a_blurred_step_is_the_gaussians(deviation, degrees):
    # from 10 to 90 % of a normal distribution are 2.563 deviations; interpolation lengthens, the cut-off shortens
    assert edge_rise(grey(step(deviation, degrees))) == pytest.approx(2.563 * deviation, rel=0.09)


def test_rise_hardly_changes_under_noise():
    noise = np.random.default_rng(0).normal(0, 3 / 255, (96, 96))
    assert edge_rise(grey(step(1.5, 20) + noise)) == pytest.approx(edge_rise(grey(step(1.5, 20))), rel=0.05)


def test_perfect_step_rises_within_a_pixel():
    plane = np.full((40, 40), 0.2)
    plane[:, 20:] = 0.8
    assert edge_rise(grey(plane)) == pytest.approx(0.8, abs=0.01)  # 10 to 90 % of the straight line between two pixels


def test_rise_is_that_of_the_edges_within_a_mask():
    both = np.hstack([step(1.0), step(2.5)])
    left = np.zeros(both.shape, bool)
    left[:, :90] = True
    assert edge_rise(grey(both), left) == pytest.approx(edge_rise(grey(step(1.0))), rel=0.02)
    right = np.zeros(both.shape, bool)
    right[:, 102:] = True
    assert edge_rise(grey(both), right) == pytest.approx(edge_rise(grey(step(2.5))), rel=0.02)


def test_faint_flat_and_empty_pictures_have_no_edge():
    assert math.isnan(edge_rise(FLAT))
    assert math.isnan(edge_rise(EMPTY))
    assert math.isnan(edge_rise(grey(0.5 + (step(1.0) - 0.5) / 10)))
    assert math.isnan(edge_rise(grey(step(1.0)), np.zeros((96, 96), bool)))


@pytest.mark.parametrize("deviation", [1.0, 3.0, 8.0])
def test_noise_is_the_deviation_that_was_added(deviation):
    noise = np.random.default_rng(1).normal(0, deviation / 255, (200, 200))
    assert noise_level(grey(0.5 + noise)) == pytest.approx(deviation, rel=0.03)  # 40,000 pixels, the median of them


def test_noise_of_three_channels_is_weighed_as_luma_is():
    noise = np.random.default_rng(2).normal(0, 4 / 255, (200, 200, 3)).astype(np.float32)
    assert noise_level(np.float32(0.5) + noise) == pytest.approx(4 * math.hypot(0.299, 0.587, 0.114), rel=0.03)


def test_noise_is_blind_to_slopes_and_few_edges():
    rows, columns = np.mgrid[:128, :128] / 128
    plane = 0.2 + 0.3 * rows + 0.2 * columns**2
    plane[40:80, 30:90] += 0.2
    noise = np.random.default_rng(3).normal(0, 2 / 255, plane.shape)
    assert noise_level(grey(plane)) < 0.05
    assert noise_level(grey(plane + noise)) == pytest.approx(2, rel=0.05)


def test_noise_does_not_count_clipped_pixels():
    noisy = np.clip(0.5 + np.random.default_rng(4).normal(0, 3 / 255, (120, 120)), 0, 1)
    noisy[:80] = 1.0
    assert noise_level(grey(noisy)) == pytest.approx(3, rel=0.06)
    assert math.isnan(noise_level(np.ones((64, 64, 3), np.float32)))
    assert math.isnan(noise_level(EMPTY))
    assert noise_level(FLAT) == 0


@pytest.mark.parametrize("exponent", [0.0, -2.0, -3.0])
def test_slope_is_the_exponent_that_a_spectrum_was_made_with(exponent):
    frequency = np.hypot(np.fft.fftfreq(256)[:, None], np.fft.rfftfreq(256))
    frequency[0, 0] = 1
    white = np.fft.rfft2(np.random.default_rng(5).normal(size=(256, 256)))
    plane = np.fft.irfft2(white * frequency ** (exponent / 2))
    plane = (plane - plane.min()) / np.ptp(plane)
    assert spectral_slope(grey(plane)) == pytest.approx(exponent, abs=0.15)


def test_slope_of_a_flat_or_tiny_picture_is_unknown():
    assert math.isnan(spectral_slope(FLAT))
    assert math.isnan(spectral_slope(FLAT[:15]))
    assert math.isnan(spectral_slope(EMPTY))


def test_tones_of_a_ramp_are_its_percentiles():
    levels = np.arange(256) / 255
    found = tones(grey(np.tile(levels, (8, 1))))
    assert found.mean == pytest.approx(127.5, abs=0.01)
    assert (found.darkest, found.middle, found.lightest) == pytest.approx(
        (2.55, 127.5, 252.45), abs=1
    )  # of whole levels
    assert found.black == found.white == pytest.approx(2 / 256)  # levels 0 and 1, 254 and 255


def test_tones_of_no_pixels_are_unknown():
    assert math.isnan(tones(EMPTY).mean)
    assert math.isnan(tones(EMPTY).white)


def test_luma_weighs_the_primaries_as_jpeg_does():
    primaries = np.eye(3, dtype=np.float32)[None]
    ycc = cv2.cvtColor(primaries, cv2.COLOR_RGB2YCrCb)
    assert luma(primaries) == pytest.approx(ycc[..., 0], abs=1e-6)


def test_colourfulness_of_grey_is_zero_and_of_two_colours_the_formulas():
    assert colourfulness(FLAT) == 0
    halves = np.zeros((2, 10, 3), np.float32)
    halves[0, :, 0] = 1  # red: rg 255, yb 127.5
    halves[1, :, 2] = 1  # blue: rg 0, yb -255
    spread = math.hypot(127.5, (127.5 + 255) / 2)
    centre = math.hypot(127.5, (127.5 - 255) / 2)
    assert colourfulness(halves) == pytest.approx(spread + 0.3 * centre, rel=1e-5)
    assert math.isnan(colourfulness(EMPTY))


def test_cast_of_grey_is_none_and_of_red_the_published_colour():
    assert cast(FLAT) == pytest.approx((0, 0), abs=0.01)
    red = np.zeros((4, 4, 3), np.float32)
    red[..., 0] = 1
    assert cast(red) == pytest.approx((80.1, 67.2), abs=0.2)  # sRGB's red in CIELAB under D65
    assert math.isnan(cast(EMPTY)[0])


def test_grid_of_eight_pixels_is_seen_and_others_are_not():
    draw = np.random.default_rng(6)
    base = 0.4 + 0.02 * draw.random((96, 96))
    assert blockiness(grey(base)) == pytest.approx(1, abs=0.05)
    eight = np.kron(0.1 * draw.random((12, 12)), np.ones((8, 8)))
    assert blockiness(grey(base + eight)) > 3
    six = np.kron(0.1 * draw.random((16, 16)), np.ones((6, 6)))
    assert blockiness(grey(base + six)) < 1.3
    assert blockiness(grey(np.roll(base + eight, 4, (0, 1)))) < 1  # the grid begins at the corner


def test_coarse_jpeg_shows_its_grid():
    soft = cv2.GaussianBlur(np.random.default_rng(7).random((128, 128)).astype(np.float32), (0, 0), 4)
    levels = np.rint(255 * (soft - soft.min()) / np.ptp(soft)).astype(np.uint8)
    seen = []
    for quality in (95, 30, 10):
        _, file = cv2.imencode(".jpg", levels, [cv2.IMWRITE_JPEG_QUALITY, quality])
        seen.append(blockiness(grey(cv2.imdecode(file, cv2.IMREAD_GRAYSCALE) / 255)))
    assert 1.1 > seen[0] < seen[1] < seen[2]


def test_blockiness_of_what_has_no_grid_to_show():
    assert blockiness(FLAT) == 1
    assert math.isnan(blockiness(FLAT[:15]))
    assert blockiness(grey(np.kron(np.eye(4), np.ones((8, 8))))) == math.inf


def test_border_contrast_is_the_distance_of_the_two_sides_nearby():
    picture = np.full((60, 80, 3), 0.8, np.float32)
    mask = np.zeros((60, 80), bool)
    mask[15:45, 20:60] = True
    picture[mask] = 0.2
    picture[25:35, 35:45] = 1.0  # deep inside: of no account
    picture[:8] = 0.0  # far outside: of no account

    def lightness(value):
        linear = ((value + 0.055) / 1.055) ** 2.4
        return 116 * linear ** (1 / 3) - 16

    assert border_contrast(picture, mask) == pytest.approx(lightness(0.8) - lightness(0.2), abs=0.1)
    assert border_contrast(FLAT, mask[:60, :64].repeat(2, 0)[:64]) == pytest.approx(0, abs=1e-3)


def test_masks_without_border_have_no_contrast_nor_band():
    for mask in (np.zeros((64, 64), bool), np.ones((64, 64), bool)):
        assert math.isnan(border_contrast(FLAT, mask))
        assert not border_band(mask).any()
    assert math.isnan(border_contrast(EMPTY, np.zeros((0, 5), bool)))


def test_band_lies_on_both_sides_of_a_border():
    mask = np.zeros((20, 20), bool)
    mask[:, 10:] = True
    assert np.flatnonzero(border_band(mask, 3)[5]).tolist() == [7, 8, 9, 10, 11, 12]


def test_share_of_a_quarter_is_a_quarter():
    mask = np.zeros((8, 8), bool)
    mask[:4, :4] = True
    assert foreground_share(mask) == 0.25
    assert math.isnan(foreground_share(mask[:0]))


@pytest.mark.parametrize(
    "measure", [luma, spectral_slope, edge_rise, noise_level, tones, colourfulness, cast, blockiness]
)
def test_what_is_no_view_is_refused(measure):
    with pytest.raises(InvalidArray, match="expected float32"):
        measure(np.zeros((20, 20, 3)))


def test_masks_of_another_shape_or_kind_are_refused():
    with pytest.raises(InvalidArray, match=r"mask: expected \(64, 64\)"):
        border_contrast(FLAT, np.zeros((64, 63), bool))
    with pytest.raises(InvalidArray, match=r"mask: expected \(64, 64\)"):
        edge_rise(FLAT, np.zeros((63, 64), bool))
    with pytest.raises(InvalidArray, match="expected bool"):
        foreground_share(np.zeros((4, 4), np.float32))
