"""Bitmaps are coded and decoded by Pillow and zlib; outlines are compared with grids drawn by hand."""

from __future__ import annotations

import base64
import io
import json
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from drawn_objects import (
    RING,
    RING_ROWS,
    SUPERVISELY_SIZE,
    annotation_of,
    bitmap_object,
    mask_in,
    meta_of,
    outline_object,
    palette_png,
    png,
    random_mask,
    rows_of,
    save_json,
    save_project,
    text_of,
    without,
)
from PIL import Image

from deepetch.datasets.example import read_example
from deepetch.datasets.objects import Bitmap, LabelledObject, Polygon, Rectangle, foreground_mask, object_mask
from deepetch.datasets.supervisely import read_supervisely
from deepetch.datasets.supervisely_annotation import object_entry, read_annotation, replace_mask
from deepetch.errors import DatasetError, InvalidArray
from drawn_subjects import disc_mask

HEIGHT, WIDTH = SUPERVISELY_SIZE
WHOLE = palette_png(random_mask(5))


# reading


def read_objects(tmp_path, *things):
    return read_annotation(save_json(tmp_path / "ds" / "ann" / "a.png.json", annotation_of(*things)))


def masks_of(annotation):
    return [object_mask(thing, annotation.height, annotation.width) for thing in annotation.objects]


GREY = random_mask(5).astype(np.uint8)
FULL = Image.fromarray(GREY * 255)
NOTHING = Image.new("L", (WIDTH, HEIGHT), 9)


@pytest.mark.parametrize(
    "content",
    [
        palette_png(random_mask(5)),
        png(Image.fromarray(random_mask(5))),
        png(Image.fromarray(GREY)),
        png(Image.fromarray(GREY.astype(np.uint16))),
        png(Image.merge("LA", [NOTHING, FULL])),
        png(Image.merge("RGBA", [NOTHING, NOTHING, NOTHING, FULL])),
        png(Image.merge("RGB", [Image.new("L", (WIDTH, HEIGHT)), FULL, Image.new("L", (WIDTH, HEIGHT))])),
    ],
    ids=["palette", "1 bit", "8 bit", "16 bit", "grey and alpha", "RGBA", "RGB"],
)
def test_bitmap_of_any_png_is_the_mask(tmp_path, content):
    (mask,) = masks_of(read_objects(tmp_path, bitmap_object(text_of(content))))
    assert np.array_equal(mask, random_mask(5))


@pytest.mark.parametrize(("left", "top"), [(0, 0), (3, 2), (-4, -1), (6, 5), (100, 0)])
def test_bitmap_lies_at_its_origin_and_is_cut_at_the_frame(tmp_path, left, top):
    (mask,) = masks_of(read_objects(tmp_path, bitmap_object(text_of(palette_png(random_mask(5))), (left, top))))
    canvas = np.zeros((HEIGHT + 200, WIDTH + 200), bool)
    canvas[100 + top : 100 + top + HEIGHT, 100 + left : 100 + left + WIDTH] = random_mask(5)
    assert np.array_equal(mask, canvas[100 : 100 + HEIGHT, 100 : 100 + WIDTH])


def test_line_breaks_in_a_bitmap_are_no_part_of_it(tmp_path):
    text = base64.encodebytes(zlib.compress(palette_png(random_mask(5)))).decode()
    assert "\n" in text
    (mask,) = masks_of(read_objects(tmp_path, bitmap_object(text)))
    assert np.array_equal(mask, random_mask(5))


def test_alpha_mask_counts_where_it_is_not_transparent(tmp_path):
    levels = np.random.default_rng(0).choice(np.array([0, 1, 90, 255], np.uint8), (HEIGHT, WIDTH))
    thing = bitmap_object(text_of(png(Image.fromarray(levels), transparency=0)), geometryType="alpha_mask")
    (mask,) = masks_of(read_objects(tmp_path, thing))
    assert np.array_equal(mask, levels > 0)


