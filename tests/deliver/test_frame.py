from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from drawn_matte import CASES, disc_matte, noise_photo

from deepetch.deliver.background import WHITE, cut_transparent, lay_over_backdrop, lay_over_colour
from deepetch.deliver.frame import Box, Frame, apply_frame, frame_set, frame_subject, subject_box
from deepetch.errors import InvalidArray, InvalidOptions, NoSubject
from deepetch.matte.matte import BorderColours, Matte
from deepetch.options import FrameOptions
from deepetch.photo.photo import Photo

BOX = Box(20, 10, 60, 90)  # 40 x 80 pixels of a picture of 100 x 120


def framed(**options):
    return frame_subject(BOX, 100, 120, FrameOptions(**options))


def place(frame):
    return frame.scale, frame.left, frame.top, frame.width, frame.height


def soft_disc(size=200, radius=60.0, dtype=np.uint8, colour=(255, 0, 0), hidden=(0, 0, 255)):
    """A disc of one colour over another; its border pixels show a mixture, their own colour is beside them."""
    full = np.iinfo(dtype).max
    rows, columns = np.ogrid[:size, :size]
    share = np.clip(radius - np.hypot(rows - size / 2 + 0.5, columns - size / 2 + 0.5) + 0.5, 0, 1)
    alpha = np.rint(share * full).astype(dtype)
    scaled = [np.array(levels) * (full // 255) for levels in (colour, hidden)]
    mixed = share[..., None] * scaled[0] + (1 - share[..., None]) * scaled[1]
    photo = Photo(samples=np.rint(mixed).astype(dtype), space="cmyk" if len(colour) == 4 else "rgb", format="tiff")
    index = np.flatnonzero((alpha > 0) & (alpha < full))
    own = np.repeat(scaled[0].astype(dtype)[None], index.size, axis=0)
    return photo, Matte(alpha, BorderColours(index, own))


# geometry, worked out by hand


def test_nothing_asked_changes_nothing():
    frame = framed()
    assert place(frame) == (1, 0, 0, 100, 120)
    assert frame.box == BOX
    assert frame.fill == pytest.approx(80 / 120)


def test_a_margin_of_zero_crops_to_the_subject():
    frame = framed(margin=0)
    assert place(frame) == (1, -20, -10, 40, 80)
    assert (frame.box, frame.fill) == (Box(0, 0, 40, 80), 1)


def test_a_margin_is_left_on_every_side_even_beyond_the_picture():
    assert place(framed(margin=30)) == (1, 10, 20, 100, 140)


def test_fill_alone_keeps_the_scale_and_makes_the_canvas():
    frame = framed(fill=0.8)
    assert place(frame) == (1, -15, 0, 50, 100)
    assert frame.fill == 0.8


def test_fill_and_a_size_scale_the_subject():
    frame = framed(fill=0.8, width=50, height=50)  # 80 pixels become 40: half of it
    assert place(frame) == (0.5, 5, 0, 50, 50)
    assert frame.box == Box(15, 5, 35, 45)
    assert frame.fill == 0.8


def test_the_side_that_is_filled_more_decides():
    frame = framed(fill=0.5, width=40, height=1000)
    assert (frame.scale, frame.box.width, frame.fill) == (0.5, 20, 0.5)


def test_a_margin_and_a_size():
    frame = framed(margin=10, width=60, height=60)
    assert place(frame) == (0.5, 10, 5, 60, 60)
    assert frame.box == Box(20, 10, 40, 50)


def test_an_aspect_makes_the_smallest_canvas_that_holds_it():
    assert place(framed(margin=0, aspect=1.0)) == (1, 0, -10, 80, 80)
    assert place(framed(margin=0, aspect=0.25)) == (1, -20, 30, 40, 160)


def test_one_side_and_an_aspect_or_one_side_alone():
    assert place(framed(margin=0, width=40, aspect=0.5)) == (1, -20, -10, 40, 80)
    assert place(framed(margin=0, height=40)) == (0.5, -10, -5, 20, 40)
    assert place(framed(margin=5, width=30)) == (0.5, -5, 0, 30, 50)


def test_the_base_line():
    centred, standing = (
        framed(fill=0.4, width=100, height=100),
        framed(fill=0.4, width=100, height=100, align="base-line"),
    )
    assert centred.box == standing.box == Box(40, 30, 60, 70)
    assert framed(fill=0.4, width=100, height=100, align="base-line", base_line=0.9).box == Box(40, 50, 60, 90)
    wide = frame_subject(Box(0, 0, 80, 20), 100, 100, FrameOptions(fill=0.8, width=100, height=100, align="base-line"))
    assert wide.box == Box(10, 70, 90, 90)  # as low as a high subject of that fill would reach
    with_margin = framed(margin=10, width=100, height=100, align="base-line", base_line=0.5)
    assert with_margin.box == Box(40, 10, 60, 50)


def test_a_base_line_without_room_is_refused():
    with pytest.raises(InvalidOptions, match="base_line: 30 of 100 pixels down"):
        framed(fill=0.5, width=100, height=100, align="base-line", base_line=0.3)
    with pytest.raises(InvalidOptions, match="base_line"):
        framed(margin=20, width=100, height=100, align="base-line", base_line=0.9)


def test_without_fill_and_margin_the_whole_picture_is_laid_in():
    frame = framed(width=60, height=60)
    assert place(frame) == (0.5, 5, 0, 60, 60)
    assert frame.box == Box(15, 5, 35, 45)


def test_sides_between_the_limits_are_not_scaled_others_are():
    assert framed(margin=0, min_side=50, max_side=80).scale == 1
    assert place(framed(margin=0, max_side=40)) == (0.5, -10, -5, 20, 40)
    assert place(framed(margin=0, min_side=160, max_upscale=2)) == (2, -40, -20, 80, 160)
    assert place(framed(fill=0.5, aspect=1.0, max_side=80)) == (0.5, 20, 15, 80, 80)
    assert place(framed(margin=10, aspect=2.0, max_side=120))[3:] == (120, 60)


def test_an_odd_rest_is_on_the_right_and_below():
    assert place(frame_subject(Box(0, 0, 3, 3), 9, 9, FrameOptions(margin=0, width=4, height=3))) == (1, 0, 0, 4, 3)


def test_a_scale_that_moves_no_side_by_half_a_pixel_is_one():
    frame = frame_subject(Box(0, 0, 999, 999), 1200, 1200, FrameOptions(fill=0.7, width=1427, height=1427))
    assert (frame.scale, frame.left, frame.top) == (1, 214, 214)


def test_too_small_a_subject_is_refused_with_the_figures():
    with pytest.raises(InvalidOptions) as raised:
        framed(fill=0.8, width=400, height=400)
    assert "40 x 80 pixels and needs 160 x 320 for 80% of 400 x 400: 4.00 times" in str(raised.value)
    assert "the limit is 1." in str(raised.value)
    assert framed(fill=0.8, width=400, height=400, max_upscale=4).scale == 4
    with pytest.raises(InvalidOptions, match="the picture has 100 x 120 pixels and needs 167 x 200"):
        framed(width=200, height=200)
    with pytest.raises(InvalidOptions, match=r"the limit is 0\.5"):
        framed(margin=0, max_upscale=0.5)


def test_a_canvas_larger_than_a_photo_may_be_is_refused():
    with pytest.raises(InvalidOptions, match="too large"):
        framed(fill=0.0005)


@pytest.mark.parametrize("seed", range(40))
def test_any_frame_holds_the_subject_and_reaches_what_was_asked(seed):
    generator = np.random.default_rng(seed)
    left, top = generator.integers(0, 300, 2)
    box = Box(left, top, left + generator.integers(1, 400), top + generator.integers(1, 400))
    width, height = (int(side) for side in generator.integers(100, 500, 2))
    options = FrameOptions(fill=float(generator.uniform(0.3, 1)), width=width, height=height, max_upscale=1000)
    frame = frame_subject(box, 700, 700, options)
    slack = 0.5
    assert frame.box.left >= -slack and frame.box.top >= -slack  # noqa: PT018
    assert frame.box.right <= width + slack and frame.box.bottom <= height + slack  # noqa: PT018
    assert abs(frame.fill - options.fill) * min(width, height) <= 1
    for before, after in ((frame.box.left, width - frame.box.right), (frame.box.top, height - frame.box.bottom)):
        assert abs(before - after) <= (2 if frame.scale == 1 else 1e-6)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"fill": 0.8, "margin": 10}, "fill: .*margin"),
        ({"fill": 0}, "fill"),
        ({"fill": 1.1}, "fill"),
        ({"fill": float("nan")}, "fill"),
        ({"margin": -1}, "margin"),
        ({"margin": 50, "width": 100}, "margin"),
        ({"width": 0}, "width"),
        ({"height": 70_000}, "height"),
        ({"aspect": 0}, "aspect"),
        ({"aspect": 1.0, "width": 100, "height": 110}, "aspect: 100 x 110"),
        ({"min_side": 10, "width": 100}, "min_side"),
        ({"min_side": 10, "max_side": 5}, "min_side"),
        ({"max_upscale": 0}, "max_upscale"),
        ({"max_upscale": float("nan")}, "max_upscale"),
        ({"align": "top"}, "align"),
        ({"align": "base-line"}, "align"),
        ({"base_line": 0.5, "fill": 0.5}, "base_line"),
        ({"threshold": 0}, "threshold"),
    ],
)
def test_options_that_make_no_sense_are_refused(options, message):
    with pytest.raises(InvalidOptions, match=f"^{message}"):
        FrameOptions(**options)


