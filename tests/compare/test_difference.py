from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from deepetch.compare.difference import LEAST, differences
from deepetch.evaluate import MEASURES, Score
from deepetch.measure.calibration import NO_PIXELS


def score(name, **values):
    return Score(
        **{"name": name, "kind": "k", "source": "", "subject": 0.1, "reliability": NO_PIXELS},
        **{"raw_confidence": 1.0, "confidence": 1.0, "presence": 1.0},
        **(dict.fromkeys(MEASURES, 0.5) | values),
    )


def scores(values, measure="iou"):
    return [score(f"p{n}", **{measure: value}) for n, value in enumerate(values)]


def test_mean_and_shares_by_hand():
    found = differences(scores([0.9, 0.5, 0.7, 0.6]), scores([0.8, 0.6, 0.7, 0.3]))["iou"]
    assert found.mean == pytest.approx((0.1 - 0.1 + 0 + 0.3) / 4)
    assert (found.won, found.lost) == (0.5, 0.25)


def test_interval_is_that_of_all_resamples():
    ours, theirs = np.array([0.9, 0.4, 0.8]), np.array([0.7, 0.5, 0.75])
    found = differences(scores(ours), scores(theirs))["iou"]
    # every way to draw three pictures of three, both values together
    means = [np.mean((ours - theirs)[list(drawn)]) for drawn in product(range(3), repeat=3)]
    # 27 means, each with a weight of 4 %: the 2.5 % percentile is the least of them, but for chance
    assert found.low == pytest.approx(min(means))
    assert found.high == pytest.approx(max(means))


def test_pairs_tell_what_intervals_apart_do_not():
    spread = np.linspace(0.2, 0.9, 40)
    found = differences(scores(spread + 0.01), scores(spread))["iou"]
    assert found.low == pytest.approx(0.01)
    assert found.high == pytest.approx(0.01)
    assert found.verdict == "better"


@pytest.mark.parametrize(("measure", "verdict"), [("iou", "better"), ("mae", "worse"), ("gradient_error", "worse")])
def test_more_is_better_or_worse_as_the_measure_has_it(measure, verdict):
    found = differences(scores([0.6] * 10, measure), scores([0.5] * 10, measure))[measure]
    assert found.mean == pytest.approx(0.1)
    assert found.verdict == verdict
    assert (found.won, found.lost) == ((1, 0) if verdict == "better" else (0, 1))


def test_interval_with_zero_shows_no_difference():
    found = differences(scores([0.6, 0.4] * 10), scores([0.5] * 20))["iou"]
    assert found.low < 0 < found.high
    assert found.verdict == "no difference shown"


def test_few_pictures_show_nothing_however_clear():
    few, enough = (differences(scores([0.9] * n), scores([0.1] * n))["iou"] for n in (LEAST - 1, LEAST))
    assert (few.verdict, enough.verdict) == ("too few pictures", "better")
    # a fair coin falls to one side LEAST times in a row with less than 5 %, one time less with more
    assert 2 / 2**LEAST < 0.05 < 2 / 2 ** (LEAST - 1)


def test_rounding_is_no_difference():
    found = differences(scores([0.7 + 1e-7] * 10), scores([0.7] * 10))["iou"]
    assert (found.mean, found.won, found.lost, found.verdict) == (0, 0, 0, "no difference shown")
    sums = differences(scores([5000.01] * 10, "sad"), scores([5000.0] * 10, "sad"))["sad"]
    assert sums.verdict == "no difference shown"


def test_all_measures_are_there_and_none_without_pictures():
    assert list(differences(scores([0.5]), scores([0.4]))) == list(MEASURES)
    assert differences([], []) == {}


def test_other_pictures_are_no_pairs():
    with pytest.raises(ValueError, match="same pictures"):
        differences(scores([0.5, 0.6]), scores([0.5]))
    with pytest.raises(ValueError, match="same order"):
        differences(scores([0.5, 0.6]), scores([0.5, 0.6])[::-1])
