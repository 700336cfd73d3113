from __future__ import annotations

import json

import numpy as np
import pytest
from drawn_objects import (
    RING,
    RING_ROWS,
    SUPERVISELY_SIZE,
    annotation_of,
    bitmap_object,
    outline_object,
    palette_png,
    random_mask,
    rows_of,
    save_json,
    save_project,
    text_of,
)

from deepetch.datasets.example import read_example
from deepetch.datasets.objects import Annotation, Bitmap, LabelledObject, Polygon, Rectangle, object_mask
from deepetch.datasets.supervisely import is_supervisely, read_supervisely
from deepetch.datasets.supervisely_writing import write_supervisely
from deepetch.errors import DatasetError, OutputExists, OutputFailed
from drawn_subjects import disc_photo, save_photo

HEIGHT, WIDTH = SUPERVISELY_SIZE


@pytest.fixture
def image(tmp_path):
    return save_photo(tmp_path / "pictures" / "a.jpg", disc_photo(HEIGHT, WIDTH))


def labelled(*shapes, title="person"):
    return Annotation(height=HEIGHT, width=WIDTH, objects=(LabelledObject(category=title, shapes=shapes),))


OUTLINE, HOLE = (np.array(points) + 0.5 for points in (RING["exterior"], *RING["interior"]))
POLYGON = Polygon(OUTLINE, (HOLE,), inclusive=True)


def write_one(folder, image, annotation):
    """The text of the annotation in a project of one picture."""
    write_supervisely([(image, annotation, "train")], folder)
    return json.loads((folder / "train" / "ann" / "a.jpg.json").read_text())


@pytest.mark.parametrize(
    "shapes",
    [(), (Bitmap(np.zeros((2, 2), bool)),), (Bitmap(np.ones((2, 2), bool), 50, 50),), (Rectangle(3, 3, 3, 5),)],
)
def test_object_without_pixels_is_left_out_but_its_class_is_not(tmp_path, image, shapes):
    document = write_one(tmp_path / "out", image, labelled(*shapes))
    assert document["objects"] == []
    meta = json.loads((tmp_path / "out" / "meta.json").read_text())
    assert [(entry["title"], entry["shape"]) for entry in meta["classes"]] == [("person", "bitmap")]


def test_annotation_holds_every_key_of_the_format(tmp_path, image):
    document = write_one(tmp_path / "out", image, labelled(POLYGON))
    assert (document["description"], document["tags"]) == ("", [])
    assert document["size"] == {"height": HEIGHT, "width": WIDTH}
    assert document["objects"][0].keys() == {"classTitle", "description", "tags", "geometryType", "points"}


def test_meta_lists_every_class_with_its_own_colour(tmp_path, image):
    things = [LabelledObject(category=f"class {at}", shapes=(Bitmap(random_mask(at)),)) for at in range(60)]
    things.append(LabelledObject(category="class 7", shapes=(POLYGON,)))
    annotation = Annotation(height=HEIGHT, width=WIDTH, objects=tuple(things))
    write_one(tmp_path / "out", image, annotation)
    meta = json.loads((tmp_path / "out" / "meta.json").read_text())
    assert (meta["tags"], meta["projectType"]) == ([], "images")
    assert {entry["title"]: entry["shape"] for entry in meta["classes"]} == {
        f"class {at}": "any" if at == 7 else "bitmap" for at in range(60)
    }
    colours = [entry["color"] for entry in meta["classes"]]
    assert len(set(colours)) == 60
    assert all(len(bytes.fromhex(colour.removeprefix("#"))) == 3 for colour in colours)
    backwards = Annotation(height=HEIGHT, width=WIDTH, objects=tuple(reversed(things)))
    write_supervisely([(image, backwards, "train")], tmp_path / "again")
    assert json.loads((tmp_path / "again" / "meta.json").read_text()) == meta


def test_pictures_are_copied_byte_for_byte_and_reported(tmp_path, image):
    done = []
    write_supervisely(
        [(image, labelled(POLYGON), "train"), (image, labelled(POLYGON), "val")], tmp_path / "out", progress=done.append
    )
    assert done == [1, 2]
    for example in read_supervisely(tmp_path / "out"):
        assert example.image.read_bytes() == image.read_bytes()
        assert rows_of(read_example(example)[1] > 0) == RING_ROWS
    assert {path.name for path in (tmp_path / "out").rglob("*") if path.is_file()} == {
        "meta.json", "a.jpg", "a.jpg.json"
    }  # fmt: skip


def test_two_pictures_never_share_a_name(tmp_path, image):
    pictures = [image, save_photo(tmp_path / "more" / "A.jpg", disc_photo(HEIGHT, WIDTH, seed=7))]
    pictures += [save_photo(tmp_path / "most" / "a-2.jpg", disc_photo(HEIGHT, WIDTH, seed=8)), image]
    masks = [random_mask(at) for at in range(5)]
    items = [(picture, labelled(Bitmap(mask)), "ds") for picture, mask in zip(pictures, masks, strict=False)]
    write_supervisely([*items, (image, labelled(Bitmap(masks[4])), "other")], tmp_path / "out")
    names = sorted(path.name for path in (tmp_path / "out" / "ds" / "img").iterdir())
    assert names == ["A-2.jpg", "a-2-2.jpg", "a-3.jpg", "a.jpg"]
    found = {f"{e.kind}/{e.name}": e for e in read_supervisely(tmp_path / "out")}
    for name, picture, mask in zip(("ds/a", "ds/A-2", "ds/a-2-2", "ds/a-3"), pictures, masks, strict=False):
        assert found[name].image.read_bytes() == picture.read_bytes()
        assert np.array_equal(read_example(found[name])[1], mask)
    assert "other/a" in found


