from __future__ import annotations

import cv2
import numpy as np
import pytest
from scipy import ndimage

from deepetch.datasets.example import Example
from deepetch.datasets.fingerprint import (
    border_length,
    fingerprint,
    is_grey,
    noise_level,
    thin_diameter,
    to_measure,
)
from deepetch.datasets.index import read_index
from deepetch.datasets.truth import MaskFile, NoSubject
from deepetch.errors import DatasetError
from drawn_subjects import disc_mask, disc_photo, save_data_set, save_photo, wall_photo


def disc(radius, side=400):
    y, x = np.mgrid[0:side, 0:side]
    return np.hypot(y + 0.5 - side / 2, x + 0.5 - side / 2) < radius


def band(angle, side=400):
    """Half the plane, cut by a line through the middle."""
    y, x = np.mgrid[0:side, 0:side] + 0.5 - side / 2
    return x * np.cos(angle) + y * np.sin(angle) < 0


@pytest.mark.parametrize("radius", [10, 50, 150])
def test_border_of_a_disc_is_its_circumference(radius):
    assert border_length(disc(radius)) == pytest.approx(2 * np.pi * radius, rel=0.02)


@pytest.mark.parametrize("degrees", [0, 10, 22.5, 45, 70, 90])
def test_border_of_a_line_is_its_length_in_every_direction(degrees):
    angle = np.deg2rad(degrees)
    within = disc(150)  # the line is a diameter of it
    both = border_length(band(angle) & within) + border_length(~band(angle) & within) - border_length(within)
    assert both / 2 == pytest.approx(300, rel=0.06)


def test_frame_is_no_border():
    half = np.zeros((80, 80), bool)
    half[:40] = True
    assert border_length(half) == pytest.approx(80, rel=0.06)
    assert border_length(np.ones((80, 80), bool)) == border_length(np.zeros((80, 80), bool)) == 0


@pytest.mark.parametrize("width", [1, 2, 5, 12, 40])
@pytest.mark.parametrize("turned", [False, True])
def test_a_strip_is_as_thick_as_it_is_wide(width, turned):
    mask = np.zeros((200, 300), bool)
    mask[80 : 80 + width, :] = True  # from frame to frame: no ends
    assert thin_diameter(mask.T if turned else mask) == pytest.approx(width, abs=1, rel=0.03)


def test_a_handle_counts_when_it_has_its_share_of_the_area():
    bag = np.zeros((400, 400), bool)
    bag[200:380, 100:300] = True
    handle = cv2.circle(np.zeros((400, 400), np.uint8), (200, 200), 90, 1, thickness=12) > 0
    assert thin_diameter(bag | handle) == pytest.approx(12, abs=2)
    assert thin_diameter(bag) > 60


def test_specks_and_a_ragged_edge_do_not_make_a_subject_thin():
    noise = np.random.default_rng(1).random((400, 400)) < 0.01
    ragged = disc(120)
    ragged[::2] &= disc(118)[::2]
    assert thin_diameter(disc(120)) == pytest.approx(240, rel=0.05)
    assert thin_diameter(ragged | (noise & ~disc(140))) > 150


@pytest.mark.parametrize("seed", range(4))
def test_thin_diameter_is_where_an_opening_begins_to_lose_the_share(seed):
    generator = np.random.default_rng(seed)
    mask = cv2.GaussianBlur(generator.standard_normal((90, 120)), (0, 0), 4) > 0.05
    found = thin_diameter(mask)

    def lost(diameter):
        """By an opening with a drawn disc, on a field that repeats the mask's edge far beyond the frame."""
        radius = (diameter + 1) / 2  # a disc of radius r reaches pixels nearer than r: a single one for 1
        reach = int(radius) + 1
        y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1]
        field = np.pad(mask, 2 * reach, constant_values=True)
        eroded = ndimage.binary_erosion(field, np.hypot(y, x) <= radius, border_value=1)
        eroded[: 2 * reach], eroded[-2 * reach :] = False, False
        eroded[:, : 2 * reach], eroded[:, -2 * reach :] = False, False
        opened = ndimage.binary_dilation(eroded, np.hypot(y, x) <= radius)[
            2 * reach : -2 * reach, 2 * reach : -2 * reach
        ]
        return 1 - (opened & mask).sum() / mask.sum()

    assert lost(found * 0.96 - 0.1) <= 0.05 < lost(found * 1.04 + 0.1)


