from __future__ import annotations

import io
import weakref
from dataclasses import replace

import numpy as np
import pytest
from drawn_runs import picture
from PIL import Image

from deepetch.errors import InvalidArray, InvalidOptions
from deepetch.report.gallery import (
    CHECK,
    SIDE,
    TOO_LITTLE,
    TOO_MUCH,
    Picture,
    choose_pictures,
    draw_cutout,
    draw_errors,
    make_tile,
)


def tiny(name, **scores):
    return Picture(
        name=name,
        kind="k",
        view=np.zeros((4, 4, 3), np.float32),
        true=np.zeros((4, 4), np.float32),
        predicted=np.zeros((4, 4), np.float32),
        scores=scores,
    )


def names(tiles):
    return [tile.name for tile in tiles]


@pytest.mark.parametrize("measure", ["iou", "mae"])
def test_worst_median_and_best_are_those_of_a_sorted_list(measure):
    scores = np.random.default_rng(1).permutation(101) / 101
    gallery = choose_pictures((tiny(f"{score:.3f}", **{measure: score}) for score in scores), count=3, measure=measure)
    ranked = [f"{score:.3f}" for score in sorted(scores, reverse=measure == "mae")]
    assert names(gallery.worst) == ranked[:3]
    assert names(gallery.best) == ranked[:-4:-1]
    assert set(names(gallery.median)) == set(ranked[49:52])
    assert names(gallery.median)[0] == ranked[50]
    assert (gallery.n, gallery.measure) == (101, measure)


@pytest.mark.parametrize(
    ("n", "shares"), [(0, (0, 0, 0)), (1, (1, 0, 0)), (2, (1, 0, 1)), (3, (1, 1, 1)), (5, (2, 1, 2)), (12, (4, 4, 4))]
)
def test_few_pictures_are_shared_out_and_none_is_shown_twice(n, shares):
    gallery = choose_pictures([tiny(str(index), iou=0.5) for index in range(n)], count=4)
    groups = (gallery.worst, gallery.median, gallery.best)
    assert tuple(map(len, groups)) == shares
    shown = [name for group in groups for name in names(group)]
    assert len(set(shown)) == len(shown) == min(n, 12)


def test_median_of_a_long_stream_is_as_near_as_what_is_kept_allows():
    n = 1300  # sorted, the hardest order: half of the stream is gone before its middle is known
    gallery = choose_pictures((tiny(str(index), iou=index / n) for index in range(n)), count=2)
    assert names(gallery.worst) == ["0", "1"]
    assert names(gallery.best) == ["1299", "1298"]
    assert all(abs(int(name) - n / 2) <= 4 for name in names(gallery.median))


def test_pictures_are_taken_one_by_one_and_let_go():
    alive = weakref.WeakSet()

    class Watched:
        """An array's owner, to see whether it is still held."""

    most = 0

    def stream():
        nonlocal most
        for index in range(30):
            item = tiny(str(index), iou=index / 30)
            watched = Watched()
            object.__setattr__(item, "watched", watched)
            alive.add(watched)
            del watched
            most = max(most, len(alive))
            yield item

    choose_pictures(stream(), count=4)
    assert most <= 2


def test_a_score_that_is_no_number_counts_as_the_worst():
    gallery = choose_pictures([tiny("a", iou=0.1), tiny("b", iou=np.nan), tiny("c", iou=0.9)], count=1)
    assert names(gallery.worst) == ["b"]


def test_bad_pictures_are_refused_by_name():
    with pytest.raises(InvalidOptions, match="count: expected at least 1"):
        choose_pictures([], count=0)
    with pytest.raises(InvalidOptions, match="shoe: expected a score named 'iou'; its scores: dice"):
        choose_pictures([tiny("shoe", dice=1.0)])
    good = picture("shoe")
    for changed in (
        {"view": good.view.astype(np.float64)},
        {"true": good.true[:-1]},
        {"predicted": good.predicted + 1},
        {"view": good.view[:0], "true": good.true[:0], "predicted": good.predicted[:0]},
    ):
        with pytest.raises(InvalidArray, match="shoe: "):
            make_tile(replace(good, **changed))


def opened(data):
    image = Image.open(io.BytesIO(data))
    assert image.format == "JPEG"
    return np.asarray(image.convert("RGB"), np.float32)


def test_tile_is_four_small_jpegs_of_one_size_and_keeps_the_shape():
    tile = make_tile(picture("a", height=300, width=900))
    assert (tile.height, tile.width) == (120, SIDE)
    for data in (tile.photo, tile.overlay, tile.cutout, tile.errors):
        assert opened(data).shape == (120, SIDE, 3)
    small = make_tile(picture("b", height=20, width=30))
    assert (small.height, small.width) == (20, 30)


def test_photo_overlay_and_cutout_show_what_they_should():
    given = picture("a", height=90, width=120)
    tile = make_tile(given)
    photo = opened(tile.photo)
    # JPEG at quality 85 moves a flat patch by a few levels
    np.testing.assert_allclose(photo.mean((0, 1)), given.view.mean((0, 1)) * 255, atol=3)
    inside, outside = np.s_[30:40, 55:65], np.s_[55:65, 55:65]  # predicted, and missed
    overlay, cutout = opened(tile.overlay), opened(tile.cutout)
    np.testing.assert_allclose(cutout[inside].mean((0, 1)), photo[inside].mean((0, 1)), atol=4)
    np.testing.assert_allclose(overlay[outside].mean((0, 1)), photo[outside].mean((0, 1)), atol=4)
    assert overlay[inside].mean((0, 1))[1] > photo[inside].mean((0, 1))[1] + 10  # greener
    assert np.ptp(cutout[80:, :40].mean(axis=2)) > 40  # the board's two greys


def test_cutout_is_the_photo_where_opaque_and_the_board_where_clear():
    photo = np.random.default_rng(0).integers(0, 256, (40, 40, 3), np.uint8)
    alpha = np.zeros((40, 40), np.uint8)
    alpha[:, 20:] = 255
    shown = draw_cutout(photo, alpha)
    np.testing.assert_array_equal(shown[:, 20:], photo[:, 20:])
    assert (shown[:CHECK, :CHECK] == 255).all()
    assert (shown[CHECK : 2 * CHECK, :CHECK] == 204).all()


def test_errors_are_graded_in_two_colours_over_a_pale_photo():
    photo = np.zeros((1, 4, 3), np.uint8)
    true = np.array([[0, 255, 100, 0]], np.uint8)
    predicted = np.array([[255, 0, 100, 51]], np.uint8)
    shown = draw_errors(photo, true, predicted)[0]
    assert tuple(shown[0]) == TOO_MUCH
    assert tuple(shown[1]) == TOO_LITTLE
    pale = 255 * 0.7  # black, seven tenths of the way to white
    np.testing.assert_allclose(shown[2], pale, atol=1)
    np.testing.assert_allclose(shown[3], pale + (np.array(TOO_MUCH) - pale) * 0.2, atol=1)
