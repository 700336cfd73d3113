from __future__ import annotations

import os
from pathlib import Path

import pytest

from deepetch.deliver.naming import PATH_SUFFIXES, Task, plan_outputs
from deepetch.deliver.path.write import WRITERS
from deepetch.errors import InvalidOptions


@pytest.fixture
def shop(tmp_path):
    """photos/a.jpg, a.png, notes.txt, sub/a.jpg, sub/deep/b.TIF"""
    for name in ("a.jpg", "a.png", "notes.txt", "sub/a.jpg", "sub/deep/b.TIF"):
        file = tmp_path / "photos" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"")
    return tmp_path / "photos"


def outputs(tasks, root):
    return [task.output.relative_to(root).as_posix() for task in tasks]


def test_without_output_a_result_lies_beside_its_photo():
    assert plan_outputs([Path("x/a.jpg")], None, ".png") == [Task(Path("x/a.jpg"), Path("x/a-cutout.png"))]


def test_output_may_name_the_file(tmp_path):
    tasks = plan_outputs([Path("a.jpg")], tmp_path / "b.webp", ".png")
    assert tasks == [Task(Path("a.jpg"), tmp_path / "b.webp")]


def test_output_that_is_a_folder_called_like_a_file_is_a_folder(tmp_path):
    (tmp_path / "out.png").mkdir()
    tasks = plan_outputs([Path("a.jpg")], tmp_path / "out.png", ".png")
    assert tasks[0].output == tmp_path / "out.png" / "a.png"


def test_sub_folders_are_kept_and_other_files_left(shop, tmp_path):
    tasks = plan_outputs([shop], tmp_path / "out", ".png")
    assert outputs(tasks, tmp_path / "out") == ["a.jpg.png", "a.png.png", "sub/a.png", "sub/deep/b.png"]


def test_photos_that_share_a_name_keep_their_suffix(tmp_path):
    tasks = plan_outputs([Path("a.jpg"), Path("a.png"), Path("b.png")], tmp_path / "out", ".png")
    assert outputs(tasks, tmp_path / "out") == ["a.jpg.png", "a.png.png", "b.png"]


def test_names_that_differ_in_case_only_do_not_meet(tmp_path):
    tasks = plan_outputs([Path("A.jpg"), Path("a.png")], tmp_path / "out", ".png")
    assert outputs(tasks, tmp_path / "out") == ["A.jpg.png", "a.png.png"]


def test_same_name_from_two_folders_gets_a_number(tmp_path):
    tasks = plan_outputs([Path("x/a.jpg"), Path("y/a.jpg"), Path("z/a.jpg")], tmp_path / "out", ".png")
    assert outputs(tasks, tmp_path / "out") == ["a.jpg.png", "a.jpg-2.png", "a.jpg-3.png"]


@pytest.mark.parametrize(
    "names",
    [
        ["a.jpg", "x/a.jpg", "a.jpg-2.png"],
        ["a.jpg-2.png", "a.jpg", "x/a.jpg"],
        ["a.jpg", "x/a.jpg", "a.jpg.png", "x/a.jpg.png", "a.jpg-2.png", "A.JPG", "y/a.jpg-2.tif", "a.png"],
    ],
)
def test_no_two_photos_share_a_result(tmp_path, names):
    tasks = plan_outputs([Path(name) for name in names], tmp_path / "out", ".png")
    assert len({str(task.output).casefold() for task in tasks}) == len(names)


def test_photo_named_twice_is_cut_once(tmp_path):
    assert len(plan_outputs([Path("a.jpg"), Path("a.jpg")], tmp_path / "out", ".png")) == 1