def test_points_of_a_polygon_and_of_its_holes_are_pixels(tmp_path):
    annotation = read_objects(tmp_path, outline_object("polygon", RING))
    assert rows_of(masks_of(annotation)[0]) == RING_ROWS
    (polygon,) = annotation.objects[0].shapes
    assert polygon.exterior.tolist() == [[1.5, 1.5], [6.5, 1.5], [6.5, 4.5], [1.5, 4.5]]
    assert polygon.inclusive


def test_slanting_outlines_take_their_pixels_along(tmp_path):
    triangle = {"exterior": [[0, 0], [4, 4], [0, 4]], "interior": []}
    (mask,) = masks_of(read_objects(tmp_path, outline_object("polygon", triangle)))
    assert rows_of(mask) == ["#.......", "##......", "###.....", "####....", "#####...", "........"]


def test_parts_of_a_multipolygon_are_one_object(tmp_path):
    parts = [RING, {"exterior": [[7, 5], [7, 5], [7, 5]], "interior": []}]
    thing = {"classTitle": "person", "geometryType": "multipolygon", "parts": parts}
    (mask,) = masks_of(read_objects(tmp_path, thing))
    assert rows_of(mask) == [*RING_ROWS[:5], ".......#"]


@pytest.mark.parametrize("corners", [[[1, 2], [5, 3]], [[5, 3], [1, 2]], [[5.0, 2.0], [1.0, 3.0]]])
def test_both_corners_of_a_rectangle_are_pixels_of_it(tmp_path, corners):
    annotation = read_objects(tmp_path, outline_object("rectangle", {"exterior": corners, "interior": []}))
    assert rows_of(masks_of(annotation)[0]) == ["........"] * 2 + [".#####.."] * 2 + ["........"] * 2
    assert annotation.objects[0].shapes == (Rectangle(1, 2, 6, 4),)


@pytest.mark.parametrize(
    "thing",
    [
        outline_object("point", {"exterior": [[1, 1]], "interior": []}),
        outline_object("line", {"exterior": [[1, 1], [5, 5], [1, 5]], "interior": []}),
        {"classTitle": "person", "geometryType": "graph", "nodes": {"a": {"loc": [1, 2]}}},
        {"classTitle": "person", "geometryType": "cuboid", "points": [[1, 2]], "faces": [[0, 1, 2, 3]]},
        {"classTitle": "person", "geometryType": "of tomorrow"},
    ],
)
def test_what_covers_no_area_is_an_object_without_shape(tmp_path, thing):
    annotation = read_objects(tmp_path, thing)
    assert [(thing.category, thing.shapes) for thing in annotation.objects] == [("person", ())]


def test_objects_keep_their_order_and_size_is_height_by_width(tmp_path):
    things = [outline_object("polygon", RING, title=title) for title in ("b", "a", "b")]
    annotation = read_objects(tmp_path, *things)
    assert [thing.category for thing in annotation.objects] == ["b", "a", "b"]
    assert (annotation.height, annotation.width) == (HEIGHT, WIDTH)
    assert read_objects(tmp_path).objects == ()


def test_object_without_type_has_that_of_its_class(tmp_path):
    save_json(tmp_path / "meta.json", meta_of(person="polygon", thing="any"))
    untyped = outline_object("polygon", RING)
    del untyped["geometryType"]
    assert rows_of(masks_of(read_objects(tmp_path, untyped))[0]) == RING_ROWS
    with pytest.raises(DatasetError, match=r'object 2: expected "geometryType" to be text; got nothing'):
        read_objects(tmp_path, untyped, {**untyped, "classTitle": "thing"})


