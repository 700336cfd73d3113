"""A cut-out of several things to one cut-out a thing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from deepetch.cutout import Cutout, cut_out
from deepetch.errors import InvalidOptions, NoSubject
from deepetch.inference.instance import Instance
from deepetch.inference.session import load_model
from deepetch.instances import overlay, separate
from deepetch.matte.colours import border_colours
from deepetch.matte.matte import Matte
from deepetch.options import CutOptions, MatteOptions
from deepetch.photo.read import read_photo
from detectors import Found, detector
from drawn_subjects import ORANGE, WALL, save_photo
from models import colour_key

PLAIN = CutOptions(matte=MatteOptions(refine="none"))
SHAPE = (60, 100)
JAR, LID, PERSON = (slice(10, 50), slice(60, 90)), (slice(20, 40), slice(5, 25)), (slice(10, 50), slice(30, 55))


def boxed(name, place, *, score=0.9, opacity=1.0):
    rows, columns = place
    height, width = SHAPE
    box = (columns.start / width, rows.start / height, columns.stop / width, rows.stop / height)
    return Instance(name=name, score=score, box=box, mask=np.full((28, 28), opacity, np.float32))


def drawn(tmp_path, *places, instances=(), dtype=np.uint8):
    """A cut-out that shows some rectangles."""
    alpha = np.zeros(SHAPE, dtype)
    samples = np.empty((*SHAPE, 3))
    samples[:] = WALL
    for place in places:
        alpha[place] = np.iinfo(dtype).max
        samples[place] = ORANGE
    photo = read_photo(save_photo(tmp_path / "photo.png", np.round(samples * 255).astype(np.uint8)))
    if dtype == np.uint16:
        photo = replace(photo, samples=photo.samples.astype(np.uint16) * 257)
    border = border_colours(photo.samples, alpha, None, PLAIN.matte)
    return Cutout(photo=photo, matte=Matte(alpha, border), confidence=0.8, model="drawn", instances=tuple(instances))


def middles(things):
    return [float(np.nonzero(thing.cutout.alpha.any(0))[0].mean()) for thing in things]


def test_connected_parts_are_things_from_left_to_right(tmp_path):
    things = separate(drawn(tmp_path, JAR, LID, PERSON), PLAIN)
    assert [(thing.name, thing.score) for thing in things] == [("", None)] * 3
    assert middles(things) == sorted(middles(things))
    for thing, place in zip(things, (LID, PERSON, JAR), strict=True):
        expected = np.zeros(SHAPE, np.uint8)
        expected[place] = 255
        np.testing.assert_array_equal(thing.cutout.alpha, expected)
        assert thing.cutout.confidence == 0.8
        assert thing.cutout.instances == ()


def test_instances_have_their_names_and_scores(tmp_path):
    told = [boxed("jar", JAR, score=0.9), boxed("lid", LID, score=0.8), boxed("person", PERSON, score=0.7)]
    things = separate(drawn(tmp_path, JAR, LID, PERSON, instances=told), PLAIN)
    assert [(thing.name, thing.score) for thing in things] == [("lid", 0.8), ("person", 0.7), ("jar", 0.9)]
    whole = np.sum([thing.cutout.alpha.astype(int) for thing in things], axis=0)
    np.testing.assert_array_equal(whole, drawn(tmp_path, JAR, LID, PERSON).alpha)


def test_things_that_overlap_are_disjoint_and_the_surer_claim_wins(tmp_path):
    behind, front = (slice(10, 50), slice(20, 70)), (slice(20, 40), slice(50, 90))
    told = [boxed("person", behind, opacity=0.6), boxed("jar", front, opacity=0.9)]
    things = separate(drawn(tmp_path, behind, front, instances=told), PLAIN)
    person, jar = (thing.cutout.alpha >= 128 for thing in things)
    assert not (person & jar).any()
    assert jar[21:39, 52:89].all()
    assert person[11:49, 21:49].all()


def test_a_part_of_one_thing_that_was_not_found_goes_with_the_nearest(tmp_path):
    cap = (slice(2, 8), slice(65, 75))  # above the jar, apart from it
    told = [boxed("jar", JAR), boxed("lid", LID)]
    things = separate(drawn(tmp_path, JAR, LID, cap, instances=told), PLAIN)
    assert (things[1].cutout.alpha[cap] == 255).all()
    assert not things[0].cutout.alpha[cap].any()


def test_only_things_of_the_classes_asked_for(tmp_path):
    told = [boxed("jar", JAR), boxed("lid", LID), boxed("person", PERSON)]
    cutout = drawn(tmp_path, JAR, LID, PERSON, instances=told)
    assert [thing.name for thing in separate(cutout, PLAIN, classes=("jar", "lid"))] == ["lid", "jar"]
    with pytest.raises(NoSubject, match=r"no thing of bottle of 0\.2% of the picture or more. Ask for less"):
        separate(cutout, PLAIN, classes=("bottle",))


def test_a_product_is_cut_out_without_the_person_who_holds_it(tmp_path):
    person, product = (slice(5, 55), slice(20, 60)), (slice(25, 35), slice(55, 75))
    told = [boxed("person", person, opacity=0.8), boxed("product", product, opacity=0.9)]
    (thing,) = separate(drawn(tmp_path, person, product, instances=told), PLAIN, classes=("product",))
    assert (thing.cutout.alpha[26:34, 57:74] == 255).all()
    assert not thing.cutout.alpha[:, :54].any()


def test_classes_where_nothing_tells_them_are_refused(tmp_path):
    with pytest.raises(InvalidOptions, match="classes: drawn tells of nothing here what it is"):
        separate(drawn(tmp_path, JAR), PLAIN, classes=("jar",))


def test_smaller_things_are_left_out(tmp_path):
    cutout = drawn(tmp_path, JAR, LID)  # 1200 and 400 of 6000 pixels
    assert len(separate(cutout, PLAIN, least_size=0.06)) == 2
    assert len(separate(cutout, PLAIN, least_size=0.07)) == 1
    with pytest.raises(NoSubject, match=r"no thing of 30\.0% of the picture or more"):
        separate(cutout, PLAIN, least_size=0.3)


@pytest.mark.parametrize("least_size", [-0.1, 1.0, float("nan")])
def test_a_size_that_is_no_share_is_refused(tmp_path, least_size):
    with pytest.raises(InvalidOptions, match="min-size: expected a share of the picture from 0 to 1"):
        separate(drawn(tmp_path, JAR), PLAIN, least_size=least_size)


def test_an_alpha_that_is_nowhere_half_shows_no_thing(tmp_path):
    cutout = drawn(tmp_path, JAR)
    faint = replace(cutout, matte=Matte(cutout.alpha // 4, cutout.matte.border))
    with pytest.raises(NoSubject, match="no thing"):
        separate(faint, PLAIN)


def test_sixteen_bits_stay_sixteen_bits(tmp_path):
    things = separate(drawn(tmp_path, JAR, LID, dtype=np.uint16), PLAIN)
    assert [thing.cutout.alpha.dtype for thing in things] == [np.uint16] * 2
    assert [thing.cutout.alpha.max() for thing in things] == [65535] * 2


def test_more_parts_than_things_can_be_told_apart(tmp_path):
    alpha = np.zeros(SHAPE, np.uint8)
    alpha[::3, ::3] = 255  # 680 pixels apart
    cutout = drawn(tmp_path)
    things = separate(replace(cutout, matte=Matte(alpha, cutout.matte.border)), PLAIN, least_size=0)
    assert len(things) == 255


# from a photo


def shelf_photo(path):
    """Two orange boxes on a wall."""
    samples = np.empty((64, 96, 3))
    samples[:] = WALL
    samples[16:48, 8:36] = ORANGE
    samples[16:48, 60:88] = ORANGE
    return save_photo(path, np.round(samples * 255).astype(np.uint8))


def test_a_photo_cut_out_by_a_network_that_tells_things_apart(tmp_path):
    # the square of 96 has the picture at rows 16 to 80
    found = [Found(2, 0.9, (60, 32, 88, 64)), Found(1, 0.8, (8, 32, 36, 64))]
    model = load_model(str(detector(tmp_path / "m.onnx", found, size=96)))
    photo = read_photo(shelf_photo(tmp_path / "shelf.png"))
    cutout = cut_out(photo, model, PLAIN)
    assert [instance.name for instance in cutout.instances] == ["product", "person"]
    things = separate(cutout, PLAIN)
    assert [thing.name for thing in things] == ["person", "product"]
    for thing, columns in zip(things, (slice(8, 36), slice(60, 88)), strict=True):
        shown = np.zeros((64, 96), np.bool_)
        shown[16:48, columns] = True
        np.testing.assert_array_equal(thing.cutout.alpha >= 128, shown)


def test_a_photo_cut_out_by_a_segmenter_has_its_parts(tmp_path):
    model = load_model(str(colour_key(tmp_path / "key.onnx")))
    things = separate(cut_out(read_photo(shelf_photo(tmp_path / "shelf.png")), model, PLAIN), PLAIN)
    assert len(things) == 2
    assert middles(things) == pytest.approx([21.5, 73.5], abs=2)


def test_the_overlay_shows_each_thing_in_a_colour_of_its_own(tmp_path):
    told = [boxed("jar", JAR), boxed("lid", LID, score=0.75)]
    cutout = drawn(tmp_path, JAR, LID, instances=told)
    shown = overlay(separate(cutout, PLAIN), size=100)
    assert (shown.shape, shown.dtype) == ((*SHAPE, 3), np.uint8)
    before = cutout.photo.samples
    np.testing.assert_array_equal(shown[55:], before[55:])  # beside the things, below their labels
    inner = [shown[35, 15].astype(int), shown[45, 75].astype(int)]
    assert np.abs(inner[0] - inner[1]).max() > 40
    assert np.abs(inner[0] - before[35, 15]).max() > 20


def test_an_overlay_is_no_larger_than_asked_for(tmp_path):
    shown = overlay(separate(drawn(tmp_path, JAR, LID), PLAIN), size=50)
    assert shown.shape == (30, 50, 3)
