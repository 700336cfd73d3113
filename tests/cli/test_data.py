from __future__ import annotations

import sys

import numpy as np
import pytest

from deepetch.datasets.example import read_example
from deepetch.datasets.pack import open_pack
from deepetch.datasets.read import read_dataset
from deepetch.photo.read import read_photo
from drawn_subjects import save_data_set


@pytest.fixture
def data(tmp_path):
    return save_data_set(tmp_path / "data", train=3, val=2, test=2)


def test_pack_holds_train_and_val_and_never_test(deepetch, data, tmp_path):
    answer = deepetch("data", "pack", data, "-o", tmp_path / "d.pack", "--size", 64)
    assert (answer.status, answer.err) == (0, "")
    assert answer.out == f"{tmp_path / 'd.pack'}: 5 pictures of 64 px, 0 MB\n"
    assert {row["split"] for row in open_pack(tmp_path / "d.pack").rows} == {"train", "val"}


def test_pack_holds_several_sets(deepetch, data, tmp_path):
    more = save_data_set(tmp_path / "more", train=2, val=1, test=1)
    answer = deepetch("data", "pack", data, more, "-o", tmp_path / "d.pack", "--size", 64)
    assert (answer.status, answer.out) == (0, f"{tmp_path / 'd.pack'}: 8 pictures of 64 px, 0 MB\n")
    rows = open_pack(tmp_path / "d.pack").rows
    assert [row["split"] for row in rows].count("val") == 3


def test_existing_pack_stays_unless_overwritten(deepetch, data, tmp_path):
    (tmp_path / "d.pack").write_text("mine")
    answer = deepetch("data", "pack", data, "-o", tmp_path / "d.pack", "--size", 64)
    assert (answer.status, answer.err.count("\n")) == (1, 1)
    assert (tmp_path / "d.pack").read_text() == "mine"
    assert deepetch("data", "pack", data, "-o", tmp_path / "d.pack", "--size", 64, "--overwrite").status == 0


@pytest.mark.parametrize(
    ("more", "status"), [(["--size", "100"], 2), (["-o", "none/d.pack"], 1), (["-o", "."], 1), (["-o", "/"], 1)]
)
def test_pack_that_cannot_be_made_is_one_line(deepetch, data, tmp_path, monkeypatch, more, status):
    monkeypatch.chdir(tmp_path)
    answer = deepetch("data", "pack", data, "-o", "d.pack", *more)
    assert (answer.status, answer.out, answer.err.count("\n")) == (status, "", 1)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data"]


@pytest.mark.parametrize("command", [["pack"], ["preview"], ["convert", "--to", "coco"], ["inspect"]])
def test_folder_in_which_no_set_lies_is_one_line(deepetch, tmp_path, command):
    name, *more = command
    answer = deepetch("data", name, tmp_path, *more, *([] if name == "inspect" else ["-o", tmp_path / "out.png"]))
    assert (answer.status, answer.err.count("\n")) == (1, 1)
    assert "no labelled set lies here; known are index.csv" in answer.err
    assert list(tmp_path.iterdir()) == []


def test_damaged_picture_is_one_line_and_leaves_no_file(deepetch, data, tmp_path):
    (data / "images" / "train2.png").write_bytes(b"no picture")
    answer = deepetch("data", "pack", data, "-o", tmp_path / "d.pack", "--size", 64)
    assert (answer.status, answer.err.count("\n")) == (1, 1)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data"]


FORMS = ["folder", "supervisely", "coco", "index"]


def masks_of(folder):
    """Name to true mask, by our own reader."""
    return {example.name: read_example(example)[1] for example in read_dataset(folder)}


@pytest.mark.parametrize("form", FORMS)
def test_a_set_in_another_form_has_the_same_masks(deepetch, data, tmp_path, form):
    answer = deepetch("data", "convert", data, "--to", form, "-o", tmp_path / "new")
    assert (answer.status, answer.out, answer.err) == (0, f"{tmp_path / 'new'}: 7 pictures as {form}\n", "")
    old, new = masks_of(data), masks_of(tmp_path / "new")
    assert old.keys() == new.keys()
    for name in old:
        np.testing.assert_array_equal(old[name], new[name])
    splits = {example.name: example.split for example in read_dataset(tmp_path / "new")}
    assert splits == {example.name: example.split for example in read_dataset(data)}


@pytest.mark.parametrize("first", FORMS)
@pytest.mark.parametrize("second", FORMS)
def test_forms_convert_into_each_other(deepetch, data, tmp_path, first, second):
    assert deepetch("data", "convert", data, "--to", first, "-o", tmp_path / "one").status == 0
    assert deepetch("data", "convert", tmp_path / "one", "--to", second, "-o", tmp_path / "two").status == 0
    old, new = masks_of(data), masks_of(tmp_path / "two")
    assert old.keys() == new.keys()
    assert all(np.array_equal(old[name], new[name]) for name in old)


