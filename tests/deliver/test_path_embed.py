"""The path inside a picture's file, read back by software that did not write it."""

from __future__ import annotations

import io
import re
import shutil
import struct
import subprocess
from dataclasses import replace

import cv2
import numpy as np
import pytest
import resvg_py
import tifffile
from drawn_matte import CASES, noise_photo
from drawn_shapes import blobs
from PIL import Image
from psd_tools import PSDImage
from psd_tools.constants import Resource as Key
from psd_tools.psd.image_resources import ImageResources
from psd_tools.psd.vector import ClosedPath
from psd_tools.psd.vector import Path as Records

from deepetch import Cutout, SaveOptions
from deepetch.matte.matte import BorderColours, Matte
from deepetch.options import PathOptions
from deepetch.photo.photo import Metadata

IPTC = b"\x1c\x02\x05\0\x03can"
JPEG = SaveOptions(background="white", path=True)
ONE = 2**24


def cutout(space="rgb", dtype=np.uint8, metadata=None):
    """Smooth shapes with holes, some cut by the frame, 260 x 220."""
    alpha = blobs(1, dtype=dtype)
    photo = noise_photo(space, dtype, *alpha.shape, metadata)
    index = np.flatnonzero((alpha > 0) & (alpha < np.iinfo(dtype).max))
    colours = photo.samples.reshape(-1, photo.samples.shape[2])[index]
    return Cutout(photo=photo, matte=Matte(alpha, BorderColours(index, colours)), confidence=None, model="given")


def assert_within_a_pixel(svg, alpha):
    """The path, drawn by resvg, holds all pixels of the subject but those at its border, and none that lie further."""
    drawn = np.asarray(Image.open(io.BytesIO(bytes(resvg_py.svg_to_bytes(svg_string=svg)))))[..., 3]
    drawn, subject = drawn >= 128, alpha > np.iinfo(alpha.dtype).max // 2
    assert drawn.shape == subject.shape
    assert (drawn & subject).sum() / (drawn | subject).sum() > 0.985
    square = np.ones((3, 3), np.uint8)
    # beyond the frame is what is at the frame
    assert not (
        cv2.erode(subject.view(np.uint8), square, borderType=cv2.BORDER_REPLICATE) & ~drawn.view(np.uint8)
    ).any()
    assert not (drawn & ~cv2.dilate(subject.view(np.uint8), square).view(bool)).any()


def svg_of(data, shape):
    """The SVG of a path resource as psd-tools reads it."""

    def place(point):
        return f"{point[1] * shape[1]:.4f} {point[0] * shape[0]:.4f}"

    drawn = ""
    for subpath in Records.read(io.BytesIO(data)):
        if isinstance(subpath, ClosedPath):
            knots = list(subpath)
            drawn += f"M{place(knots[0].anchor)}"
            for knot, after in zip(knots, knots[1:] + knots[:1], strict=True):
                drawn += f"C{place(knot.leaving)} {place(after.preceding)} {place(after.anchor)}"
            drawn += "Z"
    size = f'width="{shape[1]}" height="{shape[0]}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}><path fill-rule="evenodd" d="{drawn}"/></svg>'


def resources_of(path):
    """The image resources of a file, as psd-tools reads them out of what it, tifffile or Pillow finds."""
    if path.suffix == ".psd":
        return PSDImage.open(path).image_resources
    if path.suffix == ".tif":
        with tifffile.TiffFile(path) as file:
            tag = file.pages[0].tags[34377]
            file.filehandle.seek(tag.valueoffset)
            blocks = file.filehandle.read(tag.count)
    else:
        with Image.open(path) as image:
            (blocks,) = [data for marker, data in image.applist if marker == "APP13"]
        assert blocks.startswith(b"Photoshop 3.0\0")
        blocks = blocks[14:]
    return ImageResources.frombytes(struct.pack(">I", len(blocks)) + blocks)


FILES = [(space, dtype, suffix) for space, dtype in CASES for suffix in (".psd", ".tif", ".jpg")]


@pytest.mark.parametrize(("space", "dtype", "suffix"), FILES)
def test_psd_tools_finds_the_path_where_alpha_is(space, dtype, suffix, tmp_path):
    found = cutout(space, dtype, Metadata(iptc=IPTC))
    file = tmp_path / f"a{suffix}"
    found.save(file, JPEG if suffix == ".jpg" else SaveOptions())
    resources = resources_of(file)
    assert resources[Key(2000)].name == "Path 1"
    assert resources.get_data(Key.CLIPPING_PATH_NAME) == "Path 1"
    assert resources.get_data(Key.IPTC_NAA) == IPTC
    assert_within_a_pixel(svg_of(resources[Key(2000)].data, found.alpha.shape), found.alpha)