@pytest.mark.parametrize("mask", [np.zeros((9, 9), bool), np.ones((9, 9), bool)])
def test_without_a_border_nothing_is_thin(mask):
    assert thin_diameter(mask) == 0


@pytest.mark.parametrize("sigma", [0.5, 2, 10])
def test_noise_is_told_from_a_ramp(sigma):
    ramp = np.linspace(60, 190, 400)[:, None] + np.linspace(0, 20, 300)
    noisy = ramp + np.random.default_rng(3).normal(0, sigma, ramp.shape)
    view = np.repeat((noisy / 255)[..., None], 3, axis=2).astype(np.float32)
    # the mean of 118,604 answers that overlap is right to half a hundredth
    assert noise_level(view) == pytest.approx(sigma, rel=0.02)


def test_a_clean_edge_is_hardly_noise_and_a_flat_picture_has_none():
    edge = np.zeros((200, 200, 3), np.float32)
    edge[:, 100:] = 1
    assert noise_level(edge) < 1e-6
    assert noise_level(np.full((50, 50, 3), 0.4, np.float32)) == pytest.approx(0, abs=1e-4)
    assert noise_level(np.zeros((2, 50, 3), np.float32)) == 0


def test_grey_has_no_colour_anywhere():
    view = np.repeat(np.linspace(0, 1, 100, dtype=np.float32).reshape(10, 10, 1), 3, axis=2)
    assert is_grey(view)
    view[4, 4, 0] += 0.05
    assert not is_grey(view)


def example(name, image, truth, **more):
    return Example(name=name, image=image, truth=truth, kind="things", source="drawn", **({"split": "train"} | more))


def drawn(folder, name, samples, mask, **more):
    """An example of a photo and a mask (h, w) in [0, 1]."""
    image = save_photo(folder / f"{name}.png", samples)
    truth = save_photo(folder / f"{name}-mask.png", np.round(mask[..., None] * 255).astype(np.uint8))
    return example(name, image, MaskFile(truth), **more)


def test_a_set_is_counted_and_its_test_pictures_are_never_opened(tmp_path):
    examples = read_index(save_data_set(tmp_path, train=6, val=3, test=2))
    for picture in examples:
        if picture.split == "test":
            picture.image.write_bytes(b"not to be opened")
    done = []
    found = fingerprint(examples, progress=done.append)
    assert found.pictures == {
        "train": {"backgrounds": 1, "cutouts": 1, "people": 4},
        "val": {"backgrounds": 1, "cutouts": 1, "people": 1},
        "test": {"backgrounds": 1, "people": 1},
    }
    assert (found.training, found.labelled, found.units, found.measured, found.unread) == (5, 7, 9, 9, 0)
    assert done == list(range(1, 10))
    assert found.empty == pytest.approx(2 / 9, rel=1e-3)
    assert (found.longer.low, found.longer.median, found.longer.high) == (96, 96, 96)
    assert (found.aspect.low, found.aspect.high) == pytest.approx((2 / 3, 3 / 2), rel=1e-3)


def test_a_disc_has_the_numbers_of_a_disc(tmp_path):
    height, width, radius = 96, 128, 32
    found = fingerprint([drawn(tmp_path, "a", disc_photo(), disc_mask())])
    area = np.pi * radius**2
    assert found.foreground.median == pytest.approx(area / (height * width), rel=0.02)
    assert found.border.median == pytest.approx(100 * 2 * np.pi * radius / np.hypot(height, width), rel=0.02)
    assert found.border_ratio.median == pytest.approx(2 * np.pi * radius * width / area, rel=0.03)
    assert found.thickness_px.median == pytest.approx(2 * radius, rel=0.06)
    assert found.thickness.median == pytest.approx(2 * radius / width, rel=0.06)
    assert found.softness.median == 0
    # uniform noise of +-0.03 in each channel, weighed as luminance is
    levels = 255 * 0.03 / np.sqrt(3) * np.sqrt(0.299**2 + 0.587**2 + 0.114**2)
    assert found.noise.median == pytest.approx(levels, rel=0.1)
    assert found.grey == 0


def test_softness_is_the_width_of_the_soft_edge(tmp_path):
    y, x = np.mgrid[0:200, 0:200] + 0.5 - 100
    for width in (6, 20):
        alpha = np.clip(0.5 + (60 - np.hypot(y, x)) / width, 0, 1)
        found = fingerprint([drawn(tmp_path, f"soft{width}", np.zeros((200, 200, 3), np.uint8), alpha)])
        assert found.softness.median == pytest.approx(0.9 * width, rel=0.1)  # 0.05 to 0.95 is nine tenths of a ramp


