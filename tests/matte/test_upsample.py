import cv2
import numpy as np
import pytest

from deepetch.arrays import full_scale
from deepetch.errors import InvalidArray
from deepetch.matte import upsample
from deepetch.matte.upsample import upsample_alpha


def disc(height, width, radius, centre=(0.5, 0.5)):
    """A disc with a soft edge one pixel wide: (h, w) float32; `radius` as a share of the height."""
    rows, columns = np.ogrid[:height, :width]
    distance = np.hypot(rows + 0.5 - centre[0] * height, columns + 0.5 - centre[1] * width)
    return np.clip(radius * height - distance + 0.5, 0, 1).astype(np.float32)


def photo_of(truth, channels=3, dtype=np.uint8):
    subject = np.array([200, 60, 40, 10][:channels], float)
    backdrop = np.array([60, 120, 110, 90][:channels], float)
    colours = truth[..., None] * subject + (1 - truth[..., None]) * backdrop
    noise = np.random.default_rng(0).normal(0, 2, colours.shape)
    return (np.clip(np.rint(colours + noise), 0, 255) * (full_scale(np.zeros(0, dtype)) / 255)).astype(dtype)


def blurred_and_off(truth, size):
    coarse = cv2.resize(np.roll(truth, (6, -6), (0, 1)), size, interpolation=cv2.INTER_AREA)
    return np.clip(cv2.GaussianBlur(coarse, (0, 0), 1.0), 0, 1)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("channels", [1, 3, 4])
def test_guided_brings_a_blurred_and_shifted_alpha_nearer_to_the_truth(channels, dtype):
    truth = disc(360, 480, 0.3)
    samples, coarse = photo_of(truth, channels, dtype), blurred_and_off(truth, (120, 90))
    full = full_scale(samples)
    error = {
        name: np.abs(upsample_alpha(samples, coarse, guided=name == "guided") / full - truth).mean()
        for name in ("bilinear", "guided")
    }
    assert error["guided"] < 0.6 * error["bilinear"]


@pytest.mark.parametrize("guided", [False, True])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_far_from_the_border_alpha_is_exactly_nothing_or_full(guided, dtype):
    truth = disc(300, 400, 0.3)
    coarse = disc(75, 100, 0.3) * np.float32(0.97) + np.float32(0.015)  # a network is never quite sure
    alpha = upsample_alpha(photo_of(truth, 3, dtype), coarse, guided=guided)
    assert alpha.dtype == dtype
    assert alpha.shape == (300, 400)
    assert (alpha[disc(300, 400, 0.2) == 1] == np.iinfo(dtype).max).all()
    assert (alpha[disc(300, 400, 0.4) == 0] == 0).all()


@pytest.mark.parametrize("turns", [0, 1, 2, 3])
def test_a_subject_that_reaches_the_frame_is_full_from_there_to_its_border(turns):
    coarse = np.zeros((80, 100), np.float32)
    coarse[:, :50] = 1
    flat = np.full((240, 300, 3), 128, np.uint8)  # no colours to follow: the ramp only falls
    alpha = upsample_alpha(np.rot90(flat, turns).copy(), np.rot90(coarse, turns).copy())
    alpha = np.rot90(alpha, -turns)
    assert (np.diff(alpha.astype(int), axis=1) <= 0).all()
    assert (alpha[:, :135] == 255).all()
    assert (alpha[:, 165:] == 0).all()


@pytest.mark.parametrize(("rows", "slab"), [(7, 5), (20, 1), (10_000, 10_000)])
def test_alpha_does_not_depend_on_the_strips_it_is_worked_out_in(rows, slab, monkeypatch):
    truth = disc(420, 300, 0.3)
    samples, coarse = photo_of(truth), blurred_and_off(truth, (75, 105))
    expected = upsample_alpha(samples, coarse)
    for name, value in (("STRIP_ROWS", rows), ("SLAB_ROWS", slab), ("BLOCK_ROWS", rows)):
        monkeypatch.setattr(upsample, name, value)
    # float32 sums of windows begin elsewhere; one level is where a value lies midway
    np.testing.assert_allclose(upsample_alpha(samples, coarse).astype(int), expected, atol=1)


def test_bilinear_follows_the_formula():
    coarse = np.random.default_rng(5).random((6, 9), np.float32)
    alpha = upsample_alpha(np.zeros((31, 50, 3), np.uint16), coarse, guided=False)
    spread = np.clip((coarse.astype(float) - 0.02) / 0.96, 0, 1)
    rows = np.clip((np.arange(31) + 0.5) * 6 / 31 - 0.5, 0, 5)
    columns = np.clip((np.arange(50) + 0.5) * 9 / 50 - 0.5, 0, 8)
    top, left = rows.astype(int), columns.astype(int)
    bottom, right = np.minimum(top + 1, 5), np.minimum(left + 1, 8)
    down, across = (rows - top)[:, None], columns - left
    expected = (spread[top][:, left] * (1 - across) + spread[top][:, right] * across) * (1 - down) + (
        spread[bottom][:, left] * (1 - across) + spread[bottom][:, right] * across
    ) * down
    # two roundings to 16 bits, and OpenCV's own fixed-point weights
    assert alpha / 65535 == pytest.approx(expected, abs=2e-4)


def test_a_veil_keeps_its_opacity():
    coarse = np.zeros((60, 80), np.float32)
    coarse[5:55, 5:75] = 0.4
    alpha = upsample_alpha(np.full((240, 320, 3), 128, np.uint8), coarse)
    assert alpha[120, 160] == pytest.approx(255 * 0.38 / 0.96, abs=1)  # the fixed line, and nothing else


@pytest.mark.parametrize(("value", "level"), [(0.0, 0), (1.0, 255)])
def test_no_border_no_change(value, level):
    alpha = upsample_alpha(photo_of(disc(100, 100, 0.3)), np.full((30, 30), value, np.float32))
    assert (alpha == level).all()


def test_a_prediction_is_not_stretched_to_its_own_extremes():
    coarse = np.full((20, 20), 0.3, np.float32)
    coarse[5:15, 5:15] = 0.45
    alpha = upsample_alpha(np.zeros((20, 20, 3), np.uint8), coarse, guided=False)
    assert alpha.max() == round(255 * 0.43 / 0.96)


@pytest.mark.parametrize("shape", [(1, 1), (1, 50), (50, 1), (7, 5), (33, 2)])
def test_photos_smaller_than_the_networks_grid(shape):
    coarse = disc(64, 64, 0.3)
    assert upsample_alpha(np.zeros((*shape, 3), np.uint8), coarse).shape == shape
    assert upsample_alpha(np.zeros((*shape, 1), np.uint8), coarse).shape == shape


def test_one_pixel_of_prediction_is_enough():
    assert (upsample_alpha(np.zeros((5, 7, 3), np.uint8), np.ones((1, 1), np.float32)) == 255).all()


def test_no_photo_no_alpha():
    assert upsample_alpha(np.zeros((0, 7, 3), np.uint8), np.ones((4, 4), np.float32)).shape == (0, 7)


def test_an_empty_prediction_is_refused():
    with pytest.raises(InvalidArray, match="at least one pixel"):
        upsample_alpha(np.zeros((5, 7, 3), np.uint8), np.ones((0, 4), np.float32))


def test_samples_are_not_touched():
    truth = disc(90, 120, 0.3)
    samples = photo_of(truth)
    before = samples.copy()
    upsample_alpha(samples, disc(30, 40, 0.3))
    np.testing.assert_array_equal(samples, before)
