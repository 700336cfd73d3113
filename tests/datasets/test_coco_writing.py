from __future__ import annotations

import contextlib
import io
import json
import sys

import numpy as np
import pytest
from drawn_objects import COCO_SIZE, draw, rows_of, save_coco_set
from pycocotools.coco import COCO

from deepetch.datasets.coco import find_coco, read_coco
from deepetch.datasets.coco_writing import write_coco
from deepetch.datasets.example import read_example
from deepetch.datasets.objects import Annotation, LabelledObject, Rectangle
from deepetch.errors import DatasetError, MissingExtra, OutputExists, OutputFailed

HEIGHT, WIDTH = COCO_SIZE
JAR = LabelledObject(category="jar", shapes=(Rectangle(1, 1, 5, 3),))
LID = LabelledObject(category="lid", shapes=(Rectangle(0, 0, 2, 4),))


def annotation(*things):
    return Annotation(height=HEIGHT, width=WIDTH, objects=things)


@pytest.fixture
def picture(tmp_path):
    draw(tmp_path / "source" / "a.png")
    return tmp_path / "source" / "a.png"


def written(folder, split="all"):
    return json.loads((folder / "annotations" / f"instances_{split}.json").read_text())


def test_cocos_own_tool_reads_what_is_written(tmp_path, picture):
    write_coco([(picture, annotation(LID, JAR), "")], tmp_path / "new")
    with contextlib.redirect_stdout(io.StringIO()):
        tool = COCO(tmp_path / "new" / "annotations" / "instances_all.json")
    assert [tool.loadImgs(1)[0][key] for key in ("file_name", "height", "width")] == ["a.png", HEIGHT, WIDTH]
    assert [category["name"] for category in tool.loadCats(tool.getCatIds())] == ["lid", "jar"]
    (jar,) = tool.loadAnns(tool.getAnnIds(imgIds=1, catIds=tool.getCatIds(catNms="jar")))
    assert rows_of(tool.annToMask(jar)) == ["......", ".####.", ".####.", "......"]


def test_a_set_is_read_back(tmp_path):
    folder = save_coco_set(tmp_path / "shop")
    examples = read_coco(folder)
    splits = ["train", "val", "train", ""]
    loaded = [e.truth.load() if e.has_subject else annotation() for e in examples]
    write_coco(zip([e.image for e in examples], loaded, splits, strict=True), tmp_path / "new")
    again = {e.name: e for e in read_coco(tmp_path / "new")}
    assert [again[name].split for name in "abcd"] == splits
    for example in examples:
        assert again[example.name].kind == example.kind
        assert np.array_equal(read_example(again[example.name])[1], read_example(example)[1])
        assert again[example.name].image.read_bytes() == example.image.read_bytes()
    assert again["a"].image == tmp_path / "new" / "images" / "train" / "a.png"
    assert again["d"].image == tmp_path / "new" / "images" / "all" / "d.png"


def test_files_share_their_categories_and_count_from_1(tmp_path, picture):
    items = [(picture, annotation(JAR), "train"), (picture, annotation(LID, LID), "val")]
    write_coco(items, tmp_path / "new")
    train, val = written(tmp_path / "new", "train"), written(tmp_path / "new", "val")
    assert train["categories"] == val["categories"]
    assert [(c["id"], c["name"]) for c in val["categories"]] == [(1, "jar"), (2, "lid")]
    assert [(a["id"], a["image_id"], a["category_id"]) for a in val["annotations"]] == [(1, 1, 2), (2, 1, 2)]
    assert val["images"] == [{"id": 1, "file_name": "a.png", "width": WIDTH, "height": HEIGHT}]


def test_two_pictures_of_one_name_do_not_meet(tmp_path, picture):
    draw(tmp_path / "other" / "A.png")
    pictures = [picture, tmp_path / "other" / "A.png", picture]
    write_coco([(path, annotation(), "") for path in pictures], tmp_path / "new")
    names = ["a.png", "A-2.png", "a-3.png"]
    assert [said["file_name"] for said in written(tmp_path / "new")["images"]] == names
    assert sorted(path.name for path in (tmp_path / "new" / "images" / "all").iterdir()) == sorted(names)


def test_progress_counts_the_pictures(tmp_path, picture):
    seen = []
    write_coco([(picture, annotation(), "")] * 3, tmp_path / "new", progress=seen.append)
    assert seen == [1, 2, 3]


def test_existing_annotations_stay_unless_overwritten(tmp_path, picture):
    new = tmp_path / "new"
    write_coco([(picture, annotation(JAR), "val")], new)
    before = written(new, "val")
    items = iter([(picture, annotation(), "train"), (picture, annotation(), "val")])
    with pytest.raises(OutputExists, match=r"instances_val\.json"):
        write_coco(items, new)
    assert len(list(items)) == 2
    assert not (new / "images" / "train").exists()
    assert written(new, "val") == before
    write_coco([(picture, annotation(), "val")], new, overwrite=True)
    assert written(new, "val")["annotations"] == []


def test_a_failure_leaves_nothing_that_is_taken_for_a_data_set(tmp_path, picture):
    new = tmp_path / "new"
    write_coco([(picture, annotation(), "")], new)
    items = [(picture, annotation(), ""), (tmp_path / "none.png", annotation(), "")]
    with pytest.raises(DatasetError, match=r"none\.png: cannot be read"):
        write_coco(items, new, overwrite=True)
    assert find_coco(new) == []
    assert list((new / "annotations").iterdir()) == []


@pytest.mark.parametrize("split", ["a/b", "..", ".hidden", "a\\b", " ", "a\0"])
def test_a_split_is_the_name_of_a_folder(tmp_path, picture, split):
    with pytest.raises(DatasetError, match="expected the name of a split"):
        write_coco([(picture, annotation(), split)], tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_nothing_to_write_is_refused(tmp_path):
    with pytest.raises(DatasetError, match="nothing to write"):
        write_coco([], tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_a_place_that_cannot_be_written_is_said(tmp_path, picture):
    (tmp_path / "file").touch()
    with pytest.raises(OutputFailed, match="cannot be made"):
        write_coco([(picture, annotation(), "")], tmp_path / "file" / "new")
    (tmp_path / "new" / "annotations" / "instances_all.json").mkdir(parents=True)
    with pytest.raises(OutputFailed, match="this is a folder"):
        write_coco([(picture, annotation(), "")], tmp_path / "new", overwrite=True)


def test_without_pycocotools_the_extra_is_named(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pycocotools", None)
    with pytest.raises(MissingExtra, match=r"pip install 'deepetch\[data\]'"):
        write_coco([], tmp_path / "new")
