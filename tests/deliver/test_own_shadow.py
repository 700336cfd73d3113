from __future__ import annotations

import numpy as np
import pytest
from drawn_matte import CASES

from deepetch.deliver.own_shadow import own_darkening
from deepetch.deliver.shadow import own_shadow
from deepetch.errors import InvalidArray, NoShadow
from deepetch.matte.matte import BorderColours, Matte
from deepetch.options import ShadowOptions
from deepetch.photo.photo import CHANNELS, Photo

HEIGHT, WIDTH = 240, 300
ROWS, COLUMNS = np.mgrid[:HEIGHT, :WIDTH]
SUBJECT = (ROWS >= 60) & (ROWS < 170) & (COLUMNS >= 110) & (COLUMNS < 180)


def cast(strength=0.5):
    """The darkening of a soft shadow to the right of the subject's foot."""
    return strength * np.exp(-(((ROWS - 165) / 12) ** 2) - ((COLUMNS - 195) / 25) ** 2)


def photo_of(backdrop, darkening=0.0, space="rgb", dtype=np.uint8, noise=0.0):
    """A dark subject on a backdrop (h, w) in [0, 1], times what a shadow leaves of it."""
    seen = np.where(SUBJECT, 0.2, backdrop * (1 - darkening))
    seen = np.clip(seen + noise * np.random.default_rng(1).normal(size=seen.shape), 0, 1)
    full = np.iinfo(dtype).max
    samples = np.repeat(seen[..., None], CHANNELS[space], axis=2)
    if space == "cmyk":
        samples = np.concatenate([np.zeros((HEIGHT, WIDTH, 3)), 1 - seen[..., None]], axis=2)
    return Photo(samples=np.rint(samples * full).astype(dtype), space=space, format="png")


def matte_for(photo):
    alpha = np.where(SUBJECT, np.iinfo(photo.samples.dtype).max, 0).astype(photo.samples.dtype)
    empty = np.zeros((0, photo.samples.shape[2]), photo.samples.dtype)
    return Matte(alpha, BorderColours(np.zeros(0, np.int64), empty))


def vignetted():
    distance = np.hypot((ROWS - 100) / HEIGHT, (COLUMNS - 140) / WIDTH)
    return 0.95 - 0.35 * distance**2


def away(pixels=4):
    """Pixels that no blur of the subject's edge reaches."""
    return (60 - pixels > ROWS) | (170 + pixels <= ROWS) | (110 - pixels > COLUMNS) | (180 + pixels <= COLUMNS)


@pytest.mark.parametrize(("space", "dtype"), CASES)
def test_the_darkening_is_that_of_the_shadow_in_every_space(space, dtype):
    photo = photo_of(np.full((HEIGHT, WIDTH), 0.9), cast(), space, dtype)
    found = own_darkening(photo, matte_for(photo))
    expected = cast()
    strong = away() & (expected > 0.06)
    assert np.abs(found - expected)[strong].max() < 0.03
    assert found[away() & (expected < 0.005)].max() < 0.01


def test_vignetting_is_no_shadow():
    photo = photo_of(vignetted(), cast(), noise=0.004)
    found = own_darkening(photo, matte_for(photo))
    expected = cast()
    assert np.abs(found - expected)[away() & (expected > 0.08)].max() < 0.05
    far = away() & (expected < 0.002)
    assert found[far].max() < 0.03
    assert found[far].mean() < 0.002


def test_without_a_shadow_there_is_none():
    photo = photo_of(vignetted(), noise=0.004)
    assert own_darkening(photo, matte_for(photo))[away()].max() < 0.02


def test_a_stain_that_is_not_joined_to_the_subject_is_left_out():
    stain = 0.4 * np.exp(-((ROWS - 30) ** 2 + (COLUMNS - 40) ** 2) / 100)
    photo = photo_of(np.full((HEIGHT, WIDTH), 0.9), 1 - (1 - cast()) * (1 - stain))
    found = own_darkening(photo, matte_for(photo))
    assert found[:60, :80].max() == 0
    assert found[160:170, 190:200].min() > 0.3


def test_behind_the_subject_the_shadow_beside_it_goes_on():
    photo = photo_of(np.full((HEIGHT, WIDTH), 0.9), cast())
    found = own_darkening(photo, matte_for(photo))
    assert found[165, 176:180].min() > 0.7 * cast()[165, 182]
    assert found[80, 150] < 0.1


def texture():
    return 0.6 + 0.3 * np.sin(ROWS / 4) * np.sin(COLUMNS / 5)


@pytest.mark.parametrize(
    ("backdrop", "said"),
    [
        (texture(), "not plain"),
        (np.where(ROWS < 100, 0.5, 0.9) * (1 - 0.3 * (ROWS < 100) * (COLUMNS % 40 < 20)), "not plain"),
        (np.full((HEIGHT, WIDTH), 0.1), "too dark"),
    ],
)
def test_a_backdrop_that_does_not_show_it_is_one_clear_error(backdrop, said):
    photo = photo_of(backdrop, cast())
    with pytest.raises(NoShadow, match=said) as raised:
        own_darkening(photo, matte_for(photo))
    assert "Use a drop or contact shadow" in str(raised.value)


def test_a_subject_that_fills_the_photo_is_one_too():
    photo = photo_of(np.full((HEIGHT, WIDTH), 0.9))
    alpha = np.full((HEIGHT, WIDTH), 255, np.uint8)
    with pytest.raises(NoShadow, match="fills the photo"):
        own_darkening(photo, Matte(alpha, matte_for(photo).border))


def test_what_the_photos_own_alpha_hides_is_no_backdrop():
    photo = photo_of(np.full((HEIGHT, WIDTH), 0.9), cast())
    samples = photo.samples.copy()
    samples[:, :60] = 0
    own = np.where(COLUMNS < 60, 0, 255).astype(np.uint8)
    hidden = Photo(samples=samples, space="rgb", format="png", alpha=own)
    found = own_darkening(hidden, matte_for(photo))
    assert np.abs(found - cast())[away() & (cast() > 0.06)].max() < 0.03


def test_the_layer_is_the_part_that_is_dark_and_multiplies():
    photo = photo_of(np.full((HEIGHT, WIDTH), 0.9), cast())
    layer = own_shadow(photo, matte_for(photo))
    assert (layer.name, layer.blend) == ("Shadow", "multiply")
    assert layer.coverage.shape < (HEIGHT, WIDTH)
    whole = np.zeros((HEIGHT, WIDTH))
    whole[layer.place] = layer.coverage / 255
    assert np.abs(whole - cast())[away() & (cast() > 0.06)].max() < 0.035
    darker = own_shadow(photo, matte_for(photo), ShadowOptions(kind="own", opacity=2))
    assert darker.coverage.max() > 1.8 * layer.coverage.max()


def test_photo_and_matte_must_fit():
    photo = photo_of(np.full((HEIGHT, WIDTH), 0.9))
    with pytest.raises(InvalidArray):
        own_darkening(photo, Matte(matte_for(photo).alpha[1:], matte_for(photo).border))
