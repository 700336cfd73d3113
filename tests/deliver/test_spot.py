from __future__ import annotations

import numpy as np
import pytest
import pyvips
import tifffile
from drawn_matte import CASES, disc_matte, noise_photo
from psd_tools import PSDImage

from deepetch.deliver.path.read import found_paths, image_resources
from deepetch.deliver.psd import write_psd
from deepetch.deliver.save import write_cutout
from deepetch.deliver.spot import choke_in_pixels, white_plate
from deepetch.errors import InvalidOptions, UnsupportedOutput
from deepetch.matte.matte import BorderColours, Matte
from deepetch.options import SaveOptions, SpotOptions, spot_from
from deepetch.photo.photo import Metadata
from deepetch.photo.read import read_photo
from deepetch.photo.write import write_picture

DENSE = Metadata(density=(254, 254))  # ten pixels a millimetre


def box(dtype=np.uint8):
    alpha = np.zeros((60, 80), dtype)
    alpha[10:50, 20:70] = np.iinfo(dtype).max
    return alpha


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_the_plate_is_full_ink_inside_by_the_choke(dtype):
    full = np.iinfo(dtype).max
    plate = white_plate(noise_photo(dtype=dtype, metadata=DENSE), box(dtype), SpotOptions(choke=0.3, unit="mm"))
    assert (plate.name, plate.kind, plate.levels.dtype) == ("White", "spot", dtype)
    ink = full - plate.levels.astype(int)
    assert (ink[13:47, 23:67] == full).all()
    ink[13:47, 23:67] = 0
    assert ink.max() == 0


def test_a_choke_of_half_a_pixel_moves_a_soft_edge_by_half_a_pixel():
    ramp = np.clip((np.arange(80) - 30) * 25.5, 0, 255)
    alpha = np.tile(np.rint(ramp).astype(np.uint8), (40, 1))
    plate = 255 - white_plate(noise_photo(), alpha, SpotOptions(choke=0.5)).levels
    expected = np.clip((np.arange(80) - 30.5) * 25.5, 0, 255)
    assert np.abs(plate - expected)[:, 31:39].max() <= 1.5


def test_no_choke_is_alpha_itself_and_glass_gets_as_much_white_as_it_is_opaque():
    alpha = box()
    alpha[20:30, 30:40] = 90
    plate = white_plate(noise_photo(), alpha, SpotOptions())
    np.testing.assert_array_equal(plate.levels, 255 - alpha)


@pytest.mark.parametrize(
    ("text", "choke", "unit"), [("2px", 2, "px"), ("0.2mm", 0.2, "mm"), ("0", 0, "px"), (" .5 px", 0.5, "px")]
)
def test_chokes_as_text(text, choke, unit):
    assert spot_from(text) == SpotOptions(choke=choke, unit=unit)


@pytest.mark.parametrize("text", ["", "2", "px", "-1px", "2pt", "nanpx", "1e9mm2"])
def test_other_texts_are_refused(text):
    with pytest.raises(InvalidOptions, match="expected a choke such as"):
        spot_from(text)


def test_chokes_that_cannot_be():
    with pytest.raises(InvalidOptions, match="states none"):
        choke_in_pixels(noise_photo(), SpotOptions(choke=1, unit="mm"))
    with pytest.raises(InvalidOptions, match="150 pixels; 100 are the most"):
        choke_in_pixels(noise_photo(metadata=DENSE), SpotOptions(choke=15, unit="mm"))
    for wrong in ({"choke": -1}, {"choke": float("nan")}, {"unit": "pt"}, {"name": ""}, {"name": "weiß"}):
        with pytest.raises(InvalidOptions, match="spot: expected"):
            SpotOptions(**wrong)


@pytest.mark.parametrize("background", ["transparent", "white"])
@pytest.mark.parametrize(("space", "dtype"), CASES)
def test_tiff_holds_it_beside_colours_alpha_and_path(space, dtype, background, tmp_path):
    photo = noise_photo(space, dtype, metadata=Metadata(density=(300, 300), iptc=b"\x1c\x02\x05\0\1a"))
    matte = disc_matte(photo)
    options = SaveOptions(background=background, spot=SpotOptions(choke=1))
    assert write_cutout(tmp_path / "a.tif", photo, matte, options) == ()
    plain = SaveOptions(background=background)
    assert write_cutout(tmp_path / "b.tif", photo, matte, plain) == ()
    channels = photo.samples.shape[2] + (background == "transparent")
    with tifffile.TiffFile(tmp_path / "a.tif") as file:
        page = file.pages[0]
        kinds = [0] if background == "white" else [2, 0]
        assert list(np.atleast_1d(page.tags["ExtraSamples"].value)) == kinds
        seen = page.asarray()
        assert page.tags["PhotometricInterpretation"].value == {"grey": 1, "rgb": 2, "cmyk": 5}[space]
    np.testing.assert_array_equal(seen[..., -1], white_plate(photo, matte.alpha, SpotOptions(choke=1)).levels)
    before = tifffile.imread(tmp_path / "b.tif").reshape(photo.height, photo.width, -1)
    np.testing.assert_array_equal(seen[..., :channels], before)
    other = pyvips.Image.new_from_file(str(tmp_path / "a.tif")).numpy()
    np.testing.assert_array_equal(other, seen)
    resources = image_resources(tmp_path / "a.tif", "tiff")
    assert found_paths(resources).clipping == "Path 1"
    names = next(resource.data for resource in resources if resource.number == 1006)
    assert names == (b"" if background == "white" else b"\x0cTransparency") + b"\x05White"
    read = read_photo(tmp_path / "a.tif")
    assert read.metadata.iptc == b"\x1c\x02\x05\0\1a"
    assert (read.alpha is None) == (background == "white")


def test_psd_holds_it_behind_the_saved_alpha(tmp_path):
    photo = noise_photo("cmyk", np.uint16)
    matte = disc_matte(photo)
    write_psd(tmp_path / "a.psd", photo, matte, options=SaveOptions(spot=SpotOptions(choke=1.5)))
    record = PSDImage.open(tmp_path / "a.psd")._record
    planes = record.image_data.get_data(record.header)
    expected = white_plate(photo, matte.alpha, SpotOptions(choke=1.5)).levels
    np.testing.assert_array_equal(np.frombuffer(planes[5], ">u2").reshape(expected.shape), expected)


def test_formats_without_such_a_channel_say_so(tmp_path):
    photo = noise_photo()
    said = write_cutout(tmp_path / "a.png", photo, disc_matte(photo), SaveOptions(spot=SpotOptions()))
    assert said == ("PNG holds no spot channel: none was written. Use .psd or .tif.",)
    with pytest.raises(UnsupportedOutput, match="no more channels"):
        write_picture(tmp_path / "b.png", photo.samples, "rgb", extra=[photo.samples[..., 0]])
    assert [file.name for file in tmp_path.iterdir()] == ["a.png"]


def test_nothing_to_print_is_no_ink():
    alpha = np.zeros((20, 20), np.uint8)
    empty = Matte(alpha, BorderColours(np.zeros(0, np.int64), np.zeros((0, 3), np.uint8)))
    assert (white_plate(noise_photo(), empty.alpha, SpotOptions(choke=3)).levels == 255).all()
