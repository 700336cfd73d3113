from __future__ import annotations

import cv2
import numpy as np
import pytest
from drawn_matte import CASES, noise_photo

from deepetch.deliver.background import Background, composite
from deepetch.deliver.shadow import (
    contact_shadow,
    draw_shadow,
    drop_shadow,
    reflection,
    standing_parts,
)
from deepetch.errors import InvalidOptions, NoShadow, NoSubject
from deepetch.matte.matte import BorderColours, Matte
from deepetch.options import SHADOW_OPACITY, ShadowOptions

BLACK_INK = {"grey": [0], "rgb": [0, 0, 0], "cmyk": [0, 0, 0, 1]}


def matte_of(alpha):
    border = np.flatnonzero((alpha > 0) & (alpha < np.iinfo(alpha.dtype).max))
    return Matte(alpha, BorderColours(border, np.full((border.size, 3), 77, alpha.dtype)))


def box_matte(height=200, width=160, top=40, bottom=140, left=50, right=110, dtype=np.uint8):
    alpha = np.zeros((height, width), dtype)
    alpha[top:bottom, left:right] = np.iinfo(dtype).max
    return matte_of(alpha)


def placed(layer, height, width):
    """The layer's coverage on the whole picture, in [0, 1]."""
    whole = np.zeros((height, width))
    whole[layer.place] = layer.coverage / 255
    return whole


def test_a_drop_shadow_is_the_moved_silhouette_blurred_twice():
    matte = box_matte()
    options = ShadowOptions(kind="drop", blur=0.06, right=0.05, down=0.1)
    photo = noise_photo(height=200, width=160)
    layer = drop_shadow(photo, matte, options)
    moved = np.roll(matte.alpha / 255, (10, 5), axis=(0, 1))
    soft = [cv2.GaussianBlur(moved, (0, 0), sigma) for sigma in (3, 9)]
    expected = SHADOW_OPACITY["drop"] * (soft[0] + soft[1]) / 2
    # dither of half a level, rounding, and a grid of 2 pixels
    assert np.abs(placed(layer, 200, 160) - expected).max() < 0.02
    assert np.abs(placed(layer, 200, 160) - expected).mean() < 0.003
    assert (layer.blend, layer.colours.tolist()) == ("multiply", [[[0, 0, 0]]])


def test_a_drop_shadow_without_blur_is_the_moved_silhouette():
    matte = box_matte()
    layer = drop_shadow(
        noise_photo(height=200, width=160), matte, ShadowOptions(kind="drop", blur=0, right=0, down=0.1, opacity=1)
    )
    np.testing.assert_array_equal(placed(layer, 200, 160) > 0.5, np.roll(matte.alpha, 10, axis=0) > 0)


def test_a_large_shadow_is_smooth_and_dithered():
    matte = box_matte(1200, 900, 200, 1000, 200, 700)
    layer = drop_shadow(noise_photo("grey", height=1200, width=900), matte)
    edge = placed(layer, 1200, 900)[600, 720:860]
    smooth = np.convolve(edge, np.ones(15) / 15, "valid")
    assert (np.diff(smooth) < 0.003).all()  # falls, but for dither
    steps = np.abs(np.diff(layer.coverage.astype(int), axis=1))
    assert steps.max() <= 4


def test_colour_is_the_one_asked_for_and_black_is_black_ink_alone():
    for space, dtype in CASES:
        photo = noise_photo(space, dtype, height=200, width=160)
        full = np.iinfo(dtype).max
        matte = box_matte(dtype=dtype)
        layer = draw_shadow(photo, matte, ShadowOptions(kind="drop"))
        assert layer.colours.dtype == dtype
        assert (layer.colours[0, 0] / full).tolist() == BLACK_INK[space]
    blue = draw_shadow(noise_photo(height=200, width=160), box_matte(), ShadowOptions(kind="drop", colour="#102040"))
    assert blue.colours[0, 0].tolist() == [16, 32, 64]


def test_a_contact_shadow_lies_along_the_ground_and_nowhere_else():
    matte = box_matte()
    layer = contact_shadow(noise_photo(height=200, width=160), matte)
    whole = placed(layer, 200, 160)
    row, column = np.unravel_index(whole.argmax(), whole.shape)
    assert abs(row - 140) <= 2
    assert 50 <= column < 110
    assert whole[139:141, 60:100].min() > 0.15
    assert whole[:120].max() == 0  # not at the sides
    assert whole[155:].max() < 0.02
    outside = whole[141:150, 80]
    assert (np.diff(outside) <= 0.01).all()  # fainter outwards


def test_a_contact_shadow_of_a_ball_is_below_it_and_of_an_arch_at_its_feet():
    rows, columns = np.ogrid[:200, :200]
    photo = noise_photo(height=200, width=200)
    ball = matte_of((np.hypot(rows - 90.5, columns - 100) < 60).astype(np.uint8) * 255)
    whole = placed(contact_shadow(photo, ball), 200, 200)
    assert whole[:, 100].max() > 0.2
    assert whole[:, 45:52].max() < 0.01
    arch = box_matte(200, 200, 40, 150, 30, 170).alpha
    arch[120:, 70:130] = 0
    whole = placed(contact_shadow(photo, matte_of(arch)), 200, 200)
    assert whole[148:152, 50].max() > 0.2
    assert whole[110:140, 90:110].max() < 0.02


