"""Planes as they are streamed into a document, decoded again by psd-tools."""

from __future__ import annotations

import io
import tracemalloc

import numpy as np
import pytest
from drawn_matte import disc_matte, noise_photo
from psd_tools.compression import decompress
from psd_tools.constants import Compression

from deepetch.deliver.psd import write_psd, write_soft_layers_psd
from deepetch.deliver.psd_planes import LayerPlanes, Plane, write_flattened

SHAPES = [(1, 1), (1, 300), (63, 5), (64, 7), (65, 129), (200, 3)]  # strips have 64 rows


def noise(shape, dtype=np.uint16, seed=0):
    return np.random.default_rng(seed).integers(0, np.iinfo(dtype).max, shape, dtype, endpoint=True)


def decoded(data, shape, dtype):
    """What a channel's bytes, led by their compression, say."""
    kind = Compression(int.from_bytes(data[:2], "big"))
    bits = 8 * np.dtype(dtype).itemsize
    plain = decompress(data[2:], kind, shape[1], shape[0], bits)
    return np.frombuffer(plain, np.dtype(dtype).newbyteorder(">")).reshape(shape)


def written(plane):
    file = io.BytesIO()
    assert LayerPlanes(file).write(plane) == len(file.getvalue())
    return file.getvalue()


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("shape", SHAPES)
def test_a_channel_comes_back_bit_for_bit(shape, dtype):
    levels = noise(shape, dtype)
    np.testing.assert_array_equal(decoded(written(Plane(levels)), shape, dtype), levels)
    stored = decoded(written(Plane(levels, inverted=True)), shape, dtype)
    np.testing.assert_array_equal(stored, np.iinfo(dtype).max - levels)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("shape", SHAPES)
def test_the_flattened_picture_has_all_planes_in_a_row(shape, dtype):
    samples = noise((*shape, 3), dtype)
    file = io.BytesIO()
    write_flattened(file, [Plane(samples[..., channel]) for channel in range(3)])
    stacked = decoded(file.getvalue(), (3 * shape[0], shape[1]), dtype)
    np.testing.assert_array_equal(stacked, np.concatenate(np.moveaxis(samples, -1, 0)))


def test_a_plane_that_is_there_already_is_copied():
    first, second = Plane(noise((70, 300))), Plane(noise((70, 300), seed=1))
    file = io.BytesIO()
    planes = LayerPlanes(file)
    sizes = [planes.write(plane) for plane in (first, second, first)]
    data = file.getvalue()
    assert len(data) == sum(sizes)
    assert data[: sizes[0]] == data[-sizes[2] :]
    np.testing.assert_array_equal(decoded(data[sizes[0] : sizes[0] + sizes[1]], (70, 300), np.uint16), second.levels)


def test_what_repeats_is_packed_by_strings_and_noise_by_runs():
    ramp = np.tile(np.arange(0, 65000, 65, np.uint16), (300, 1))
    assert len(written(Plane(ramp))) < 0.02 * ramp.nbytes
    constant = np.broadcast_to(np.uint16(65535), (300, 1000))
    assert len(written(Plane(constant))) < 0.01 * constant.nbytes
    assert len(written(Plane(noise((300, 1000))))) < 1.002 * ramp.nbytes


def test_beside_the_photo_only_the_flattened_picture_is_held(tmp_path):
    photo = noise_photo("cmyk", np.uint16, 800, 700)
    matte = disc_matte(photo)
    tracemalloc.start()
    write_psd(tmp_path / "a.psd", photo, matte, paths=())
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.reset_peak()
    write_soft_layers_psd(tmp_path / "b.psd", photo, [("one", matte.alpha), ("two", matte.alpha)])
    _, most_of_layers = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 1.5 * photo.samples.nbytes  # a strip is a tenth of this small picture
    assert most_of_layers < 0.5 * photo.samples.nbytes
