from __future__ import annotations

import json
import pickle
import sys
from pathlib import Path

import pytest
from drawn_objects import CATEGORIES, draw, entry, image, rows_of, save_coco, save_coco_set, without

from deepetch.datasets.coco import find_coco, read_coco
from deepetch.datasets.example import read_example
from deepetch.datasets.truth import NoSubject
from deepetch.errors import DatasetError, MissingExtra


@pytest.fixture
def folder(tmp_path):
    return save_coco_set(tmp_path / "shop")


# which pictures a data set holds


def test_kind_is_the_category_unless_there_are_several_or_none(folder):
    examples = read_coco(folder)
    assert [(e.name, e.kind, e.has_subject) for e in examples] == [
        ("a", "jar", True),
        ("b", "lid", True),
        ("c", "mixed", True),
        ("d", "backgrounds", False),
    ]
    assert {(e.source, e.split, e.group) for e in examples} == {("drawn", "", "")}
    assert examples[3].truth == NoSubject()
    assert examples[0].image == folder / "images" / "a.png"


def test_truth_is_the_union_of_the_objects(folder):
    alphas = [read_example(example)[1] for example in read_coco(folder)]
    assert rows_of(alphas[0]) == ["......", ".####.", ".####.", "......"]
    assert rows_of(alphas[1]) == ["##....", "##....", "##....", "##...."]
    assert not alphas[3].any()


def test_chosen_categories_alone_are_the_subject(folder):
    examples = read_coco(folder, categories=["lid"])
    assert [e.kind for e in examples] == ["backgrounds", "lid", "lid", "backgrounds"]
    assert not read_example(examples[2])[1].any()  # its lid has no inside, its jar is not chosen
    assert {e.kind for e in read_coco(folder, categories=["lid", "jar"])} == {"jar", "lid", "mixed", "backgrounds"}


def test_unknown_category_names_the_known_ones(folder):
    with pytest.raises(DatasetError, match='no category "shoe"; categories: jar, lid'):
        read_coco(folder, categories=["jar", "shoe"])


def test_picture_of_another_size_than_said_is_refused(folder):
    draw(folder / "images" / "a.png", height=5)
    with pytest.raises(DatasetError, match=r"labels.json, image 1: expected a mask of 6 x 5 .* got 6 x 4"):
        read_example(read_coco(folder)[0])


def test_examples_can_be_sent_to_another_process(folder):
    example = pickle.loads(pickle.dumps(read_coco(folder, categories=["jar"])[2]))
    assert rows_of(read_example(example)[1]) == ["......", ".####.", ".####.", "......"]


def test_ids_may_be_text_and_source_may_be_missing(tmp_path):
    draw(tmp_path / "a.png")
    save_coco(tmp_path / "x.json", [image("i-1", "a.png")], [entry("n", "i-1", "c")], [{"id": "c", "name": "jar"}])
    (example,) = read_coco(tmp_path)
    assert (example.kind, example.source) == ("jar", "")


def test_byte_order_mark_is_no_part_of_the_file(folder):
    path = folder / "labels.json"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert len(read_coco(path)) == 4


def test_roboflows_export(tmp_path):
    for split in ("train", "valid", "test"):
        draw(tmp_path / split / f"{split}.jpg")
        save_coco(
            tmp_path / split / "_annotations.coco.json",
            [image(0, f"{split}.jpg")],
            [entry(0, 0, 1)],
            [
                {"id": 0, "name": "jar", "supercategory": "none"},
                {"id": 1, "name": "jar", "supercategory": "jar"},
            ],
        )
    examples = read_coco(tmp_path)
    assert [(e.name, e.split, e.kind) for e in examples] == [
        ("test", "test", "jar"),
        ("train", "train", "jar"),
        ("valid", "val", "jar"),
    ]
    assert read_example(examples[0])[1].sum() == 8
    assert [e.split for e in read_coco(tmp_path / "valid")] == ["val"]


def test_number_0_is_a_heading_if_it_has_no_object(tmp_path):
    draw(tmp_path / "a.jpg")
    headed = [{"id": 0, "name": "packs", "supercategory": "none"}, *CATEGORIES]
    save_coco(tmp_path / "x.json", [image(1, "a.jpg")], [entry()], headed)
    with pytest.raises(DatasetError, match="categories: jar, lid"):
        read_coco(tmp_path, categories=["packs"])
    save_coco(tmp_path / "x.json", [image(1, "a.jpg")], [entry(), entry(8, category=0)], headed)
    assert read_coco(tmp_path, categories=["packs"])[0].kind == "packs"
    save_coco(tmp_path / "x.json", [image(1, "a.jpg")], [entry()], [headed[0] | {"id": 3}, *CATEGORIES])
    assert read_coco(tmp_path, categories=["packs"])[0].kind == "backgrounds"


