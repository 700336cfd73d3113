from __future__ import annotations

import functools
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from deepetch.datasets.example import Example, read_example
from deepetch.datasets.index import read_index, write_index
from deepetch.datasets.objects import Annotation, LabelledObject, Rectangle
from deepetch.datasets.truth import MaskFile, NoSubject, Objects, OwnAlpha
from deepetch.errors import DatasetError, OutputExists
from drawn_subjects import disc_photo, save_data_set, save_photo

HEAD = "image,mask,kind,source,split\n"


def index(folder, text):
    folder.mkdir(exist_ok=True)
    (folder / "index.csv").write_text(text, encoding="utf-8")
    return folder


def test_row_becomes_an_example(tmp_path):
    folder = index(tmp_path, HEAD + "images/a.jpg,masks/a.png,people,shop,train\n")
    (example,) = read_index(folder)
    assert (example.name, example.kind, example.source, example.split) == ("a", "people", "shop", "train")
    assert (example.image, example.truth) == (tmp_path / "images/a.jpg", MaskFile(tmp_path / "masks/a.png"))
    assert example.has_subject


def test_backgrounds_have_no_subject_and_cutouts_no_mask(tmp_path):
    folder = index(tmp_path, HEAD + "b.jpg,,backgrounds,x,train\nc.png,,cutouts,x,train\n")
    background, cutout = read_index(folder)
    assert (background.has_subject, background.truth) == (False, NoSubject())
    assert (cutout.has_subject, cutout.truth) == (True, OwnAlpha(tmp_path / "c.png"))


def test_views_of_one_product_may_share_a_group(tmp_path):
    folder = index(tmp_path, "image,mask,kind,split,group\na.jpg,a.png,people,train,g7\nb.jpg,b.png,people,train,\n")
    assert [example.group for example in read_index(folder)] == ["g7", ""]


def test_split_and_kind_choose_rows_in_the_files_order(tmp_path):
    folder = save_data_set(tmp_path)
    assert [e.name for e in read_index(folder, split="val")] == ["val0", "val1", "val2"]
    assert {e.kind for e in read_index(folder, kinds=["people"])} == {"people"}
    assert [e.name for e in read_index(folder, split="train", kinds=["cutouts", "backgrounds"])] == ["train1", "train2"]


def test_rows_of_another_split_are_left_out(tmp_path):
    folder = index(tmp_path, HEAD + "a.jpg,a.png,people,x,train\nb.jpg,,people,x,unlabelled\n")
    assert [e.name for e in read_index(folder)] == ["a"]


def test_source_may_be_missing(tmp_path):
    folder = index(tmp_path, "image,mask,kind,split\na.jpg,a.png,people,test\n")
    assert read_index(folder)[0].source == ""


def test_columns_may_come_in_any_order_with_others_between(tmp_path):
    folder = index(tmp_path, "split,note,kind,mask,image\ntest,hello,people,a.png,a.jpg\n")
    assert read_index(folder)[0].image == tmp_path / "a.jpg"


def test_byte_order_mark_of_spreadsheets_is_no_part_of_the_first_column(tmp_path):
    (tmp_path / "index.csv").write_bytes(b"\xef\xbb\xbf" + (HEAD + "a.jpg,a.png,people,x,test\n").encode())
    assert read_index(tmp_path)[0].name == "a"


def test_names_that_are_not_ascii(tmp_path):
    folder = index(tmp_path, HEAD + "Schuh größe 42.jpg,Schuh größe 42.png,people,x,test\n")
    assert read_index(folder)[0].name == "Schuh größe 42"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "image is missing"),
        ("image,kind,split\n", "mask is missing"),
        (HEAD, "kinds: none"),
        (HEAD + "a.jpg,,people,x,train\n", "names no mask"),
        (HEAD + "a.jpg\n", "expected"),
        (HEAD + "a.jpg,a.png,people,x,later\n", "no row fits"),
        (HEAD + ",a.png,people,x,train\n", "names no image"),
    ],
)
def test_index_that_cannot_be_used_says_why(tmp_path, text, said):
    with pytest.raises(DatasetError, match=said):
        read_index(index(tmp_path, text))