def chunk(kind, content):
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png_of_size(width, height):
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ("", "no whole PNG"),
        ("no base64!", "no zlib data in base64"),
        ("ä", "no zlib data in base64"),
        (base64.b64encode(WHOLE).decode(), "no zlib data in base64"),
        (text_of(WHOLE)[: len(text_of(WHOLE)) // 8 * 4], "no whole PNG"),
        (text_of(b"GIF89a"), "no whole PNG"),
        (text_of(WHOLE[:20]), "no whole PNG"),
        (text_of(WHOLE[:-20]), "damaged"),
        (text_of(png_of_size(0, 5)), "damaged"),
        (text_of(png_of_size(5, 5)), "damaged"),
        (text_of(png_of_size(2_000_000, 5)), "damaged"),
        (text_of(png_of_size(20_000, 20_000)), "20000 x 20000 pixels; at most 250,000,000"),
        (text_of(bytes((64 << 20) + 1)), "more than 64 MiB"),
    ],
    ids=lambda value: repr(value)[:24],
)
def test_bitmap_that_is_none_is_refused(tmp_path, data, said):
    good = bitmap_object(text_of(WHOLE))
    with pytest.raises(DatasetError, match=rf"a\.png\.json: object 2: the bitmap.*{said}"):
        read_objects(tmp_path, good, bitmap_object(data))


def polygon_of(*exterior, interior=()):
    return outline_object("polygon", {"exterior": list(exterior), "interior": list(interior)})


@pytest.mark.parametrize(
    ("thing", "said"),
    [
        ("person", 'expected "classTitle" to be text; got nothing'),
        (None, 'expected "classTitle"'),
        (without(polygon_of(), "classTitle"), 'expected "classTitle" to be text; got nothing'),
        ({**polygon_of(), "classTitle": 7}, 'expected "classTitle" to be text; got a whole number'),
        (without(polygon_of(), "geometryType"), 'expected "geometryType" to be text; got nothing'),
        ({**polygon_of(), "geometryType": ["polygon"]}, 'expected "geometryType" to be text'),
        (without(polygon_of(), "points"), 'expected "points" to be .* got nothing'),
        (outline_object("polygon", [[1, 2]]), 'expected "points" to be'),
        (outline_object("polygon", {"exterior": [[1, 2]]}), 'expected "interior" to be'),
        (outline_object("polygon", {"interior": []}), 'expected "exterior" to be'),
        (polygon_of([1, 2], [3]), r"expected points \[x, y\]"),
        (polygon_of([1, 2], "34"), r"expected points \[x, y\]"),
        (polygon_of([1, "2"]), r"expected points \[x, y\]"),
        (polygon_of([1, True]), r"expected points \[x, y\]"),
        (polygon_of([1, None]), r"expected points \[x, y\]"),
        (polygon_of([1, float("nan")]), r"expected points \[x, y\]"),
        (polygon_of([1, float("inf")]), r"expected points \[x, y\]"),
        (polygon_of([1, 10**400]), r"expected points \[x, y\]"),
        (polygon_of([-1_000_001, 0]), "within 1,000,000 pixels"),
        (polygon_of([1, 1], [2, 2], [1, 2], interior=[7]), '"interior" to be a list of holes'),
        (polygon_of([1, 1], [2, 2], [1, 2], interior=[[1, 1]]), r"expected points \[x, y\]"),
        (outline_object("rectangle", {"exterior": [[1, 2]], "interior": []}), "rectangle of two points; got 1"),
        (outline_object("multipolygon", RING), 'expected "parts" to be'),
        ({"classTitle": "a", "geometryType": "multipolygon", "parts": [7]}, 'expected "exterior"'),
        (outline_object("bitmap", RING), 'expected "bitmap" to be'),
        ({"classTitle": "a", "geometryType": "bitmap", "bitmap": {"origin": [0, 0]}}, 'expected "data" to be text'),
        ({"classTitle": "a", "geometryType": "bitmap", "bitmap": {"data": "x"}}, 'expected "origin" to be'),
        (bitmap_object("x", [1]), r"expected points \[x, y\]"),
        (bitmap_object("x", [1.5, 0]), 'expected "origin" to be whole pixels; got 1.5, 0'),
        (bitmap_object(7), 'expected "data" to be text; got a whole number'),
    ],
)  # fmt: skip
def test_malformed_object_is_named_by_file_and_number(tmp_path, thing, said):
    with pytest.raises(DatasetError, match=rf"a\.png\.json: object 2: .*{said}"):
        read_objects(tmp_path, polygon_of([0, 0], [1, 0], [1, 1]), thing)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"", "expected whole JSON"),
        (json.dumps(annotation_of(polygon_of()))[:60].encode(), "expected whole JSON"),
        (b"\xff\xd8\xff\xe0", "expected whole JSON"),
        (b"[" * 100_000, "expected whole JSON"),
        (b"[]", 'expected "size" to be .* got nothing'),
        (b'{"objects": []}', 'expected "size"'),
        (b'{"size": {"height": 2}, "objects": []}', 'size: expected "width" to be a whole number; got nothing'),
        (b'{"size": {"height": 2.5, "width": 2}, "objects": []}', 'expected "height" .* got 2.5'),
        (b'{"size": {"height": true, "width": 2}, "objects": []}', 'expected "height" .* got True'),
        (
            b'{"size": {"height": 2, "width": 0}, "objects": []}',
            "a size from 1 x 1 to 250,000,000 pixels in all; got 0 x 2",
        ),
        (b'{"size": {"height": 2, "width": 2}}', 'expected "objects" to be .* got nothing'),
    ],
    ids=lambda value: repr(value)[:24],
)
def test_malformed_annotation_says_what_is_missing(tmp_path, text, said):
    (tmp_path / "a.json").write_bytes(text)
    with pytest.raises(DatasetError, match=rf"a\.json: .*{said}") as caught:
        read_annotation(tmp_path / "a.json")
    assert "\n" not in str(caught.value)


