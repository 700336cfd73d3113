from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import pyvips
from drawn_matte import CASES, disc_matte, noise_photo
from psd_tools import PSDImage
from psd_tools.constants import BlendMode, ChannelID, Resource

from deepetch.deliver.background import WHITE, composite, lay_over_colour, parse_background
from deepetch.deliver.psd import write_psd
from deepetch.deliver.read_psd import read_psd
from deepetch.deliver.shadow import draw_shadow
from deepetch.errors import InvalidArray, OutputExists, UnsupportedOutput
from deepetch.options import SaveOptions, ShadowOptions
from deepetch.photo.photo import Metadata, Photo


def layer_planes(path: Path) -> dict[int, Any]:
    """Channel number to values, as the file stores them."""
    document = PSDImage.open(path)
    (layer,) = document
    kind = f">u{document.depth // 8}"
    planes = {}
    for info, channel in zip(layer._record.channel_info, layer._channels, strict=True):
        data = channel.get_data(document.width, document.height, document.depth)
        planes[int(info.id)] = np.frombuffer(data, kind).reshape(document.height, document.width)
    return planes


def as_stored(samples: Any, space: str) -> Any:
    return np.iinfo(samples.dtype).max - samples if space == "cmyk" else samples


@pytest.mark.parametrize(("space", "dtype"), CASES)
def test_samples_and_alpha_come_back_bit_for_bit(space, dtype, tmp_path):
    photo = noise_photo(space, dtype)
    matte = disc_matte(photo)
    assert write_psd(tmp_path / "a.psd", photo, matte) == ()
    document = PSDImage.open(tmp_path / "a.psd")
    assert (document.width, document.height, document.depth) == (photo.width, photo.height, photo.bits)
    planes = layer_planes(tmp_path / "a.psd")
    stored = as_stored(photo.samples, space)
    for channel in range(stored.shape[2]):
        np.testing.assert_array_equal(planes[channel], stored[..., channel])
    np.testing.assert_array_equal(planes[ChannelID.USER_LAYER_MASK], matte.alpha)
    assert (planes[ChannelID.TRANSPARENCY_MASK] == np.iinfo(dtype).max).all()


@pytest.mark.parametrize(("space", "dtype"), CASES)
def test_the_flattened_picture_is_the_cut_out_on_white(space, dtype, tmp_path):
    photo = noise_photo(space, dtype)
    matte = disc_matte(photo)
    write_psd(tmp_path / "a.psd", photo, matte)
    record = PSDImage.open(tmp_path / "a.psd")._record
    flattened = np.stack(
        [
            np.frombuffer(plane, f">u{photo.bits // 8}").reshape(photo.height, photo.width)
            for plane in record.image_data.get_data(record.header)
        ],
        axis=-1,
    )
    colours = flattened[..., :-1]  # behind them lies the saved alpha
    np.testing.assert_array_equal(colours, as_stored(lay_over_colour(photo, matte, WHITE), space))


def test_the_mask_covers_the_picture_and_hides_what_lies_beyond(tmp_path):
    photo = noise_photo()
    write_psd(tmp_path / "a.psd", photo, disc_matte(photo))
    (layer,) = PSDImage.open(tmp_path / "a.psd")
    assert layer.name == "Photo"
    assert layer.mask.bbox == (0, 0, photo.width, photo.height)
    assert layer.mask.background_color == 0
    assert not layer.mask.disabled


def test_profile_density_and_metadata_go_along(tmp_path):
    profile = bytes(pyvips.Operation.call("profile_load", "p3"))
    metadata = Metadata(profile=profile, density=(300, 299.5), exif=b"II*\0exif", iptc=b"\x1c\x02\x05", xmp=b"<x/>")
    photo = noise_photo("rgb", np.uint16, metadata=metadata)
    write_psd(tmp_path / "a.psd", photo, disc_matte(photo))
    resources = PSDImage.open(tmp_path / "a.psd").image_resources
    assert resources.get_data(Resource.ICC_PROFILE) == profile
    assert resources.get_data(Resource.EXIF_DATA_1) == b"II*\0exif"
    assert resources.get_data(Resource.IPTC_NAA) == b"\x1c\x02\x05"
    assert resources.get_data(Resource.XMP_METADATA) == b"<x/>"
    density = resources.get_data(Resource.RESOLUTION_INFO)
    assert (density.horizontal / 65536, density.vertical / 65536) == (300, 299.5)
    assert (density.horizontal_unit, density.vertical_unit) == (1, 1)


def test_a_photo_without_metadata_gets_none_but_its_path_and_channel(tmp_path):
    photo = noise_photo()
    write_psd(tmp_path / "a.psd", photo, disc_matte(photo))
    resources = PSDImage.open(tmp_path / "a.psd").image_resources
    assert list(resources) == [1006, 1007, 1045, 1053, 1077, Resource(2000), Resource.CLIPPING_PATH_NAME]