def test_unknown_kind_names_the_known_ones(tmp_path):
    with pytest.raises(DatasetError, match=r"kinds: backgrounds, cutouts, people"):
        read_index(save_data_set(tmp_path), kinds=["shoes"])


def test_missing_index_names_the_folder():
    with pytest.raises(DatasetError, match=r"no index.csv"):
        read_index(Path("/no/such/folder"))


def test_other_bytes_are_no_index(tmp_path):
    (tmp_path / "index.csv").write_bytes(b"image,mask,kind,split\n\xff\xfe\xfa,\xff,people,test\n")
    with pytest.raises(DatasetError, match="UTF-8"):
        read_index(tmp_path)


def test_zero_bytes_are_no_index(tmp_path):
    (tmp_path / "index.csv").write_bytes(b"\0" * 100)
    with pytest.raises(DatasetError):
        read_index(tmp_path)


def test_a_set_written_and_read_again_is_the_same(tmp_path):
    examples = read_index(save_data_set(tmp_path / "old"))
    write_index(examples, tmp_path / "new")
    again = read_index(tmp_path / "new")
    assert len(again) == len(examples)
    for old, new in zip(examples, again, strict=True):
        assert (old.name, old.kind, old.source, old.split, old.group) == (
            new.name,
            new.kind,
            new.source,
            new.split,
            new.group,
        )
        assert old.image.read_bytes() == new.image.read_bytes()
        np.testing.assert_array_equal(read_example(old)[1], read_example(new)[1])


def test_objects_become_grey_masks_and_two_pictures_of_one_name_stay_two(tmp_path):
    image = save_photo(tmp_path / "a.png", disc_photo())
    truth = Objects(functools.partial(boxed, 10), None, "a")
    example = Example(name="a", image=image, truth=truth, kind="packs", source="", split="val", group="g")
    write_index([example, replace(example, truth=NoSubject())], tmp_path / "new")
    first, second = read_index(tmp_path / "new")
    assert (first.name, first.group, second.name) == ("a", "g", "a-2")
    assert read_example(first)[1].sum() == 100
    assert not second.has_subject


def test_masks_of_pictures_that_share_a_name_do_not_meet(tmp_path):
    shoes = save_photo(tmp_path / "a.png", disc_photo())
    hats = save_photo(tmp_path / "b.jpg", disc_photo())
    examples = [
        Example(
            name=name,
            image=image,
            truth=Objects(functools.partial(boxed, side), None, name),
            kind="packs",
            source="",
            split="val",
        )
        for name, image, side in (("shoes/a", shoes, 3), ("hats/a", shoes, 4), ("a", shoes, 5), ("a", hats, 6))
    ]
    write_index(examples, tmp_path / "new")
    assert [int(read_example(example)[1].sum()) for example in read_index(tmp_path / "new")] == [9, 16, 25, 36]


def boxed(side):
    thing = LabelledObject(category="jar", shapes=(Rectangle(0, 0, side, side),))
    return Annotation(height=96, width=128, objects=(thing,))


def test_an_index_that_is_there_is_kept(tmp_path):
    examples = read_index(save_data_set(tmp_path))
    before = (tmp_path / "index.csv").read_bytes()
    with pytest.raises(OutputExists):
        write_index(examples[:1], tmp_path)
    assert (tmp_path / "index.csv").read_bytes() == before


def test_a_set_half_written_over_is_no_set(tmp_path):
    examples = read_index(save_data_set(tmp_path / "old"))
    write_index(examples, tmp_path / "new")
    examples[-1].image.unlink()
    with pytest.raises(DatasetError, match="cannot be read"):
        write_index(examples, tmp_path / "new", overwrite=True)
    with pytest.raises(DatasetError, match=r"no index\.csv"):
        read_index(tmp_path / "new")