def test_a_ratio_that_is_nearly_the_size_is_the_sizes():
    assert FrameOptions(aspect=1 / 1.44, width=1801, height=2600).width == 1801


# sets


def test_a_set_has_one_scale_and_one_canvas_and_the_largest_view_fills_it():
    boxes = [Box(0, 0, 50, 200), Box(10, 10, 210, 110), Box(5, 5, 25, 25)]
    options = FrameOptions(fill=0.5, width=200, height=200)
    frames = frame_set(boxes, [(300, 300)] * 3, options)
    assert {frame.scale for frame in frames} == {0.5}
    assert {(frame.width, frame.height) for frame in frames} == {(200, 200)}
    assert [frame.fill for frame in frames] == [0.5, 0.5, 0.05]
    alone = [frame_subject(box, 300, 300, options.__class__(**{**vars(options), "max_upscale": 9})) for box in boxes]
    assert min(frame.scale for frame in alone) == 0.5


def test_a_set_stands_on_one_line():
    boxes = [Box(0, 0, 50, 200), Box(10, 10, 210, 110), Box(5, 5, 25, 25)]
    options = FrameOptions(fill=0.8, width=160, height=160, align="base-line")
    frames = frame_set(boxes, [(300, 300)] * 3, options)
    assert [frame.box.bottom for frame in frames] == pytest.approx([144] * 3)
    cropped = frame_set(boxes, [(300, 300)] * 3, FrameOptions(margin=0, align="base-line"))
    assert {(frame.scale, frame.width, frame.height, frame.box.bottom) for frame in cropped} == {(1, 200, 200, 200)}


