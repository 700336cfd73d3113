from __future__ import annotations

import pytest

from drawn_subjects import save_data_set

TINY = ["--channels", "8,8,8,8,8", "--size", 64, "--batch", 2, "--steps", 2, "--workers", 0]


@pytest.fixture
def data(tmp_path):
    return save_data_set(tmp_path / "data", train=4, val=2, test=2)


def test_training_ends_with_a_model_and_a_page_that_report_makes_again(deepetch, data, tmp_path):
    run = tmp_path / "run"
    answer = deepetch("train", data, "-o", run, *TINY)
    assert (answer.status, answer.err) == (0, "")
    assert answer.out.splitlines()[-1] == f"report: {run / 'report.html'}"
    assert "judged on val" in (run / "report.html").read_text()
    assert deepetch("cut", data / "people" / "test0.png", "-m", run / "model.onnx").status in (0, 1)
    answer = deepetch("report", run, "--on", data)
    assert (answer.status, answer.err) == (0, "")
    assert "judged on data, test" in (run / "report.html").read_text()


def test_cross_validation_is_reported_as_one(deepetch, data, tmp_path):
    run = tmp_path / "run"
    answer = deepetch("train", data, "-o", run, *TINY, "--folds", 2)
    assert (answer.status, answer.err) == (0, "")
    assert answer.out.splitlines()[-1] == f"report: {run / 'report.html'}"
    assert (run / "model.onnx").exists()


def test_run_without_validation_is_reported_with_its_curves(deepetch, tmp_path):
    data = save_data_set(tmp_path / "data", train=4, val=0, test=0)
    answer = deepetch("train", data, "-o", tmp_path / "run", *TINY)
    assert (answer.status, answer.err) == (0, "")
    assert (tmp_path / "run" / "report.html").exists()


def test_no_report_leaves_it(deepetch, data, tmp_path):
    assert deepetch("train", data, "-o", tmp_path / "run", *TINY, "--no-report").status == 0
    assert not (tmp_path / "run" / "report.html").exists()


@pytest.mark.parametrize("arguments", [["none"], ["."], ["none", "--on", "none"], [".", "--on", "."]])
def test_what_cannot_be_reported_is_one_line(deepetch, tmp_path, monkeypatch, arguments):
    monkeypatch.chdir(tmp_path)
    answer = deepetch("report", *arguments)
    assert (answer.status, answer.out, answer.err.count("\n")) == (1, "", 1)
    assert list(tmp_path.iterdir()) == []
