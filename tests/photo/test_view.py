from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from drawn import built_in_profile, disc, grey_profile, ramps
from PIL import Image, ImageCms

from deepetch.photo.photo import Metadata, Photo
from deepetch.photo.view import needs_conversion, reduced, working_view


def photo(samples: Any, space: Any, profile: bytes | None = None, alpha: Any = None) -> Photo:
    return Photo(samples=samples, space=space, format="tiff", alpha=alpha, metadata=Metadata(profile=profile))


@pytest.mark.parametrize(("bits", "full"), [(8, 255), (16, 65535)])
@pytest.mark.parametrize("profile", ["none", "libvips", "littlecms"])
def test_srgb_pictures_are_shown_exactly(bits: int, full: int, profile: str) -> None:
    made = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    blob = {"none": None, "libvips": built_in_profile("srgb"), "littlecms": made}[profile]
    samples = ramps("rgb", bits)
    view = working_view(photo(samples, "rgb", blob))
    assert view.dtype == np.float32
    np.testing.assert_array_equal(view, samples.astype(np.float32) / np.float32(full))


def test_grey_without_profile_is_three_equal_channels() -> None:
    samples = ramps("grey", 16)
    view = working_view(photo(samples, "grey"))
    np.testing.assert_array_equal(view, np.repeat(samples.astype(np.float32) / np.float32(65535), 3, axis=2))


def test_grey_goes_through_its_curve_to_srgb() -> None:
    samples = np.arange(256, dtype=np.uint8).reshape(16, 16, 1)
    view = working_view(photo(samples, "grey", grey_profile(1.8)))
    linear = (samples[..., 0] / 255) ** (461 / 256)  # the profile stores gamma in 256ths
    srgb = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)  # IEC 61966-2-1
    # Little CMS limits the slope near black, by up to 1.4 levels of 8 bits; elsewhere only tables round
    error = np.abs(view - srgb[..., None])
    assert error.max() < 1.5 / 255
    assert error[samples[..., 0] > 25].max() < 0.3 / 255


def test_rgb_is_converted_as_littlecms_does() -> None:
    samples = ramps("rgb", 8)
    wide = built_in_profile("p3")
    assert needs_conversion("rgb", wide)
    transform = ImageCms.buildTransform(
        ImageCms.ImageCmsProfile(io.BytesIO(wide)),
        ImageCms.createProfile("sRGB"),
        "RGB",
        "RGB",
        ImageCms.Intent.RELATIVE_COLORIMETRIC,
        ImageCms.Flags.BLACKPOINTCOMPENSATION,
    )
    want = np.asarray(ImageCms.applyTransform(Image.fromarray(samples), transform)) / 255
    assert np.abs(working_view(photo(samples, "rgb", wide)) - want).max() < 2 / 255  # 8-bit rounding, own tables


@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("profile", [None, built_in_profile("cmyk")])
def test_cmyk_paper_is_light_and_full_ink_dark(bits: int, profile: bytes | None) -> None:
    full = 255 if bits == 8 else 65535
    inks = np.zeros((1, 4, 4), np.uint8 if bits == 8 else np.uint16)
    inks[0, 1] = (full, 0, 0, 0)
    inks[0, 2] = (0, full, full, 0)
    inks[0, 3] = full
    paper, cyan, red, black = working_view(photo(inks, "cmyk", profile))[0]
    assert paper.min() > 0.97
    assert black.max() < 0.1
    assert cyan[2] > cyan[0] + 0.5
    assert red[0] > red[2] + 0.5


def test_eight_and_sixteen_bit_cmyk_look_alike() -> None:
    eight = ramps("cmyk", 8)
    sixteen = eight.astype(np.uint16) * 257
    difference = working_view(photo(eight, "cmyk")) - working_view(photo(sixteen, "cmyk"))
    assert np.abs(difference).max() < 1 / 255


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("channels", [1, 3, 4])
def test_reduction_is_the_mean_over_areas(dtype: Any, channels: int) -> None:
    rng = np.random.default_rng(7)
    samples = rng.integers(0, np.iinfo(dtype).max, (48, 80, channels), dtype=dtype)
    mean = samples.reshape(12, 4, 20, 4, channels).astype(np.float64).mean(axis=(1, 3))
    small = reduced(samples, 20)
    assert small.shape == (12, 20, channels)
    assert np.abs(small - mean).max() <= 0.5 + 1e-6  # integer samples round


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_strong_reduction_is_the_mean_over_areas(dtype: Any) -> None:
    rng = np.random.default_rng(7)
    samples = rng.integers(0, np.iinfo(dtype).max, (96, 160, 3), dtype=dtype)
    mean = samples.reshape(12, 8, 20, 8, 3).astype(np.float64).mean(axis=(1, 3))
    # rounded twice, by up to 0.5 each time: halved first, then averaged
    assert np.abs(reduced(samples, 20) - mean).max() <= 1
    assert np.abs(reduced(samples, 20) - mean).mean() < 0.35  # 0.25 is what rounding once costs


def test_a_picture_is_never_enlarged_and_keeps_a_pixel_a_side() -> None:
    samples = ramps("rgb", 8)
    assert working_view(photo(samples, "rgb"), 4000).shape == (24, 36, 3)
    assert working_view(photo(samples, "rgb"), 36).shape == (24, 36, 3)
    assert working_view(photo(np.zeros((3, 3000, 1), np.uint8), "grey"), 100).shape == (1, 100, 3)


@pytest.mark.parametrize("bits", [8, 16])
def test_what_the_own_alpha_hides_is_shown_white(bits) -> None:
    samples, alpha = ramps("rgb", bits), disc(bits)
    view, plain = working_view(photo(samples, "rgb", alpha=alpha)), working_view(photo(samples, "rgb"))
    full = 2**bits - 1
    assert (view[alpha == 0] == 1).all()
    np.testing.assert_array_equal(view[alpha == full], plain[alpha == full])
    opacity = (alpha / full)[..., None]
    np.testing.assert_allclose(view, opacity * plain + 1 - opacity, atol=1e-6)
    assert view.dtype == np.float32


def test_two_colours_behind_an_own_alpha_look_the_same() -> None:
    alpha = disc(8)
    hidden = ramps("rgb", 8).copy()
    hidden[alpha == 0] = (0, 255, 0)
    views = [working_view(photo(samples, "rgb", alpha=alpha)) for samples in (ramps("rgb", 8), hidden)]
    np.testing.assert_array_equal(*views)