def test_hidden_picture_gets_a_name_that_is_read(tmp_path):
    image = save_photo(tmp_path / ".shoe.png", disc_photo(HEIGHT, WIDTH))
    write_supervisely([(image, labelled(POLYGON), "train")], tmp_path / "out")
    assert [e.name for e in read_supervisely(tmp_path / "out")] == ["shoe"]


def test_names_that_are_not_ascii_survive(tmp_path):
    image = save_photo(tmp_path / "Schuh größe 42.png", disc_photo(HEIGHT, WIDTH))
    write_supervisely([(image, labelled(POLYGON, title="Schühchen"), "Übung")], tmp_path / "out")
    (example,) = read_supervisely(tmp_path / "out", categories=["Schühchen"])
    assert (example.name, example.kind) == ("Schuh größe 42", "Übung")
    assert rows_of(read_example(example)[1] > 0) == RING_ROWS


def test_existing_project_is_replaced_only_when_asked_to(tmp_path, image):
    folder = tmp_path / "out"
    write_supervisely([(image, labelled(POLYGON), "train")], folder)
    before = (folder / "meta.json").read_bytes()
    with pytest.raises(OutputExists):
        write_supervisely([(image, labelled(POLYGON, title="bag"), "val")], folder)
    assert (folder / "meta.json").read_bytes() == before
    assert not (folder / "val").exists()
    write_supervisely([(image, labelled(Bitmap(random_mask(2))), "train")], folder, overwrite=True)
    (example,) = read_supervisely(folder)
    assert np.array_equal(read_example(example)[1], random_mask(2))


def test_broken_conversion_is_no_project(tmp_path, image):
    def items():
        yield image, labelled(POLYGON), "train"
        raise DatasetError("the third picture is damaged")

    for overwrite in (False, True):
        with pytest.raises(DatasetError, match="third picture"):
            write_supervisely(items(), tmp_path / "out", overwrite=overwrite)
        assert not is_supervisely(tmp_path / "out")
        write_supervisely([(image, labelled(POLYGON), "train")], tmp_path / "out", overwrite=True)
    with pytest.raises(OutputExists):
        write_supervisely(items(), tmp_path / "out")
    assert is_supervisely(tmp_path / "out")


def test_what_a_broken_conversion_left_is_not_replaced_unasked(tmp_path, image):
    leftover = tmp_path / "out" / "train" / "img" / "a.jpg"
    save_photo(leftover, disc_photo(HEIGHT, WIDTH, seed=9))
    before = leftover.read_bytes()
    with pytest.raises(OutputExists, match=r"a\.jpg"):
        write_supervisely([(image, labelled(POLYGON), "train")], tmp_path / "out")
    assert leftover.read_bytes() == before


def test_nothing_to_write_leaves_an_old_project_alone(tmp_path, image):
    write_supervisely([(image, labelled(POLYGON), "train")], tmp_path / "out")
    with pytest.raises(DatasetError, match="nothing to write"):
        write_supervisely([], tmp_path / "out", overwrite=True)
    assert len(read_supervisely(tmp_path / "out")) == 1


@pytest.mark.parametrize("dataset", ["", " ", ".", "..", "../up", "/root", "a//b", "a/", ".hidden", "a\\b", "a\0b"])
def test_dataset_name_that_is_no_folder_is_refused(tmp_path, image, dataset):
    with pytest.raises(DatasetError, match="expected the name of a dataset"):
        write_supervisely([(image, labelled(POLYGON), dataset)], tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_picture_that_cannot_be_copied_is_said(tmp_path, image):
    for picture, said in (
        (tmp_path / "none.jpg", r"none\.jpg: cannot be read \(No such file"),
        (image.rename(tmp_path / "a"), "expected a name ending in one of .avif, .heic"),
    ):
        with pytest.raises(DatasetError, match=said):
            write_supervisely([(picture, labelled(POLYGON), "train")], tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_folder_that_cannot_be_made_is_said(tmp_path, image):
    with pytest.raises(OutputFailed, match="cannot be made"):
        write_supervisely([(image, labelled(POLYGON), "train")], image)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "train").write_text("a file")
    with pytest.raises(OutputFailed, match="cannot be made"):
        write_supervisely([(image, labelled(POLYGON), "train")], tmp_path / "out")


def test_inner_dataset_lies_in_the_folder_that_supervisely_gives_it(tmp_path, image):
    write_supervisely([(image, labelled(POLYGON), "shoes/left/train")], tmp_path / "out")
    assert (tmp_path / "out/shoes/datasets/left/datasets/train/img/a.jpg").read_bytes() == image.read_bytes()
    (example,) = read_supervisely(tmp_path / "out")
    assert (example.kind, example.split) == ("shoes/left/train", "train")


def test_project_read_and_written_again_means_the_same(tmp_path):
    project = save_project(tmp_path / "shoes")
    things = [
        outline_object("polygon", RING),
        outline_object("rectangle", {"exterior": [[0, 0], [2, 5]], "interior": []}),
    ]
    save_json(
        project / "train" / "ann" / "a.png.json",
        annotation_of(*things, bitmap_object(text_of(palette_png(random_mask(5))), title="bag")),
    )
    before = read_supervisely(project)
    write_supervisely([(e.image, e.truth.load(), e.kind) for e in before], tmp_path / "out")
    after = read_supervisely(tmp_path / "out")
    assert [(e.kind, e.image.name) for e in after] == [(e.kind, e.image.name) for e in before]
    for old, new in zip(before, after, strict=True):
        first, second = old.truth.load(), new.truth.load()
        assert [thing.category for thing in first.objects] == [thing.category for thing in second.objects]
        for one, other in zip(first.objects, second.objects, strict=True):
            assert np.array_equal(object_mask(one, HEIGHT, WIDTH), object_mask(other, HEIGHT, WIDTH))
