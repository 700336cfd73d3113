import math
import tracemalloc

import numpy as np
import pytest

from deepetch.errors import InvalidArray, InvalidOptions
from deepetch.matte import adjust
from deepetch.matte.adjust import adjust_edges, edge_reach
from deepetch.options import EdgeOptions

DTYPES = [np.uint8, np.uint16]
# every step, alone and together; feather 40 is worked out on cells
EACH = [
    EdgeOptions(smooth=3),
    EdgeOptions(smooth=2.5),
    EdgeOptions(feather=2.3),
    EdgeOptions(feather=40),
    EdgeOptions(contrast=0.4),
    EdgeOptions(shift_edge=3.7),
    EdgeOptions(shift_edge=-2.5),
    EdgeOptions(smooth=3, feather=2, contrast=0.3, shift_edge=-1.5),
]


def levels(opacity, dtype):
    full = np.iinfo(dtype).max
    return np.rint(np.clip(opacity, 0, 1) * full).astype(dtype)


def opacity(alpha):
    return alpha.astype(float) / np.iinfo(alpha.dtype).max


def disc(size, radius, softness=1.0, dtype=np.uint8):
    rows, columns = np.ogrid[:size, :size]
    distance = np.hypot(rows - size / 2 + 0.2, columns - size / 2 - 0.3)
    return levels((radius - distance) / softness + 0.5, dtype)


def distances(size, angle):
    """Signed distance of each pixel's centre to a straight line through the middle, positive on the subject's side."""
    rows, columns = np.mgrid[:size, :size] - (size - 1) / 2
    return rows * math.sin(angle) + columns * math.cos(angle)


def radius_of(alpha):
    return math.sqrt(opacity(alpha).sum() / math.pi)


