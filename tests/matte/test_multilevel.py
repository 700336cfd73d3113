"""Multi-level foreground estimation, against the energy it minimises and against pymatting."""

from __future__ import annotations

import numpy as np
import pytest

from deepetch.errors import InvalidArray
from deepetch.matte import multilevel
from deepetch.matte.multilevel import estimate_foreground_multilevel


def disc_over_noise(height, width, dtype=np.uint8, channels=3, softness=6.0):
    """True colours, alpha, and the composite: a disc of one hue, lit from a side, over noise of another."""
    full, random = np.iinfo(dtype).max, np.random.default_rng(5)
    rows, columns = np.ogrid[:height, :width]
    distance = np.hypot(rows - height / 2, columns - width / 2)
    alpha = np.rint(np.clip((min(height, width) / 3 - distance) / softness + 0.5, 0, 1) * full).astype(dtype)
    truth = np.array([200, 60, 40, 90][:channels]) / 255 * full * np.linspace(0.7, 1.1, width)[None, :, None]
    behind = np.array([40, 130, 60, 150][:channels]) / 255 * full * random.uniform(0.7, 1.3, (height, width, 1))
    opacity = alpha[..., None] / full
    return truth + 0 * behind, alpha, np.rint(truth * opacity + behind * (1 - opacity)).astype(dtype)


def energy(colour, alpha, foreground, background):
    """What is minimised, over a whole grey picture (h, w)."""
    total = ((alpha * foreground + (1 - alpha) * background - colour) ** 2).sum()
    for axis in (0, 1):
        weight = multilevel.REGULARISATION + multilevel.GRADIENT_WEIGHT * np.abs(np.diff(alpha, axis=axis))
        for part in (foreground, background):
            total += (weight * np.diff(part, axis=axis) ** 2).sum()
    return total


def test_an_updated_pixel_is_where_the_energy_is_least():
    random = np.random.default_rng(2)
    size = 4, 5
    alpha, colour, foreground, background = random.random((4, *size))
    at = np.arange(20)
    pixels = np.array([0, 7, 13])  # a corner, and two that do not touch it or each other
    fields = [part.reshape(-1, 1).astype(np.float32) for part in (foreground, background)]
    multilevel._update(
        pixels,
        multilevel._neighbours(at, size),
        colour.reshape(-1, 1).astype(np.float32),
        alpha.reshape(-1).astype(np.float32),
        *fields,
    )
    found = [part.reshape(size).astype(float) for part in fields]
    least = energy(colour, alpha, *found)
    for pixel in pixels:
        for part in range(2):
            for step in (-1e-3, 1e-3):
                other = [field.copy() for field in found]
                other[part].flat[pixel] += step
                assert energy(colour, alpha, *other) > least


def test_neighbours_of_pixels_that_are_not_all_there():
    # of a 3 x 4 picture only these: 1 2 . / . 6 7
    around = multilevel._neighbours(np.array([1, 2, 6, 7]), (3, 4))
    assert around.tolist() == [[0, 0, 0, 1], [1, 2, 0, 1], [1, 2, 2, 3], [3, 3, 2, 3]]


@pytest.mark.parametrize(("dtype", "channels"), [(np.uint8, 3), (np.uint16, 1), (np.uint8, 4)])
def test_true_colours_are_found(dtype, channels):
    truth, alpha, picture = disc_over_noise(90, 110, dtype, channels)
    border = estimate_foreground_multilevel(picture, alpha)
    assert border.colours.dtype == dtype
    assert np.array_equal(border.index, np.flatnonzero((alpha > 0) & (alpha < np.iinfo(dtype).max)))
    weight = alpha.flat[border.index] / np.iinfo(dtype).max
    expected = truth.reshape(-1, channels)[border.index]

    def error(colours):
        return np.average(np.abs(colours - expected).mean(1), weights=weight) / np.iinfo(dtype).max

    assert error(border.colours.astype(float)) < 0.02
    assert error(border.colours.astype(float)) < 0.4 * error(picture.reshape(-1, channels)[border.index].astype(float))


def test_it_agrees_with_pymatting():
    pymatting = pytest.importorskip("pymatting")
    _, alpha, picture = disc_over_noise(70, 90)
    expected = pymatting.estimate_foreground_ml(picture / 255, alpha / 255)
    border = estimate_foreground_multilevel(picture, alpha)
    weight = alpha.flat[border.index] / 255
    difference = np.abs(border.colours / 255 - expected.reshape(-1, 3)[border.index]).mean(1)
    assert np.average(difference, weights=weight) < 0.01


def test_near_the_border_it_finds_what_it_finds_everywhere(monkeypatch):
    _, alpha, picture = disc_over_noise(120, 150)
    whole = estimate_foreground_multilevel(picture, alpha)
    monkeypatch.setattr(multilevel, "WHOLE_PIXELS", 1500)
    monkeypatch.setattr(multilevel, "STRIP_ROWS", 16)
    monkeypatch.setattr(multilevel, "CHUNK", 100)
    near = estimate_foreground_multilevel(picture, alpha)
    assert np.array_equal(near.index, whole.index)
    difference = np.abs(near.colours.astype(float) - whole.colours)
    assert np.average(difference.mean(1), weights=alpha.flat[whole.index]) < 1.5


def test_straight_colours_of_the_file_are_kept():
    _, alpha, picture = disc_over_noise(40, 40)
    own = np.full_like(alpha, 255)
    own[:, :20] = np.minimum(alpha[:, :20], 254)
    border = estimate_foreground_multilevel(picture, alpha, own)
    straight = own.flat[border.index] < 255
    assert np.array_equal(border.colours[straight], picture.reshape(-1, 3)[border.index[straight]])


@pytest.mark.parametrize("level", [0, 255])
def test_no_soft_pixel_is_no_colour(level):
    border = estimate_foreground_multilevel(np.zeros((5, 6, 3), np.uint8), np.full((5, 6), level, np.uint8))
    assert (border.index.size, border.colours.shape) == (0, (0, 3))


def test_one_pixel_and_one_row():
    for shape in ((1, 1), (1, 7), (7, 1)):
        border = estimate_foreground_multilevel(np.full((*shape, 3), 90, np.uint8), np.full(shape, 128, np.uint8))
        assert border.index.size == np.prod(shape)
        assert np.abs(border.colours.astype(int) - 90).max() <= 1


@pytest.mark.parametrize(
    ("samples", "alpha"),
    [
        (np.zeros((4, 5, 3), np.uint8), np.zeros((4, 4), np.uint8)),
        (np.zeros((4, 5, 3), np.uint8), np.zeros((4, 5), np.uint16)),
        (np.zeros((4, 5, 3), np.float32), np.zeros((4, 5), np.float32)),
    ],
)
def test_other_sizes_and_depths_are_refused(samples, alpha):
    with pytest.raises(InvalidArray):
        estimate_foreground_multilevel(samples, alpha)
