"""Which pixel is of which thing, as sets tell it, and what a pack keeps of that."""

from __future__ import annotations

import csv
from dataclasses import replace

import numpy as np
import pytest
from drawn_objects import entry, image, save_coco, save_coco_set

from deepetch.arrays import full_scale
from deepetch.datasets.coco import read_coco
from deepetch.datasets.convert import annotation_of, convert
from deepetch.datasets.example import Example, read_example
from deepetch.datasets.index import read_index, write_index
from deepetch.datasets.instances import class_of, connected_instances, whole_things
from deepetch.datasets.objects import Annotation, Bitmap, LabelledObject, object_mask
from deepetch.datasets.pack import open_pack
from deepetch.datasets.packing import write_pack
from deepetch.datasets.read import read_dataset
from deepetch.datasets.read_instances import classes_of, read_instances, tells_instances
from deepetch.datasets.truth import MaskFile, NoSubject, Objects
from deepetch.datasets.validate import validate
from deepetch.errors import DatasetError
from drawn_subjects import disc_mask, disc_photo, save_data_set, save_photo


def found_in(example):
    return read_instances(example, *read_example(example))


def flood(mask):
    """The connected parts of a mask, 8 neighbours, by walking over it: a list of sets of pixels."""
    left, parts = set(zip(*np.nonzero(mask), strict=True)), []
    while left:
        part, border = set(), [left.pop()]
        while border:
            row, column = border.pop()
            part.add((row, column))
            near = {(row + down, column + across) for down in (-1, 0, 1) for across in (-1, 0, 1)} & left
            left -= near
            border += near
        parts.append(part)
    return sorted(parts, key=len, reverse=True)


def box_object(name, top, left, bottom, right, **others):
    return LabelledObject(
        category=name, shapes=(Bitmap(np.ones((bottom - top, right - left), np.bool_), top, left),), **others
    )


def annotated(tmp_path, *things, categories=None, height=12, width=16):
    picture = save_photo(tmp_path / "picture.png", np.zeros((height, width, 3), np.uint8))
    annotation = Annotation(height=height, width=width, objects=things)
    truth = Objects(lambda: annotation, categories, "drawn")
    return Example(name="picture", image=picture, truth=truth, kind="products", source="", split="train")


def numbered(tmp_path, numbers, *, kind="products"):
    """An example whose set says which pixel is whose; its mask is all that has a number."""
    height, width = numbers.shape
    picture = save_photo(tmp_path / "images" / "a.png", np.zeros((height, width, 3), np.uint8))
    mask = save_photo(tmp_path / "masks" / "a.png", (numbers > 0)[..., None].astype(np.uint8) * 255)
    place = save_photo(tmp_path / "instances" / "a.png", numbers[..., None])
    return Example(name="a", image=picture, truth=MaskFile(mask), kind=kind, source="", split="train", instances=place)


# connected parts


@pytest.mark.parametrize("seed", range(5))
def test_connected_parts_are_those_of_a_walk_over_the_mask(seed):
    random = np.random.default_rng(seed)
    mask = random.random((14, 19)) < 0.3
    found = connected_instances(mask, "product")
    parts = flood(mask)
    assert len(found.classes) == len(parts)
    ours = {frozenset(zip(*np.nonzero(found.numbers == number), strict=True)) for number in range(1, len(parts) + 1)}
    assert ours == set(map(frozenset, parts))
    sizes = np.bincount(found.numbers.ravel())[1:]
    assert (np.diff(sizes) <= 0).all()


def test_an_empty_mask_has_no_things_and_a_full_one_has_one():
    assert connected_instances(np.zeros((4, 5), np.bool_), "product").classes == ()
    full = connected_instances(np.ones((4, 5), np.bool_), "person")
    assert (full.numbers == 1).all()
    assert full.classes == ("person",)


def test_specks_are_no_things():
    mask = np.zeros((30, 40), np.bool_)
    mask[2:22, 2:22], mask[26, 30:33], mask[26, 36:40] = True, True, True  # 400 pixels; 3; 4, a hundredth
    found = connected_instances(mask, "product")
    assert len(found.classes) == 2
    assert not found.numbers[26, 30:33].any()
    assert (found.numbers[26, 36:40] == 2).all()


def test_of_more_parts_than_a_byte_counts_the_largest_stay():
    mask = np.zeros((60, 60), np.bool_)
    mask[::2, ::2] = True  # 900 pixels apart
    mask[59, :2] = True
    found = connected_instances(mask, "product")
    assert len(found.classes) == 255
    assert found.numbers.max() == 255
    assert (found.numbers == 1).sum() == 4  # with its neighbours (58, 0) and (58, 2)


# what a set tells


