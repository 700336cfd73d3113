from __future__ import annotations

import numpy as np
import pytest
from drawn_shapes import disc

from deepetch.deliver.path.given import alpha_given
from deepetch.errors import InvalidOptions
from deepetch.photo.photo import Photo
from drawn_subjects import disc_photo


def picture(samples, space="rgb", alpha=None):
    return Photo(samples=np.ascontiguousarray(samples), space=space, format="png", alpha=alpha)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_the_alpha_of_a_cut_out_is_taken_whatever_its_colours(dtype):
    alpha = disc(30, dtype=dtype)
    grey = np.zeros((*alpha.shape, 1), dtype)
    coloured = np.random.default_rng(0).integers(0, 200, (*alpha.shape, 3)).astype(dtype)
    for kind in ("auto", "mask"):
        assert alpha_given(picture(grey, "grey", alpha), kind) is alpha
        assert alpha_given(picture(coloured, "rgb", alpha), kind) is alpha


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("channels", [1, 3])
def test_a_grey_picture_of_black_and_white_is_a_mask(channels, dtype):
    mask = disc(30, dtype=dtype)
    samples = np.repeat(mask[..., None], channels, axis=2)
    np.testing.assert_array_equal(alpha_given(picture(samples, "grey" if channels == 1 else "rgb")), mask)


def test_an_opaque_alpha_is_no_mask():
    samples = disc_photo()
    assert alpha_given(picture(samples, alpha=np.full(samples.shape[:2], 255, np.uint8))) is None


@pytest.mark.parametrize("space", ["rgb", "cmyk"])
@pytest.mark.parametrize("bits", [8, 16])
def test_colours_make_a_photo(space, bits):
    assert alpha_given(picture(disc_photo(space=space, bits=bits), space)) is None


def test_a_grey_picture_that_may_be_either_is_refused_until_it_is_said_what_it_is():
    for channels in (1, 3):
        grey = np.repeat(disc_photo(space="grey"), channels, axis=2)
        either = picture(grey, "grey" if channels == 1 else "rgb")
        with pytest.raises(InvalidOptions, match="Say --as photo or --as mask"):
            alpha_given(either)
        assert alpha_given(either, "photo") is None
        np.testing.assert_array_equal(alpha_given(either, "mask"), grey[..., 0])


def test_a_picture_with_one_coloured_pixel_is_no_mask():
    samples = np.repeat(disc(30)[..., None], 3, axis=2)
    samples[0, 0] = (0, 0, 9)
    assert alpha_given(picture(samples)) is None
    with pytest.raises(InvalidOptions, match="has colours"):
        alpha_given(picture(samples), "mask")


def test_a_cut_out_may_be_taken_for_a_photo():
    samples = disc_photo()
    assert alpha_given(picture(samples, alpha=np.zeros(samples.shape[:2], np.uint8)), "photo") is None
