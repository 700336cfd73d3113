from __future__ import annotations

import io
import struct

import numpy as np
import pytest
from drawn_shapes import blobs, disc, polygon
from psd_tools import PSDImage
from psd_tools.constants import Resource as Key
from psd_tools.psd.image_resources import ImageResource, ImageResources
from psd_tools.psd.vector import ClosedKnotLinked, ClosedKnotUnlinked, ClosedPath, InitialFillRule, PathFillRule
from psd_tools.psd.vector import Path as Records

from deepetch.deliver.path.bezier import straight
from deepetch.deliver.path.path import ClippingPath, clipping_path, rasterise
from deepetch.deliver.path.photoshop import (
    Resource,
    decode_path,
    encode_path,
    path_resources,
    read_resources,
    resource_block,
    turned_path,
)
from deepetch.errors import InvalidOptions, UnreadablePhoto, UnsupportedOutput
from deepetch.photo.orientation import turned

RECTANGLE = [(30, 25), (150, 25), (150, 130), (30, 130)]


def test_psd_tools_reads_the_path_as_it_was_drawn():
    path = clipping_path(np.minimum(disc(45), 255 - disc(18)))
    fill, initial, *subpaths = Records.read(io.BytesIO(encode_path(path)))
    assert isinstance(fill, PathFillRule)
    assert isinstance(initial, InitialFillRule)
    assert initial.value == 0
    assert len(subpaths) == 2
    for subpath, curve in zip(subpaths, path.subpaths, strict=True):
        assert isinstance(subpath, ClosedPath)
        assert len(subpath) == len(curve)
        scale = (path.height, path.width)
        np.testing.assert_allclose([np.multiply(k.anchor, scale) for k in subpath], curve[:, 0, ::-1], atol=1e-4)
        np.testing.assert_allclose([np.multiply(k.leaving, scale) for k in subpath], curve[:, 1, ::-1], atol=1e-4)
        before = np.roll(curve[:, 2], 1, axis=0)[:, ::-1]
        np.testing.assert_allclose([np.multiply(k.preceding, scale) for k in subpath], before, atol=1e-4)


def test_smooth_knots_are_linked_and_corners_are_not():
    (circle,) = list(Records.read(io.BytesIO(encode_path(clipping_path(disc(45))))))[2:]
    assert {type(knot) for knot in circle} == {ClosedKnotLinked}
    (rectangle,) = list(Records.read(io.BytesIO(encode_path(clipping_path(polygon(RECTANGLE))))))[2:]
    assert {type(knot) for knot in rectangle} == {ClosedKnotUnlinked}


def test_records_are_26_bytes_with_a_fixed_layout():
    corners = np.array([(0, 0), (40, 0), (40, 10), (0, 10)], float)
    data = encode_path(ClippingPath((straight(corners, np.roll(corners, -1, axis=0)),), 40, 20))
    records = [data[i : i + 26] for i in range(0, len(data), 26)]
    assert [struct.unpack_from(">H", record)[0] for record in records] == [6, 8, 0, 2, 2, 2, 2]
    assert struct.unpack_from(">HH", records[2]) == (0, 4)
    one = 2**24
    # the second knot: y before x; before it a third of the upper side, after it a third of the right one
    third = [round(value * one) for value in (0, 2 / 3, 0, 1, 1 / 6, 1)]
    assert list(struct.unpack_from(">6i", records[4], 2)) == third


def test_what_is_written_is_read_back():
    path = clipping_path(blobs(1))
    again = decode_path(encode_path(path), path.width, path.height)
    assert len(again.subpaths) == len(path.subpaths)
    for one, other in zip(path.subpaths, again.subpaths, strict=True):
        np.testing.assert_allclose(one, other, atol=260 / 2**24)
    assert encode_path(again) == encode_path(path)


def test_the_resources_are_path_1_and_its_name():
    path = clipping_path(disc(30))
    first, second = path_resources(path)
    assert (first.number, first.name) == (2000, "Path 1")
    assert (second.number, second.name, second.data) == (2999, "", b"\x06Path 1\0")
    blocks = resource_block(first) + resource_block(second)
    assert list(read_resources(blocks)) == [first, second]
    read = ImageResources.frombytes(struct.pack(">I", len(blocks)) + blocks)
    assert read[Key(2000)].name == "Path 1"
    assert read.get_data(Key.CLIPPING_PATH_NAME) == "Path 1"


def test_psd_tools_keeps_the_path_through_a_document():
    path = clipping_path(disc(30))
    document = PSDImage.new("L", (path.width, path.height))
    for resource in path_resources(path):
        key = Key(resource.number)
        document.image_resources[key] = ImageResource(key=key, name=resource.name, data=resource.data)
    file = io.BytesIO()
    document.save(file)
    again = PSDImage.open(io.BytesIO(file.getvalue())).image_resources
    assert again.get_data(Key.CLIPPING_PATH_NAME) == "Path 1"
    assert b"".join(map(resource_block, path_resources(path))) in file.getvalue()
    (subpath,) = list(Records.read(io.BytesIO(again[Key(2000)].data)))[2:]
    assert len(subpath) == path.nodes


def test_bytes_that_are_no_path_are_refused():
    with pytest.raises(UnreadablePhoto, match="26"):
        decode_path(b"abc", 10, 10)
    with pytest.raises(UnreadablePhoto, match="fewer knots"):
        decode_path(struct.pack(">HH22x", 0, 3), 10, 10)
    with pytest.raises(UnreadablePhoto, match="unexpected"):
        decode_path(struct.pack(">H24x", 99), 10, 10)
    for wrong in (b"8BIM\x07", b"8BPS\x07\xd0\0\0\0\0\0\0", resource_block(Resource(2000, "a", b"1234"))[:-2]):
        with pytest.raises(UnreadablePhoto):
            list(read_resources(wrong))


def test_names_and_subpaths_that_do_not_fit_are_refused():
    path = clipping_path(disc(30))
    for wrong in ("", "Pfad ä", "x" * 255, "a\nb"):
        with pytest.raises(InvalidOptions, match="path name"):
            path_resources(path, wrong)
    points = np.zeros((65_536, 2))
    with pytest.raises(UnsupportedOutput, match="65,535"):
        encode_path(ClippingPath((straight(points, points),), 10, 10))


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_path_turns_with_its_pixels(orientation):
    stored = clipping_path(np.pad(np.minimum(disc(45), 255 - disc(18)), ((3, 40), (20, 5))))
    seen = turned(rasterise(stored), orientation)
    data = turned_path(encode_path(stored), orientation)
    upright = decode_path(data, seen.shape[1], seen.shape[0])
    assert [len(curve) for curve in upright.subpaths] == [len(curve) for curve in stored.subpaths]
    assert np.abs(rasterise(upright).astype(int) - seen).max() <= 16  # fixed point, and a sixteenth of a pixel


def test_open_subpaths_turn_too_and_what_is_no_path_stays():
    knot = struct.pack(">H6i", 4, *[2**22, 2**23] * 3)
    data = struct.pack(">H24x", 6) + struct.pack(">HH22x", 3, 1) + knot
    assert turned_path(data, 6)[:52] == data[:52]
    assert struct.unpack(">H6i", turned_path(data, 6)[52:]) == (4, *[2**23, 2**24 - 2**22] * 3)
    assert turned_path(b"short", 6) == b"short"
    assert turned_path(b"", 6) == b""
    far = struct.pack(">H6i", 1, *[-(2**31)] * 6)
    assert struct.unpack(">H6i", turned_path(far, 3)) == (1, *[2**31 - 1] * 6)
