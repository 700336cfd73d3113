"""COCO's own tool says what an annotation means."""

from __future__ import annotations

import contextlib
import io
import json
import sys

import numpy as np
import pytest
from drawn_objects import (
    COCO_SIZE,
    SQUARE,
    compressed,
    draw,
    entry,
    image,
    mask_of_random_size,
    rows_of,
    save_coco,
    without,
)
from pycocotools import mask as mask_api
from pycocotools.coco import COCO

from deepetch.datasets.coco import read_coco
from deepetch.datasets.coco_objects import annotation_objects, object_entry
from deepetch.datasets.example import read_example
from deepetch.datasets.objects import Bitmap, LabelledObject, Polygon, Rectangle, object_mask
from deepetch.errors import DatasetError, MissingExtra

HEIGHT, WIDTH = COCO_SIZE
NAMES = {1: "jar", 2: "lid"}


def objects_of(*entries, height=HEIGHT, width=WIDTH):
    return annotation_objects(entries, width=width, height=height, names=NAMES, where="x.json").objects


# what annotations mean


def test_polygons_go_through_corners():
    (thing,) = objects_of(entry())
    assert (thing.category, thing.crowd) == ("jar", False)
    assert rows_of(object_mask(thing, HEIGHT, WIDTH)) == ["......", ".####.", ".####.", "......"]


@pytest.mark.parametrize("seed", range(10))
def test_polygons_are_drawn_as_cocos_own_tool_draws_them(seed):
    random = np.random.default_rng(seed)
    polygons = [(random.random(2 * random.integers(3, 9)) * 50 - 5).tolist() for _ in range(3)]
    (thing,) = objects_of(entry(segmentation=polygons), height=40, width=36)
    assert len(thing.shapes) == 3
    drawn = mask_api.decode(mask_api.merge(mask_api.frPyObjects(polygons, 40, 36)))
    assert np.array_equal(object_mask(thing, 40, 36), drawn)


def test_counts_run_down_the_columns_and_begin_with_background():
    (thing,) = objects_of(entry(segmentation={"size": [4, 6], "counts": [1, 2, 1, 4, 12, 3, 1]}))
    assert rows_of(object_mask(thing, 4, 6)) == [".#...#", "##...#", "##...#", ".#...."]
    (thing,) = objects_of(entry(segmentation={"size": [2, 2], "counts": [0, 1, 3]}), height=2, width=2)
    assert rows_of(object_mask(thing, 2, 2)) == ["#.", ".."]


@pytest.mark.parametrize("seed", range(15))
def test_compressed_counts_are_those_of_cocos_own_tool(seed):
    mask = mask_of_random_size(seed)
    (thing,) = objects_of(entry(segmentation=compressed(mask)), height=mask.shape[0], width=mask.shape[1])
    assert np.array_equal(object_mask(thing, *mask.shape), mask)


def test_long_runs_take_several_characters():
    mask = np.zeros((1100, 1000), bool)
    mask[3:1090, 500] = mask[0, 999] = True
    segmentation = compressed(mask)
    assert len(segmentation["counts"]) > 4 * 3
    (thing,) = objects_of(entry(segmentation=segmentation), height=1100, width=1000)
    assert np.array_equal(object_mask(thing, 1100, 1000), mask)


def test_a_bitmap_is_no_larger_than_its_object():
    mask = np.zeros((50, 60), bool)
    mask[10:13, 20:24] = True
    (thing,) = objects_of(entry(segmentation=compressed(mask)), height=50, width=60)
    assert thing.shapes[0].mask.shape == (3, 4)


@pytest.mark.parametrize("value", [1, True])
def test_a_crowd_is_said(value):
    (thing,) = objects_of(entry(segmentation={"size": [4, 6], "counts": [0, 24]}, iscrowd=value))
    assert thing.crowd
    assert object_mask(thing, HEIGHT, WIDTH).all()


def test_iscrowd_may_be_missing():
    assert not objects_of(without(entry(), "iscrowd"))[0].crowd


def test_a_box_is_no_mask():
    assert objects_of(entry(segmentation=[]))[0].shapes == ()


def test_no_annotation_is_no_object():
    assert objects_of() == ()


# what cannot be read


def rle(counts, size=(HEIGHT, WIDTH)):
    return entry(segmentation={"size": list(size), "counts": counts})