@pytest.mark.skipif(shutil.which("identify") is None, reason="ImageMagick is not installed")
@pytest.mark.parametrize(("space", "dtype", "suffix"), FILES)
def test_imagemagick_finds_the_path_where_alpha_is(space, dtype, suffix, tmp_path):
    found = cutout(space, dtype, Metadata(iptc=IPTC))
    file = tmp_path / f"a{suffix}"
    found.save(file, JPEG if suffix == ".jpg" else SaveOptions())

    def identify(wanted):
        command = ["identify", "-format", wanted, f"{file}[0]"]
        return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout

    assert identify("%[8BIM:2999,2999]|%[IPTC:2:5]") == "\x06Path 1|can"  # with the length before the name
    assert_within_a_pixel(re.sub(r"<\?xml.*?\?>", "", identify("%[8BIM:1999,2998:#1]")), found.alpha)


@pytest.mark.parametrize("suffix", [".psd", ".tif", ".jpg"])
def test_the_path_is_that_of_alpha_to_the_last_bit_whatever_the_background(suffix, tmp_path):
    found = cutout()
    for name, background in (("white", "white"), ("blend", "blend"), ("none", "transparent")):
        if (suffix, name) == (".jpg", "none"):
            continue
        found.save(tmp_path / f"{name}{suffix}", SaveOptions(background=background, path=True))
        _, _, *subpaths = Records.read(io.BytesIO(resources_of(tmp_path / f"{name}{suffix}")[Key(2000)].data))
        expected = found.path().subpaths
        assert len(subpaths) == len(expected)
        for subpath, curve in zip(subpaths, expected, strict=True):
            anchors = np.array([knot.anchor for knot in subpath])
            np.testing.assert_allclose(anchors * (220, 260), curve[:, 0, ::-1], atol=260 / ONE)


def test_the_options_of_a_path_count():
    found = cutout()
    assert (
        found.path(PathOptions(tolerance=3)).nodes < found.path().nodes < found.path(PathOptions(tolerance=0.1)).nodes
    )


def test_jpeg_has_a_path_only_when_asked(tmp_path):
    found = cutout()
    assert found.save(tmp_path / "a.jpg", SaveOptions(background="white")) == ()
    with Image.open(tmp_path / "a.jpg") as image:
        assert "photoshop" not in image.info
    assert found.save(tmp_path / "b.jpg", JPEG) == ()
    with Image.open(tmp_path / "b.jpg") as image:
        assert sorted(image.info["photoshop"]) == [2000, 2999]


@pytest.mark.parametrize("suffix", [".png", ".webp", ".avif"])
def test_formats_that_hold_no_path_say_so_when_asked(suffix, tmp_path):
    found = cutout()
    assert found.save(tmp_path / f"a{suffix}") == ()
    (said,) = found.save(tmp_path / f"b{suffix}", SaveOptions(path=True))
    assert "holds no path: none was written. Use .psd, .tif or .jpg." in said
    assert (tmp_path / f"a{suffix}").read_bytes() == (tmp_path / f"b{suffix}").read_bytes()


@pytest.mark.parametrize("suffix", [".psd", ".tif", ".jpg"])
def test_a_cut_out_too_faint_for_a_path_is_written_and_said(suffix, tmp_path):
    found = cutout(metadata=Metadata(iptc=IPTC))
    faint = replace(found, matte=replace(found.matte, alpha=found.alpha // 3))
    (said,) = faint.save(tmp_path / f"a{suffix}", JPEG if suffix == ".jpg" else SaveOptions())
    assert said.startswith("No path was written: alpha nowhere reaches one half")
    if suffix == ".tif":
        with Image.open(tmp_path / "a.tif") as image:
            assert 34377 not in image.tag_v2
            assert image.tag_v2[33723] == IPTC
    else:
        channels = [1006, 1007, 1045, 1053, 1077] if suffix == ".psd" else []  # of the saved alpha
        assert list(resources_of(tmp_path / f"a{suffix}")) == [Key.IPTC_NAA, *channels]
