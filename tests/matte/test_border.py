"""The cascade that draws the border: where it draws, what it leaves alone, and how much it costs."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from deepetch.arrays import full_scale
from deepetch.errors import InvalidArray
from deepetch.inference.refiner import Refiner, load_refiner
from deepetch.matte.border import FULL, border_band, pyramid, refine_border, unsure_band
from deepetch.matte.refine import refine_alpha, refine_mask
from deepetch.matte.upsample import upsample_alpha
from deepetch.options import MatteOptions
from models import answering, colour_refiner, handing_on

LIGHT, DARK = (230, 180, 90, 0), (20, 40, 70, 0)


def disc(height, width, radius):
    """A disc with an edge of one pixel: (h, w) float32."""
    rows, columns = np.ogrid[:height, :width]
    distance = np.hypot(rows + 0.5 - height / 2, columns + 0.5 - width / 2)
    return np.clip(radius - distance + 0.5, 0, 1).astype(np.float32)


def photo_of(truth, channels=3, dtype=np.uint8):
    colours = truth[..., None] * LIGHT[:channels] + (1 - truth[..., None]) * DARK[:channels]
    if channels == 4:  # ink, not light
        colours[..., :3] = 255 - colours[..., :3]
    return (np.rint(colours) * (full_scale(np.zeros(0, dtype)) // 255)).astype(dtype)


def reduced(truth, longest):
    scale = longest / max(truth.shape)
    size = round(truth.shape[1] * scale), round(truth.shape[0] * scale)
    return np.clip(cv2.resize(truth, size, interpolation=cv2.INTER_AREA), 0, 1)


def error(alpha, truth):
    return np.abs(alpha / full_scale(alpha) - truth).mean()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("refiners")


@pytest.fixture(scope="module")
def by_colour(folder):
    """Draws the disc of `photo_of` to within a few levels, since its red says what is subject."""
    return load_refiner(str(colour_refiner(folder / "colour.onnx", steepness=12, threshold=125 / 255)))


@pytest.fixture(scope="module")
def unchanged(folder):
    return load_refiner(str(handing_on(folder / "handing-on.onnx")))


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("channels", [1, 3, 4])
@pytest.mark.parametrize("size", [(300, 400), (301, 403), (37, 403)])
def test_the_border_is_drawn_from_the_photo_at_its_full_size(by_colour, size, channels, dtype):
    truth = disc(*size, min(size) / 3)
    samples, coarse = photo_of(truth, channels, dtype), reduced(truth, 50)
    alpha = refine_border(samples, coarse, by_colour)
    assert alpha.dtype == dtype
    assert alpha.shape == size
    assert error(alpha, truth) < 0.25 * error(upsample_alpha(samples, coarse, guided=False), truth)


@pytest.mark.parametrize("size", [(160, 200), (97, 131), (200, 90)])
def test_a_refiner_that_changes_nothing_leaves_what_bilinear_enlarging_gives(unchanged, size):
    truth = disc(*size, 30)
    coarse = reduced(truth, max(size) // 2 + 3)  # one level
    alpha = refine_border(photo_of(truth), coarse, unchanged)
    plain = upsample_alpha(photo_of(truth), coarse, guided=False).astype(int)
    # the windows are sampled at thirty-seconds of a pixel; what is all but full becomes full
    nearly = (plain > 255 * FULL - 6) & (alpha == 255)
    assert np.abs(alpha - plain)[~nearly].max() <= 6


def test_levels_lie_exactly_on_each_other(unchanged):
    """Four levels of one that changes nothing do not shift the contour, whichever sides are odd."""
    truth = disc(403, 517, 120)
    alpha = refine_border(photo_of(truth), reduced(truth, 40), unchanged)
    rows, columns = np.nonzero(alpha >= 128)
    assert rows.mean() == pytest.approx(201, abs=0.5)
    assert columns.mean() == pytest.approx(258, abs=0.5)


@pytest.mark.parametrize("value", [0.5, 0.0, 1.0])
def test_outside_the_band_nothing_changes_whatever_the_refiner_says(folder, value):
    truth = disc(400, 500, 140)
    wrong = load_refiner(str(answering(folder / f"always-{value}.onnx", value)))
    alpha = refine_border(photo_of(truth), reduced(truth, 100), wrong)
    # three levels may each go on from where the one before ended: 6 pixels of 5, 6 of 4 and 6 of 2
    assert (alpha[disc(400, 500, 70) == 1] == 255).all()
    assert (alpha[disc(400, 500, 210) == 0] == 0).all()


def test_an_unsure_inside_is_looked_at_and_a_sure_one_is_not(by_colour):
    """A hole that the segmenter half believes in closes, since the photo shows none; the inside of a sure one stays."""
    truth = disc(240, 320, 90)
    coarse = reduced(truth, 160)
    coarse[55:65, 75:85] = 0.5
    assert (refine_border(photo_of(truth), coarse, by_colour)[disc(240, 320, 80) == 1] >= 250).all()
    coarse[40:80, 60:100] = 0
    assert (refine_border(photo_of(truth), coarse, by_colour)[100:140, 140:180] == 0).all()


def test_what_is_half_transparent_stays_so(unchanged):
    """Five levels of one that changes nothing neither harden nor stretch a flat alpha beside a border."""
    coarse = np.zeros((60, 80), np.float32)
    coarse[10:50, 10:70] = 0.02 + 0.96 * 0.75
    alpha = refine_border(np.full((1000, 1300, 3), 90, np.uint8), coarse, unchanged)
    assert np.abs(alpha[250:750, 250:1050].astype(int) - 191).max() <= 1


@pytest.mark.parametrize("turns", [0, 1, 2, 3])
def test_a_subject_that_reaches_the_frame_is_drawn_to_it(by_colour, turns):
    truth = np.zeros((300, 410), np.float32)
    truth[:140, :] = 1  # over the whole top, to three sides
    truth = np.ascontiguousarray(np.rot90(truth, turns))
    alpha = refine_border(photo_of(truth), reduced(truth, 60), by_colour)
    assert error(alpha, truth) < 0.003
    assert np.abs(alpha / 255 - truth).max(axis=None) < 0.1


def test_squares_do_not_show(folder, by_colour):
    """With one that answers by colour alone the picture is the same wherever the squares begin."""
    truth = disc(500, 640, 180)
    samples, coarse = photo_of(truth), reduced(truth, 100)
    whole = refine_border(samples, coarse, by_colour).astype(int)
    flipped = refine_border(samples[::-1, ::-1].copy(), coarse[::-1, ::-1].copy(), by_colour)[::-1, ::-1]
    assert np.abs(whole - flipped).max() <= 3


def test_an_alpha_without_border_comes_out_as_it_is(by_colour):
    samples = photo_of(disc(200, 300, 50))
    for value in (0.0, 0.01, 1.0, 0.99):
        alpha = refine_border(samples, np.full((40, 60), value, np.float32), by_colour)
        assert (alpha == round(value) * 255).all()


def test_a_ramp_that_is_wide_already_is_left_alone_by_the_finer_levels():
    ramp = np.tile(np.linspace(0, 255, 400).astype(np.uint8), (20, 1))
    assert not border_band(ramp, 255).any()
    assert unsure_band(ramp, 255, 2)[:, 3:-3].all()


@pytest.mark.parametrize("reach", [0.5, 2.0, 7.5])
def test_the_first_band_reaches_as_far_as_asked(reach):
    alpha = np.zeros((9, 60), np.uint8)
    alpha[:, 30:] = 255  # the two pixels beside the contour differ from a neighbour
    band = unsure_band(alpha, 255, reach)[4]
    assert (band[30 : 31 + int(reach)] == 255).all()
    assert (band[31 + int(np.ceil(reach)) + 2 :] == 0).all()
    assert np.array_equal(band, band[::-1])


class Counting(Refiner):
    """A refiner that also counts what it is asked."""

    squares = 0

    def refine(self, colours, coarse):
        self.squares += len(coarse)
        return super().refine(colours, coarse)


def test_cost_grows_with_the_length_of_the_border_not_with_the_area(folder, by_colour):
    counts = []
    for side in (512, 1024, 2048):
        counting = Counting(by_colour.file, by_colour._session)
        truth = disc(side, side, side / 3)
        refine_border(photo_of(truth), reduced(truth, 128), counting)
        counts.append(counting.squares)
    first, second = counts[1] - counts[0], counts[2] - counts[1]  # one more level each
    assert second == pytest.approx(2 * first, rel=0.2)


def test_pictures_halve_until_the_coarse_alpha_is_near(folder):
    samples = np.zeros((1001, 2003, 3), np.uint16)
    assert [picture.shape for picture in pyramid(samples, 300)] == [(1001, 2003, 3), (501, 1002, 3), (251, 501, 3)]
    assert len(pyramid(samples, 1002)) == 1


def test_a_picture_smaller_than_the_coarse_alpha_is_drawn_too(by_colour):
    truth = disc(60, 80, 20)
    coarse = cv2.resize(truth, (320, 240), interpolation=cv2.INTER_LINEAR)
    assert error(refine_border(photo_of(truth), coarse, by_colour), truth) < 0.02


def test_progress_rises_to_the_whole(unchanged):
    said = []
    truth = disc(500, 500, 180)
    refine_border(photo_of(truth), reduced(truth, 50), unchanged, progress=lambda *step: said.append(step))
    assert said[-1] == (100, 100)
    assert said == sorted(said)
    assert len(said) >= 4


def test_empty_and_wrong_arrays(unchanged):
    assert refine_border(np.zeros((0, 5, 3), np.uint8), np.zeros((2, 2), np.float32), unchanged).shape == (0, 5)
    with pytest.raises(InvalidArray, match="samples"):
        refine_border(np.zeros((5, 5, 2), np.uint8), np.zeros((2, 2), np.float32), unchanged)
    with pytest.raises(InvalidArray, match="coarse"):
        refine_border(np.zeros((5, 5, 3), np.uint8), np.full((2, 2), np.nan, np.float32), unchanged)


def test_refine_alpha_and_refine_mask_take_the_named_refiner(folder, by_colour):
    truth = disc(300, 400, 90)
    options = MatteOptions(refine="refiner", refiner=str(by_colour.file))
    coarse = reduced(truth, 100)
    assert np.array_equal(
        refine_alpha(photo_of(truth), coarse, options), refine_border(photo_of(truth), coarse, by_colour)
    )
    rough = (cv2.GaussianBlur(truth, (0, 0), 3) * 255).astype(np.uint8)
    assert error(refine_mask(photo_of(truth), rough, options, radius=10), truth) < 0.5 * error(rough, truth)


def test_a_wider_radius_lets_more_be_drawn(folder, by_colour):
    """The coarse alpha is 15 of its pixels too small: only a band as wide finds the true border."""
    truth, options = disc(400, 400, 120), MatteOptions(refine="refiner", refiner=str(by_colour.file))
    coarse = reduced(disc(400, 400, 60), 100)
    errors = [error(refine_alpha(photo_of(truth), coarse, options, radius=radius), truth) for radius in (4, 64)]
    assert errors[1] < 0.2 * errors[0]


class MeanOfSquare:
    """A refiner to which each square is one grey: that of its mean."""

    def refine(self, colours, coarse):
        return np.broadcast_to(colours.mean((1, 2, 3))[:, None, None], coarse.shape).astype(np.float32).copy()


@pytest.mark.parametrize("down", [1, -1])
def test_squares_that_see_a_veil_differently_leave_no_steps(down):
    ramp = np.linspace(60, 200, 400)
    rows = ramp[:300][::down]
    photo = np.repeat(np.rint(ramp[None, :] * 0.5 + rows[:, None] * 0.5).astype(np.uint8)[..., None], 3, axis=2)
    alpha = refine_border(photo, np.full((150, 200), 0.5, np.float32), MeanOfSquare()).astype(int)
    # from one square to the next the mean differs by 8 in 255; over a seam of 8 pixels by 1 or 2 each
    steps = [np.abs(np.diff(alpha, axis=axis)) for axis in (0, 1)]
    assert max(step.max() for step in steps) <= 3
    assert sum((step > 2).sum() for step in steps) <= 2  # each write is rounded
    assert alpha[20, 20] < alpha[20, -20] - 40


class Sure:
    """A refiner that says one thing of everything."""

    def __init__(self, value):
        self.value = value

    def refine(self, colours, coarse):
        return np.full_like(coarse, self.value)


@pytest.mark.parametrize("value", [0, 1])
def test_ends_stay_exact_over_seams(value):
    photo = np.zeros((300, 400, 3), np.uint16)
    alpha = refine_border(photo, np.full((150, 200), 0.5, np.float32), Sure(value))
    assert (alpha == 65535 * value).all()
