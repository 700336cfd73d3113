from __future__ import annotations

import numpy as np
import pytest

from deepetch.errors import InvalidArray
from deepetch.inference.normalize import MEAN, STD, to_tensor


def test_every_value_is_centred_and_scaled_by_its_channel():
    view = np.random.default_rng(0).random((4, 5, 3), np.float32)
    tensor = to_tensor(view)
    assert tensor.shape == (1, 3, 4, 5)
    for channel in range(3):
        for y in range(4):
            for x in range(5):
                expected = (float(view[y, x, channel]) - MEAN[channel]) / STD[channel]
                assert tensor[0, channel, y, x] == pytest.approx(expected, abs=1e-5)  # float32 near 2


def test_tensor_is_contiguous_float32():
    tensor = to_tensor(np.zeros((4, 5, 3), np.float32))
    assert tensor.dtype == np.float32
    assert tensor.flags.c_contiguous


def test_mean_and_deviation_of_a_models_own():
    tensor = to_tensor(np.full((2, 2, 3), 0.5, np.float32), (0.5, 0.25, 0.0), (1.0, 0.5, 0.25))
    assert tensor[0, :, 0, 0].tolist() == [0, 0.5, 2]


def test_view_is_left_as_it_was():
    view = np.full((2, 2, 3), 0.5, np.float32)
    to_tensor(view)
    assert (view == 0.5).all()


@pytest.mark.parametrize("wrong", [np.zeros((4, 5, 3), np.uint8), np.zeros((4, 5), np.float32), np.zeros((4, 5, 4))])
def test_what_is_no_view_is_refused(wrong):
    with pytest.raises(InvalidArray, match="view: expected float32"):
        to_tensor(wrong)
