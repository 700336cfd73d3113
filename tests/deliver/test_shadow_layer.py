from __future__ import annotations

import numpy as np
import pytest
from drawn_matte import CASES, disc_matte, noise_photo

from deepetch.deliver.background import WHITE, Background, composite, cut_transparent, lay_over_colour
from deepetch.deliver.shadow_layer import ShadowLayer, lay_beneath, lay_shadow


def drawn_layer(photo, *, blend="multiply", picture=False, top=20, left=10, height=40, width=50):
    rng = np.random.default_rng(5)
    full = np.iinfo(photo.samples.dtype).max
    shape = (height, width) if picture else (1, 1)
    return ShadowLayer(
        name="Shadow",
        coverage=rng.integers(0, 256, (height, width), np.uint8),
        colours=rng.integers(0, full, (*shape, photo.samples.shape[2]), photo.samples.dtype, endpoint=True),
        top=top,
        left=left,
        blend=blend,
    )


def light(samples, space):
    """Values of light in [0, 1]: what a pixel of a picture lets through, or sends."""
    values = samples.astype(np.float64) / np.iinfo(samples.dtype).max
    return 1 - values if space == "cmyk" else values


@pytest.mark.parametrize("picture", [False, True])
@pytest.mark.parametrize("blend", ["multiply", "normal"])
@pytest.mark.parametrize(("space", "dtype"), CASES)
def test_light_is_multiplied_or_mixed_by_the_coverage(space, dtype, blend, picture):
    photo = noise_photo(space, dtype)
    layer = drawn_layer(photo, blend=blend, picture=picture)
    canvas = photo.samples.copy()
    lay_shadow(canvas, space, layer)
    share = layer.coverage[..., None] / 255
    behind, colour = light(photo.samples[20:60, 10:60], space), light(layer.colours, space)
    front = behind * colour if blend == "multiply" else colour
    expected = photo.samples.copy()
    mixed = (1 - share) * behind + share * front
    expected[20:60, 10:60] = np.rint((1 - mixed if space == "cmyk" else mixed) * np.iinfo(dtype).max)
    off = np.abs(canvas.astype(int) - expected)
    assert off.max() <= 1  # float32 against float64, just at a half
    assert np.count_nonzero(off) < 0.01 * off.size


def test_no_coverage_changes_no_value():
    photo = noise_photo("cmyk", np.uint16)
    layer = drawn_layer(photo)
    layer.coverage[:] = 0
    canvas = photo.samples.copy()
    lay_shadow(canvas, "cmyk", layer)
    np.testing.assert_array_equal(canvas, photo.samples)


@pytest.mark.parametrize(("space", "dtype"), CASES)
def test_beneath_a_cut_out_over_white_looks_as_multiplied_into_white(space, dtype):
    photo = noise_photo(space, dtype)
    matte = disc_matte(photo)
    layer = drawn_layer(photo)
    samples, alpha = lay_beneath(*cut_transparent(photo, matte), layer)
    full = np.iinfo(dtype).max
    opacity = alpha[..., None] / full
    paper = 0 if space == "cmyk" else full
    over_white = samples * opacity + paper * (1 - opacity)
    expected, _ = composite(photo, matte, Background(kind="colour"), shadow=layer)
    # what is rounded: colours times opacity and opacity, to a level each, and the other way's own values
    assert np.abs(over_white - expected).max() <= 2.5


def test_opaque_pixels_and_those_without_shadow_stay_bit_for_bit():
    photo = noise_photo("rgb", np.uint16)
    matte = disc_matte(photo)
    plain, _ = cut_transparent(photo, matte)
    layer = drawn_layer(photo)
    samples, alpha = lay_beneath(plain, matte.alpha, layer)
    opaque = matte.alpha == 65535
    np.testing.assert_array_equal(samples[opaque], photo.samples[opaque])
    np.testing.assert_array_equal(alpha[:20], matte.alpha[:20])
    np.testing.assert_array_equal(samples[:20], plain[:20])
    assert (alpha >= matte.alpha).all()


@pytest.mark.parametrize("kind", ["colour", "blend"])
def test_the_subject_lies_over_the_shadow(kind):
    photo = noise_photo("rgb")
    matte = disc_matte(photo)
    layer = drawn_layer(photo)
    samples, alpha = composite(photo, matte, Background(kind=kind), shadow=layer)
    opaque = matte.alpha == 255
    np.testing.assert_array_equal(samples[opaque], photo.samples[opaque])
    assert alpha is None
    if kind == "colour":
        seen = samples[:20]
        np.testing.assert_array_equal(seen, lay_over_colour(photo, matte, WHITE)[:20])
