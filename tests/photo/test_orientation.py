from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from drawn import stored_as

from deepetch.photo.orientation import turned


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize(("channels", "dtype"), [(1, np.uint8), (3, np.uint16), (4, np.uint8), (4, np.uint16)])
def test_turning_undoes_what_the_camera_stored(orientation: int, channels: int, dtype: Any) -> None:
    upright = np.arange(5 * 7 * channels, dtype=dtype).reshape(5, 7, channels)
    np.testing.assert_array_equal(turned(np.ascontiguousarray(stored_as(upright, orientation)), orientation), upright)