def test_two_products_stand_on_their_own_grounds():
    alpha = box_matte(200, 300, 40, 150, 30, 100).alpha
    alpha[60:120, 180:260] = 255
    whole = placed(contact_shadow(noise_photo(height=200, width=300), matte_of(alpha)), 200, 300)
    assert whole[149:151, 50:80].max() > 0.2
    assert whole[119:121, 200:240].max() > 0.2


def test_a_reflection_mirrors_the_subject_and_fades():
    photo = noise_photo(height=200, width=160)
    matte = box_matte()
    layer = reflection(photo, matte, ShadowOptions(kind="reflection", length=0.4, opacity=0.5))
    assert layer.blend == "normal"
    whole = placed(layer, 200, 160)
    below = np.arange(40) + 0.5
    np.testing.assert_allclose(whole[140:180, 80], 0.5 * (1 - below / 40) ** 2, atol=0.5 / 255 + 1e-6)
    assert whole[:, :50].max() == 0
    assert whole[181:].max() == 0
    # 3 pixels of it go on behind the subject, so that no seam shows
    seen = layer.colours[140 - layer.top :][:37]
    np.testing.assert_array_equal(seen, photo.samples[139 - 6 : 139 - 6 - 37 : -1, 50:110])


def test_a_reflection_follows_an_edge_that_runs_backwards_without_a_gap():
    alpha = np.zeros((200, 160), np.uint8)
    cv2.fillPoly(alpha, [np.array([[40, 40], [120, 40], [120, 152], [80, 160], [40, 152]])], 255)
    photo = noise_photo(height=200, width=160)
    whole = placed(reflection(photo, matte_of(alpha)), 200, 160)
    for column in range(45, 115):
        ground = np.flatnonzero(alpha[:, column])[-1]
        assert whole[ground + 1 : ground + 6, column].min() > 0.2


def test_border_pixels_are_mirrored_in_the_subjects_own_colour():
    alpha = box_matte().alpha
    alpha[40:140, 49] = 128
    photo = noise_photo(height=200, width=160)
    layer = reflection(photo, matte_of(alpha))
    whole = placed(layer, 200, 160)
    assert whole[140:150, 49].max() < 0.6 * whole[140:150, 60].max()
    assert layer.left == 49
    assert (layer.colours[5:20, 0] == 77).all()


@pytest.mark.parametrize("kind", ["drop", "contact", "reflection"])
def test_a_subject_that_the_frame_cuts_or_fills(kind):
    cut_off = [box_matte(60, 50, 0, 60, 0, 50), box_matte(60, 50, 30, 60, 10, 50)]
    for matte in (box_matte(60, 50, 0, 30, 0, 50), box_matte(60, 50, 3, 4, 3, 4), *(cut_off if kind == "drop" else [])):
        layer = draw_shadow(noise_photo(height=60, width=50), matte, ShadowOptions(kind=kind))
        rows, columns = layer.place
        assert 0 <= rows.start < rows.stop <= 60
        assert 0 <= columns.start < columns.stop <= 50


@pytest.mark.parametrize("kind", ["contact", "reflection"])
def test_a_subject_that_is_cut_off_below_has_no_ground(kind):
    for matte in (box_matte(60, 50, 0, 60, 0, 50), box_matte(60, 50, 30, 60, 10, 50)):
        with pytest.raises(NoShadow, match="reaches the picture's lower edge"):
            draw_shadow(noise_photo(height=60, width=50), matte, ShadowOptions(kind=kind))


@pytest.mark.parametrize("kind", ["drop", "contact", "reflection"])
def test_no_subject_no_shadow(kind):
    with pytest.raises(NoSubject):
        draw_shadow(noise_photo(), matte_of(np.zeros((90, 70), np.uint8)), ShadowOptions(kind=kind))


def test_none_is_none():
    assert draw_shadow(noise_photo(), box_matte(), ShadowOptions()) is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "long"},
        {"kind": "drop", "opacity": 1.5},
        {"opacity": float("nan")},
        {"blur": -1},
        {"right": 2},
        {"length": 0},
        {"colour": "black"},
    ],
)
def test_options_that_make_no_sense_are_refused(wrong):
    with pytest.raises(InvalidOptions, match="shadow: "):
        ShadowOptions(**wrong)


def test_the_alpha_of_the_subject_is_not_touched():
    matte = box_matte()
    before = matte.alpha.copy()
    photo = noise_photo(height=200, width=160)
    layer = draw_shadow(photo, matte, ShadowOptions(kind="drop"))
    composite(photo, matte, Background(kind="transparent"), shadow=layer)
    np.testing.assert_array_equal(matte.alpha, before)


def test_parts_and_their_hulls():
    solid = np.zeros((10, 12), bool)
    solid[2:8, 1:6] = True
    solid[6:8, 3] = False  # a notch from below
    solid[1:4, 8:11] = True
    solid[0, 0] = True  # a speck, joined to nothing
    (other, other_hull), (outline, hull) = standing_parts(solid)
    assert outline[1:6].tolist() == [8, 8, 6, 8, 8]
    assert hull[1:6].tolist() == [8, 8, 8, 8, 8]
    assert np.isneginf(hull[7:]).all()
    assert other[8:11].tolist() == other_hull[8:11].tolist() == [4, 4, 4]