def test_objects_are_numbered_as_they_stand_and_the_smaller_lies_in_front(tmp_path):
    example = annotated(
        tmp_path,
        box_object("jar", 4, 4, 6, 8),
        box_object("person", 0, 0, 10, 10),
        box_object("crowd", 0, 12, 4, 16, crowd=True),
    )
    found = found_in(example)
    expected = np.zeros((12, 16), np.uint8)
    expected[:10, :10] = 2
    expected[4:6, 4:8] = 1
    np.testing.assert_array_equal(found.numbers, expected)
    assert found.classes == ("jar", "person")
    assert classes_of(example) == {"jar", "person"}
    assert tells_instances(example)


def test_only_objects_of_the_chosen_categories_are_things(tmp_path):
    things = box_object("jar", 0, 0, 4, 4), box_object("person", 6, 6, 10, 10)
    found = found_in(annotated(tmp_path, *things, categories={"person"}))
    assert found.classes == ("person",)
    assert (found.numbers > 0).sum() == 16


def test_more_objects_than_can_be_told_apart_are_one_line(tmp_path):
    things = [box_object("jar", index // 16, index % 16, index // 16 + 1, index % 16 + 1) for index in range(256)]
    example = annotated(tmp_path, *things, height=16)
    with pytest.raises(DatasetError, match="drawn: 256 objects in one picture; at most 255"):
        found_in(example)


def test_a_picture_of_numbers_says_whose_a_pixel_is_where_the_mask_shows_it(tmp_path):
    numbers = np.zeros((10, 12), np.uint8)
    numbers[1:5, 1:5], numbers[1:5, 5:9] = 2, 1  # they touch: the mask alone has one part
    example = numbered(tmp_path, numbers)
    mask = np.where(np.arange(12) < 8, numbers > 0, 0).astype(np.uint8) * 255
    save_photo(tmp_path / "masks" / "a.png", mask[..., None])
    found = found_in(example)
    np.testing.assert_array_equal(found.numbers, np.where(np.arange(12) < 8, numbers, 0))
    assert found.classes == ("product", "product")
    assert classes_of(example) == {"product"}


def test_a_picture_of_numbers_of_another_size_is_one_line(tmp_path):
    numbers = np.ones((10, 12), np.uint8)
    example = numbered(tmp_path, numbers)
    save_photo(tmp_path / "instances" / "a.png", np.ones((10, 11, 1), np.uint8))
    with pytest.raises(DatasetError, match="expected a mask of 12 x 10 like its picture; got 11 x 10"):
        found_in(example)


def test_numbers_that_a_byte_does_not_hold_are_one_line(tmp_path):
    example = numbered(tmp_path, np.ones((10, 12), np.uint8))
    (tmp_path / "instances" / "a.png").unlink()
    from PIL import Image

    Image.fromarray(np.full((10, 12), 300, np.uint16)).save(tmp_path / "instances" / "a.png")
    with pytest.raises(DatasetError, match="expected numbers of things up to 255; got 300"):
        found_in(example)


def test_a_mask_alone_has_its_connected_parts(tmp_path):
    mask = np.zeros((10, 12), np.uint8)
    mask[1:4, 1:4], mask[6:9, 6:11] = 255, 200
    picture = save_photo(tmp_path / "a.png", np.zeros((10, 12, 3), np.uint8))
    truth = MaskFile(save_photo(tmp_path / "m.png", mask[..., None]))
    example = Example(name="a", image=picture, truth=truth, kind="people", source="", split="train")
    assert not tells_instances(example)
    found = found_in(example)
    assert found.classes == ("person", "person")
    assert (found.numbers == 1).sum() == 15
    nothing = Example(name="a", image=picture, truth=NoSubject(), kind="backgrounds", source="", split="train")
    assert found_in(nothing).classes == ()
    assert classes_of(nothing) == set()


def test_class_of_a_kind():
    assert (class_of("people"), class_of("packshots"), class_of("garments")) == ("person", "product", "product")


# index.csv


@pytest.fixture
def set_with_numbers(tmp_path):
    """A set of three, the first of which has a picture of numbers."""
    folder = save_data_set(tmp_path / "data", train=1, val=1, test=1)
    halves = disc_mask(96, 64).astype(np.uint8) * np.where(np.arange(64) < 32, 1, 2).astype(np.uint8)
    save_photo(folder / "instances" / "train0.png", halves[..., None])
    return folder


def test_an_index_finds_the_pictures_of_numbers_beside_its_images(set_with_numbers):
    examples = read_index(set_with_numbers)
    assert [example.instances for example in examples] == [set_with_numbers / "instances" / "train0.png", None, None]


def test_numbers_beside_a_cutout_without_mask_are_not_read(set_with_numbers):
    with (set_with_numbers / "index.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("image", "mask", "kind", "split"))
        writer.writerow(("images/train0.png", "", "backgrounds", "train"))
        writer.writerow(("photos/train0.png", "masks/train0.png", "people", "train"))
    assert [example.instances for example in read_index(set_with_numbers)] == [None, None]


def test_writing_a_set_copies_the_numbers_byte_for_byte(set_with_numbers, tmp_path):
    write_index(read_index(set_with_numbers), tmp_path / "copy")
    again = read_index(tmp_path / "copy")
    assert [example.instances is not None for example in again] == [True, False, False]
    assert again[0].instances.read_bytes() == (set_with_numbers / "instances" / "train0.png").read_bytes()
    assert found_in(again[0]).classes == ("person", "person")


def test_a_set_written_over_another_does_not_inherit_its_numbers(set_with_numbers, tmp_path):
    write_index(read_index(set_with_numbers), tmp_path / "copy")
    bare = [replace(example, instances=None) for example in read_index(set_with_numbers)]
    write_index(bare, tmp_path / "copy", overwrite=True)
    assert [example.instances for example in read_index(tmp_path / "copy")] == [None] * 3


# other forms


@pytest.mark.parametrize("seed", range(5))
def test_whole_things_are_the_mask_and_a_pixel_without_number_is_a_near_things(seed):
    random = np.random.default_rng(seed)
    mask = random.random((13, 17)) < 0.6
    numbers = np.where(random.random((13, 17)) < 0.1, random.integers(1, 4, (13, 17)), 0).astype(np.uint8)
    *things, rest = [*whole_things(numbers, mask), np.zeros((13, 17), np.bool_)]
    assert (sum(thing.astype(int) for thing in things) == mask).all()
    known = {number: np.argwhere(mask & (numbers == number)) for number in np.unique(numbers[mask]) if number}
    if len(things) > len(known):
        things, rest = things[:-1], things[-1]
    for place in np.argwhere(rest):
        assert min(np.hypot(*(pixels - place).T).min() for pixels in known.values()) > 3.8
    for thing, number in zip(things, known, strict=True):
        assert thing[mask & (numbers == number)].all()
        for place in np.argwhere(thing):
            reach = {other: np.hypot(*(pixels - place).T).min() for other, pixels in known.items()}
            assert reach[number] <= min(reach.values()) * 1.03 + 0.1  # of OpenCV's 5 x 5 distances


def test_a_mask_whose_numbers_lie_elsewhere_is_one_thing():
    mask, numbers = np.zeros((4, 6), np.bool_), np.zeros((4, 6), np.uint8)
    mask[:, :2], numbers[:, 4:] = True, 2
    (thing,) = whole_things(numbers, mask)
    np.testing.assert_array_equal(thing, mask)
    assert list(whole_things(numbers, np.zeros((4, 6), np.bool_))) == []


def test_a_crowd_far_from_a_thing_is_a_thing_of_its_own(tmp_path):
    things = box_object("jar", 0, 0, 4, 4), box_object("jar", 20, 0, 28, 8, crowd=True)
    write_index([annotated(tmp_path, *things, height=12, width=30)], tmp_path / "new")
    (example,) = read_index(tmp_path / "new")
    sizes = [object_mask(thing, 12, 30).sum() for thing in annotation_of(example).objects]
    assert sizes == [16, 64]


@pytest.mark.parametrize("form", ["coco", "supervisely"])
def test_numbered_things_become_objects_and_come_back(set_with_numbers, tmp_path, form):
    examples = read_index(set_with_numbers)
    before = {example.name: found_in(example).numbers for example in examples}
    assert [len(annotation_of(example).objects) for example in examples] == [2, 1, 1]
    convert(examples, form, tmp_path / form)
    converted = read_dataset(tmp_path / form)
    assert {example.name: len(found_in(example).classes) for example in converted} == {
        "train0": 2,
        "val0": 1,
        "test0": 1,
    }
    convert(converted, "index", tmp_path / "again")
    for example in read_index(tmp_path / "again"):
        assert example.instances is not None
        np.testing.assert_array_equal(found_in(example).numbers, before[example.name])


def test_of_objects_that_overlap_an_index_keeps_which_lies_in_front(tmp_path):
    write_index([annotated(tmp_path, box_object("a", 0, 0, 8, 8), box_object("b", 4, 4, 12, 12))], tmp_path / "new")
    (example,) = read_index(tmp_path / "new")
    expected = found_in(annotated(tmp_path, box_object("a", 0, 0, 8, 8), box_object("b", 4, 4, 12, 12)))
    np.testing.assert_array_equal(found_in(example).numbers, expected.numbers)
    assert found_in(example).classes == ("product", "product")
    assert object_mask(annotation_of(example).objects[0], 12, 16).sum() == (expected.numbers == 1).sum()


def test_more_objects_than_a_byte_counts_go_into_an_index_as_a_mask(tmp_path):
    things = [box_object("jar", index // 16, index % 16, index // 16 + 1, index % 16 + 1) for index in range(256)]
    write_index([annotated(tmp_path, *things, height=16)], tmp_path / "new")
    (example,) = read_index(tmp_path / "new")
    assert example.instances is None
    assert read_example(example)[1].all()


def test_a_set_converted_onto_itself_keeps_its_numbers(set_with_numbers):
    before = (set_with_numbers / "instances" / "train0.png").read_bytes()
    write_index(read_index(set_with_numbers), set_with_numbers, overwrite=True)
    assert (set_with_numbers / "instances" / "train0.png").read_bytes() == before


def test_a_picture_of_numbers_of_another_size_is_a_problem_of_the_set(set_with_numbers):
    save_photo(set_with_numbers / "instances" / "train0.png", np.ones((10, 11, 1), np.uint8))
    (problem,) = [problem for problem in validate(read_index(set_with_numbers)) if problem.what == "size"]
    assert problem.name == "train0"
    assert "instances" in problem.text


# packs


def test_a_pack_keeps_numbers_labels_and_classes(tmp_path):
    save_coco_set(tmp_path)
    examples = read_coco(tmp_path / "labels.json", images=tmp_path / "images")
    write_pack(examples, tmp_path / "a.pack", size=64, instances=True)
    pack = open_pack(tmp_path / "a.pack")
    assert pack.classes == ("jar", "lid")
    assert pack.instances.shape == (4, 64, 64)
    for row, example in enumerate(examples):
        found = found_in(example)
        top, left, bottom, right = np.rint(pack.content[row] * 64).astype(int)
        inner = pack.instances[row, top:bottom, left:right]
        assert not pack.instances[row].sum() - inner.sum(dtype=np.int64)  # nothing beside the picture
        # each pixel is that of the picture under its centre
        rows = (np.arange(bottom - top) + 0.5) * found.numbers.shape[0] / (bottom - top)
        columns = (np.arange(right - left) + 0.5) * found.numbers.shape[1] / (right - left)
        np.testing.assert_array_equal(inner, found.numbers[np.ix_(rows.astype(int), columns.astype(int))])
        assert [pack.classes[label] for label in pack.labels[row, : len(found.classes)]] == list(found.classes)


def test_a_set_that_tells_nothing_apart_is_packed_without_numbers(tmp_path):
    write_pack(read_index(save_data_set(tmp_path / "data")), tmp_path / "a.pack", size=64, instances=True)
    pack = open_pack(tmp_path / "a.pack")
    assert (pack.instances, pack.labels, pack.classes) == (None, None, ())


def test_masks_beside_numbers_are_packed_with_their_parts(set_with_numbers, tmp_path):
    write_pack(read_index(set_with_numbers), tmp_path / "a.pack", size=64, instances=True)
    pack = open_pack(tmp_path / "a.pack")
    assert pack.classes == ("person",)
    assert [int(numbers.max()) for numbers in pack.instances] == [2, 1, 1]


@pytest.mark.parametrize("crowd", [0, 1])
def test_annotations_that_name_nothing_but_crowds_are_packed_without_numbers(tmp_path, crowd):
    save_photo(tmp_path / "a.png", disc_photo(4, 6))
    things = [entry(1, 1, 1, iscrowd=1, segmentation={"size": [4, 6], "counts": [4, 8, 12]})] if crowd else []
    save_coco(tmp_path / "labels.json", [image(1, "a.png")], things)
    examples = read_coco(tmp_path / "labels.json", images=tmp_path)
    write_pack(examples, tmp_path / "a.pack", size=64, instances=True)
    assert open_pack(tmp_path / "a.pack").classes == ()


def test_more_classes_than_a_byte_tells_apart_are_one_line(tmp_path):
    things = [box_object(f"class {index}", 0, 0, 1, 1) for index in range(200)]
    others = [box_object(f"kind {index}", 0, 0, 1, 1) for index in range(200)]
    (tmp_path / "b").mkdir()
    examples = [annotated(tmp_path, *things), annotated(tmp_path / "b", *others)]
    with pytest.raises(DatasetError, match="the set has 400 classes; at most 256"):
        write_pack(examples, tmp_path / "a.pack", size=64, instances=True)
    assert not (tmp_path / "a.pack").exists()


def test_numbers_of_sixteen_bits_are_numbers_too(tmp_path):
    from PIL import Image

    example = numbered(tmp_path, np.ones((10, 12), np.uint8))
    Image.fromarray(np.full((10, 12), 3, np.uint16)).save(tmp_path / "instances" / "a.png")
    assert full_scale(read_example(example)[0].samples) == 255
    assert found_in(example).classes == ("product",) * 3