@pytest.mark.parametrize("pictures", ["", "images"])
def test_cocos_own_layout(tmp_path, pictures):
    for split in ("train2017", "val2017"):
        draw(tmp_path / pictures / split / f"{split}.jpg")
        save_coco(tmp_path / f"annotations/instances_{split}.json", [image(9, f"{split}.jpg")], [entry(1, 9)])
        save_coco(tmp_path / f"annotations/captions_{split}.json", [image(9, f"{split}.jpg")], [{"caption": "jar"}])
    examples = read_coco(tmp_path)
    assert [(e.name, e.split) for e in examples] == [("train2017", "train"), ("val2017", "val")]
    assert examples[0].image == tmp_path / pictures / "train2017" / "train2017.jpg"
    assert [e.split for e in read_coco(tmp_path / "annotations" / "instances_val2017.json")] == ["val"]


@pytest.mark.parametrize(
    ("file", "split"),
    [
        ("a/instances_val2017.json", "val"),
        ("a/Train-labels.json", "train"),
        ("a/shoes_validation.json", "val"),
        ("a/testing.json", "test"),
        ("a/test-dev2017.json", "test"),
        ("a/trainval.json", ""),
        ("a/instances_minival2014.json", ""),
        ("a/contest.json", ""),
        ("valid/_annotations.coco.json", "val"),
        ("train2017/labels.json", "train"),
        ("test/instances_train.json", "train"),
        ("my-test-shop/labels.json", ""),
    ],
)
def test_split_is_a_word_of_the_file_or_the_folders_name(tmp_path, file, split):
    path = save_coco(tmp_path / file, [image(1, "a.jpg")])
    draw(path.parent / "a.jpg")
    assert [e.split for e in read_coco(path)] == [split]


def test_pictures_are_taken_from_the_first_place_that_has_them(tmp_path):
    path = save_coco(tmp_path / "labels" / "coco_train2017.json", [image(1, "a.jpg")])
    places = [
        "labels",
        "labels/images",
        "images/coco_train2017",
        "images/train2017",
        "coco_train2017",
        "train2017",
        "images",
    ]
    draw(*(tmp_path / place / "a.jpg" for place in places))
    for place in places:
        assert read_coco(path)[0].image == tmp_path / place / "a.jpg"
        (tmp_path / place / "a.jpg").unlink()
    with pytest.raises(DatasetError, match=r'coco_train2017.json, image 1: the picture "a.jpg" is missing') as raised:
        read_coco(path)
    assert all(str(tmp_path / place) in str(raised.value) for place in places)


def test_a_relative_path_finds_pictures_beside_its_folder(tmp_path, monkeypatch):
    draw(tmp_path / "images" / "train" / "a.jpg")
    save_coco(tmp_path / "annotations" / "instances_train.json", [image(1, "a.jpg")])
    monkeypatch.chdir(tmp_path / "annotations")
    (example,) = read_coco(Path("instances_train.json"))
    assert example.image.is_file()


def test_pictures_of_a_given_folder_may_lie_deeper(tmp_path):
    path = save_coco(tmp_path / "x.json", [image(1, "shoes/a.jpg")])
    draw(tmp_path / "shoes" / "a.jpg", tmp_path / "other" / "shoes" / "a.jpg")
    assert read_coco(path, images=tmp_path / "other")[0].image == tmp_path / "other" / "shoes" / "a.jpg"
    with pytest.raises(DatasetError, match=r"looked in .*none\. "):
        read_coco(path, images=tmp_path / "none")


def test_a_name_too_long_for_a_file_is_said(tmp_path):
    with pytest.raises(DatasetError, match="is missing"):
        read_coco(save_coco(tmp_path / "x.json", [image(1, "a" * 5000)]))
    with pytest.raises(DatasetError, match="the folder cannot be read"):
        find_coco(tmp_path / ("a" * 5000))


# which files are COCO


def test_only_coco_files_are_found(tmp_path):
    save_coco(tmp_path / "b.json")
    save_coco(tmp_path / "a.json")
    save_coco(tmp_path / "a.txt")
    save_coco(tmp_path / "._a.json")
    for name, text in {
        "empty": "",
        "list": '[{"images": [], "annotations": []}]',
        "info": '{"images": [], "categories": []}',
        "other": '{"images": 3, "annotations": []}',
        "meta": '{"classes": []}',
    }.items():
        (tmp_path / f"{name}.json").write_text(text)
    (tmp_path / "folder.json").mkdir()
    assert find_coco(tmp_path) == [tmp_path / "a.json", tmp_path / "b.json"]
    assert find_coco(tmp_path / "a.json") == [tmp_path / "a.json"]
    for name in ("a.txt", "empty.json", "list.json", "info.json", "other.json", "folder.json", "none"):
        assert find_coco(tmp_path / name) == []


