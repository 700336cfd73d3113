from __future__ import annotations

import json

import numpy as np
import pytest

from deepetch.datasets.convert import convert
from deepetch.datasets.example import read_example
from deepetch.datasets.index import read_index
from deepetch.datasets.read import read_dataset
from deepetch.errors import DatasetError, InvalidOptions
from deepetch.options import DataOptions
from drawn_subjects import disc_mask, disc_photo, save_data_set, save_photo


@pytest.fixture
def examples(tmp_path):
    return read_index(save_data_set(tmp_path / "data", train=4, val=2, test=2))


def save_folder_set(folder, count):
    for index in range(count):
        save_photo(folder / "images" / f"{index:02}.png", disc_photo(seed=index))
        save_photo(folder / "masks" / f"{index:02}.png", disc_mask()[..., None].astype(np.uint8) * 255)
    return folder


@pytest.mark.parametrize("form", ["index", "folder", "supervisely", "coco"])
def test_a_set_is_recognised_by_what_lies_there(tmp_path, examples, form):
    convert(examples, form, tmp_path / form)
    assert len(read_dataset(tmp_path / form)) == len(examples)


def test_a_coco_file_is_a_set(tmp_path, examples):
    convert(examples, "coco", tmp_path / "coco")
    found = read_dataset(tmp_path / "coco" / "annotations" / "instances_val.json")
    assert {example.split for example in found} == {"val"}


def test_cutouts_alone_are_a_set(tmp_path):
    samples = np.dstack([disc_photo(), disc_mask().astype(np.uint8) * 255])
    for name in "abc":
        save_photo(tmp_path / f"{name}.png", samples)
    found = read_dataset(tmp_path)
    assert [example.name for example in found] == ["a", "b", "c"]
    np.testing.assert_array_equal(read_example(found[0])[1], disc_mask())


def test_a_set_without_splits_is_split_always_the_same_way(tmp_path):
    folder = save_folder_set(tmp_path / "set", 20)
    splits = [example.split for example in read_dataset(folder)]
    assert [splits.count(split) for split in ("train", "val", "test")] == [16, 2, 2]
    assert [example.split for example in read_dataset(folder)] == splits


def test_where_some_pictures_have_a_split_the_others_are_for_training(tmp_path, examples):
    convert(examples, "supervisely", tmp_path / "project")
    (tmp_path / "project" / "train").rename(tmp_path / "project" / "spring")
    found = read_dataset(tmp_path / "project")
    assert {(example.kind, example.split) for example in found} == {
        ("spring", "train"),
        ("val", "val"),
        ("test", "test"),
    }


def test_split_and_kind_choose(tmp_path, examples):
    folder = tmp_path / "data"
    assert {e.split for e in read_dataset(folder, DataOptions(split="val"))} == {"val"}
    assert {e.kind for e in read_dataset(folder, DataOptions(kinds=["people"]))} == {"people"}
    with pytest.raises(DatasetError, match="no picture fits split val and kind spoons; kinds: backgrounds, cutouts"):
        read_dataset(folder, DataOptions(split="val", kinds=["spoons"]))


@pytest.mark.parametrize(
    ("form", "options", "said"),
    [
        ("index", DataOptions(categories=["a"]), "--categories: index.csv has no categories"),
        ("index", DataOptions(datasets=["a"]), "--datasets: index.csv has no datasets"),
        ("coco", DataOptions(datasets=["a"]), "--datasets: COCO has no datasets"),
        ("folder", DataOptions(datasets=["a"]), "--datasets: a folder of masks has no datasets"),
        ("folder", DataOptions(categories=["bottle"]), "expected numbers of classes"),
    ],
)
def test_a_choice_that_a_form_does_not_know_is_refused(tmp_path, examples, form, options, said):
    convert(examples, form, tmp_path / form)
    with pytest.raises(InvalidOptions, match=said):
        read_dataset(tmp_path / form, options)


def test_nothing_known_is_said_with_what_is_known(tmp_path):
    (tmp_path / "notes.json").write_text(json.dumps({"a": 1}))
    with pytest.raises(DatasetError, match="no labelled set lies here; known are index"):
        read_dataset(tmp_path)
    with pytest.raises(DatasetError, match="no such file or folder"):
        read_dataset(tmp_path / "none")


def test_an_empty_conversion_is_refused(tmp_path):
    with pytest.raises(DatasetError, match="nothing to convert"):
        convert([], "coco", tmp_path / "new")
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("form", ["supervisely", "coco", "index", "folder"])
def test_an_annotation_of_another_size_is_not_converted(tmp_path, examples, form):
    convert(examples, "supervisely", tmp_path / "project")
    file = next((tmp_path / "project" / "train" / "ann").glob("*.json"))
    document = json.loads(file.read_text())
    document["size"]["width"] += 1
    file.write_text(json.dumps(document))
    with pytest.raises(DatasetError, match="like its picture"):
        convert(read_dataset(tmp_path / "project"), form, tmp_path / "new")
    if form in ("supervisely", "coco"):  # the others are as much of a set as they have pairs
        with pytest.raises(DatasetError, match="no labelled set lies here"):
            read_dataset(tmp_path / "new")
