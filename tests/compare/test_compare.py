from __future__ import annotations

import numpy as np
import pytest
from drawn_contestants import Shifted, pictures

from deepetch.compare.compare import compare
from deepetch.errors import InvalidOptions, ModelMismatch
from deepetch.evaluate import Prediction
from deepetch.measure.distance import error_by_distance
from drawn_subjects import disc_mask


def iou_of_shift(by, height=48, width=64):
    true = disc_mask(height, width)
    moved = np.roll(true, by, 0)
    return (true & moved).sum() / (true | moved).sum()


def test_every_contestant_sees_the_same_pictures_in_turn():
    a, b, given = Shifted("a", 0), Shifted("b", 3), pictures(5)
    order = []

    def watched():
        for picture in given:
            order.append((len(a.seen), len(b.seen)))
            yield picture

    found = compare([a, b], watched())
    assert a.seen == b.seen == [int(picture.photo.samples.sum()) for picture in given]
    assert order == [(n, n) for n in range(5)]
    assert found.n == 5
    assert [score.name for score in found.scores["a"]] == [score.name for score in found.scores["b"]]
    assert [score.iou for score in found.scores["b"]] == pytest.approx([iou_of_shift(3)] * 5)


def test_differences_are_to_the_baseline_over_all_and_by_kind():
    found = compare([Shifted("a", 4), Shifted("b", 1), Shifted("c", 4)], pictures(8))
    assert (found.baseline, found.others) == ("a", ["b", "c"])
    gain = found.differences("b")["iou"]
    assert gain.mean == pytest.approx(iou_of_shift(1) - iou_of_shift(4))
    assert (gain.won, gain.verdict) == (1, "better")
    assert found.differences("c")["iou"].verdict == "no difference shown"
    kinds = found.differences_by_kind("b")
    assert list(kinds) == ["packs", "people"]
    assert kinds["packs"]["iou"].verdict == "too few pictures"
    other = compare([Shifted("a", 4), Shifted("b", 1)], pictures(8), baseline="b")
    assert other.others == ["a"]
    assert other.differences("a")["iou"].mean == pytest.approx(-gain.mean)


def test_distances_are_those_of_each_prediction():
    found = compare([Shifted("a", 0), Shifted("b", 5)], pictures(1))
    true = pictures(1)[0].true
    assert list(found.distances["b"][0]) == list(error_by_distance(np.roll(true, 5, 0), true))
    assert all(not error.pixels or error.wrong == 0 for error in found.distances["a"][0])


def test_pictures_kept_are_those_where_contestants_differ_most():
    class Uneven(Shifted):
        def predict(self, photo, options):
            self.by = len(self.seen) % 7
            return super().predict(photo, options)

    found = compare([Shifted("a", 0), Uneven("b", 0)], pictures(14), shown=3)
    assert [pair.name for pair in found.apart] == ["p6", "p13", "p5"]
    assert found.apart[0].spread == pytest.approx(1 - iou_of_shift(6))
    assert list(found.apart[0].tiles) == ["a", "b"]
    assert found.apart[0].tiles["b"].scores["iou"] == pytest.approx(iou_of_shift(6))
    assert compare([Shifted("a", 0), Shifted("b", 1)], pictures(3), shown=0).apart == []


def test_kept_pictures_are_small_and_show_the_same_photo():
    found = compare([Shifted("a", 0), Shifted("b", 9, bits=16)], pictures(1, height=600, width=900))
    (pair,) = found.apart
    for tile in (pair.truth, *pair.tiles.values()):
        assert (tile.height, tile.width) == (240, 360)
        assert tile.photo == pair.truth.photo
    assert pair.truth.cutout == pair.tiles["a"].cutout
    assert pair.truth.cutout != pair.tiles["b"].cutout


def test_who_fails_is_named_with_the_picture():
    class Failing(Shifted):
        def predict(self, photo, options):
            if len(self.seen) == 1:
                raise ModelMismatch("the model answered with values that are no numbers.")
            return super().predict(photo, options)

    class Small(Shifted):
        def predict(self, photo, options):
            found = super().predict(photo, options)
            return Prediction(levels=found.levels[:5], coarse=found.coarse, raw_confidence=1, confidence=1)

    with pytest.raises(ModelMismatch, match=r"^b on p1: the model answered with values that are no numbers\.$"):
        compare([Shifted("a", 0), Failing("b", 0)], pictures(3))
    with pytest.raises(Exception, match=r"^b on p0: .*one shape"):
        compare([Shifted("a", 0), Small("b", 0)], pictures(3))


def test_no_picture_is_an_empty_comparison():
    found = compare([Shifted("a", 0), Shifted("b", 1)], [])
    assert (found.n, found.apart, found.differences("b"), found.differences_by_kind("b")) == (0, [], {}, {})


@pytest.mark.parametrize(
    ("names", "options", "said"),
    [
        (["a"], {}, "two contestants or more"),
        ([], {}, "two contestants or more"),
        (["a", "a"], {}, "a name of its own"),
        (["a", "b"], {"baseline": "c"}, "baseline: expected one of a, b; got 'c'"),
        (["a", "b"], {"shown": -1}, "shown: expected 0"),
    ],
)
def test_what_makes_no_sense_is_refused_before_a_picture_is_read(names, options, said):
    def never():
        raise AssertionError("read")
        yield

    with pytest.raises(InvalidOptions, match=said):
        compare([Shifted(name, 0) for name in names], never(), **options)
