from __future__ import annotations

import numpy as np
import pytest

from deepetch.errors import InvalidArray, InvalidOptions
from deepetch.photo.contact_sheet import GAP, contact_sheet


def flat(height, width, value):
    return np.full((height, width, 3), value, np.float32)


def test_pictures_fill_rows_from_the_left():
    sheet = contact_sheet([flat(10, 10, value) for value in (0.0, 0.2, 0.4)], columns=2, tile=10)
    assert sheet.shape == (2 * 10 + 3 * GAP, 2 * 10 + 3 * GAP, 3)
    assert sheet.dtype == np.uint8
    first, second = GAP + 5, 2 * GAP + 15
    assert sheet[first, first, 0] == 0
    assert sheet[first, second, 0] == 51
    assert sheet[second, first, 0] == 102
    assert (sheet[second, second] == 255).all()
    assert (sheet[:GAP] == 255).all()


@pytest.mark.parametrize(("height", "width", "shown"), [(100, 50, (20, 10)), (50, 100, (10, 20)), (7, 3, (7, 3))])
def test_a_picture_is_reduced_to_its_tile_and_never_enlarged(height, width, shown):
    sheet = contact_sheet([flat(height, width, 0.0)], columns=4, tile=20)
    dark = sheet[..., 0] == 0
    assert (dark.any(axis=1).sum(), dark.any(axis=0).sum()) == shown


def test_nothing_to_show_is_refused():
    with pytest.raises(InvalidArray):
        contact_sheet([], columns=2, tile=10)
    with pytest.raises(InvalidArray):
        contact_sheet([flat(0, 5, 0.0)], columns=2, tile=10)
    with pytest.raises(InvalidOptions):
        contact_sheet([flat(5, 5, 0.0)], columns=0, tile=10)