def test_an_existing_file_stays_unless_overwriting_is_allowed(tmp_path):
    photo = noise_photo()
    path = tmp_path / "a.psd"
    path.write_bytes(b"mine")
    with pytest.raises(OutputExists):
        write_psd(path, photo, disc_matte(photo))
    assert path.read_bytes() == b"mine"
    write_psd(path, photo, disc_matte(photo), options=SaveOptions(overwrite=True))
    assert path.read_bytes()[:4] == b"8BPS"
    assert [child.name for child in tmp_path.iterdir()] == ["a.psd"]


def test_what_does_not_apply_is_said(tmp_path):
    photo = noise_photo()
    said = write_psd(tmp_path / "a.psd", photo, disc_matte(photo), options=SaveOptions(convert_to="srgb"))
    assert said == ("A PSD keeps the photo's own colour space: it was not converted.",)


LAYERED = [
    ("white", "none", ["Background", "Photo"]),
    ("#808080", "drop", ["Background", "Shadow", "Photo"]),
    ("transparent", "reflection", ["Reflection", "Photo"]),
    ("blend", "contact", ["Background", "Shadow", "Photo"]),
]


@pytest.mark.parametrize(("background", "kind", "names"), LAYERED)
@pytest.mark.parametrize(("space", "dtype"), CASES)
def test_what_lies_below_has_layers_of_its_own_and_the_flattened_picture_shows_them(
    space, dtype, background, kind, names, tmp_path
):
    photo = noise_photo(space, dtype)
    matte = disc_matte(photo)
    options = SaveOptions(background=background, shadow=ShadowOptions(kind=kind))
    assert write_psd(tmp_path / "a.psd", photo, matte, options=options) == ()
    document = PSDImage.open(tmp_path / "a.psd")
    assert [layer.name for layer in document] == names
    blends = {layer.name: layer.blend_mode for layer in document}
    multiplied = [name for name, blend in blends.items() if blend == BlendMode.MULTIPLY]
    assert multiplied == [name for name in names if name == "Shadow"]
    assert [layer.name for layer in document if layer.mask is not None] == ["Photo"]
    behind = parse_background("white" if background == "transparent" else background)
    shadow = draw_shadow(photo, matte, options.shadow)
    expected, _ = composite(photo, matte, behind, shadow=shadow)
    np.testing.assert_array_equal(read_psd(tmp_path / "a.psd").samples, expected)
    if shadow is not None:
        layer = document[-2]
        assert (layer.top, layer.left) == (shadow.top, shadow.left)
        levels = np.frombuffer(
            layer._channels[0].get_data(layer.width, layer.height, document.depth), f">u{photo.bits // 8}"
        )
        scale = 1 if photo.bits == 8 else 257
        np.testing.assert_array_equal(levels.reshape(shadow.coverage.shape), shadow.coverage.astype(int) * scale)


def test_the_mask_information_comes_before_the_block_of_16_bit_layers(tmp_path):
    photo = noise_photo("rgb", np.uint16)
    write_psd(tmp_path / "a.psd", photo, disc_matte(photo))
    data = (tmp_path / "a.psd").read_bytes()
    block = data.index(b"8BIMLr16")
    assert data[block - 8 : block] == bytes(8)  # the empty layer information, and the empty mask information


def test_a_shadow_is_no_part_of_what_a_reader_takes_for_the_subject(tmp_path):
    photo = noise_photo()
    matte = disc_matte(photo)
    write_psd(tmp_path / "a.psd", photo, matte, options=SaveOptions(shadow=ShadowOptions(kind="drop")))
    np.testing.assert_allclose(read_psd(tmp_path / "a.psd").alpha.astype(int), matte.alpha, atol=1)


def test_more_than_the_format_holds_is_refused(tmp_path):
    wide = Photo(samples=np.zeros((1, 30_001, 1), np.uint8), space="grey", format="png")
    with pytest.raises(UnsupportedOutput, match="30,000"):
        write_psd(tmp_path / "a.psd", wide, disc_matte(wide))
    assert not any(tmp_path.iterdir())


def test_a_file_longer_than_the_format_allows_is_refused(tmp_path, monkeypatch):
    photo = noise_photo()
    monkeypatch.setattr("deepetch.deliver.psd.MAX_BYTES", 1000)  # two gigabytes would be no light test
    with pytest.raises(UnsupportedOutput, match="2 GB"):
        write_psd(tmp_path / "a.psd", photo, disc_matte(photo))
    assert not any(tmp_path.iterdir())


def test_photo_and_matte_must_fit(tmp_path):
    photo = noise_photo()
    matte = disc_matte(photo)
    with pytest.raises(InvalidArray, match="one size"):
        write_psd(tmp_path / "a.psd", photo, replace(matte, alpha=matte.alpha[1:]))
    assert not any(tmp_path.iterdir())