@pytest.mark.parametrize(
    ("damaged", "said"),
    [
        (without(entry(), "segmentation"), "got nothing"),
        (entry(segmentation="SQUARE"), "got text"),
        (without(entry(segmentation=[]), "bbox"), '"bbox"'),
        (entry(segmentation=[], bbox=[1, 2, 3]), '"bbox" to be four numbers'),
        (entry(segmentation=[], bbox=[1, 2, 3, float("nan")]), '"bbox" to be four numbers'),
        (entry(segmentation=SQUARE), "expected polygons"),
        (entry(segmentation=[[]]), "got 0 numbers"),
        (entry(segmentation=[[1, 1, 5, 1]]), "got 4 numbers"),
        (entry(segmentation=[[*SQUARE, 2]]), "got 9 numbers"),
        (entry(segmentation=[SQUARE, [1, 1, 5, 1, float("nan"), 3]]), "expected polygons"),
        (entry(segmentation=[[1, 1, 5, 1, float("inf"), 3]]), "expected polygons"),
        (entry(segmentation=[[1, 1, 5, 1, "5", 3]]), "expected polygons"),
        (entry(segmentation=[[1, 1, 5, 1, None, 3]]), "expected polygons"),
        (entry(segmentation=[[1, 1, 5, 1, True, 3]]), "expected polygons"),
        (entry(segmentation=[[1, 1, 5, 1, 1e9, 3]]), "within 1,000,000 pixels"),
        (entry(segmentation=[[1, 1, 5, 1, 10**400, 3]]), "within 1,000,000 pixels"),
        (entry(segmentation=[[-9e5, 0, 9e5, 1] * 2]), "more than 5,000,000 pixels"),
        (entry(iscrowd="0\n"), r"got '0\\n'"),
        (entry(iscrowd=2), '"iscrowd" to be 0 or 1; got 2'),
        (entry(iscrowd=None), '"iscrowd" to be 0 or 1'),
        (entry(segmentation={"counts": [24]}), '"size" to be'),
        (entry(segmentation={"size": [HEIGHT, WIDTH]}), '"counts" to be whole numbers or text'),
        (rle([24], size=(WIDTH, HEIGHT)), r'expected the "size" \[4, 6\] .* got \[6, 4\]'),
        (rle([24], size=(24,)), '"size"'),
        (rle(24), '"counts"'),
        (rle([]), "sum to the 24 pixels.*got 0"),
        (rle([3, 2]), "sum to the 24 pixels.*got 5"),
        (rle([3, 22]), "sum to the 24 pixels.*got 25"),
        (rle([3, 10**30]), "from 0 to 24; got 1000"),
        (rle([10**4299] * 20), "from 0 to 24; got 1000"),
        (rle([12, -6, 18]), "from 0 to 24; got -6"),
        (rle([0] * 30 + [24]), "31 counts are too many"),
        (rle([4.0, 20.0]), "whole numbers or text"),
        (rle([4, "20"]), "whole numbers or text"),
        (rle([True, 23]), "whole numbers or text"),
        (rle(""), "no compressed RLE"),
        (rle("d"), "no compressed RLE"),  # a number without its end
        (rle("P"), "no compressed RLE"),
        (rle("oooooooooo0"), "no compressed RLE"),  # more digits than a number has
        (rle("\x01"), "no compressed RLE"),
        (rle("é"), "no compressed RLE"),
        (rle("\udc80"), "no compressed RLE"),
        (rle("8"), "sum to the 24 pixels.*got 8"),
        (rle("h0h0"), "sum to the 24 pixels.*got 48"),
        (rle("h0O1"), "got -1"),
        (rle("h0" + "0" * 40), "too many"),
    ],
)
def test_damaged_annotation_raises_only_when_its_picture_is_read(tmp_path, damaged, said):
    draw(tmp_path / "a.jpg", tmp_path / "b.jpg")
    path = save_coco(tmp_path / "x.json", [image(1, "a.jpg"), image(2, "b.jpg")], [damaged, entry(8, 2)])
    broken, whole = read_coco(path)
    assert read_example(whole)[1].sum() == 8
    with pytest.raises(DatasetError, match=said) as raised:
        read_example(broken)
    assert str(raised.value).startswith(f"{path}: annotation 7: ")
    assert "\n" not in str(raised.value)


def test_unknown_category_of_a_single_annotation_is_refused():
    with pytest.raises(DatasetError, match=r'x\.json: annotation 7: its "category_id" 3 is none'):
        objects_of(entry(category=3))


