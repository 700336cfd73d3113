"""`deepetch cut --instances`: one file a thing."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from detectors import Found, detector
from drawn_subjects import ORANGE, WALL, save_photo, wall_photo
from models import colour_key

BOXES = (slice(8, 36), slice(60, 88))  # columns, of rows 16 to 48


@pytest.fixture
def shelf(tmp_path):
    """A photo of two orange boxes on a wall."""
    samples = np.empty((64, 96, 3))
    samples[:] = WALL
    for columns in BOXES:
        samples[16:48, columns] = ORANGE
    return save_photo(tmp_path / "shelf.png", np.round(samples * 255).astype(np.uint8))


@pytest.fixture
def model(tmp_path):
    """It finds a person in the left one and a product in the right one."""
    found = [Found(2, 0.9, (60, 32, 88, 64)), Found(1, 0.8, (8, 32, 36, 64))]
    return detector(tmp_path / "m.onnx", found, size=96)


def opaque(path):
    return np.array(Image.open(path))[..., 3] >= 128


def names(folder):
    return sorted(path.name for path in folder.glob("shelf-*"))


def test_a_file_a_thing_from_left_to_right(deepetch, shelf, model, tmp_path):
    answer = deepetch("cut", shelf, "--model", model, "--instances", "--refine", "none")
    assert (answer.status, answer.err) == (0, "")
    assert names(tmp_path) == ["shelf-cutout-1.png", "shelf-cutout-2.png"]
    first, second = answer.out.splitlines()
    assert "shelf-cutout-1.png  person 0.80" in first
    assert "shelf-cutout-2.png  product 0.90" in second
    for number, columns in enumerate(BOXES, 1):
        shown = np.zeros((64, 96), np.bool_)
        shown[16:48, columns] = True
        np.testing.assert_array_equal(opaque(tmp_path / f"shelf-cutout-{number}.png"), shown)


def test_json_says_which_thing_a_file_is(deepetch, shelf, model, tmp_path):
    answer = deepetch("cut", shelf, "--model", model, "--instances", "--json")
    first, second = answer.objects
    assert (first["instance"], first["class"], first["score"]) == (1, "person", pytest.approx(0.8))
    assert (second["instance"], second["class"], second["score"]) == (2, "product", pytest.approx(0.9))
    assert first["output"] == str(tmp_path / "shelf-cutout-1.png")
    assert first["input"] == second["input"] == str(shelf)
    assert first["foreground"] == pytest.approx(28 * 32 / (64 * 96), rel=0.2)
    assert {"width", "height", "seconds", "model", "confidence", "warnings"} <= first.keys()


def test_a_segmenter_gives_the_parts_that_hang_together(deepetch, shelf, tmp_path):
    answer = deepetch("cut", shelf, "--model", colour_key(tmp_path / "key.onnx"), "--instances", "--json")
    assert [(row["instance"], row["class"], row["score"]) for row in answer.objects] == [
        (1, None, None),
        (2, None, None),
    ]
    assert names(tmp_path) == ["shelf-cutout-1.png", "shelf-cutout-2.png"]


def test_a_mask_of_ones_own_is_divided_too(deepetch, shelf, tmp_path):
    mask = np.zeros((64, 96, 1), np.uint8)
    for columns in BOXES:
        mask[16:48, columns] = 255
    answer = deepetch("cut", shelf, "--mask", save_photo(tmp_path / "mask.png", mask), "--instances", "--json")
    assert [row["instance"] for row in answer.objects] == [1, 2]
    assert [row["model"] for row in answer.objects] == ["given"] * 2


def test_only_the_classes_asked_for(deepetch, shelf, model, tmp_path):
    answer = deepetch(
        "cut", shelf, "--model", model, "--instances", "--classes", "product, jar", "-o", tmp_path / "a.png"
    )
    assert answer.status == 2  # it knows no jar
    answer = deepetch("cut", shelf, "--model", model, "--instances", "--classes", " product", "-o", tmp_path / "a.png")
    assert (answer.status, answer.err) == (0, "")
    assert [path.name for path in tmp_path.glob("a-*")] == ["a-1.png"]
    assert opaque(tmp_path / "a-1.png")[20, 70]


def test_smaller_things_are_no_files(deepetch, shelf, tmp_path):
    found = [Found(2, 0.9, (60, 32, 88, 64)), Found(1, 0.8, (8, 32, 20, 44))]
    model = detector(tmp_path / "m.onnx", found, size=96)
    answer = deepetch("cut", shelf, "--model", model, "--instances", "--min-size", 0.1, "--json", "--refine", "none")
    assert [row["class"] for row in answer.objects] == ["product"]


def test_nothing_found_is_one_line_and_no_file(deepetch, shelf, tmp_path):
    for model in (detector(tmp_path / "m.onnx", []), detector(tmp_path / "n.onnx", [Found(1, 0.3, (1, 1, 60, 60))])):
        for more in ([], ["--always"]):
            answer = deepetch("cut", shelf, "--model", model, "--instances", *more)
            assert (answer.status, answer.err.count("\n")) == (1, 1)
            assert "no subject" in answer.err
    assert names(tmp_path) == []


def test_no_thing_of_a_class_is_one_line_and_no_file(deepetch, shelf, tmp_path):
    model = detector(tmp_path / "m.onnx", [Found(1, 0.8, (8, 32, 36, 64))], size=96)
    answer = deepetch("cut", shelf, "--model", model, "--instances", "--classes", "product", "--overlay")
    assert (answer.status, answer.err.count("\n")) == (1, 1)
    assert "no thing of product" in answer.err
    assert names(tmp_path) == []


def test_an_existing_file_stays_and_the_others_are_written(deepetch, shelf, model, tmp_path):
    (tmp_path / "shelf-cutout-1.png").write_text("mine")
    answer = deepetch("cut", shelf, "--model", model, "--instances", "--json")
    assert answer.status == 1
    assert [row["output"] for row in answer.objects] == [None, str(tmp_path / "shelf-cutout-2.png")]
    assert "exists" in answer.objects[0]["warnings"][0]
    assert answer.err == "deepetch: 1 of 2 files failed.\n"
    assert (tmp_path / "shelf-cutout-1.png").read_text() == "mine"
    assert opaque(tmp_path / "shelf-cutout-2.png").any()
    assert deepetch("cut", shelf, "--model", model, "--instances", "--overwrite").status == 0
    assert opaque(tmp_path / "shelf-cutout-1.png").any()


def test_a_photo_without_subject_does_not_keep_others_from_being_cut(deepetch, shelf, tmp_path):
    save_photo(tmp_path / "wall.png", wall_photo())
    (tmp_path / "out").mkdir()
    key = colour_key(tmp_path / "key.onnx")
    answer = deepetch("cut", tmp_path / "wall.png", shelf, "--model", key, "--instances", "-o", tmp_path / "out")
    assert answer.status == 1
    assert answer.err.splitlines()[-1] == "deepetch: 1 of 3 files failed."
    assert len(list((tmp_path / "out").iterdir())) == 2


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--classes", "person"], "of --instances, which was not given"),
        (["--min-size", "0.1"], "of --instances, which was not given"),
        (["--overlay"], "of --instances, which was not given"),
        (["--instances", "--profile", "amazon-main"], "--instances: a profile's names are of one product a photo"),
        (["--instances", "--min-size", "1"], "--min-size: expected a share of the picture from 0 to 1; got 1.0"),
        (["--instances", "--min-size", "-0.1"], "--min-size: expected a share"),
        (["--instances", "--min-size", "nan"], "--min-size: expected a share"),
        (["--instances", "--classes", "persn"], "--classes: the model knows no 'persn'; it knows person, product."),
        (["--instances", "--classes", ""], "--classes: the model knows no ''; it knows person, product."),
    ],
)
def test_options_that_make_no_sense_are_one_line(deepetch, shelf, model, tmp_path, more, said):
    answer = deepetch("cut", shelf, "--model", model, *more)
    assert (answer.status, answer.err.count("\n")) == (2, 1)
    assert said in answer.err
    assert names(tmp_path) == []


def test_classes_of_a_model_that_knows_none_are_one_line_for_any_number_of_photos(deepetch, shelf, tmp_path):
    save_photo(tmp_path / "other.png", wall_photo())
    answer = deepetch(
        "cut", shelf, tmp_path / "other.png", "--instances", "--classes", "person", "-o", tmp_path / "out"
    )
    assert (answer.status, answer.err.count("\n")) == (2, 1)
    assert "--classes: default does not tell what things are. Give another --model." in answer.err
    mask = save_photo(tmp_path / "mask.png", np.full((64, 96, 1), 255, np.uint8))
    answer = deepetch("cut", shelf, "--mask", mask, "--instances", "--classes", "person")
    assert (answer.status, answer.err.count("\n")) == (2, 1)
    assert names(tmp_path) == []


def test_an_overlay_shows_which_is_which(deepetch, shelf, model, tmp_path):
    answer = deepetch("cut", shelf, "--model", model, "--instances", "--overlay", "--json")
    assert (answer.status, answer.err) == (0, "")
    row = answer.objects[-1]
    assert (row["output"], row["instance"], row["class"]) == (str(tmp_path / "shelf-cutout-things.jpg"), None, None)
    shown = np.array(Image.open(tmp_path / "shelf-cutout-things.jpg")).astype(int)
    assert shown.shape == (64, 96, 3)
    assert np.abs(shown[44, 22] - shown[44, 74]).max() > 40  # two orange boxes, two colours
    assert np.abs(shown[60, 48] - np.round(np.array(WALL) * 255)).max() < 12


def test_an_overlay_that_exists_stays(deepetch, shelf, model, tmp_path):
    (tmp_path / "shelf-cutout-things.jpg").write_text("mine")
    answer = deepetch("cut", shelf, "--model", model, "--instances", "--overlay")
    assert answer.status == 1
    assert "shelf-cutout-things.jpg" in answer.err
    assert (tmp_path / "shelf-cutout-things.jpg").read_text() == "mine"
    assert names(tmp_path) == ["shelf-cutout-1.png", "shelf-cutout-2.png", "shelf-cutout-things.jpg"]


def test_an_ensemble_knows_the_classes_of_its_instances(deepetch, shelf, model, tmp_path):
    both = f"ensemble:{colour_key(tmp_path / 'key.onnx')}+{model}"
    answer = deepetch("cut", shelf, "--model", both, "--instances", "--classes", "product", "--json")
    assert [row["class"] for row in answer.objects] == ["product"]
    assert opaque(tmp_path / "shelf-cutout-1.png")[20:44, 64:84].all()
    answer = deepetch("cut", shelf, "--model", both, "--instances", "--classes", "jar")
    assert (answer.status, answer.err.count("\n")) == (2, 1)
