from __future__ import annotations

import numpy as np
import pytest

from deepetch.datasets.example import Example
from deepetch.datasets.index import read_index
from deepetch.datasets.overlay import TILE, TINT, overlay, tinted, write_overlays
from deepetch.datasets.truth import MaskFile
from deepetch.errors import DatasetError, OutputExists
from deepetch.photo.read import read_photo
from drawn_subjects import disc_mask, disc_photo, save_data_set, save_photo


def test_overlay_tints_the_subject_and_draws_its_edge(tmp_path):
    image = save_photo(tmp_path / "a.png", disc_photo())
    mask = save_photo(tmp_path / "m.png", disc_mask()[..., None].astype(np.uint8) * 255, space="grey")
    example = Example(name="a", image=image, truth=MaskFile(mask), kind="x", source="", split="train")
    shown = overlay(example, size=64)
    assert shown.shape == (48, 64, 3)
    assert shown.dtype == np.float32
    assert (shown == TINT).all(axis=2).any()


def test_tint_leaves_the_background_as_it_was():
    view = np.full((20, 20, 3), 0.5, np.float32)
    alpha = np.zeros((20, 20), np.float32)
    alpha[5:10, 5:10] = 1
    shown = tinted(view, alpha)
    assert (shown[0] == 0.5).all()
    np.testing.assert_allclose(shown[7, 7], 0.5 + (TINT - 0.5) / 3)


def test_a_sheet_shows_so_many_pictures_spread_over_the_set(tmp_path):
    examples = read_index(save_data_set(tmp_path / "data"))
    write_overlays(examples, tmp_path / "sheet.png", count=2, overwrite=False)
    sheet = read_photo(tmp_path / "sheet.png")
    assert 2 * TILE < sheet.width < 3 * TILE
    assert sheet.height < 2 * TILE
    with pytest.raises(OutputExists):
        write_overlays(examples, tmp_path / "sheet.png", count=2, overwrite=False)


def test_a_set_of_which_nothing_can_be_read_has_no_sheet(tmp_path):
    bad = Example(name="b", image=tmp_path / "no.png", truth=MaskFile(tmp_path / "m"), kind="x", source="", split="val")
    with pytest.raises(DatasetError, match=r"no picture to show: .*no\.png"):
        write_overlays([bad], tmp_path / "sheet.png", count=2, overwrite=False)
    assert not (tmp_path / "sheet.png").exists()