def test_missing_annotation_and_folder_are_said(tmp_path):
    with pytest.raises(DatasetError, match=r"none\.json: cannot be read \(No such file"):
        read_annotation(tmp_path / "none.json")
    with pytest.raises(DatasetError, match="cannot be read"):
        read_annotation(tmp_path)


def test_byte_order_mark_is_no_part_of_the_text(tmp_path):
    path = tmp_path / "a.json"
    path.write_bytes(b"\xef\xbb\xbf" + json.dumps(annotation_of()).encode())
    assert read_annotation(path).objects == ()


# what is written


def inclusive(exterior, *interiors):
    exterior, *interiors = (np.array(points) + 0.5 for points in (exterior, *interiors))
    return Polygon(exterior, tuple(interiors), inclusive=True)


POLYGON = inclusive(RING["exterior"], *RING["interior"])
CORNERS = Polygon(np.array([[1.0, 1.0], [7.0, 1.0], [7.0, 5.0]]))


def stored(tmp_path, *shapes, height=HEIGHT, width=WIDTH):
    """How an object is written, and the reader's view of it."""
    thing = object_entry(LabelledObject(category="person", shapes=shapes), height, width)
    path = save_json(tmp_path / "a.json", annotation_of(thing, height=height, width=width))
    return json.loads(path.read_text())["objects"][0], read_annotation(path)


@pytest.mark.parametrize("seed", range(8))
def test_bitmaps_are_stored_as_supervisely_stores_them(tmp_path, seed):
    size = np.random.default_rng(seed).integers(1, 40, 2).tolist()
    mask = random_mask(seed, *size)
    mask[0, 0] = True
    thing, annotation = stored(tmp_path, Bitmap(mask), height=size[0], width=size[1])
    assert np.array_equal(mask_in(thing, *size), mask)
    assert np.array_equal(foreground_mask(annotation), mask)


def test_bitmap_is_as_small_as_its_pixels(tmp_path):
    mask = np.zeros((HEIGHT, WIDTH), bool)
    mask[2:4, 3:8] = True
    thing, _ = stored(tmp_path, Bitmap(mask))
    assert thing["bitmap"]["origin"] == [3, 2]
    picture = Image.open(io.BytesIO(zlib.decompress(base64.b64decode(thing["bitmap"]["data"]))))
    assert (picture.size, picture.mode) == ((5, 2), "P")


def test_inclusive_polygon_with_a_hole_stays_that(tmp_path):
    thing, annotation = stored(tmp_path, POLYGON)
    assert (thing["geometryType"], thing["points"]) == ("polygon", RING)
    assert rows_of(foreground_mask(annotation)) == RING_ROWS
    assert np.array_equal(annotation.objects[0].shapes[0].exterior, POLYGON.exterior)


