from __future__ import annotations

import pickle

import numpy as np
import pytest
from drawn_objects import SUPERVISELY_SIZE, annotation_of, meta_of, random_mask, save_json, save_project

from deepetch.datasets.example import read_example
from deepetch.datasets.supervisely import is_supervisely, read_supervisely
from deepetch.errors import DatasetError
from drawn_subjects import disc_photo, save_photo


@pytest.fixture
def project(tmp_path):
    return save_project(tmp_path / "shoes")


def test_meta_with_classes_makes_a_project(project, tmp_path):
    assert is_supervisely(project)
    assert not is_supervisely(tmp_path)
    assert not is_supervisely(tmp_path / "none")


@pytest.mark.parametrize(("text", "is_one"), [('{"classes": [', True), ("[]", False), ('{"info": 1}', False)])
def test_damaged_meta_counts_as_a_project_and_another_format_does_not(tmp_path, text, is_one):
    (tmp_path / "meta.json").write_text(text)
    assert is_supervisely(tmp_path) == is_one
    with pytest.raises(DatasetError, match=r"meta\.json"):
        read_supervisely(tmp_path)


def test_pictures_become_examples_sorted_by_dataset_and_name(project):
    examples = read_supervisely(project)
    assert [(e.kind, e.name, e.split) for e in examples] == [
        ("ds2", "c", ""),
        ("train", "a", "train"),
        ("train", "b", "train"),
    ]
    assert {e.source for e in examples} == {"shoes"}
    assert examples[2].image == project / "train" / "img" / "b.JPG"
    assert examples[0].has_subject


def test_truth_is_the_union_of_the_chosen_classes(project):
    example = read_supervisely(project)[0]
    assert np.array_equal(read_example(example)[1], random_mask(3) | random_mask(13))
    example = read_supervisely(project, categories=["bag"])[0]
    assert np.array_equal(read_example(example)[1], random_mask(13))


def test_annotation_named_in_the_older_way_belongs_to_its_picture(project):
    example = read_supervisely(project, categories=["person"])[2]
    assert np.array_equal(read_example(example)[1], random_mask(1))


def test_chosen_datasets_come_in_the_order_asked_for_and_once(project):
    assert [e.kind for e in read_supervisely(project, datasets=["train", "ds2", "train"])] == ["train", "train", "ds2"]


@pytest.mark.parametrize(
    ("dataset", "split"),
    [("train", "train"), ("Training", "train"), ("val", "val"), ("valid", "val"), ("validation", "val"),
     ("test", "test"), ("testing", "test"), ("ds1", ""), ("latest", ""), ("train/shoes", "train"), ("ds/val", "val")],
)  # fmt: skip
def test_dataset_called_like_a_split_is_one(tmp_path, dataset, split):
    save_json(tmp_path / "meta.json", meta_of())
    folder = tmp_path / dataset.replace("/", "/datasets/")
    save_photo(folder / "img" / "a.png", disc_photo(*SUPERVISELY_SIZE))
    save_json(folder / "ann" / "a.png.json", annotation_of())
    (example,) = read_supervisely(tmp_path)
    assert (example.kind, example.split) == (dataset, split)


def test_datasets_inside_a_dataset_are_read(project):
    (project / "ds2").rename(project / "inner")
    for empty in ("img", "ann", "datasets"):
        (project / "Tropical" / empty).mkdir(parents=True)
    (project / "inner").rename(project / "Tropical" / "datasets" / "Mango")
    assert [e.kind for e in read_supervisely(project)] == ["Tropical/Mango", "train", "train"]
    (example,) = read_supervisely(project, datasets=["Tropical/Mango"])
    assert np.array_equal(read_example(example)[1], random_mask(3) | random_mask(13))


def test_no_annotation_is_opened_before_it_is_asked_for(project):
    (project / "ds2" / "ann" / "c.png.json").write_text("{")
    example = read_supervisely(project)[0]
    with pytest.raises(DatasetError, match=r"c\.png\.json: expected whole JSON"):
        read_example(example)


def test_examples_travel_to_other_processes(project):
    example = pickle.loads(pickle.dumps(read_supervisely(project, categories=["bag"])[0]))
    assert np.array_equal(read_example(example)[1], random_mask(13))


def test_hidden_and_other_files_are_no_pictures(project):
    (project / "train" / "img" / "._a.png").write_bytes(b"resource fork")
    (project / "train" / "img" / "Thumbs.db").write_bytes(b"")
    (project / "train" / "ann" / "._a.png.json").write_bytes(b"resource fork")
    (project / "train" / "meta").mkdir()
    (project / "notes").mkdir()
    assert len(read_supervisely(project)) == 3


def test_unknown_dataset_or_class_names_the_known_ones(project):
    with pytest.raises(DatasetError, match='no dataset "val"; datasets: ds2, train'):
        read_supervisely(project, datasets=["val"])
    with pytest.raises(DatasetError, match='no class "dog"; classes: bag, box, person'):
        read_supervisely(project, categories=["bag", "dog"])


def test_picture_without_annotation_is_said_at_once(project):
    (project / "train" / "ann" / "b.json").unlink()
    with pytest.raises(DatasetError, match=r"b\.JPG: expected its annotation .*ann/b\.JPG\.json; got none"):
        read_supervisely(project)
    assert len(read_supervisely(project, datasets=["ds2"])) == 1


def test_annotation_without_picture_is_said_at_once(project):
    (project / "ds2" / "img" / "c.png").unlink()
    with pytest.raises(DatasetError, match=r"c\.png\.json: expected its picture in .*ds2/img"):
        read_supervisely(project)
    (project / "ds2" / "img").rmdir()  # exported without pictures
    with pytest.raises(DatasetError, match="Export the pictures too"):
        read_supervisely(project)


def test_two_pictures_never_share_an_annotation(project):
    save_photo(project / "train" / "img" / "b.png", disc_photo(*SUPERVISELY_SIZE))
    with pytest.raises(DatasetError, match=r"b\.json: belongs to b\.JPG and to b\.png"):
        read_supervisely(project)


@pytest.mark.parametrize("datasets", [None, []])
def test_project_without_pictures_is_refused(tmp_path, datasets):
    save_json(tmp_path / "meta.json", meta_of(person="any"))
    with pytest.raises(DatasetError, match="no dataset"):
        read_supervisely(tmp_path, datasets=datasets)
    (tmp_path / "ds" / "img").mkdir(parents=True)
    with pytest.raises(DatasetError, match="no picture in"):
        read_supervisely(tmp_path, datasets=datasets)


@pytest.mark.parametrize(
    ("meta", "said"),
    [
        ({"classes": {}}, 'expected "classes" to be'),
        ({"classes": ["person"]}, 'class 1: expected "title"'),
        ({"classes": [{"title": "a", "shape": "any"}, {"title": "b"}]}, 'class 2: expected "shape" to be text'),
    ],
)
def test_meta_without_classes_says_where(tmp_path, meta, said):
    save_json(tmp_path / "meta.json", meta)
    with pytest.raises(DatasetError, match=said):
        read_supervisely(tmp_path)


def test_missing_meta_is_said(tmp_path):
    with pytest.raises(DatasetError, match=r"meta\.json: cannot be read \(No such file"):
        read_supervisely(tmp_path)


def test_annotation_of_another_size_than_its_picture_is_refused(project):
    save_json(project / "ds2" / "ann" / "c.png.json", annotation_of(height=9, width=5))
    with pytest.raises(DatasetError, match=r"c\.png\.json: expected a mask of 8 x 6 like its picture; got 5 x 9"):
        read_example(read_supervisely(project)[0])
