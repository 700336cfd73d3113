from __future__ import annotations

from dataclasses import asdict, fields

import numpy as np
import pytest

from deepetch.datasets.example import Example
from deepetch.datasets.index import read_index
from deepetch.datasets.truth import MaskFile
from deepetch.errors import InvalidArray, UnreadablePhoto
from deepetch.evaluate import (
    MEASURES,
    Prediction,
    Score,
    bootstrap_interval,
    by_kind,
    by_size,
    evaluate,
    intervals,
    means,
    paired,
    pixel_reliability,
    predict,
    score_prediction,
    size_of,
)
from deepetch.evaluate import score as score_of
from deepetch.inference.session import load_model
from deepetch.options import MatteOptions
from deepetch.photo.read import read_photo
from drawn_subjects import disc_mask, disc_photo, save_data_set, save_photo
from models import colour_key, constant


@pytest.fixture
def data(tmp_path):
    return save_data_set(tmp_path / "data", train=1, val=1, test=4)


@pytest.fixture
def model(tmp_path):
    return load_model(str(colour_key(tmp_path / "key.onnx", metadata={"input_size": 96})))


def alike(one, other, *, apart_from=""):
    """Whether two scores are equal but for the last bits: filters round those by where an array lies in memory."""
    pairs = [(asdict(one)[name], asdict(other)[name]) for name in asdict(one) if name != apart_from]
    return all(a == (pytest.approx(b, rel=1e-6, abs=1e-9) if isinstance(b, float) else b) for a, b in pairs)


def test_model_that_is_right_scores_near_perfect(data, model):
    scores = list(evaluate(model, read_index(data, split="test", kinds=["people", "cutouts"])))
    assert [score.name for score in scores] == ["test0", "test2", "test3"]
    for score in scores:
        # drawn hard edges against antialiased ones: a border pixel may fall either way
        assert score.iou > 0.97
        assert score.dice > 0.98
        assert score.boundary_f > 0.95
        assert score.mae < 0.02
        assert score.confidence == score.raw_confidence > 0.9


def test_everything_as_subject_scores_the_subjects_share(tmp_path):
    image = save_photo(tmp_path / "a.png", disc_photo())
    mask = save_photo(tmp_path / "m.png", disc_mask()[..., None].astype(np.uint8) * 255)
    example = Example(name="a", image=image, truth=MaskFile(mask), kind="people", source="s", split="test")
    model = load_model(str(constant(tmp_path / "all.onnx", 0.9999)))
    (score,) = evaluate(model, [example])
    share = disc_mask().mean()
    assert score.iou == pytest.approx(share)
    assert score.dice == pytest.approx(2 * share / (1 + share))
    assert score.mae == pytest.approx(1 - share, abs=1e-3)  # alpha is 0.9999, in 255 levels
    assert score.mse == pytest.approx(1 - share, abs=2e-3)
    assert score.sad == pytest.approx((1 - share) * 96 * 128 / 1000, abs=0.02)
    assert score.boundary_f == 0
    assert (score.name, score.kind, score.source) == ("a", "people", "s")


def test_nothing_on_a_picture_without_subject_is_perfect(data, model):
    (score,) = evaluate(model, read_index(data, split="test", kinds=["backgrounds"]))
    assert (score.subject, score.size) == (0, "none")
    assert {measure: getattr(score, measure) for measure in MEASURES} == {m: row.best for m, row in MEASURES.items()}


def test_calibration_changes_confidence_alone(data, tmp_path, model):
    knots = {"input_size": 96, "calibration": [[0.0, 0.2], [1.0, 0.3]]}
    modest = load_model(str(colour_key(tmp_path / "modest.onnx", metadata=knots)))
    examples = read_index(data, split="test", kinds=["people"])
    for plain, changed in zip(evaluate(model, examples), evaluate(modest, examples), strict=True):
        assert changed.confidence == pytest.approx(0.2 + 0.1 * plain.raw_confidence)
        assert alike(changed, plain, apart_from="confidence")