def test_points_between_pixels_are_kept(tmp_path):
    shape = inclusive([[1.25, 1], [6, 1.625], [3, 4]])
    _, annotation = stored(tmp_path, shape)
    assert np.array_equal(annotation.objects[0].shapes[0].exterior, shape.exterior)


def test_rectangle_of_whole_sides_stays_that(tmp_path):
    thing, annotation = stored(tmp_path, Rectangle(1.0, 2.0, 6.0, 4.0))
    assert thing["geometryType"] == "rectangle"
    assert thing["points"] == {"exterior": [[1, 2], [5, 3]], "interior": []}
    assert annotation.objects[0].shapes == (Rectangle(1, 2, 6, 4),)


@pytest.mark.parametrize(
    "shapes",
    [
        (CORNERS,),
        (Rectangle(1.2, 2, 6, 4),),
        (POLYGON, Rectangle(7, 5, 8, 6)),
        (inclusive([[1, 1], [5, 3]]),),
        (inclusive(RING["exterior"], [[3, 2]]),),
        (Bitmap(random_mask(1), -2, 3),),
    ],
)
def test_everything_else_becomes_one_bitmap_of_the_same_pixels(tmp_path, shapes):
    mask = object_mask(LabelledObject(category="person", shapes=shapes), HEIGHT, WIDTH)
    thing, annotation = stored(tmp_path, *shapes)
    assert thing["geometryType"] == "bitmap"
    assert np.array_equal(mask_in(thing), mask)
    assert np.array_equal(foreground_mask(annotation), mask)


@pytest.mark.parametrize(
    "shapes",
    [(), (Bitmap(np.zeros((2, 2), bool)),), (Bitmap(np.ones((2, 2), bool), 50, 50),), (Rectangle(3, 3, 3, 5),)],
)
def test_an_object_without_pixels_is_not_stored(shapes):
    assert object_entry(LabelledObject(category="person", shapes=shapes), HEIGHT, WIDTH) is None


# an edited mask


@pytest.fixture
def project(tmp_path):
    return save_project(tmp_path / "shoes")


@pytest.fixture
def edited(project):
    """An annotation with everything a tool may have written."""
    rectangle = outline_object("rectangle", {"exterior": [[0, 0], [2, 5]], "interior": []}, title="box", id=2)
    polygon = outline_object(
        "polygon", RING, id=503051990, classId=7, labelerLogin="max", tags=[{"name": "left", "value": 1.5}]
    )
    polygon["description"] = "größer"
    point = outline_object("point", {"exterior": [[4, 4]], "interior": []}, title="bag", future={"a": [1, None]})
    document = annotation_of(rectangle, polygon, point, bitmap_object(text_of(WHOLE), id=4, tags=["gone"]))
    document |= {"tags": [{"name": "seen", "value": None}], "customBigData": {"x": 10**20}, "description": "hello"}
    return save_json(project / "train" / "ann" / "a.png.json", document)


def test_edited_mask_replaces_the_objects_of_its_class(edited):
    before = json.loads(edited.read_text())
    replace_mask(edited, "person", random_mask(9))
    after = json.loads(edited.read_text())
    rectangle, person, point = after["objects"]
    assert [rectangle, point] == [before["objects"][0], before["objects"][2]]
    assert np.array_equal(mask_in(person), random_mask(9))
    assert {k: v for k, v in person.items() if k != "bitmap"} == {
        **without(before["objects"][1], "points"), "geometryType": "bitmap"
    }  # fmt: skip
    assert without(after, "objects") == without(before, "objects")
    assert list(after) == list(before)


