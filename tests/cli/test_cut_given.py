"""`deepetch cut` with a mask, a trimap or strokes of the user's instead of a model."""

from __future__ import annotations

import json

import numpy as np
import pytest
from PIL import Image

from drawn_subjects import disc_mask, disc_photo, save_photo


@pytest.fixture
def photo(tmp_path):
    return save_photo(tmp_path / "photo.png", disc_photo())


def save_grey(path, values):
    path.parent.mkdir(exist_ok=True)
    Image.fromarray(np.asarray(values, np.uint8)).save(path)
    return path


def trimap_of(mask, reach=5):
    rows, columns = np.nonzero(mask)
    inside = np.zeros(mask.shape, np.uint8)
    inside[rows.min() + 2 * reach : rows.max() - 2 * reach, columns.min() + 2 * reach : columns.max() - 2 * reach] = 255
    unknown = np.full(mask.shape, 0, np.uint8)
    unknown[rows.min() - reach : rows.max() + reach, columns.min() - reach : columns.max() + reach] = 128
    return np.maximum(unknown, inside)


def alpha_of(path):
    return np.asarray(Image.open(path))[..., 3]


def test_mask_is_the_alpha_when_nothing_is_refined(deepetch, photo, tmp_path):
    mask = save_grey(tmp_path / "mask.png", disc_mask() * 255)
    answer = deepetch("cut", photo, "--mask", mask, "--refine", "none", "-o", tmp_path / "out.png")
    assert (answer.status, answer.err) == (0, "")
    assert "confidence" not in answer.out
    assert np.array_equal(alpha_of(tmp_path / "out.png"), disc_mask() * 255)


def test_json_says_that_no_model_was_asked(deepetch, photo, tmp_path):
    mask = save_grey(tmp_path / "mask.png", disc_mask() * 255)
    answer = deepetch("cut", photo, "--mask", mask, "--json", "-o", tmp_path / "out.png")
    said = json.loads(answer.out)
    assert (said["model"], said["confidence"]) == ("given", None)
    assert said["foreground"] == pytest.approx(disc_mask().mean(), abs=0.02)


@pytest.mark.parametrize("option", ["--trimap", "--scribble"])
def test_what_is_left_open_is_solved(deepetch, photo, tmp_path, option):
    given = save_grey(tmp_path / "given.png", trimap_of(disc_mask()))
    answer = deepetch("cut", photo, option, given, "-o", tmp_path / "out.png")
    assert (answer.status, answer.err) == (0, "")
    found = alpha_of(tmp_path / "out.png") >= 128
    assert (found & disc_mask()).sum() / (found | disc_mask()).sum() > 0.95


def test_folder_of_masks_goes_by_name(deepetch, tmp_path):
    for name in ("a", "b"):
        save_photo(tmp_path / "photos" / f"{name}.png", disc_photo())
    save_grey(tmp_path / "masks" / "a.png", disc_mask() * 255)
    answer = deepetch("cut", tmp_path / "photos", "--mask", tmp_path / "masks", "-o", tmp_path / "out")
    assert answer.status == 1
    assert (tmp_path / "out" / "a.png").exists()
    assert not (tmp_path / "out" / "b.png").exists()
    assert "no b.png or the like" in answer.err


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"--trimap": np.zeros((50, 50))}, "50 x 50 pixels"),
        ({"--mask": np.zeros((128, 96))}, "export it upright"),
        ({"--trimap": np.full((96, 128), 128)}, "unknown"),
        ({"--mask": np.full((96, 128), 255)}, "every pixel"),
        ({"--scribble": np.full((96, 128), 0)}, "background (black) everywhere"),
    ],
)
def test_a_guide_that_does_not_fit_is_one_line(deepetch, photo, tmp_path, given, said):
    (option, values), *_ = given.items()
    path = save_grey(tmp_path / "given.png", values)
    answer = deepetch("cut", photo, option, path, "-o", tmp_path / "out.png")
    assert (answer.status, answer.out, answer.err.count("\n")) == (1, "", 1)
    assert said in answer.err
    assert not (tmp_path / "out.png").exists()


@pytest.mark.parametrize(("space", "bits", "suffix"), [("rgb", 16, ".tif"), ("cmyk", 8, ".tif"), ("grey", 8, ".png")])
@pytest.mark.parametrize("option", ["--mask", "--trimap"])
def test_photos_of_every_depth_and_space_are_cut_by_it(deepetch, tmp_path, space, bits, suffix, option):
    photo = save_photo(tmp_path / f"photo{suffix}", disc_photo(space=space, bits=bits), space=space)
    values = disc_mask() * 255 if option == "--mask" else trimap_of(disc_mask())
    given = save_grey(tmp_path / "given.png", values)
    answer = deepetch("cut", photo, option, given, "-o", tmp_path / "out.tif", "--json")
    assert answer.status == 0
    assert json.loads(answer.out)["foreground"] == pytest.approx(disc_mask().mean(), abs=0.03)


def test_photos_that_would_share_a_mask_are_refused(deepetch, tmp_path):
    for folder in ("a", "b"):
        save_photo(tmp_path / "photos" / folder / "one.png", disc_photo())
    save_grey(tmp_path / "masks" / "one.png", disc_mask() * 255)
    answer = deepetch("cut", tmp_path / "photos", "--mask", tmp_path / "masks", "-o", tmp_path / "out")
    assert (answer.status, answer.err.count("\n")) == (2, 1)
    assert "would share one" in answer.err
    answer = deepetch("cut", tmp_path, "--mask", tmp_path / "masks")
    assert (answer.status, answer.err.count("\n")) == (2, 1)
    assert "lies in the folder" in answer.err


def test_wrong_calls(deepetch, photo, tmp_path):
    mask = save_grey(tmp_path / "mask.png", disc_mask() * 255)
    for wrong in (
        ["--mask", mask, "--trimap", mask],
        ["--trimap", mask, "--refine", "guided"],
        ["--trimap", mask, "--radius", 3],
    ):
        answer = deepetch("cut", photo, *wrong)
        assert (answer.status, answer.out, answer.err.count("\n")) == (2, "", 1)
    other = save_photo(tmp_path / "other.png", disc_photo())
    answer = deepetch("cut", photo, other, "--mask", mask)
    assert answer.status == 2
    assert "give a folder" in answer.err
