from __future__ import annotations

import pytest

from deepetch.datasets.place import Names, copy_picture, is_file, is_folder_name, make_folder, remove_old
from deepetch.errors import DatasetError, OutputExists, OutputFailed


def test_a_name_is_given_once():
    names = Names()
    given = [names.free(name) for name in ("a.jpg", "a.jpg", "A.JPG", "b/a.jpg", "a-2.jpg", "a.png")]
    assert given == ["a.jpg", "a-2.jpg", "A-3.JPG", "b/a.jpg", "a-2-2.jpg", "a.png"]


def test_a_copy_is_the_same_bytes_in_a_folder_made_for_it(tmp_path):
    source = tmp_path / "a.jpg"
    source.write_bytes(b"bytes")
    copy_picture(source, tmp_path / "new" / "deep" / "b.jpg", overwrite=False)
    assert (tmp_path / "new" / "deep" / "b.jpg").read_bytes() == b"bytes"
    with pytest.raises(OutputExists):
        copy_picture(source, tmp_path / "new" / "deep" / "b.jpg", overwrite=False)


def test_a_source_that_is_gone_leaves_nothing(tmp_path):
    with pytest.raises(DatasetError, match=r"none.jpg: cannot be read"):
        copy_picture(tmp_path / "none.jpg", tmp_path / "b.jpg", overwrite=False)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_made_is_said(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(OutputFailed, match="cannot be made"):
        make_folder(tmp_path / "file" / "below")


def test_an_old_file_is_removed_and_none_is_fine(tmp_path):
    (tmp_path / "old.json").touch()
    remove_old(tmp_path / "old.json")
    remove_old(tmp_path / "old.json")
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_removed_is_said(tmp_path):
    with pytest.raises(OutputFailed, match=r"cannot be replaced \(.+\)\. Choose another folder"):
        remove_old(tmp_path)
    assert tmp_path.is_dir()


@pytest.mark.parametrize("name", ["train", "Übung 2", "a.b", "a..b"])
def test_a_name_is_one_of_a_folder(name):
    assert is_folder_name(name)


@pytest.mark.parametrize("name", ["", " ", "\t", ".", "..", ".hidden", "a/b", "/a", "a/", "a\\b", "a\0b"])
def test_a_blank_a_hidden_name_or_a_path_is_none_of_a_folder(name):
    assert not is_folder_name(name)


def test_only_a_file_is_a_file(tmp_path):
    (tmp_path / "a.json").touch()
    assert is_file(tmp_path / "a.json")
    for name in ("", "none.json", "a.json/below", "a" * 5000, "a\0b"):
        assert not is_file(tmp_path / name)