def test_no_view_gives_no_frame():
    assert frame_set([], [], FrameOptions()) == []


# the subject's box


def test_the_box_holds_all_that_reaches_the_threshold():
    alpha = np.zeros((20, 30), np.uint8)
    alpha[4:9, 10:21] = 255
    alpha[3, 12] = 13  # 5.1 %
    alpha[15, 15] = 12  # 4.7 %
    assert subject_box(alpha) == Box(10, 3, 21, 9)
    assert subject_box(alpha, 0.5) == Box(10, 4, 21, 9)
    assert subject_box(alpha.astype(np.uint16) * 257) == Box(10, 3, 21, 9)


def test_no_subject_has_no_box():
    with pytest.raises(NoSubject, match="5%"):
        subject_box(np.full((5, 5), 3, np.uint8))
    with pytest.raises(NoSubject):
        subject_box(np.zeros((0, 5), np.uint8))
    with pytest.raises(InvalidArray):
        subject_box(np.zeros((5, 5, 1), np.uint8))


# samples


def test_a_frame_that_changes_nothing_gives_the_same_photo():
    photo = noise_photo()
    matte = disc_matte(photo)
    frame = frame_subject(subject_box(matte.alpha), photo.width, photo.height, FrameOptions())
    same = apply_frame(photo, matte, frame)
    assert same[0] is photo
    assert same[1] is matte


