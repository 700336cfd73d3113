from __future__ import annotations

import io

import numpy as np
import pytest
from drawn import built_in_profile, exif_block, ramps, with_pillow
from PIL import Image

from deepetch.errors import UnreadablePhoto
from deepetch.photo.jpeg_header import header_segments, jpeg_with_density, jpeg_with_profile, photoshop_resources


def opened(data):
    return Image.open(io.BytesIO(data))


@pytest.mark.parametrize("exif", [b"", exif_block()])
@pytest.mark.parametrize("space", ["grey", "rgb", "cmyk"])  # of Pillow, CMYK has no JFIF segment
def test_density_and_profile_go_in_and_the_picture_stays(space, exif):
    options = {"exif": exif} if exif else {}
    data = with_pillow(ramps(space, 8), "JPEG", **options, **({"mode": "CMYK"} if space == "cmyk" else {}))
    edited = jpeg_with_profile(jpeg_with_density(data, 300), built_in_profile("srgb"))
    image = opened(edited)
    assert image.info["dpi"] == (300, 300)
    assert image.info["icc_profile"] == built_in_profile("srgb")
    assert image.info.get("exif") == opened(data).info.get("exif")
    np.testing.assert_array_equal(np.asarray(image), np.asarray(opened(data)))
    scan = data.index(b"\xff\xda")
    assert edited.endswith(data[scan:])


def test_long_profiles_take_several_segments():
    profile = bytes(range(256)) * 600
    edited = jpeg_with_profile(with_pillow(ramps("rgb", 8), "JPEG"), profile)
    assert opened(edited).info["icc_profile"] == profile


def test_a_file_without_photoshops_segment_has_no_resources():
    assert photoshop_resources(with_pillow(ramps("rgb", 8), "JPEG")) == b""


def test_bytes_that_are_no_header_are_an_error():
    with pytest.raises(UnreadablePhoto, match="marker"):
        list(header_segments(b"\xff\xd8nothing"))
    assert list(header_segments(b"\xff\xd8")) == []