def test_pictures_are_read_one_by_one(data, model):
    examples = read_index(data, split="test", kinds=["people"])
    examples[1].image.write_bytes(b"no picture")
    scores = evaluate(model, examples)
    assert next(scores).name == "test0"
    with pytest.raises(UnreadablePhoto):
        next(scores)


def test_means_are_over_pictures(data, model):
    scores = list(evaluate(model, read_index(data, split="test")))
    result = means(scores)
    assert list(result) == ["n", *MEASURES]
    assert result["n"] == 4
    for measure in MEASURES:
        assert result[measure] == pytest.approx(sum(asdict(score)[measure] for score in scores) / 4)
    assert means([]) == {"n": 0}


def test_interval_of_one_value_is_that_value():
    assert bootstrap_interval([0.8] * 5) == (0.8, 0.8)


def test_interval_agrees_with_the_normal_one_for_many_values():
    values = np.random.default_rng(0).normal(0.7, 0.1, 400)
    low, high = bootstrap_interval(values.tolist())
    error = values.std(ddof=1) / 20
    # 2000 draws know a 2.5 % quantile to about a twentieth of the standard error
    assert low == pytest.approx(values.mean() - 1.96 * error, abs=0.15 * error)
    assert high == pytest.approx(values.mean() + 1.96 * error, abs=0.15 * error)


def test_interval_is_the_same_every_time_and_needs_a_value():
    assert bootstrap_interval([0.1, 0.5, 0.9]) == bootstrap_interval([0.1, 0.5, 0.9])
    with pytest.raises(ValueError, match="no value"):
        bootstrap_interval([])


EMPTY, DISC = np.zeros((60, 80), np.float32), disc_mask(60, 80).astype(np.float32)
SOFT = np.clip(DISC * 0.9 + 0.05, 0, 1).astype(np.float32)


@pytest.mark.parametrize("row", MEASURES.values(), ids=MEASURES)
def test_both_empty_is_perfect_by_every_measure(row):
    assert row.best in (0, 1)
    assert row.of(paired(EMPTY, EMPTY)) == row.best
    assert row.of(paired(EMPTY[:0], EMPTY[:0])) == row.best  # no pixels at all


@pytest.mark.parametrize("row", MEASURES.values(), ids=MEASURES)
def test_one_empty_is_worst_by_every_measure_that_has_a_worst(row):
    for predicted, true in ((EMPTY, DISC), (DISC, EMPTY)):
        found = row.of(paired(predicted, true))
        if row.one_empty is not None:
            assert found == row.one_empty
        else:  # as far from perfect as nothing else that stays within the disc
            assert found != row.best
            assert (
                abs(found - row.best) >= abs(row.of(paired(np.minimum(SOFT, DISC), true)) - row.best) or true is EMPTY
            )


@pytest.mark.parametrize("row", MEASURES.values(), ids=MEASURES)
def test_right_is_better_than_nearly_right_by_every_measure(row):
    right, near = row.of(paired(DISC, DISC)), row.of(paired(np.roll(DISC, 5, axis=1), DISC))
    # the mean E counts one threshold of 256 that takes everything
    assert right == pytest.approx(row.best, abs=0.003)
    assert abs(near - row.best) > abs(right - row.best)


def test_score_has_a_field_for_every_measure():
    assert MEASURES.keys() <= {field.name for field in fields(Score)}


def test_measures_at_full_size_are_those_of_the_prediction(data, model):
    example = read_index(data, split="test", kinds=["people"])[0]
    photo, true = read_photo(example.image), disc_mask(96, 64).astype(np.float32)
    prediction = predict(model, photo, MatteOptions())
    assert prediction.levels.shape == (96, 64)
    assert prediction.levels.dtype == np.uint8
    assert np.array_equal(prediction.alpha, prediction.levels / np.float32(255))
    assert prediction.coarse.dtype == np.float32
    by_hand = score_prediction(prediction, true, name="n", kind="people", source="s")
    assert alike(by_hand, score_of(model, photo, true, MatteOptions(), name="n", kind="people", source="s"))
    assert (
        by_hand.iou == ((prediction.levels >= 128) & (true > 0)).sum() / ((prediction.levels >= 128) | (true > 0)).sum()
    )
    assert (by_hand.name, by_hand.kind, by_hand.source) == ("n", "people", "s")
    assert by_hand.subject == disc_mask(96, 64).mean()