def test_only_the_mask_of_that_class_changes(project, edited):
    others = foreground_mask(read_annotation(edited), {"box", "bag"})
    replace_mask(edited, "person", random_mask(9))
    annotation = read_annotation(edited)
    assert np.array_equal(foreground_mask(annotation, {"person"}), random_mask(9))
    assert np.array_equal(foreground_mask(annotation, {"box", "bag"}), others)
    example = read_supervisely(project, datasets=["train"], categories=["person"])[0]
    assert np.array_equal(read_example(example)[1], random_mask(9))
    assert [path.name for path in edited.parent.iterdir() if path.name.startswith(".")] == []


def test_mask_of_a_class_without_object_is_appended(project):
    path = project / "ds2" / "ann" / "c.png.json"
    save_json(path, annotation_of(outline_object("polygon", RING)))
    replace_mask(path, "bag", random_mask(9))
    first, second = json.loads(path.read_text())["objects"]
    assert first == outline_object("polygon", RING)
    assert (second["classTitle"], second["description"], second["tags"]) == ("bag", "", [])
    assert np.array_equal(mask_in(second), random_mask(9))


def test_empty_mask_removes_the_objects(edited):
    before = json.loads(edited.read_text())["objects"]
    replace_mask(edited, "person", np.zeros((HEIGHT, WIDTH), bool))
    assert json.loads(edited.read_text())["objects"] == [before[0], before[2]]
    replace_mask(edited, "person", np.zeros((HEIGHT, WIDTH), bool))
    assert json.loads(edited.read_text())["objects"] == [before[0], before[2]]


def test_edited_mask_of_an_inner_dataset_finds_its_project(tmp_path, monkeypatch):
    save_json(tmp_path / "datasets" / "meta.json", meta_of(person="any"))
    folder = tmp_path / "datasets" / "shoes" / "datasets" / "left" / "datasets" / "train" / "ann"
    save_json(folder / "a.png.json", annotation_of(bitmap_object(text_of(WHOLE))))
    replace_mask(folder / "a.png.json", "person", random_mask(2))
    assert np.array_equal(foreground_mask(read_annotation(folder / "a.png.json")), random_mask(2))
    monkeypatch.chdir(folder)
    replace_mask(Path("a.png.json"), "person", random_mask(3))
    assert np.array_equal(foreground_mask(read_annotation(folder / "a.png.json")), random_mask(3))


@pytest.mark.parametrize("shape", [(WIDTH, HEIGHT), (HEIGHT, WIDTH + 1), (0, 0)])
def test_edited_mask_of_another_size_is_refused(edited, shape):
    before = edited.read_bytes()
    with pytest.raises(
        DatasetError, match=f"expected a mask of 8 x 6 like the annotation; got {shape[1]} x {shape[0]}"
    ):
        replace_mask(edited, "person", np.ones(shape, bool))
    assert edited.read_bytes() == before


def test_edited_mask_that_is_not_bool_is_refused(edited):
    with pytest.raises(InvalidArray, match="expected bool"):
        replace_mask(edited, "person", np.ones((HEIGHT, WIDTH), np.uint8))


def test_edited_mask_of_an_unknown_class_is_refused(edited):
    before = edited.read_bytes()
    with pytest.raises(DatasetError, match='no class "dog"; classes: bag, box, person'):
        replace_mask(edited, "dog", disc_mask(HEIGHT, WIDTH))
    with pytest.raises(
        DatasetError, match=r'"box" holds objects of type rectangle, no masks\. Set its "shape" to "any"'
    ):
        replace_mask(edited, "box", disc_mask(HEIGHT, WIDTH))
    assert edited.read_bytes() == before


def test_edited_mask_of_a_damaged_annotation_or_lost_project_is_refused(project, edited, tmp_path):
    edited.write_text('{"size": {"height": 6, "width": 8}, "objects": [{"classTitle": "person"}, 7]}')
    with pytest.raises(DatasetError, match='object 2: expected "classTitle"'):
        replace_mask(edited, "person", random_mask())
    edited.write_text("{")
    with pytest.raises(DatasetError, match="expected whole JSON"):
        replace_mask(edited, "person", random_mask())
    (project / "meta.json").unlink()
    with pytest.raises(DatasetError, match=r"meta\.json: cannot be read"):
        replace_mask(edited, "person", random_mask())
