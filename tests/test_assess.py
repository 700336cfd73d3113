from __future__ import annotations

import numpy as np
import pytest

from deepetch.assess import assess, assessed, from_examples, from_pack
from deepetch.datasets.index import read_index
from deepetch.datasets.pack import open_pack
from deepetch.datasets.packing import write_pack
from deepetch.evaluate import evaluate
from deepetch.inference.session import load_model
from deepetch.report.report import Arm
from drawn_subjects import save_data_set
from models import colour_key


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return save_data_set(tmp_path_factory.mktemp("assess") / "data", train=2, val=3, test=2)


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return load_model(str(colour_key(tmp_path_factory.mktemp("model") / "m.onnx")))


def test_scores_are_those_of_evaluate(data, model):
    examples = read_index(data, split="val")
    found = assess(model, from_examples(examples))
    expected = list(evaluate(model, [example for example in examples if example.has_subject]))
    assert [score.iou for score in found.scores] == [score.iou for score in expected]
    assert found.gallery.n == len(expected)
    assert found.milliseconds > 0


def test_pictures_of_a_pack_come_without_the_reflection_around_them(data, tmp_path):
    examples = read_index(data)
    write_pack(examples, tmp_path / "d.pack", size=96)
    pack = open_pack(tmp_path / "d.pack")
    found = {picture.name: picture for picture in from_pack(pack, split="val")}
    for example, row, content in zip(examples, pack.rows, pack.content, strict=True):
        if example.split != "val" or not example.has_subject:
            assert row["name"] not in found
            continue
        picture = found[example.name]
        top, left, bottom, right = np.rint(content * 96).astype(int)
        assert picture.photo.samples.shape == (bottom - top, right - left, 3)
        assert picture.true.shape == picture.photo.samples.shape[:2]
        assert (picture.kind, picture.source) == (example.kind, example.source)
        assert 0 < picture.true.mean() < 1


def test_arm_gets_rows_with_intervals_per_kind_and_size(data, model, tmp_path):
    found = assess(model, from_examples(read_index(data)))
    (tmp_path / "m.onnx").write_bytes(b"12345")
    arm = assessed(Arm(name="a"), found, model=tmp_path / "m.onnx", parameters=7, measured_on="here")
    assert {row["kind"] for row in arm.scores["kind"]} == {"people", "cutouts", "all"}
    assert sum(row["n"] for row in arm.scores["size"]) == len(found.scores)
    for row in arm.scores["kind"]:
        # of equal values the mean of a sample differs in its last bit
        assert row["iou_low"] - 1e-12 <= row["iou"] <= row["iou_high"] + 1e-12
    assert (arm.cost.file_bytes, arm.cost.parameters, arm.cost.measured_on) == (5, 7, "here")
    assert len(arm.confidence) == len(found.scores)


def test_no_picture_is_an_empty_assessment(model):
    found = assess(model, [])
    assert (list(found.scores), found.gallery.n, found.milliseconds) == ([], 0, 0.0)