def test_prediction_of_any_contestant_can_be_scored():
    levels = np.where(disc_mask(60, 80), 65535, 0).astype(np.uint16)
    prediction = Prediction(levels=levels, coarse=DISC, raw_confidence=0.5, confidence=0.6)
    found = score_prediction(prediction, DISC, name="a", kind="k")
    assert (found.iou, found.sad, found.confidence, found.source) == (1, 0, 0.6, "")
    with pytest.raises(InvalidArray, match="one shape"):
        score_prediction(prediction, DISC[:, :50], name="a", kind="k")
    with pytest.raises(InvalidArray, match="true: expected"):
        score_prediction(prediction, DISC.astype(float), name="a", kind="k")


@pytest.mark.parametrize(
    ("subject", "size"),
    [
        (0, "none"),
        (1e-6, "small"),
        (0.0499, "small"),
        (0.05, "medium"),
        (0.25, "medium"),
        (0.2501, "large"),
        (1, "large"),
    ],
)
def test_sizes_by_share_of_the_frame(subject, size):
    assert size_of(subject) == size


def drawn_scores(count=40, seed=0):
    """Scores of discs of three sizes, shifted and blurred at random."""
    rng = np.random.default_rng(seed)
    found = []
    for index in range(count):
        y, x = np.mgrid[0:40, 0:40]
        radius = (4, 9, 14)[index % 3]
        true = np.hypot(y - 20, x - 20) < radius
        predicted = np.hypot(y - 20 - rng.normal(), x - 20 - rng.normal()) < radius
        levels = np.clip(predicted * 255.0 + rng.normal(0, 30, true.shape), 0, 255).astype(np.uint8)
        prediction = Prediction(levels=levels, coarse=DISC, raw_confidence=0.5, confidence=0.5)
        kind = "odd" if index % 2 else "even"
        found.append(score_prediction(prediction, true.astype(np.float32), name=str(index), kind=kind))
    return found


def test_groups_by_kind_and_size_hold_every_score_once():
    scores = drawn_scores()
    kinds, sizes = by_kind(scores), by_size(scores)
    assert {kind: len(group) for kind, group in kinds.items()} == {"even": 20, "odd": 20}
    assert {size: len(group) for size, group in sizes.items()} == {"small": 14, "medium": 13, "large": 13}
    assert list(sizes) == ["small", "medium", "large"]
    for groups in (kinds, sizes):
        names = sorted(score.name for group in groups.values() for score in group)
        assert names == sorted(score.name for score in scores)
    assert by_kind([]) == by_size([]) == {}


def test_every_measure_has_the_interval_that_its_values_have_alone():
    scores = drawn_scores()
    found = intervals(scores)
    assert list(found) == list(MEASURES)
    for measure, (low, high) in found.items():
        alone = bootstrap_interval([getattr(score, measure) for score in scores])
        assert (low, high) == pytest.approx(alone, rel=1e-9)
        assert low < means(scores)[measure] < high
    assert intervals([]) == {}


def test_all_measures_are_resampled_by_the_same_pictures():
    scores = drawn_scores()
    mae, sad = intervals(scores)["mae"], intervals(scores)["sad"]
    # SAD is MAE times 1.6 thousand pixels, picture by picture: so are its intervals
    assert sad == pytest.approx((mae[0] * 1.6, mae[1] * 1.6), rel=1e-5)


def test_interval_of_one_picture_is_its_value():
    (only,) = drawn_scores(1)
    assert intervals([only]) == {measure: (getattr(only, measure),) * 2 for measure in MEASURES}


def test_pixel_reliability_is_that_of_all_pixels():
    scores = drawn_scores(12)
    together = pixel_reliability(scores)
    assert sum(together.pixels) == 12 * 1600
    assert 0 < together.error <= means(scores)["calibration_error"]  # errors of pictures cancel in the sum
    assert pixel_reliability([]).error == 0
