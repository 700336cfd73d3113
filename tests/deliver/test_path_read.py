from __future__ import annotations

import struct

import pytest
from drawn_packshots import block, clipping_block, packshot, path_block, save, save_with_resources

from deepetch.deliver.path.read import FoundPaths, found_paths, image_resources
from deepetch.errors import UnreadablePhoto

KINDS = [(".jpg", "jpeg"), (".tif", "tiff"), (".psd", "psd")]


def found(file, kind):
    return found_paths(image_resources(file, kind))


@pytest.mark.parametrize(("suffix", "kind"), KINDS)
def test_paths_written_by_others_are_found_by_name(suffix, kind, tmp_path):
    blocks = path_block() + path_block(2001, "Schürze".encode("mac_roman")) + clipping_block()
    file = save_with_resources(tmp_path / f"a{suffix}", blocks)
    assert found(file, kind) == FoundPaths(("Path 1", "Schürze"), "Path 1")


@pytest.mark.parametrize(("suffix", "kind"), KINDS)
def test_a_file_without_resources_has_none(suffix, kind, tmp_path):
    assert found(save(tmp_path / f"a{suffix}", packshot()), kind) == FoundPaths()


def test_formats_that_hold_none_have_none(tmp_path):
    assert image_resources(save(tmp_path / "a.png", packshot()), "png") == ()


def test_a_path_may_clip_or_not_and_a_missing_one_cannot(tmp_path):
    file = save_with_resources(tmp_path / "a.jpg", path_block())
    assert found(file, "jpeg") == FoundPaths(("Path 1",), None)
    file = save_with_resources(tmp_path / "b.jpg", path_block() + clipping_block(b"Path 2"))
    assert found(file, "jpeg") == FoundPaths(("Path 1",), None)


def test_other_signatures_zeros_at_the_end_and_broken_paths_are_passed_over(tmp_path):
    blocks = block(7000, b"", b"x", b"MeSa") + block(2000, b"a", b"short") + path_block(2001, b"b") + bytes(6)
    assert found(save_with_resources(tmp_path / "a.tif", blocks), "tiff") == FoundPaths(("b",))
    empty = block(2000, b"a", struct.pack(">H24x", 6))
    assert found(save_with_resources(tmp_path / "b.tif", empty), "tiff") == FoundPaths()


def test_resources_over_several_segments_are_one_row(tmp_path):
    whole = path_block() + clipping_block()
    file = save_with_resources(tmp_path / "a.jpg", whole[100:])
    data = file.read_bytes()
    content = b"Photoshop 3.0\0" + whole[:100]
    file.write_bytes(data[:2] + b"\xff\xed" + struct.pack(">H", len(content) + 2) + content + data[2:])
    assert found(file, "jpeg") == FoundPaths(("Path 1",), "Path 1")


def test_damaged_resources_are_an_error(tmp_path):
    with pytest.raises(UnreadablePhoto):
        image_resources(save_with_resources(tmp_path / "a.jpg", b"8BIMxx"), "jpeg")
