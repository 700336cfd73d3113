from __future__ import annotations

from dataclasses import asdict

import numpy as np
import pytest

from deepetch.datasets.example import Example
from deepetch.datasets.index import read_index
from deepetch.datasets.truth import MaskFile
from deepetch.errors import UnreadablePhoto
from deepetch.evaluate import MEASURES, bootstrap_interval, evaluate, means
from deepetch.inference.session import load_model
from drawn_subjects import disc_mask, disc_photo, save_data_set, save_photo
from models import colour_key, constant


@pytest.fixture
def data(tmp_path):
    return save_data_set(tmp_path / "data", train=1, val=1, test=4)


@pytest.fixture
def model(tmp_path):
    return load_model(str(colour_key(tmp_path / "key.onnx", metadata={"input_size": 96})))


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
    assert (score.iou, score.dice, score.boundary_f) == (1, 1, 1)
    assert score.mae == score.sad == score.mse == 0


def test_calibration_changes_confidence_alone(data, tmp_path, model):
    knots = {"input_size": 96, "calibration": [[0.0, 0.2], [1.0, 0.3]]}
    modest = load_model(str(colour_key(tmp_path / "modest.onnx", metadata=knots)))
    examples = read_index(data, split="test", kinds=["people"])
    for plain, changed in zip(evaluate(model, examples), evaluate(modest, examples), strict=True):
        assert changed.confidence == pytest.approx(0.2 + 0.1 * plain.raw_confidence)
        assert asdict(changed) | {"confidence": 0} == asdict(plain) | {"confidence": 0}


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
