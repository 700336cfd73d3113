from __future__ import annotations

import numpy as np
import pytest

from deepetch.datasets.example import Example, read_example
from deepetch.datasets.truth import MaskFile, NoSubject, OwnAlpha
from deepetch.errors import DatasetError, UnreadablePhoto
from drawn_subjects import disc_mask, disc_photo, save_photo, wall_photo


def example(image, truth):
    return Example(name="a", image=image, truth=truth, kind="people", source="", split="test")


@pytest.fixture
def image(tmp_path):
    return save_photo(tmp_path / "a.png", disc_photo())


@pytest.mark.parametrize("bits", [8, 16])
def test_mask_becomes_alpha_of_its_levels(tmp_path, image, bits):
    full = 2**bits - 1
    levels = (np.random.default_rng(0).random((96, 128, 1)) * full).astype(np.uint8 if bits == 8 else np.uint16)
    mask = save_photo(tmp_path / "mask.tif", levels, space="grey")
    photo, alpha = read_example(example(image, MaskFile(mask)))
    assert np.array_equal(photo.samples, disc_photo())
    assert alpha.dtype == np.float32
    assert np.allclose(alpha, levels[..., 0] / full, atol=1e-7)


def test_mask_may_be_rgb(tmp_path, image):
    mask = save_photo(tmp_path / "mask.png", np.repeat(disc_mask()[..., None].astype(np.uint8) * 255, 3, axis=2))
    assert np.array_equal(read_example(example(image, MaskFile(mask)))[1], disc_mask())


def test_picture_without_subject_has_zero_alpha(tmp_path):
    image = save_photo(tmp_path / "wall.png", wall_photo())
    _, alpha = read_example(example(image, NoSubject()))
    assert alpha.shape == (96, 128)
    assert alpha.dtype == np.float32
    assert not alpha.any()


def test_picture_without_mask_is_its_own_truth(tmp_path):
    samples = np.dstack([disc_photo(), disc_mask().astype(np.uint8) * 255])
    _, alpha = read_example(example(cut := save_photo(tmp_path / "cut.png", samples), OwnAlpha(cut)))
    assert np.array_equal(alpha, disc_mask())


def test_picture_without_mask_and_alpha_is_refused(image):
    with pytest.raises(DatasetError, match="alpha or a mask beside it"):
        read_example(example(image, OwnAlpha(image)))


def test_mask_of_another_size_is_refused(tmp_path, image):
    mask = save_photo(tmp_path / "mask.png", np.zeros((128, 96, 1), np.uint8))
    with pytest.raises(DatasetError, match="expected a mask of 128 x 96 like its picture; got 96 x 128"):
        read_example(example(image, MaskFile(mask)))


def test_mask_of_class_numbers_is_refused(tmp_path, image):
    mask = save_photo(tmp_path / "mask.png", disc_mask()[..., None].astype(np.uint8))
    with pytest.raises(DatasetError, match="its highest value is 1"):
        read_example(example(image, MaskFile(mask)))


def test_empty_mask_is_a_mask(tmp_path, image):
    mask = save_photo(tmp_path / "mask.png", np.zeros((96, 128, 1), np.uint8))
    assert not read_example(example(image, MaskFile(mask)))[1].any()


def test_missing_or_damaged_file_is_said(tmp_path, image):
    (tmp_path / "mask.png").write_bytes(b"no picture")
    with pytest.raises(UnreadablePhoto):
        read_example(example(image, MaskFile(tmp_path / "mask.png")))
    with pytest.raises(UnreadablePhoto):
        read_example(example(tmp_path / "none.png", NoSubject()))
