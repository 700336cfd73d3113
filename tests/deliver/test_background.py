from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import pytest
import pyvips
from drawn_matte import CASES, disc_matte, noise_photo

from deepetch.deliver.background import (
    WHITE,
    Background,
    composite,
    cut_transparent,
    encode_colour,
    lay_over_backdrop,
    lay_over_colour,
    lay_over_picture,
    parse_background,
)
from deepetch.errors import InvalidArray, InvalidOptions
from deepetch.matte.foreground import estimate_foreground
from deepetch.matte.matte import BorderColours, Matte
from deepetch.photo.photo import Metadata, Photo


def paper(photo: Photo) -> int:
    return 0 if photo.space == "cmyk" else int(np.iinfo(photo.samples.dtype).max)


def mixed(matte: Matte, behind: Any) -> Any:
    """round(alpha F + (1 - alpha) B) in exact integers, for the border pixels."""
    full = int(np.iinfo(matte.alpha.dtype).max)
    alpha = matte.alpha.ravel()[matte.border.index].astype(object)[:, None]
    return (matte.border.colours.astype(object) * alpha + behind * (full - alpha) + full // 2) // full


def masks(matte: Matte) -> tuple[Any, Any]:
    return matte.alpha == np.iinfo(matte.alpha.dtype).max, matte.alpha == 0


@pytest.mark.parametrize(("space", "dtype"), CASES)
def test_on_white_opaque_pixels_are_the_sources_and_hidden_ones_exactly_white(space, dtype):
    photo = noise_photo(space, dtype)
    matte = disc_matte(photo)
    before = photo.samples.copy()
    samples = lay_over_colour(photo, matte, WHITE)
    opaque, hidden = masks(matte)
    assert samples.dtype == dtype
    np.testing.assert_array_equal(samples[opaque], photo.samples[opaque])
    assert (samples[hidden] == paper(photo)).all()
    np.testing.assert_array_equal(photo.samples, before)


@pytest.mark.parametrize(("space", "dtype"), CASES)
def test_the_border_is_mixed_by_the_formula(space, dtype):
    photo = noise_photo(space, dtype)
    matte = disc_matte(photo)
    samples = lay_over_colour(photo, matte, WHITE)
    border = samples.reshape(-1, samples.shape[2])[matte.border.index]
    np.testing.assert_array_equal(border, mixed(matte, paper(photo)).astype(dtype))


@pytest.mark.parametrize(("space", "dtype"), CASES)
def test_transparent_keeps_opaque_pixels_and_hides_the_old_background(space, dtype):
    photo = noise_photo(space, dtype)
    matte = disc_matte(photo)
    samples, alpha = cut_transparent(photo, matte)
    opaque, hidden = masks(matte)
    np.testing.assert_array_equal(samples[opaque], photo.samples[opaque])
    np.testing.assert_array_equal(samples.reshape(-1, samples.shape[2])[matte.border.index], matte.border.colours)
    assert (samples[hidden] == paper(photo)).all()
    np.testing.assert_array_equal(alpha, matte.alpha)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_a_colour_is_that_colour_in_an_unmarked_rgb_photo(dtype):
    photo = noise_photo("rgb", dtype)
    matte = disc_matte(photo)
    samples = lay_over_colour(photo, matte, (18, 52, 86))
    scale = np.iinfo(dtype).max // 255
    assert (samples[matte.alpha == 0] == np.array([18, 52, 86]) * scale).all()


def test_a_neutral_colour_suits_a_grey_photo_and_another_is_refused():
    assert encode_colour((128, 128, 128), noise_photo("grey", np.uint16)).tolist() == [128 * 257]
    with pytest.raises(InvalidOptions, match="the photo is grey and #ff0000 is not"):
        encode_colour((255, 0, 0), noise_photo("grey"))


def test_a_colour_goes_through_the_photos_profile():
    p3 = bytes(pyvips.Operation.call("profile_load", "p3"))
    wide = encode_colour((255, 0, 0), noise_photo("rgb", metadata=Metadata(profile=p3)))
    # sRGB red in Display P3, as Apple's and the CSS Color 4 specification give it: 0.9175, 0.2003, 0.1386
    assert wide == pytest.approx(np.array([234, 51, 35]), abs=2)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_a_colour_becomes_ink_in_a_cmyk_photo(dtype):
    full = np.iinfo(dtype).max
    cyan, magenta, yellow, black = encode_colour((255, 0, 0), noise_photo("cmyk", dtype)) / full
    assert cyan < 0.2
    assert magenta > 0.7
    assert yellow > 0.7
    assert black < 0.3


def test_white_is_no_ink_whatever_the_profile():
    profile = bytes(pyvips.Operation.call("profile_load", "cmyk"))
    assert encode_colour(WHITE, noise_photo("cmyk", metadata=Metadata(profile=profile))).tolist() == [0, 0, 0, 0]


def picture_of(samples: Any, space: Any = "rgb", **more: Any) -> Photo:
    return Photo(samples=np.ascontiguousarray(samples), space=space, format="png", **more)


def test_a_picture_covers_the_photo_and_keeps_its_middle():
    photo = noise_photo("rgb", height=50, width=100)
    matte = disc_matte(photo)
    columns = np.zeros((40, 160, 3), np.uint8)
    columns[:, :40] = (255, 0, 0)  # cut away: of 160 columns the middle 80 remain
    columns[:, 120:] = (0, 0, 255)
    samples = lay_over_picture(photo, matte, picture_of(columns))
    opaque, hidden = masks(matte)
    assert (samples[hidden] == 0).all()
    np.testing.assert_array_equal(samples[opaque], photo.samples[opaque])


def test_a_picture_of_the_same_size_is_laid_pixel_for_pixel():
    photo = noise_photo("rgb")
    matte = disc_matte(photo)
    behind = np.random.default_rng(9).integers(0, 256, photo.samples.shape, np.uint8)
    samples = lay_over_picture(photo, matte, picture_of(behind))
    hidden = matte.alpha == 0
    np.testing.assert_array_equal(samples[hidden], behind[hidden])
    border = samples.reshape(-1, 3)[matte.border.index]
    np.testing.assert_array_equal(border, mixed(matte, behind.reshape(-1, 3)[matte.border.index]).astype(np.uint8))


@pytest.mark.parametrize(("space", "dtype"), CASES)
@pytest.mark.parametrize("picture_space", ["grey", "rgb"])
def test_a_white_picture_is_white_in_every_space_and_depth(space, dtype, picture_space):
    photo = noise_photo(space, dtype)
    matte = disc_matte(photo)
    channels = 1 if picture_space == "grey" else 3
    for white in (np.full((9, 9, channels), 255, np.uint8), np.full((300, 300, channels), 65535, np.uint16)):
        samples = lay_over_picture(photo, matte, picture_of(white, picture_space))
        full = np.iinfo(dtype).max
        # the general CMYK profile puts up to half a percent of ink on white
        assert np.abs(samples[matte.alpha == 0].astype(int) - paper(photo)).max() <= (
            full // 200 if space == "cmyk" else 0
        )


def test_a_picture_with_transparent_parts_is_refused():
    photo = noise_photo("rgb")
    veil = picture_of(np.zeros((4, 4, 3), np.uint8), alpha=np.full((4, 4), 254, np.uint8))
    with pytest.raises(InvalidOptions, match="transparent parts"):
        lay_over_picture(photo, disc_matte(photo), veil)


def gradient(height: int, width: int, full: int) -> Any:
    rows, columns = np.mgrid[:height, :width] / np.array([height, width])[:, None, None]
    ramp = 0.5 + 0.3 * rows + 0.1 * columns
    return np.stack([ramp, ramp - 0.1, ramp - 0.2], axis=-1) * full


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_blend_continues_a_smooth_backdrop_behind_the_subject(dtype):
    full = np.iinfo(dtype).max
    backdrop = gradient(300, 200, full)
    rows, columns = np.ogrid[:300, :200]
    inside = np.hypot(rows - 150, columns - 100) < 50
    samples = np.where(inside[..., None], 0, np.rint(backdrop)).astype(dtype)
    # a matte that shows nothing of the subject's colours leaves the gradient alone to be seen in the output
    alpha = np.where(inside, 1, 0).astype(dtype)
    index = np.flatnonzero(alpha)
    photo = picture_of(samples)
    filled = lay_over_backdrop(photo, Matte(alpha, BorderColours(index, np.zeros((index.size, 3), dtype))))
    # a plane is continued as a plane; half a level of dither, half of rounding, one of alpha 1 of 255 over black
    assert np.abs(filled - backdrop).max() < (2.2 if full == 255 else 0.004 * full)


def test_blend_dithers_instead_of_showing_bands():
    samples = np.rint(gradient(400, 600, 40)).astype(np.uint8)  # a dozen levels over the whole picture
    photo = picture_of(samples)
    alpha = np.zeros((400, 600), np.uint8)
    filled = lay_over_backdrop(photo, Matte(alpha, BorderColours(np.zeros(0, np.int64), np.zeros((0, 3), np.uint8))))
    smooth = cv2.blur(filled.astype(np.float32), (31, 31))[50:-50, 50:-50, 0]
    # after blurring, steps of whole levels are gone: neighbours differ by fractions everywhere
    assert np.abs(np.diff(smooth, axis=0)).max() < 0.15


@pytest.mark.parametrize("level", [0, 255])
def test_blend_with_no_subject_or_no_backdrop(level):
    photo = noise_photo("rgb")
    matte = Matte(np.full((90, 70), level, np.uint8), BorderColours(np.zeros(0, np.int64), np.zeros((0, 3), np.uint8)))
    filled = lay_over_backdrop(photo, matte)
    if level == 255:
        np.testing.assert_array_equal(filled, photo.samples)
    else:
        assert filled.std() < photo.samples.std() / 4


@pytest.mark.parametrize("shape", [(1, 1), (1, 300), (300, 1)])
@pytest.mark.parametrize("kind", ["transparent", "colour", "blend"])
def test_tiny_and_narrow_photos(shape, kind):
    photo = noise_photo("rgb", height=shape[0], width=shape[1])
    matte = Matte(np.zeros(shape, np.uint8), BorderColours(np.zeros(0, np.int64), np.zeros((0, 3), np.uint8)))
    samples, _ = composite(photo, matte, Background(kind=kind))
    assert samples.shape == photo.samples.shape


def test_composite_reads_the_picture_unless_it_is_given(tmp_path):
    photo = noise_photo("rgb")
    matte = disc_matte(photo)
    path = tmp_path / "behind.png"
    cv2.imwrite(str(path), np.full((30, 30, 3), 7, np.uint8))
    background = parse_background(str(path))
    samples, alpha = composite(photo, matte, background)
    assert (samples[matte.alpha == 0] == 7).all()
    assert alpha is None
    given, _ = composite(photo, matte, background, picture=picture_of(np.full((30, 30, 3), 9, np.uint8)))
    assert (given[matte.alpha == 0] == 9).all()


def test_only_transparent_returns_alpha():
    photo = noise_photo("rgb")
    matte = disc_matte(photo)
    assert composite(photo, matte, Background(kind="transparent"))[1] is matte.alpha
    assert composite(photo, matte, Background(kind="colour"))[1] is None
    assert composite(photo, matte, Background(kind="blend"))[1] is None


def test_photo_and_matte_of_two_depths_are_refused():
    photo = noise_photo("rgb", np.uint16)
    with pytest.raises(InvalidArray, match="one size and depth"):
        lay_over_colour(photo, disc_matte(noise_photo("rgb")), WHITE)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("transparent", Background(kind="transparent")),
        ("white", Background(kind="colour", colour=(255, 255, 255))),
        ("#12aBfF", Background(kind="colour", colour=(18, 171, 255))),
        ("blend", Background(kind="blend")),
    ],
)
def test_backgrounds_by_name(text, expected):
    assert parse_background(text) == expected


@pytest.mark.parametrize("text", ["", "#fff", "#12345g", "#1234567", "White ", "nowhere.png", "x" * 5000, "a\0b", "."])
def test_anything_else_is_refused_in_one_line(text):
    with pytest.raises(InvalidOptions, match="expected transparent, white") as raised:
        parse_background(text)
    assert "\n" not in str(raised.value)


def test_blend_does_not_take_what_the_photos_own_alpha_hides_for_its_backdrop():
    samples = np.full((96, 128, 3), 230, np.uint8)
    samples[:, :50] = 0
    own = np.full((96, 128), 255, np.uint8)
    own[:, :50] = 0
    photo = Photo(samples=samples, space="rgb", format="png", alpha=own)
    alpha = np.zeros((96, 128), np.uint8)
    alpha[30:60, 70:100] = 255
    blended = lay_over_backdrop(photo, Matte(alpha, estimate_foreground(samples, alpha, own)))
    assert blended[:, :50].min() >= 229  # the dither is half a level
