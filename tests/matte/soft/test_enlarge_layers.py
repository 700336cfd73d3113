import numpy as np
import pytest

from deepetch.errors import InvalidArray
from deepetch.matte.soft.enlarge import enlarge_layers


def edge_photo(channels=3, dtype=np.uint8, size=64):
    full = np.iinfo(dtype).max
    photo = np.full((size, size, channels), full // 5, dtype)
    photo[:, size // 2 + 1 :] = full // 5 * 4  # an odd column: no edge of the reduced picture
    return photo


def half_layers(size=32):
    layers = np.zeros((size, size, 2), np.float32)
    layers[:, : size // 2, 0] = 1
    layers[:, size // 2 :, 1] = 1
    layers[:, size // 2] = 0.5  # half of this pixel is the one, half the other
    return layers


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("channels", [1, 3, 4])
def test_layers_follow_the_photos_own_edge(channels, dtype):
    enlarged = enlarge_layers(edge_photo(channels, dtype), half_layers())
    full = np.iinfo(dtype).max
    assert enlarged.dtype == dtype
    assert enlarged.shape == (64, 64, 2)
    # bilinear has 0.63 and 0.38 on either side of the edge
    assert (enlarged[:, :33, 0] > 0.75 * full).all()
    assert (enlarged[:, 33:, 0] < 0.25 * full).all()


def test_layers_add_up_but_for_rounding():
    random = np.random.default_rng(0)
    layers = random.random((8, 9, 3), np.float32)
    layers /= layers.sum(axis=-1, keepdims=True)
    samples = random.integers(0, 256, (70, 33, 3), np.uint8)
    total = enlarge_layers(samples, layers).sum(axis=-1, dtype=int)
    assert np.abs(total - 255).max() <= 2


def test_layers_of_the_photos_own_size_stay_nearly_as_they_are():
    layers = half_layers(64)
    photo = np.full((64, 64, 3), 50, np.uint8)
    photo[:, 32] = 125
    photo[:, 33:] = 200
    assert np.abs(enlarge_layers(photo, layers) / 255 - layers).max() < 0.06


@pytest.mark.parametrize(
    ("samples", "layers"),
    [
        (np.zeros((4, 4, 3), np.float32), half_layers(4)),
        (np.zeros((4, 4, 2), np.uint8), half_layers(4)),
        (np.zeros((0, 4, 3), np.uint8), half_layers(4)),
        (np.zeros((3, 4, 3), np.uint8), half_layers(4)),
        (np.zeros((4, 4, 3), np.uint8), half_layers(4)[..., 0]),
    ],
)
def test_other_forms_are_refused(samples, layers):
    with pytest.raises(InvalidArray):
        enlarge_layers(samples, layers)
