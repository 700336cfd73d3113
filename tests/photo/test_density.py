"""A density stated anew, read back by Pillow out of EXIF that Pillow wrote."""

from __future__ import annotations

import io

import pytest
from PIL import Image
from PIL.TiffImagePlugin import IFDRational

from deepetch.photo.density import with_density
from deepetch.photo.photo import Metadata

XMP = b'<x tiff:XResolution="720000/10000" tiff:ResolutionUnit="3"><tiff:YResolution>72/1</tiff:YResolution></x>'


def exif_of(density, unit=3):
    exif = Image.Exif()
    exif[282] = exif[283] = IFDRational(density)
    exif[296] = unit
    exif[271] = "Maker"
    out = io.BytesIO()
    Image.new("RGB", (8, 8)).save(out, "JPEG", exif=exif)
    return Image.open(out).info["exif"].removeprefix(b"Exif\0\0")


def test_exif_and_xmp_state_the_new_density():
    before = exif_of(72)
    metadata = with_density(Metadata(density=(28.3, 28.3), exif=before, xmp=XMP), (300.0, 150.0))
    assert metadata.density == (300, 150)
    exif = Image.Exif()
    exif.load(metadata.exif)
    assert (exif[282], exif[283], exif[296], exif[271]) == (300, 150, 2, "Maker")
    assert len(metadata.exif) == len(before)
    assert metadata.xmp == (
        b'<x tiff:XResolution="3000000/10000" tiff:ResolutionUnit="2">'
        b"<tiff:YResolution>1500000/10000</tiff:YResolution></x>"
    )


def test_what_states_none_stays_as_it_is():
    plain = Image.Exif()
    plain[271] = "Maker"
    exif = plain.tobytes().removeprefix(b"Exif\0\0")
    metadata = with_density(Metadata(exif=exif, xmp=b"<x/>"), (300.0, 300.0))
    assert (metadata.exif, metadata.xmp) == (exif, b"<x/>")
    assert with_density(Metadata(), (300.0, 300.0)) == Metadata(density=(300.0, 300.0))


@pytest.mark.parametrize("length", [8, 12, 40, 60])
def test_exif_that_is_cut_off_is_no_error(length):
    cut = exif_of(72)[:length]
    assert len(with_density(Metadata(exif=cut), (300.0, 300.0)).exif) == length