@pytest.mark.parametrize("form", FORMS)
def test_a_converted_set_is_not_written_over(deepetch, data, tmp_path, form):
    arguments = ("data", "convert", data, "--to", form, "-o", tmp_path / "new")
    assert deepetch(*arguments).status == 0
    before = {path: path.read_bytes() for path in (tmp_path / "new").rglob("*") if path.is_file()}
    answer = deepetch(*arguments)
    assert (answer.status, answer.err.count("\n")) == (1, 1)
    assert {path: path.read_bytes() for path in (tmp_path / "new").rglob("*") if path.is_file()} == before
    assert deepetch(*arguments, "--overwrite").status == 0


def test_conversion_without_its_extra_leaves_nothing_behind(deepetch, data, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pycocotools", None)
    answer = deepetch("data", "convert", data, "--to", "coco", "-o", tmp_path / "new")
    assert (answer.status, answer.err.count("\n")) == (1, 1)
    assert not (tmp_path / "new").exists()


def test_classes_are_chosen_by_name(deepetch, data, tmp_path):
    deepetch("data", "convert", data, "--to", "supervisely", "-o", tmp_path / "project")
    answer = deepetch(
        "data", "inspect", tmp_path / "project", "--categories", "people", "--datasets", "train,val", "--json"
    )
    (found,) = answer.objects
    assert {(row["split"], row["n"]) for row in found["pictures"]} == {("train", 3), ("val", 2)}
    answer = deepetch("data", "inspect", tmp_path / "project", "--categories", "spoons")
    assert (answer.status, answer.err.count("\n")) == (1, 1)
    assert "people" in answer.err


def test_inspect_says_what_the_set_holds(deepetch, data, tmp_path):
    answer = deepetch("data", "inspect", data, "--overlays", tmp_path / "sheet.jpg", "--count", 4)
    assert answer.status == 0
    lines = answer.out.splitlines()
    assert lines[0].split() == ["kind", "train", "val", "test"]
    assert ["people", "1", "1", "1"] in [line.split() for line in lines]
    assert "width:       64 to 96, median 64 px" in lines
    assert read_photo(tmp_path / "sheet.jpg").width > 4 * 240


def test_inspect_lists_what_cannot_be_used_and_fails(deepetch, data):
    (data / "images" / "train0.png").write_bytes(b"no picture")
    answer = deepetch("data", "inspect", data)
    assert answer.status == 1
    assert "unreadable 1" in answer.out
    assert "train0.png" in answer.out
    (found,) = deepetch("data", "inspect", data, "--json").objects
    assert [problem["what"] for problem in found["problems"]].count("unreadable") == 1


def test_inspect_as_json_holds_the_numbers(deepetch, data):
    (found,) = deepetch("data", "inspect", data, "--json").objects
    assert sum(row["n"] for row in found["pictures"]) == 7
    assert found["width"] == {"least": 64, "median": 64, "greatest": 96}
    assert found["unread"] == []


def test_preview_is_a_sheet_of_training_squares(deepetch, data, tmp_path):
    answer = deepetch("data", "preview", data, "-o", tmp_path / "sheet.png", "--count", 3, "--size", 64)
    assert (answer.status, answer.err) == (0, "")
    sheet = read_photo(tmp_path / "sheet.png")
    assert (sheet.width, sheet.height) == (3 * 64 + 4 * 6, 64 + 2 * 6)
    again = deepetch("data", "preview", data, "-o", tmp_path / "sheet.png", "--count", 3, "--size", 64)
    assert (again.status, again.err.count("\n")) == (1, 1)


@pytest.mark.parametrize("wrong", [["--to", "yolo", "-o", "new"], ["--to", "coco"], ["-o", "new"]])
def test_a_conversion_called_wrongly_is_refused(deepetch, data, wrong):
    assert deepetch("data", "convert", data, *wrong).status == 2


@pytest.mark.parametrize(
    ("command", "said"),
    [(["pack", "--size", "64"], "4 pictures of 64 px"), (["convert", "--to", "coco"], "6 pictures")],
)
def test_bad_pictures_are_skipped_only_when_asked_and_said(deepetch, data, tmp_path, command, said):
    (data / "images" / "train0.png").write_bytes(b"no picture")
    name, *more = command
    arguments = ("data", name, data, *more, "-o", tmp_path / "out")
    answer = deepetch(*arguments)
    assert (answer.status, answer.err.count("\n")) == (1, 1)
    answer = deepetch(*arguments, "--skip-bad", "--overwrite")
    assert answer.status == 0
    assert said in answer.out
    assert answer.err.startswith("skipped: ")
    assert answer.err.count("\n") == 1
    assert "train0.png" in answer.err
