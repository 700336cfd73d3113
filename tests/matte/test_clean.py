import numpy as np
import pytest

from deepetch.errors import InvalidArray, InvalidOptions
from deepetch.matte.clean import clean_alpha, clear_islands, clear_veil, combine_alpha
from deepetch.options import FrameOptions, MatteOptions

OPTIONS = MatteOptions(speck=0.01, pinhole=0.001)  # of 100 x 100: a speck below 16 pixels, a pinhole below 10


def subject():
    alpha = np.zeros((100, 100), np.float32)
    alpha[30:70, 30:70] = 1
    alpha[29, 30:70] = 0.3  # a soft upper edge
    return alpha


def test_a_speck_vanishes_with_its_halo_and_nothing_else_changes():
    alpha = subject()
    alpha[8:13, 8:13] = 0.3
    alpha[9:12, 9:12] = 0.9
    np.testing.assert_array_equal(clean_alpha(alpha, OPTIONS), subject())


def test_a_part_large_enough_stays_bit_for_bit():
    alpha = subject()
    alpha[5:9, 5:9] = 0.77  # 16 pixels: one percent of the subject's 1600
    np.testing.assert_array_equal(clean_alpha(alpha, OPTIONS), alpha)


def test_a_speck_whose_halo_touches_the_subject_takes_only_the_near_half():
    alpha = subject()
    alpha[48:50, 78:80] = 1  # 4 pixels
    alpha[48:50, 70:78] = 0.2  # a bridge to the subject, which ends in column 69
    cleaned = clean_alpha(alpha, OPTIONS)
    assert (cleaned[48:50, 75:80] == 0).all()
    np.testing.assert_array_equal(cleaned[:, :74], alpha[:, :74])


def test_soft_parts_without_a_core_are_left_alone():
    alpha = subject()
    alpha[5:8, 5:8] = 0.4
    np.testing.assert_array_equal(clean_alpha(alpha, OPTIONS), alpha)


def test_a_pinhole_closes_with_its_rim():
    alpha = subject()
    alpha[49:52, 49:52] = 0.8
    alpha[50, 50] = 0.1
    np.testing.assert_array_equal(clean_alpha(alpha, OPTIONS), subject())


def test_a_hole_large_enough_stays_bit_for_bit():
    alpha = subject()
    alpha[50:52, 50:55] = 0.3  # 10 pixels
    np.testing.assert_array_equal(clean_alpha(alpha, OPTIONS), alpha)


def test_a_small_gap_at_the_pictures_edge_is_no_pinhole():
    alpha = np.ones((100, 100), np.float32)
    alpha[0:2, 50:52] = 0
    np.testing.assert_array_equal(clean_alpha(alpha, OPTIONS), alpha)


def test_a_low_haze_everywhere_stays():
    alpha = np.maximum(subject(), np.float32(0.01))  # sigmoids never reach 0
    alpha[10, 10] = 0.9
    cleaned = clean_alpha(alpha, OPTIONS)
    assert cleaned[10, 10] == 0
    assert cleaned[5, 5] == np.float32(0.01)


@pytest.mark.parametrize(("height", "width", "reach"), [(60, 70, 1), (1100, 40, 4), (3, 700, 3)])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_a_veil_goes_but_not_near_what_has_more(height, width, reach, dtype):
    rng = np.random.default_rng(0)
    full = np.iinfo(dtype).max
    alpha = (0.059 * full * rng.random((height, width))).astype(dtype)
    dense = rng.random(alpha.shape) < 0.01
    alpha[dense] = (full * (0.07 + 0.9 * rng.random(np.count_nonzero(dense)))).astype(dtype)
    cleared = alpha.copy()
    clear_veil(cleared)
    near = np.zeros(alpha.shape, bool)
    for row, column in np.argwhere(dense):
        near[max(row - reach, 0) : row + reach + 1, max(column - reach, 0) : column + reach + 1] = True
    np.testing.assert_array_equal(cleared, np.where(near, alpha, 0))


def test_a_veil_of_nothing_changes_nothing():
    alpha = np.arange(100, dtype=np.uint8).reshape(10, 10)
    kept = alpha.copy()
    clear_veil(alpha, 0)
    np.testing.assert_array_equal(alpha, kept)
    clear_veil(np.zeros((0, 4), np.uint8))


def test_what_is_cleared_reaches_beyond_what_frames_the_subject():
    assert MatteOptions.veil > FrameOptions.threshold


def test_a_veil_as_dense_as_a_subject_is_refused():
    for veil in (-0.1, 0.5, float("nan")):
        with pytest.raises(InvalidOptions, match="veil"):
            MatteOptions(veil=veil)


def test_no_part_at_all_is_a_copy():
    alpha = np.full((10, 10), 0.2, np.float32)
    cleaned = clean_alpha(alpha)
    np.testing.assert_array_equal(cleaned, alpha)
    assert cleaned is not alpha


def test_empty_in_empty_out():
    assert clean_alpha(np.zeros((0, 4), np.float32)).shape == (0, 4)


def test_alpha_must_be_float32():
    with pytest.raises(InvalidArray, match="expected float32"):
        clean_alpha(np.zeros((4, 4), np.uint8))


def test_combined_alpha_is_the_smaller_one():
    predicted, own = np.array([[0, 200, 255]], np.uint8), np.array([[9, 255, 128]], np.uint8)
    np.testing.assert_array_equal(combine_alpha(predicted, own), [[0, 200, 128]])
    assert combine_alpha(predicted, None) is predicted


def test_alphas_of_two_depths_do_not_combine():
    with pytest.raises(InvalidArray, match="one size and depth"):
        combine_alpha(np.zeros((2, 2), np.uint8), np.zeros((2, 2), np.uint16))


def scene(dtype=np.uint8):
    """A solid subject, an island of 24 % beside it, and soft hair that hangs on to the subject."""
    full = np.iinfo(dtype).max
    alpha = np.zeros((600, 800), dtype)
    alpha[200:400, 200:400] = full
    alpha[195:205, 400:440] = full // 3  # a soft strand
    alpha[500:506, 700:710] = full // 4
    return alpha


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_a_soft_island_goes_and_nothing_else(dtype):
    alpha, expected = scene(dtype), scene(dtype)
    expected[500:506, 700:710] = 0
    clear_islands(alpha)
    np.testing.assert_array_equal(alpha, expected)


@pytest.mark.parametrize(
    ("place", "value"),
    [
        ((slice(500, 506), slice(700, 710)), 130),  # it reaches one half
        ((slice(500, 540), slice(640, 700)), 60),  # larger than 1/500 of the picture: it may be glass
        ((slice(300, 306), slice(403, 409)), 60),  # a pixel of the network away from the subject
    ],
)
def test_what_may_be_something_stays(place, value):
    alpha = scene()
    alpha[500:506, 700:710] = 0
    alpha[place] = value
    expected = alpha.copy()
    clear_islands(alpha)
    np.testing.assert_array_equal(alpha, expected)


def test_a_picture_that_is_soft_throughout_keeps_its_islands():
    alpha = scene() // 4
    expected = alpha.copy()
    clear_islands(alpha)
    np.testing.assert_array_equal(alpha, expected)


def test_no_island_is_cleared_without_a_veil_or_a_picture():
    alpha, expected = scene(), scene()
    clear_islands(alpha, 0)
    np.testing.assert_array_equal(alpha, expected)
    clear_islands(np.zeros((0, 4), np.uint8))
    clear_islands(np.zeros((3, 5), np.uint8))
