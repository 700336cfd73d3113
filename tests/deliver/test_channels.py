from __future__ import annotations

import struct

import numpy as np
import pytest
from drawn_matte import CASES, disc_matte, noise_photo
from psd_tools import PSDImage
from psd_tools.constants import AlphaChannelMode, Resource

from deepetch.deliver.channels import channel_resources
from deepetch.deliver.psd import write_psd
from deepetch.options import SaveOptions, SpotOptions


def test_names_and_what_they_mark_are_as_another_reader_sees_them(tmp_path):
    photo = noise_photo()
    write_psd(tmp_path / "a.psd", photo, disc_matte(photo), options=SaveOptions(spot=SpotOptions(name="Opaque White")))
    resources = PSDImage.open(tmp_path / "a.psd").image_resources
    assert list(resources.get_data(Resource.ALPHA_NAMES_PASCAL)) == ["Cut-out", "Opaque White"]
    names = [name.rstrip("\0") for name in resources.get_data(Resource.ALPHA_NAMES_UNICODE)]
    assert names == ["Cut-out", "Opaque White"]
    assert list(resources.get_data(Resource.ALPHA_IDENTIFIERS)) == [1, 2]
    shown = resources.get_data(Resource.DISPLAY_INFO).alpha_channels
    assert [channel.mode for channel in shown] == [AlphaChannelMode.INVERTED_ALPHA, AlphaChannelMode.SPOT]


def test_the_bytes_of_the_resources():
    names, old, unicode, identifiers, new = channel_resources([("Transparency", "transparency"), ("W", "spot")])
    assert (names.number, names.data) == (1006, b"\x0cTransparency\x01W")
    assert unicode.number == 1045
    assert unicode.data[-8:] == struct.pack(">I", 2) + b"\0W\0\0"
    assert (identifiers.number, identifiers.data) == (1053, struct.pack(">II", 0, 2))
    assert (new.number, len(new.data)) == (1077, 4 + 2 * 13)
    assert (old.number, len(old.data)) == (1007, 2 * 14)
    assert new.data[-13:] == struct.pack(">6HB", 0, 65535, 65535, 65535, 0, 0, 2)


def test_no_channels_no_resources():
    assert channel_resources([]) == ()


@pytest.mark.parametrize(("space", "dtype"), CASES)
def test_the_alpha_is_saved_bit_for_bit_behind_the_colours(space, dtype, tmp_path):
    photo = noise_photo(space, dtype)
    matte = disc_matte(photo)
    write_psd(tmp_path / "a.psd", photo, matte)
    record = PSDImage.open(tmp_path / "a.psd")._record
    planes = record.image_data.get_data(record.header)
    assert record.header.channels == len(planes) == photo.samples.shape[2] + 1
    saved = np.frombuffer(planes[-1], f">u{photo.bits // 8}").reshape(photo.height, photo.width)
    np.testing.assert_array_equal(saved, matte.alpha)
