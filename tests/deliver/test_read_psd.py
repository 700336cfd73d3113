from __future__ import annotations

import numpy as np
import pytest
from drawn_matte import CASES, disc_matte, noise_photo
from drawn_packshots import disc, packshot, save
from PIL import Image
from psd_tools import PSDImage

from deepetch.deliver.background import WHITE, lay_over_colour
from deepetch.deliver.psd import write_psd
from deepetch.deliver.read_psd import read_psd
from deepetch.errors import PhotoTooLarge, UnreadablePhoto
from deepetch.options import ReadOptions, SaveOptions, ShadowOptions
from deepetch.photo.photo import Metadata
from deepetch.photo.view import srgb_profile


@pytest.mark.parametrize(("space", "dtype"), CASES)
def test_our_own_documents_come_back(space, dtype, tmp_path):
    photo = noise_photo(space, dtype, metadata=Metadata(density=(300, 300)))
    matte = disc_matte(photo)
    write_psd(tmp_path / "a.psd", photo, matte)
    read = read_psd(tmp_path / "a.psd")
    assert (read.space, read.bits, read.format, read.metadata.density) == (space, photo.bits, "psd", (300, 300))
    np.testing.assert_array_equal(read.samples, lay_over_colour(photo, matte, WHITE))
    np.testing.assert_allclose(read.alpha.astype(int), matte.alpha, atol=1)


@pytest.mark.parametrize("space", ["grey", "rgb", "cmyk"])
def test_flat_documents_of_others_are_opaque(space, tmp_path):
    read = read_psd(save(tmp_path / "a.psd", packshot(space), space))
    assert (read.space, read.alpha) == (space, None)
    np.testing.assert_array_equal(read.samples, packshot(space))


def layered(file, *, hidden=False, opacity=255):
    """A red square of 40 pixels at (100, 60), partly beyond the right side, and a blue one of 20 at (10, 20)."""
    document = PSDImage.new("RGB", (120, 90))
    for colour, size, left, top in (("red", 40, 100, 60), ("blue", 20, 10, 20)):
        layer = document.create_pixel_layer(Image.new("RGBA", (size, size), colour), name=colour, top=top, left=left)
        layer.opacity = opacity
        layer.visible = not (hidden and colour == "red")
    document.save(file)
    return file


@pytest.mark.parametrize("hidden", [False, True])
def test_the_alpha_of_layers_is_where_a_visible_one_lies(hidden, tmp_path):
    expected = np.zeros((90, 120), np.uint8)
    expected[20:40, 10:30] = 255
    if not hidden:
        expected[60:, 100:] = 255
    np.testing.assert_array_equal(read_psd(layered(tmp_path / "a.psd", hidden=hidden)).alpha, expected)


def test_the_opacity_of_a_layer_counts(tmp_path):
    assert read_psd(layered(tmp_path / "a.psd", opacity=128)).alpha.max() == 128


@pytest.mark.parametrize("kind", ["drop", "contact", "reflection"])
def test_a_drawn_shadow_is_no_subject(kind, tmp_path):
    photo = noise_photo(height=120, width=100)
    matte = disc_matte(photo)
    write_psd(tmp_path / "a.psd", photo, matte, options=SaveOptions(shadow=ShadowOptions(kind=kind)))
    np.testing.assert_array_equal(read_psd(tmp_path / "a.psd").alpha, matte.alpha)


def test_profile_and_what_is_wrong_with_it(tmp_path):
    photo = noise_photo(metadata=Metadata(profile=srgb_profile()))
    write_psd(tmp_path / "a.psd", photo, disc_matte(photo))
    assert read_psd(tmp_path / "a.psd").metadata.profile == srgb_profile()
    write_psd(tmp_path / "b.psd", noise_photo(metadata=Metadata(profile=b"none")), disc_matte(photo))
    read = read_psd(tmp_path / "b.psd")
    assert read.metadata.profile is None
    assert read.warnings == ("The colour profile is damaged; it counts as none.",)


def test_what_cannot_be_read_is_one_clear_error(tmp_path):
    whole = save(tmp_path / "a.psd", packshot()).read_bytes()
    for length in (20, 40, len(whole) // 2):
        (tmp_path / "cut.psd").write_bytes(whole[:length])
        with pytest.raises(UnreadablePhoto, match=r"cut\.psd"):
            read_psd(tmp_path / "cut.psd")
    (tmp_path / "lab.psd").write_bytes(whole[:24] + b"\0\x09" + whole[26:])
    with pytest.raises(UnreadablePhoto, match="Lab"):
        read_psd(tmp_path / "lab.psd")
    (tmp_path / "deep.psd").write_bytes(whole[:22] + b"\0\x20" + whole[24:])
    with pytest.raises(UnreadablePhoto, match="32 bit"):
        read_psd(tmp_path / "deep.psd")
    with pytest.raises(PhotoTooLarge):
        read_psd(tmp_path / "a.psd", ReadOptions(max_side=disc().shape[0] - 1))