@pytest.mark.parametrize(("space", "dtype"), CASES)
@pytest.mark.parametrize(("left", "top", "width", "height"), [(-12, -20, 40, 50), (15, 8, 100, 120), (-30, 5, 60, 60)])
def test_a_shift_keeps_every_sample_bit_for_bit(space, dtype, left, top, width, height):
    photo = noise_photo(space, dtype)
    matte = disc_matte(photo)
    frame = Frame(scale=1, left=left, top=top, width=width, height=height, box=Box(0, 0, 1, 1))
    moved, moved_matte = apply_frame(photo, matte, frame)
    full = np.iinfo(dtype).max
    white = 0 if space == "cmyk" else full

    def by_hand(plane, outside):
        around = np.pad(plane, [(200, 200), (200, 200), (0, 0)], constant_values=outside)
        return around[200 - top : 200 - top + height, 200 - left : 200 - left + width]

    np.testing.assert_array_equal(moved.samples, by_hand(photo.samples, white))
    np.testing.assert_array_equal(moved_matte.alpha, by_hand(matte.alpha[..., None], 0)[..., 0])
    own = np.zeros_like(photo.samples)
    own.reshape(-1, own.shape[2])[matte.border.index] = matte.border.colours
    expected = by_hand(own, 0).reshape(-1, own.shape[2])
    np.testing.assert_array_equal(
        moved_matte.border.index, np.flatnonzero((moved_matte.alpha > 0) & (moved_matte.alpha < full))
    )
    np.testing.assert_array_equal(moved_matte.border.colours, expected[moved_matte.border.index])
    covered = by_hand(np.full((photo.height, photo.width, 1), full, dtype), 0)[..., 0]
    assert moved.alpha is None if covered.all() else (moved.alpha == covered).all()


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("scale", [0.5, 0.37, 0.83, 1.7])
def test_a_red_disc_over_hidden_blue_stays_red_on_white(scale, dtype):
    photo, matte = soft_disc(dtype=dtype)
    options = FrameOptions(fill=0.8, width=round(150 * scale), height=round(150 * scale), max_upscale=2)
    frame = frame_subject(subject_box(matte.alpha), 200, 200, options)
    assert frame.scale == pytest.approx(scale, rel=0.01)
    small, small_matte = apply_frame(photo, matte, frame)
    full = int(np.iinfo(dtype).max)
    samples = lay_over_colour(small, small_matte, WHITE).astype(int)
    assert (samples[..., 0] >= full - full // 255).all()
    # red over white: green and blue are the same everywhere, and never more than the white that shows through
    assert np.abs(samples[..., 1] - samples[..., 2]).max() <= full // 255
    assert np.abs(samples[..., 2] - (full - small_matte.alpha.astype(int))).max() <= full // 255
    straight, alpha = cut_transparent(small, small_matte)
    assert (straight[alpha > full // 20][:, 2] <= full // 100).all()


@pytest.mark.parametrize("scale", [0.5, 0.37, 1.7])
def test_a_disc_keeps_its_area_and_place_and_has_no_ghost(scale):
    photo, matte = soft_disc()
    frame = Frame(scale=scale, left=3.25, top=-2.5, width=400, height=400, box=Box(0, 0, 1, 1))
    _, small_matte = apply_frame(photo, matte, frame)
    alpha = small_matte.alpha / 255
    assert alpha.sum() == pytest.approx(np.pi * (60 * scale) ** 2, rel=0.01)
    rows, columns = np.mgrid[:400, :400] + 0.5
    for axis, offset in ((rows, -2.5), (columns, 3.25)):
        assert (axis * alpha).sum() / alpha.sum() == pytest.approx(offset + 100 * scale, abs=0.02)
    distance = np.hypot(rows - 100 * scale + 2.5, columns - 100 * scale - 3.25)
    soft = 1 + max(1, scale) * 1.5
    assert (small_matte.alpha[distance > 60 * scale + soft] == 0).all()
    assert (small_matte.alpha[distance < 60 * scale - soft] == 255).all()
    index = np.flatnonzero((small_matte.alpha > 0) & (small_matte.alpha < 255))
    np.testing.assert_array_equal(small_matte.border.index, index)
    assert small_matte.border.colours.shape == (index.size, 3)


@pytest.mark.parametrize(("space", "dtype"), CASES)
def test_a_flat_colour_stays_itself_in_every_space_and_depth(space, dtype):
    full = np.iinfo(dtype).max
    photo = noise_photo(space, dtype)
    colour = (np.arange(1, photo.samples.shape[2] + 1) * (full / 5)).astype(dtype)
    photo = replace(photo, samples=np.broadcast_to(colour, photo.samples.shape).copy())
    matte = disc_matte(photo)
    matte = Matte(matte.alpha, BorderColours(matte.border.index, np.repeat(colour[None], matte.border.index.size, 0)))
    frame = frame_subject(
        subject_box(matte.alpha), photo.width, photo.height, FrameOptions(fill=0.9, width=40, height=80)
    )
    small, small_matte = apply_frame(photo, matte, frame)
    assert small.samples.dtype == small_matte.alpha.dtype == dtype
    opaque = small_matte.alpha == full
    assert opaque.sum() > 500
    assert np.abs(small.samples[opaque].astype(int) - colour.astype(int)).max() <= full // 60_000
    strong = small_matte.alpha.reshape(-1)[small_matte.border.index] > full // 50
    assert np.abs(small_matte.border.colours[strong].astype(int) - colour.astype(int)).max() <= max(1, full // 20_000)


def test_resampling_matches_the_convolution_written_out():
    photo = noise_photo("rgb", np.uint16, height=23, width=31)
    full = 65535
    matte = Matte(np.full((23, 31), full, np.uint16), BorderColours(np.zeros(0, np.int64), photo.samples[:0, 0]))
    scale, left, top = 0.6, 1.3, -0.7
    frame = Frame(scale=scale, left=left, top=top, width=20, height=13, box=Box(0, 0, 1, 1))
    small, small_matte = apply_frame(photo, matte, frame)

    def keys(distance):
        d = abs(distance)
        if d < 1:
            return 1.5 * d**3 - 2.5 * d**2 + 1
        return -0.5 * d**3 + 2.5 * d**2 - 4 * d + 2 if d < 2 else 0.0

    for row, column in [(0, 3), (5, 10), (11, 17), (12, 2), (6, 19)]:
        y, x = (row + 0.5 - top) / scale - 0.5, (column + 0.5 - left) / scale - 0.5
        if not (-0.5 <= y < 22.5 and -0.5 <= x < 30.5):
            assert small_matte.alpha[row, column] == 0
            continue
        weights = np.array([[keys((i - y) * scale) * keys((j - x) * scale) for j in range(31)] for i in range(23)])
        mean = (weights[..., None] * photo.samples).sum((0, 1)) / weights.sum()
        np.testing.assert_allclose(small.samples[row, column], np.clip(mean, 0, full), atol=1)
        assert small_matte.alpha[row, column] == full


def test_the_result_does_not_depend_on_strips(monkeypatch):
    photo, matte = soft_disc()
    frame = frame_subject(subject_box(matte.alpha), 200, 200, FrameOptions(fill=0.7, width=100, height=130))
    results = []
    for side in (7, 64, 1000):
        monkeypatch.setattr("deepetch.deliver.frame.STRIP_ROWS", side)
        monkeypatch.setattr("deepetch.deliver.frame.STRIP_COLUMNS", side)
        results.append(apply_frame(photo, matte, frame))
    for (one, one_matte), (other, other_matte) in pairwise(results):
        assert np.abs(one.samples.astype(int) - other.samples).max() <= 1
        np.testing.assert_array_equal(one_matte.border.index, other_matte.border.index)


def test_what_lies_beyond_the_picture_is_white_without_alpha_and_no_backdrop():
    photo, matte = soft_disc(hidden=(90, 90, 90))
    for frame in (framed_larger(photo, matte, 1), framed_larger(photo, matte, 0.5)):
        large, large_matte = apply_frame(photo, matte, frame)
        assert (large.samples[0] == 255).all()
        assert (large_matte.alpha[0] == 0).all()
        assert (large.alpha[0] == 0).all()
        assert large.alpha[frame.height // 2, frame.width // 2] == 255
        assert np.abs(lay_over_backdrop(large, large_matte)[0].astype(int) - 90).max() <= 2


def framed_larger(photo, matte, scale):
    side = round(400 * scale)
    return Frame(scale=scale, left=100 * scale, top=100 * scale, width=side, height=side, box=Box(0, 0, 1, 1))


def test_the_photos_own_alpha_goes_along():
    photo, matte = soft_disc()
    own = np.full((200, 200), 255, np.uint8)
    own[:, :20] = 0
    small, _ = apply_frame(
        replace(photo, alpha=own), matte, Frame(scale=0.5, left=0, top=0, width=100, height=100, box=Box(0, 0, 1, 1))
    )
    assert (small.alpha[:, :8] == 0).all()
    assert (small.alpha[:, 12:] == 255).all()


def test_photo_and_matte_must_fit():
    photo = noise_photo()
    matte = disc_matte(photo)
    frame = Frame(scale=1, left=0, top=0, width=9, height=9, box=Box(0, 0, 1, 1))
    with pytest.raises(InvalidArray, match="one size"):
        apply_frame(photo, replace(matte, alpha=matte.alpha[1:]), frame)