def test_hidden_files_of_a_folder_are_left(tmp_path):
    for name in ("a.jpg", "._a.jpg", ".deepetch-0123.png", ".thumbnails/a.jpg"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    assert [task.photo.name for task in plan_outputs([tmp_path], None, ".png")] == ["a.jpg"]


def test_photo_named_beside_its_folder_is_cut_once(tmp_path):
    photo = tmp_path / "shoes" / "a.jpg"
    photo.parent.mkdir()
    photo.touch()
    tasks = plan_outputs([tmp_path, photo], None, ".png")
    assert tasks == [Task(photo, photo.with_name("a-cutout.png"))]


def test_several_photos_cannot_become_one_file(shop, tmp_path):
    for inputs in ([Path("a.jpg"), Path("b.jpg")], [shop / "sub" / "deep"]):
        with pytest.raises(InvalidOptions, match="Give a folder with -o"):
            plan_outputs(inputs, tmp_path / "out.png", ".png")


@pytest.mark.parametrize("name", ["out.gif", "out.HEIC", "out.bmp"])
def test_file_of_a_kind_that_is_not_written_is_no_folder(tmp_path, name):
    with pytest.raises(InvalidOptions, match="cannot write"):
        plan_outputs([Path("a.jpg")], tmp_path / name, ".png")


@pytest.mark.parametrize("name", ["out.svg", "out.PDF", "out.dxf"])
def test_file_that_holds_a_path_is_left_to_the_command_that_writes_one(tmp_path, name):
    assert set(PATH_SUFFIXES) == set(WRITERS)
    with pytest.raises(InvalidOptions, match="deepetch path writes one"):
        plan_outputs([Path("a.jpg")], tmp_path / name, ".png")
    (tmp_path / name).mkdir()
    assert plan_outputs([Path("a.jpg")], tmp_path / name, ".png")[0].output == tmp_path / name / "a.png"


def test_folder_without_pictures_is_said(tmp_path):
    (tmp_path / "notes.txt").write_text("")
    with pytest.raises(InvalidOptions, match="no picture in"):
        plan_outputs([tmp_path], tmp_path / "out", ".png")


def test_result_never_replaces_an_input(shop):
    with pytest.raises(InvalidOptions, match="would overwrite an input"):
        plan_outputs([shop / "a.png"], shop / "a.png", ".png")
    with pytest.raises(InvalidOptions, match="would overwrite an input"):
        plan_outputs([shop / "a.png"], shop, ".png")
    with pytest.raises(InvalidOptions, match="would overwrite an input"):
        plan_outputs([shop / "a.png"], shop / "sub" / ".." / "a.png", ".png")


def test_result_never_replaces_an_input_through_a_link(shop, tmp_path):
    (tmp_path / "link").symlink_to(shop)
    with pytest.raises(InvalidOptions, match="would overwrite an input"):
        plan_outputs([shop / "a.png"], tmp_path / "link" / "a.png", ".png")


def test_results_beside_their_photos_are_not_cut_again(shop):
    first = plan_outputs([shop], None, ".png")
    for task in first:
        task.output.write_bytes(b"")
    assert plan_outputs([shop], None, ".png") == first


def test_picture_called_cutout_without_its_photo_is_a_photo(shop):
    (shop / "other-cutout.jpg").write_bytes(b"")
    assert shop / "other-cutout.jpg" in [task.photo for task in plan_outputs([shop], None, ".png")]


def test_results_inside_the_folder_of_the_photos_are_not_cut_again(shop):
    first = plan_outputs([shop], shop / "out", ".png")
    for task in first:
        task.output.parent.mkdir(parents=True, exist_ok=True)
        task.output.write_bytes(b"")
    assert plan_outputs([shop], shop / "out", ".png") == first


def test_folder_may_be_cut_into_the_folder_it_lies_in(shop, tmp_path):
    assert len(plan_outputs([shop], tmp_path, ".tif")) == 4


def test_name_that_is_too_long_is_left_to_reading():
    assert len(plan_outputs([Path("x" * 5000)], None, ".png")) == 1


def test_a_folder_that_cannot_be_listed_is_said_not_passed_over(tmp_path):
    (tmp_path / "a.jpg").touch()
    closed = tmp_path / "closed"
    closed.mkdir(mode=0)
    if os.access(closed, os.R_OK):
        pytest.skip("root may list every folder")
    with pytest.raises(InvalidOptions, match="closed: the folder cannot be read"):
        plan_outputs([tmp_path], tmp_path / "out", ".png")