def test_without_pycocotools_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "pycocotools", None)
    for call in (lambda: objects_of(entry()), lambda: object_entry(JAR, HEIGHT, WIDTH)):
        with pytest.raises(MissingExtra, match=r"pip install 'deepetch\[data\]'"):
            call()


# what is written


def corners(*numbers):
    return np.array(numbers, np.float64).reshape(-1, 2)


JAR = LabelledObject(category="jar", shapes=(Polygon(corners(*SQUARE)),))


def entry_of(thing, folder, height=HEIGHT, width=WIDTH):
    """How an object is written; checked against COCO's own tool."""
    ids = {"id": 1, "image_id": 1, "category_id": 1}
    size = {"height": height, "width": width}
    path = save_coco(folder / "x.json", [image(1, "a.png") | size], [ids | object_entry(thing, height, width)])
    with contextlib.redirect_stdout(io.StringIO()):
        tool = COCO(path)
    (said,) = tool.loadAnns(tool.getAnnIds())
    mask = object_mask(thing, height, width)
    assert np.array_equal(tool.annToMask(said), mask)
    encoded = mask_api.encode(np.asfortranarray(mask.astype(np.uint8)))
    assert said["area"] == mask_api.area(encoded)
    assert said["bbox"] == mask_api.toBbox(encoded).tolist()
    (back,) = objects_of(json.loads(path.read_text())["annotations"][0], height=height, width=width)
    assert np.array_equal(object_mask(back, height, width), mask)
    assert (back.category, back.crowd) == (thing.category, thing.crowd)
    return said


def test_polygons_keep_their_coordinates(tmp_path):
    parts = (Polygon(corners(0.1, 0.2, 3.3, 0, 1, 2.7)), Polygon(corners(4, 2, 6.5, 2, 6.5, 9, 4, 1 / 3)))
    said = entry_of(LabelledObject(category="jar", shapes=parts), tmp_path)
    assert said["segmentation"] == [[0.1, 0.2, 3.3, 0, 1, 2.7], [4, 2, 6.5, 2, 6.5, 9, 4, 1 / 3]]
    assert said["iscrowd"] == 0


@pytest.mark.parametrize(
    "shapes",
    [
        (Rectangle(1, 1, 3, 3),),
        (Bitmap(np.ones((2, 2), bool), 4, 3),),
        (Polygon(corners(*SQUARE) + 0.5, inclusive=True),),
        (Polygon(corners(*SQUARE)), Rectangle(0, 0, 1, 4)),
        (Polygon(corners(*SQUARE)), Polygon(corners(1, 1, 2, 2))),
        (Polygon(corners(-1_000_001, 1, 2, 1, 2, 3)),),
        (Polygon(corners(1, 1, 5, 1, 5, 3, 1, 3), (corners(1, 1, 3, 1, 3, 3, 1, 3),)),),
    ],
)
def test_what_coco_has_no_word_for_is_traced(tmp_path, shapes):
    said = entry_of(LabelledObject(category="jar", shapes=shapes), tmp_path)
    assert isinstance(said["segmentation"], list)


def test_a_mask_with_a_hole_is_run_lengths_and_no_crowd(tmp_path):
    ring = np.ones((3, 3), bool)
    ring[1, 1] = False
    said = entry_of(LabelledObject(category="jar", shapes=(Bitmap(ring, 1, 1),)), tmp_path)
    assert said["segmentation"].keys() == {"size", "counts"}
    assert said["iscrowd"] == 0


def test_a_crowd_is_run_lengths(tmp_path):
    thing = LabelledObject(category="jar", shapes=JAR.shapes, crowd=True)
    said = entry_of(thing, tmp_path)
    assert isinstance(said["segmentation"]["counts"], str)
    assert said["iscrowd"] == 1


def test_an_object_nobody_can_see_stays(tmp_path):
    said = entry_of(LabelledObject(category="jar", shapes=()), tmp_path)
    assert (said["area"], said["bbox"]) == (0, [0, 0, 0, 0])


@pytest.mark.parametrize("seed", range(12))
def test_random_masks_come_back(tmp_path, seed):
    mask = mask_of_random_size(seed)
    thing = LabelledObject(category="jar", shapes=(Bitmap(mask),))
    entry_of(thing, tmp_path, *mask.shape)
