"""`deepetch ensemble`, and ensembles where a model is asked for."""

from __future__ import annotations

import pytest

from detectors import Found, detector
from drawn_subjects import save_data_set


@pytest.fixture
def data(tmp_path):
    return save_data_set(tmp_path / "data", train=1, val=3, test=2)


@pytest.fixture
def things(tmp_path):
    return detector(tmp_path / "things.onnx", [Found(2, 0.9, (20, 20, 44, 44))])


def test_weights_are_chosen_written_and_used(deepetch, tmp_path, key, things, data, photo):
    both = tmp_path / "both.toml"
    answer = deepetch("ensemble", key, things, "--on", data, "-o", both, "--json")
    assert (answer.status, answer.err) == (0, "")
    (said,) = answer.objects
    assert said["n"] == 2  # the third shows no subject
    assert said["iou"] >= said["iou_segmenter"] > said["iou_instances"]
    assert deepetch("cut", photo, "-o", tmp_path / "cut.png", "--model", both).status == 0
    judged = deepetch("evaluate", both, data, "--json")
    assert judged.objects[0]["iou"] > 0.9
    assert judged.objects[0]["model"] == "both.toml"
    compared = deepetch("compare", key, both, "--on", data, "-o", tmp_path / "page", "--json")
    assert (compared.status, compared.err) == (0, "")


def test_a_line_says_what_each_is_worth(deepetch, tmp_path, key, things, data):
    answer = deepetch("ensemble", key, things, "--on", data, "-o", tmp_path / "both.toml")
    assert answer.out.startswith(f"{tmp_path / 'both.toml'}: mask 0.0, beyond 1.0; IoU 0.9")
    assert "the segmenter alone 0.9" in answer.out


def test_an_existing_file_is_kept(deepetch, tmp_path, key, things, data):
    both = tmp_path / "both.toml"
    both.write_text("mine")
    answer = deepetch("ensemble", key, things, "--on", data, "-o", both)
    assert answer.status == 1
    assert answer.err.count("\n") == 1
    assert both.read_text() == "mine"


def test_two_segmenters_are_refused_in_one_line(deepetch, tmp_path, key, data):
    answer = deepetch("ensemble", key, key, "--on", data, "-o", tmp_path / "both.toml")
    assert answer.status == 2
    assert answer.err.count("\n") == 1
    assert "a segmenter, then a model that tells things apart" in answer.err
    assert not (tmp_path / "both.toml").exists()


def test_no_picture_to_weigh_on(deepetch, tmp_path, key, things, data):
    answer = deepetch("ensemble", key, things, "--on", data, "-o", tmp_path / "both.toml", "--kind", "backgrounds")
    assert answer.status == 1
    assert answer.err.count("\n") == 1