def test_size_of_the_files_does_not_change_what_is_relative(tmp_path):
    """Above OUTLINE_SIDE structures are measured on a smaller mask."""
    small = fingerprint([drawn(tmp_path, "s", wall_photo(225, 300), disc_mask(225, 300))])
    large = fingerprint([drawn(tmp_path, "l", wall_photo(900, 1200), disc_mask(900, 1200))])
    for name in ("foreground", "border", "border_ratio", "thickness"):
        assert getattr(large, name).median == pytest.approx(getattr(small, name).median, rel=0.04)
    assert large.thickness_px.median == pytest.approx(4 * small.thickness_px.median, rel=0.04)


def test_what_reducing_wipes_out_counts_as_thinner_than_any_pixel(tmp_path):
    mask = np.zeros((40, 4000))
    mask[20, ::9] = 1
    found = fingerprint([drawn(tmp_path, "dust", wall_photo(40, 4000), mask)])
    assert found.thickness.median == pytest.approx(1 / 1024, rel=1e-3)


def test_pictures_of_a_group_are_one_unit(tmp_path):
    examples = [drawn(tmp_path, f"v{n}", disc_photo(), disc_mask(), group="can" if n < 3 else "") for n in range(5)]
    assert fingerprint(examples).units == 3


def test_grey_pictures_are_counted(tmp_path):
    grey = drawn(tmp_path, "grey", disc_photo(space="grey"), disc_mask())
    assert fingerprint([grey, drawn(tmp_path, "colour", disc_photo(), disc_mask())]).grey == 0.5


def test_what_cannot_be_read_is_counted(tmp_path):
    good = drawn(tmp_path, "a", disc_photo(), disc_mask())
    bad = example("b", good.image, MaskFile(tmp_path / "none.png"))
    found = fingerprint([good, bad])
    assert (found.measured, found.unread) == (1, 1)


def test_numbers_are_over_pictures_that_have_a_border(tmp_path):
    pictures = [disc_mask(), np.zeros((96, 128)), np.ones((96, 128))]
    found = fingerprint([drawn(tmp_path, f"m{n}", disc_photo(), mask) for n, mask in enumerate(pictures)])
    assert found.empty == pytest.approx(1 / 3, rel=1e-3)
    assert found.foreground.low == found.foreground.high == pytest.approx(disc_mask().mean(), rel=1e-3)


def test_pictures_to_measure_are_spread_evenly_over_the_list(tmp_path):
    examples = [example(str(n), tmp_path, NoSubject(), split="test" if n % 10 == 0 else "train") for n in range(100)]
    chosen = [int(picture.name) for picture in to_measure(examples, 9)]
    assert len(chosen) == 9
    assert (chosen[0], chosen[-1]) == (1, 99)
    assert max(np.diff(chosen)) <= 14
    assert len(to_measure(examples, None)) == len(to_measure(examples, 1000)) == 90
    assert not any(picture.split == "test" for picture in to_measure(examples, None))


@pytest.mark.parametrize(
    ("pictures", "said"),
    [
        ([], "no labelled picture"),
        ([("val", "disc"), ("test", "disc")], "no picture of the train split shows a subject"),
        ([("train", "none"), ("val", "disc")], "no picture of the train split shows a subject"),
        ([("train", "empty"), ("train", "full"), ("val", "none")], "each of the 3 pictures measured .* empty or full"),
        ([("train", "lost"), ("val", "lost")], "no picture can be read. The first: .*none.png"),
    ],
)
def test_a_set_that_nothing_can_be_planned_from_is_one_clear_error(tmp_path, pictures, said):
    image = save_photo(tmp_path / "a.png", disc_photo())
    masks = {"disc": disc_mask(), "empty": np.zeros((96, 128)), "full": np.ones((96, 128))}
    for name, mask in masks.items():
        save_photo(tmp_path / f"{name}.png", np.round(mask[..., None] * 255).astype(np.uint8))
    truths = {name: MaskFile(tmp_path / f"{name}.png") for name in masks}
    truths |= {"none": NoSubject(), "lost": MaskFile(tmp_path / "none.png")}
    examples = [example(str(n), image, truths[what], split=split) for n, (split, what) in enumerate(pictures)]
    with pytest.raises(DatasetError, match=said) as caught:
        fingerprint(examples)
    assert "\n" not in str(caught.value)
