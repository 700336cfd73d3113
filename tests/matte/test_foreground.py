import numpy as np
import pytest
from scipy.ndimage import uniform_filter

from deepetch.errors import InvalidArray
from deepetch.matte import foreground
from deepetch.matte.foreground import estimate_foreground


def red_disc_over_grass(height, width, dtype=np.uint8, softness=6.0, channels=3):
    """True colours, alpha and the composite: a red disc with a soft edge over green noise."""
    full = np.iinfo(dtype).max
    random = np.random.default_rng(11)
    rows, columns = np.ogrid[:height, :width]
    distance = np.hypot(rows - height / 2, columns - width / 2)
    alpha = np.rint(np.clip((height / 3 - distance) / softness + 0.5, 0, 1) * full).astype(dtype)
    truth = np.array([210, 30, 40, 90][:channels]) / 255 * full + 0 * random.random((height, width, channels))
    light = random.uniform(0.6, 1.4, (height, width, 1))
    grass = np.array([50, 140, 30, 160][:channels]) / 255 * full * light
    opacity = alpha[..., None] / full
    return truth, alpha, np.rint(truth * opacity + grass * (1 - opacity)).astype(dtype)


def blur_fusion_on_the_whole_picture(picture, alpha, radii):
    """Forte, Pitie 2021, eqs. 5 to 8, twice, on whole float64 pictures; with the two changes the module states."""

    def mean(array, weight, prior, radius):
        def box(array):
            return np.stack(
                [uniform_filter(array[..., i], 2 * radius + 1, mode="reflect") for i in range(array.shape[2])], -1
            )

        return (box(array * weight) + 1e-4 * prior) / (box(weight) + 1e-4)

    wide, narrow = radii
    own_foreground = own_background = picture
    prior_foreground = prior_background = np.stack(
        [uniform_filter(picture[..., i], 2 * wide + 1, mode="reflect") for i in range(picture.shape[2])], -1
    )
    for radius in (wide, narrow):
        foreground = mean(own_foreground, alpha, prior_foreground, radius)
        background = mean(own_background, 1 - alpha, prior_background, radius)
        rest = picture - alpha * foreground - (1 - alpha) * background
        own_foreground = np.clip(foreground + alpha * rest, 0, 255)
        own_background = np.clip(background + (1 - alpha) * rest, 0, 255)
        prior_foreground, prior_background = foreground, background
    return own_foreground


def test_a_small_picture_matches_blur_fusion_on_the_whole_of_it():
    _, alpha, picture = red_disc_over_grass(120, 130)
    # 15,600 pixels: radii 90 and 6 shrink to 11 and 1, the second not below 2; a grid of single pixels
    expected = blur_fusion_on_the_whole_picture(picture.astype(float), alpha[..., None] / 255, (11, 2))
    border = estimate_foreground(picture, alpha)
    error = np.abs(border.colours.astype(float) - expected.reshape(-1, 3)[border.index])
    assert error.max() <= 0.51  # one rounding, and float32


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("channels", [1, 3, 4])
def test_estimated_colours_are_far_nearer_to_the_truth_than_those_seen(channels, dtype):
    truth, alpha, picture = red_disc_over_grass(240, 250, dtype, channels=channels)
    border = estimate_foreground(picture, alpha)
    truth, seen = truth.reshape(-1, channels)[border.index], picture.reshape(-1, channels)[border.index]
    weight = alpha.ravel()[border.index].astype(float)
    errors = [np.average(np.abs(c - truth).mean(axis=1), weights=weight) for c in (border.colours.astype(float), seen)]
    assert border.colours.dtype == dtype
    assert errors[0] < 0.25 * errors[1]


def test_a_large_picture_worked_on_reduced_is_as_good():
    truth, alpha, picture = red_disc_over_grass(2100, 2100, softness=30.0)  # 4.4 megapixels: every second pixel
    border = estimate_foreground(picture, alpha)
    truth, seen = truth.reshape(-1, 3)[border.index], picture.reshape(-1, 3)[border.index]
    weight = alpha.ravel()[border.index].astype(float)
    errors = [np.average(np.abs(c - truth).mean(axis=1), weights=weight) for c in (border.colours.astype(float), seen)]
    assert errors[0] < 0.25 * errors[1]


@pytest.mark.parametrize("size", [(300, 310), (1500, 1400)])  # every pixel, and every second
def test_colours_do_not_depend_on_the_strips_they_are_worked_out_in(size, monkeypatch):
    _, alpha, picture = red_disc_over_grass(*size, softness=20.0)
    expected = estimate_foreground(picture, alpha).colours
    monkeypatch.setattr(foreground, "STRIP_ROWS", 17)
    monkeypatch.setattr(foreground, "CHUNK", 1000)
    # float32 sums of windows begin elsewhere; one level is where a value lies midway
    np.testing.assert_allclose(estimate_foreground(picture, alpha).colours.astype(int), expected, atol=1)


def test_the_band_is_every_pixel_neither_in_nor_out_in_order():
    alpha = np.array([[0, 1, 255], [254, 0, 128]], np.uint8)
    border = estimate_foreground(np.full((2, 3, 3), 77, np.uint8), alpha)
    np.testing.assert_array_equal(border.index, [1, 3, 5])
    assert border.index.dtype == np.int64
    np.testing.assert_array_equal(border.colours, np.full((3, 3), 77))


def test_a_lone_soft_pixel_between_the_samples_of_the_reduced_picture_stays_near_what_is_seen():
    alpha = np.zeros((2000, 2000), np.uint8)
    alpha[501, 500] = 3
    picture = np.full((2000, 2000, 3), 180, np.uint8)
    np.testing.assert_array_equal(estimate_foreground(picture, alpha).colours, [[180, 180, 180]])


@pytest.mark.parametrize("level", [0, 255])
def test_no_soft_pixel_no_colours(level):
    border = estimate_foreground(np.zeros((8, 9, 3), np.uint8), np.full((8, 9), level, np.uint8))
    assert border.index.shape == (0,)
    assert border.colours.shape == (0, 3)


@pytest.mark.parametrize("shape", [(1, 1), (1, 40), (3000, 1)])
def test_tiny_and_narrow_pictures(shape):
    border = estimate_foreground(np.full((*shape, 3), 9, np.uint8), np.full(shape, 100, np.uint8))
    assert (border.colours == 9).all()


@pytest.mark.parametrize("shape", [(2, 65_500), (65_500, 2)])
def test_pictures_as_long_as_a_file_may_be(shape):
    border = estimate_foreground(np.full((*shape, 3), 9, np.uint8), np.full(shape, 100, np.uint8))
    assert border.index.size == 131_000
    assert (border.colours == 9).all()


def test_samples_and_alpha_of_two_depths_are_refused():
    with pytest.raises(InvalidArray, match="one size and depth"):
        estimate_foreground(np.zeros((4, 4, 3), np.uint16), np.zeros((4, 4), np.uint8))


def test_colours_of_a_file_that_brought_its_own_alpha_are_kept():
    _, alpha, picture = red_disc_over_grass(120, 130)
    own = np.full_like(alpha, 255)
    own[:, :65] = 254
    border = estimate_foreground(picture, alpha, own)
    left = border.index % 130 < 65
    np.testing.assert_array_equal(border.colours[left], picture.reshape(-1, 3)[border.index[left]])
    np.testing.assert_array_equal(border.colours[~left], estimate_foreground(picture, alpha).colours[~left])