def busy(size, dtype):
    """A soft disc, one that the frame cuts, noise and a hair."""
    alpha = np.maximum(disc(size, size / 4, 8, dtype), np.roll(disc(size, size / 8, 3, dtype), size // 2, axis=1))
    alpha[10:20, 10:20] = levels(np.random.default_rng(3).random((10, 10)), dtype)
    alpha[5:50, 30] = np.iinfo(dtype).max // 3
    return alpha


@pytest.mark.parametrize("dtype", DTYPES)
def test_no_option_no_change(dtype):
    alpha = busy(80, dtype)
    before = alpha.copy()
    assert adjust_edges(alpha, EdgeOptions()) is alpha
    assert adjust_edges(alpha, EdgeOptions(radius=5)) is alpha
    np.testing.assert_array_equal(alpha, before)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("options", EACH)
def test_result_does_not_depend_on_tiles_and_leaves_its_input_alone(options, dtype, monkeypatch):
    alpha = busy(150, dtype)
    before = alpha.copy()
    expected = adjust_edges(alpha, options)
    assert expected.dtype == dtype
    for side in (17, 64, 1000):
        monkeypatch.setattr(adjust, "LEAST_SIDE", side)
        monkeypatch.setattr(adjust, "MOST_SIDE", side)
        np.testing.assert_array_equal(adjust_edges(alpha, options), expected)
    np.testing.assert_array_equal(alpha, before)


@pytest.mark.parametrize("options", [options for options in EACH if options.feather < 40])  # a strip has its own cells
def test_strips_with_their_reach_make_the_whole(options):
    alpha, reach = busy(120, np.uint8), edge_reach(options)
    expected = adjust_edges(alpha, options)
    for top in range(0, 120, 40):
        first = max(0, top - reach)
        strip = adjust_edges(alpha[first : top + 40 + reach], options)
        np.testing.assert_array_equal(strip[top - first : top - first + 40], expected[top : top + 40])


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("options", EACH)
def test_nothing_changes_farther_than_the_reach(options, dtype):
    full, reach = np.iinfo(dtype).max, edge_reach(options)
    alpha = np.zeros((30, 2 * reach + 60), dtype)
    middle = reach + 30
    alpha[:, middle:] = full
    alpha[12:14, middle - 4 : middle + 4] = full // 2
    adjusted = adjust_edges(alpha, options)
    assert (adjusted[:, : middle - 4 - reach] == 0).all()
    assert (adjusted[:, middle + 4 + reach :] == full).all()


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("options", EACH)
def test_a_subject_cut_by_the_frame_is_not_eaten_along_it(options, dtype):
    alpha = np.zeros((60, 90), dtype)
    alpha[:, 40:] = np.iinfo(dtype).max
    adjusted = adjust_edges(alpha, options)
    np.testing.assert_array_equal(adjusted, np.broadcast_to(adjusted[30], adjusted.shape))
    assert (np.diff(adjusted[0].astype(int)) >= 0).all()
    if options.feather < 40:
        assert (adjusted[:, 75:] == np.iinfo(dtype).max).all()
    # turned, the cells of a wide feather begin at the other end
    off = 5e-4 * np.iinfo(dtype).max + 1 if options.feather == 40 else 0
    np.testing.assert_allclose(adjust_edges(np.rot90(alpha), options).astype(int), np.rot90(adjusted), atol=off)


@pytest.mark.parametrize("options", EACH)
@pytest.mark.parametrize("level", [0, 65535])
def test_no_edge_no_change(level, options):
    alpha = np.full((40, 50), level, np.uint16)
    np.testing.assert_array_equal(adjust_edges(alpha, options), alpha)


@pytest.mark.parametrize("options", EACH)
@pytest.mark.parametrize("shape", [(1, 1), (1, 40), (40, 1), (2, 3)])
def test_tiny_and_narrow_pictures(shape, options):
    assert adjust_edges(np.arange(math.prod(shape), dtype=np.uint8).reshape(shape), options).shape == shape


def test_empty_in_empty_out():
    assert adjust_edges(np.zeros((0, 4), np.uint8), EdgeOptions(feather=3)).shape == (0, 4)


# smooth


@pytest.mark.parametrize("angle", [0, 0.3, math.pi / 4, 2.0])
@pytest.mark.parametrize("softness", [0.001, 1, 7])
@pytest.mark.parametrize("dtype", DTYPES)
def test_smooth_leaves_a_straight_edge_bit_for_bit(dtype, softness, angle):
    distance = distances(70, angle) + 0.1  # no value half way between two levels, where rounding is by chance
    alpha = levels(distance / softness + 0.5, dtype)
    # beyond the frame a slanting edge goes on square to it, which is another edge
    inner = np.s_[6:-6, 6:-6]
    np.testing.assert_array_equal(adjust_edges(alpha, EdgeOptions(smooth=6))[inner], alpha[inner])


@pytest.mark.parametrize("dtype", DTYPES)
def test_smooth_is_the_median_of_a_square(dtype):
    alpha = busy(60, dtype)
    seen = np.lib.stride_tricks.sliding_window_view(np.pad(alpha, 4, mode="edge"), (9, 9))
    truth = np.median(seen.reshape(60, 60, 81), axis=2)
    smoothed = adjust_edges(alpha, EdgeOptions(smooth=4)).astype(float)
    # 16 bits: one of 1024 steps
    assert np.abs(smoothed - truth).max() <= (0 if dtype == np.uint8 else 65)


def test_smooth_between_whole_numbers_mixes_the_two_medians():
    alpha = busy(60, np.uint8)
    two, three = (adjust_edges(alpha, EdgeOptions(smooth=s)).astype(float) for s in (2, 3))
    mixed = adjust_edges(alpha, EdgeOptions(smooth=2.25))
    np.testing.assert_allclose(mixed, 0.75 * two + 0.25 * three, atol=0.5)
    less = adjust_edges(alpha, EdgeOptions(smooth=0.5))
    one = adjust_edges(alpha, EdgeOptions(smooth=1)).astype(float)
    np.testing.assert_allclose(less, 0.5 * alpha + 0.5 * one, atol=0.5)


@pytest.mark.parametrize("dtype", DTYPES)
def test_smooth_evens_out_a_zigzag_and_keeps_its_mean(dtype):
    rows, columns = np.mgrid[:80, :120]
    period, height = 10, 3.0
    zigzag = height * (np.abs(columns % period - period / 2) / (period / 4) - 1)  # from -3 to 3
    alpha = levels((rows - 40 - zigzag) / 2 + 0.5, dtype)
    before, after = (opacity(a).sum(axis=0)[20:-20] for a in (alpha, adjust_edges(alpha, EdgeOptions(smooth=15))))
    assert np.ptp(before) > 5
    assert np.ptp(after) < 0.1  # a window holds three whole periods and a pixel
    assert after.mean() == pytest.approx(before.mean(), abs=0.1)


@pytest.mark.parametrize(("radius", "smooth"), [(50, 8), (60, 15)])
@pytest.mark.parametrize("dtype", DTYPES)
def test_smooth_shrinks_a_disc_as_curvature_says(dtype, radius, smooth):
    alpha = disc(150, radius, 1.5, dtype)
    shrunk = radius_of(alpha) - radius_of(adjust_edges(alpha, EdgeOptions(smooth=smooth)))
    assert smooth**2 / (6 * radius) < shrunk < smooth**2 / (3 * radius)


# feather


@pytest.mark.parametrize(
    ("sigma", "tolerance"), [(0.1, 1e-4), (0.5, 1e-4), (4, 1e-4), (20, 1e-4), (33, 5e-4), (90, 5e-4)]
)
@pytest.mark.parametrize("dtype", DTYPES)
def test_feather_turns_a_step_into_the_gaussians_distribution(dtype, sigma, tolerance):
    half = math.ceil(5 * sigma)
    alpha = np.zeros((5, 2 * half), dtype)
    alpha[:, half:] = np.iinfo(dtype).max
    places = np.arange(2 * half) + 0.5 - half
    truth = np.array([0.5 + 0.5 * math.erf(x / (sigma * math.sqrt(2))) for x in places])
    for turned, found in ((alpha, lambda a: a), (alpha.T, lambda a: a.T)):
        feathered = found(opacity(adjust_edges(turned, EdgeOptions(feather=sigma))))
        np.testing.assert_allclose(
            feathered, np.broadcast_to(truth, alpha.shape), atol=tolerance + 0.5 / np.iinfo(dtype).max
        )


def test_feather_keeps_the_middle_of_a_ramp():
    alpha = levels(distances(101, 0.4) / 60 + 0.5, np.uint16)
    feathered = adjust_edges(alpha, EdgeOptions(feather=3))
    inner = (np.abs(distances(101, 0.4)) < 15) & (np.hypot(*np.mgrid[-50:51, -50:51]) < 38)
    np.testing.assert_allclose(feathered[inner].astype(int), alpha[inner], atol=1)


@pytest.mark.parametrize("sigma", [6, 35])
def test_feather_matches_the_sum_over_all_pixels(sigma):
    alpha = busy(100, np.uint16)
    reach = 5 * sigma
    below = np.array([math.erf((k - 0.5) / (sigma * math.sqrt(2))) / 2 for k in range(-reach, reach + 2)])
    matrix = np.zeros((100, 100))
    for at in range(100):
        np.add.at(matrix[at], np.clip(np.arange(at - reach, at + reach + 1), 0, 99), np.diff(below))
    np.testing.assert_allclose(
        opacity(adjust_edges(alpha, EdgeOptions(feather=sigma))), matrix @ opacity(alpha) @ matrix.T, atol=5e-4
    )


# contrast


@pytest.mark.parametrize("contrast", [0.001, 0.25, 0.5, 0.99])
@pytest.mark.parametrize("dtype", DTYPES)
def test_contrast_follows_the_formula(dtype, contrast):
    full = np.iinfo(dtype).max
    alpha = np.arange(full + 1, dtype=dtype).reshape(16, -1)
    truth = np.clip((alpha / full - 0.5) / (1 - contrast) + 0.5, 0, 1) * full
    np.testing.assert_allclose(adjust_edges(alpha, EdgeOptions(contrast=contrast)), truth, atol=0.5001)


@pytest.mark.parametrize("dtype", DTYPES)
def test_full_contrast_is_a_threshold(dtype):
    full = np.iinfo(dtype).max
    alpha = np.array([[0, 1, full // 2, full // 2 + 1, full]], dtype)
    np.testing.assert_array_equal(adjust_edges(alpha, EdgeOptions(contrast=1)), [[0, 0, 0, full, full]])


def test_contrast_after_feather_is_not_rounded_in_between():
    alpha = np.zeros((3, 80), np.uint8)
    alpha[:, 40:] = 255
    places = np.arange(80) - 39.5
    soft = np.array([0.5 + 0.5 * math.erf(x / (10 * math.sqrt(2))) for x in places])
    truth = np.clip((soft - 0.5) / 0.1 + 0.5, 0, 1) * 255
    np.testing.assert_allclose(adjust_edges(alpha, EdgeOptions(feather=10, contrast=0.9))[1], truth, atol=0.8)


# shift edge


@pytest.mark.parametrize("shift", [0.3, 1, 1.5, 4.2, 12, -0.7, -3, -6.5])
@pytest.mark.parametrize("angle", [0, 0.3, math.pi / 4, 2.0])
def test_shift_moves_a_soft_straight_edge_by_so_many_pixels(angle, shift):
    distance, softness = distances(90, angle), 6
    shifted = opacity(adjust_edges(levels(distance / softness + 0.5, np.uint16), EdgeOptions(shift_edge=shift)))
    sloping = (np.abs(shifted - 0.5) < 0.3) & (np.hypot(*np.mgrid[-45:45, -45:45]) < 30)
    moved = (shifted - 0.5)[sloping] * softness - distance[sloping]
    np.testing.assert_allclose(moved, shift, atol=0.011)


@pytest.mark.parametrize("shift", [0.5, 1, 2.3, 10, -0.5, -1.7, -10])
@pytest.mark.parametrize("softness", [1, 6])
def test_shift_makes_a_disc_of_radius_r_one_of_r_plus_d(softness, shift):
    alpha = disc(120, 35, softness, np.uint16)
    shifted = adjust_edges(alpha, EdgeOptions(shift_edge=shift))
    # an edge of one pixel is lumpy between pixels, and the largest value finds the lumps
    assert radius_of(shifted) - radius_of(alpha) == pytest.approx(shift, abs=0.03 if softness > 1 else 0.1)


@pytest.mark.parametrize("shift", [0.4, 1, 2.7, 5])
def test_shift_is_the_largest_bilinear_value_in_a_disc(shift):
    alpha = np.maximum(disc(48, 12, 8), np.roll(disc(48, 8, 3), 12, axis=1))
    padded = np.pad(alpha.astype(float), 7, mode="edge")
    inside = np.argwhere(np.hypot(*np.mgrid[-20:21, -20:21]) <= 4 * shift) / 4 - 5
    angles = np.linspace(0, 2 * math.pi, 361)
    largest = np.zeros((48, 48))
    for down, across in [*inside, *shift * np.stack([np.cos(angles), np.sin(angles)], axis=1)]:
        y, x = math.floor(down), math.floor(across)
        fy, fx = down - y, across - x
        near, far = (padded[7 + row : 55 + row] for row in (y, y + 1))
        rows = (1 - fy) * near + fy * far
        largest = np.maximum(largest, (1 - fx) * rows[:, 7 + x : 55 + x] + fx * rows[:, 8 + x : 56 + x])
    found = adjust_edges(alpha, EdgeOptions(shift_edge=shift)) - largest
    assert found.max() < 0.6  # one rounding, and 361 points
    # the edge rises by 85 levels a pixel; where it is lumpy, the points on the circle miss up to 0.04 pixels of it
    assert found.min() > -4


@pytest.mark.parametrize("dtype", DTYPES)
def test_shift_inward_is_shift_outward_of_the_rest(dtype):
    alpha, full = busy(60, dtype), np.iinfo(dtype).max
    inward = adjust_edges(alpha, EdgeOptions(shift_edge=-2.4))
    np.testing.assert_array_equal(inward, full - adjust_edges(full - alpha, EdgeOptions(shift_edge=2.4)))
    assert (inward <= alpha).all()


def test_a_hair_keeps_its_opacity_as_the_edge_moves_outward():
    alpha = np.zeros((40, 40), np.uint8)
    alpha[:, 20] = 90
    shifted = adjust_edges(alpha, EdgeOptions(shift_edge=1.5))
    np.testing.assert_array_equal(shifted[20, 17:24], [0, 45, 90, 90, 90, 45, 0])


# together


def test_steps_come_in_order():
    alpha = busy(90, np.uint16)
    step = alpha
    for one in (EdgeOptions(smooth=3), EdgeOptions(feather=2, contrast=0.3), EdgeOptions(shift_edge=-1.5)):
        step = adjust_edges(step, one)
    together = EdgeOptions(smooth=3, feather=2, contrast=0.3, shift_edge=-1.5)
    np.testing.assert_array_equal(adjust_edges(alpha, together), step)


def test_no_float_array_of_the_pictures_size():
    alpha = disc(1200, 400, 4)
    for options in (EdgeOptions(shift_edge=-1), EdgeOptions(feather=2), EdgeOptions(smooth=1, contrast=0.5)):
        tracemalloc.start()
        try:
            adjust_edges(alpha, options)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        # two results and what a tile takes: less than a float32 plane, which is 4
        assert peak < 3 * alpha.nbytes


@pytest.mark.parametrize("alpha", [np.zeros((4, 4), np.float32), np.zeros((4, 4), bool), np.zeros((4, 4, 1), np.uint8)])
def test_alpha_must_be_levels(alpha):
    with pytest.raises(InvalidArray, match=r"expected uint8 or uint16 \(h, w\)"):
        adjust_edges(alpha, EdgeOptions())


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *((name, math.nan) for name in ("radius", "smooth", "feather", "contrast", "shift_edge")),
        ("radius", -1),
        ("smooth", 100.5),
        ("feather", math.inf),
        ("feather", 1001),
        ("contrast", 50),
        ("contrast", -0.1),
        ("shift_edge", -101),
    ],
)
def test_options_out_of_range_are_refused(name, value):
    with pytest.raises(InvalidOptions, match=f"{name}: expected .* to .*; got"):
        EdgeOptions(**{name: value})