def test_an_inner_layout_comes_before_loose_files(tmp_path):
    loose = save_coco(tmp_path / "loose.json")
    assert find_coco(tmp_path) == [loose]
    other = save_coco(tmp_path / "annotations" / "labels.json")
    assert find_coco(tmp_path) == [other]
    own = save_coco(tmp_path / "annotations" / "instances_train.json")
    assert find_coco(tmp_path) == [own]
    exported = [save_coco(tmp_path / split / "_annotations.coco.json") for split in ("test", "train")]
    assert find_coco(tmp_path) == exported


def test_a_folder_without_coco_says_what_was_expected(tmp_path):
    with pytest.raises(DatasetError, match=r'expected a \.json file with "images" and "annotations"'):
        read_coco(tmp_path)


# what cannot be read


A_JPG = image(1, "a.jpg")
JAR = {"id": 1, "name": "jar"}


def document(images=(A_JPG,), annotations=(), categories=CATEGORIES):
    return {"images": list(images), "annotations": list(annotations), "categories": list(categories)}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (document(images=[]), "no picture is listed"),
        (without(document(), "categories"), '"categories" to be .*got nothing'),
        ({"set": document()}, '"images" to be .*got nothing'),
        (document(images=["a.jpg"]), 'image number 1: expected "id"'),
        (document(images=[without(A_JPG, "id")]), 'image number 1: expected "id" .* got nothing'),
        (document(images=[image(True, "a.jpg")]), 'expected "id" .* got True'),
        (document(images=[image([1], "a.jpg")]), r'expected "id" .* got \[\.\.\.\]'),
        (document(images=[A_JPG, image(1, "b.jpg")]), "image 1 is there twice"),
        (document(images=[A_JPG, image(2, "a.jpg")]), 'image 2: its file "a.jpg" is that of image 1 too'),
        (document(images=[without(A_JPG, "file_name")]), 'image 1: expected "file_name"'),
        (document(images=[image(1, "")]), "is missing"),
        (document(images=[image(1, "a\0.jpg")]), "is missing"),
        (document(images=[without(A_JPG, "height")]), 'image 1: expected "height"'),
        (document(images=[image(1, "a.jpg", width="6")]), '"width" to be a whole number; got text'),
        (document(images=[image(1, "a.jpg", width=6.5)]), '"width" to be a whole number; got 6.5'),
        (document(images=[image(1, "a.jpg", width=0)]), "got 0 x 4"),
        (document(images=[image(1, "a.jpg", width=10**400)]), "expected a size"),
        (document(categories=["jar"]), 'category number 1: expected "id"'),
        (document(categories=[{"id": 1}]), 'category 1: expected "name" to be text'),
        (document(categories=[JAR, {"id": 1, "name": "lid"}]), "category 1 is there twice"),
        (document(categories=[JAR, {"id": 5, "name": "jar"}]), 'categories 1 and 5 are both called "jar"'),
        (document(annotations=[7]), 'annotation number 1: expected "id"'),
        (document(annotations=[without(entry(), "id")]), 'annotation number 1: expected "id"'),
        (document(annotations=[without(entry(), "image_id")]), 'annotation 7: expected "image_id"'),
        (document(annotations=[without(entry(), "category_id")]), 'annotation 7: expected "category_id"'),
        (document(annotations=[entry(picture=9)]), 'annotation 7: its "image_id" 9 is none of the images'),
        (document(annotations=[entry(category=9)]), 'annotation 7: its "category_id" 9 is none of the categories'),
        (document(annotations=[entry(picture=[1])]), 'annotation 7: expected "image_id"'),
        (document(annotations=[entry(segmentation=[])]), "boxes only"),
    ],
)
def test_data_set_that_makes_no_sense_says_where(tmp_path, content, said):
    draw(tmp_path / "a.jpg", tmp_path / "b.jpg")
    (tmp_path / "x.json").write_text(json.dumps(content))
    with pytest.raises(DatasetError, match=said) as raised:
        read_coco(tmp_path / "x.json")
    assert str(tmp_path / "x.json") in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    "text",
    [
        '{"images": [], "annotations": [], "categories": [',
        '{"images": [], "annotations": []} more',
        '{"images": [], "annotations": [], "deep": ' + "[" * 100_000,
        b'{"images": [], "annotations": [], "x": "\xff\xfe"}',
    ],
)
def test_damaged_json_is_said(tmp_path, text):
    (tmp_path / "x.json").write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(DatasetError, match=r"x\.json: expected whole JSON"):
        read_coco(tmp_path)


def test_boxes_among_masks_are_read(tmp_path):
    draw(tmp_path / "a.jpg")
    save_coco(tmp_path / "x.json", [image(1, "a.jpg")], [entry(), entry(8, category=2, segmentation=[])])
    assert read_coco(tmp_path)[0].kind == "mixed"
    with pytest.raises(DatasetError, match="boxes only"):
        read_coco(tmp_path, categories=["lid"])


def test_without_pycocotools_the_extra_is_named(folder, monkeypatch):
    monkeypatch.setitem(sys.modules, "pycocotools", None)
    with pytest.raises(MissingExtra, match=r"pip install 'deepetch\[data\]'"):
        read_coco(folder)
