from __future__ import annotations

import json

import pytest

from deepetch.evaluate import MEASURES
from drawn_subjects import save_data_set
from models import colour_key, constant, side_outputs

FAST = ("--timed", 0)


@pytest.fixture
def data(tmp_path):
    return save_data_set(tmp_path / "data", train=1, val=1, test=4)


@pytest.fixture
def other(tmp_path):
    """Cuts out only what is very orange: nothing."""
    return colour_key(tmp_path / "other.onnx", threshold=0.95)


def test_tables_sentence_and_pages(deepetch, key, other, data, tmp_path):
    answer = deepetch("compare", key, other, "--on", data, "-o", tmp_path / "c", "--timed", 1, "--threads", 1)
    assert (answer.status, answer.err) == (0, "")
    scores, costs, words, last = answer.out.strip().split("\n\n")
    assert [row.split()[:2] for row in scores.splitlines()] == [["model", "n"], ["key.onnx", "3"], ["other.onnx", "3"]]
    assert costs.splitlines()[0].split() == ["model", "ms", "memory", "file"]
    assert "MB" in costs.splitlines()[1]
    assert words.startswith("other.onnx against key.onnx: IoU -")
    assert last == f"report: {tmp_path / 'c' / 'index.html'}"
    assert (tmp_path / "c" / "report.md").exists()
    assert "on the same one picture" in (tmp_path / "c" / "index.html").read_text()


def test_json_is_one_object_with_everything(deepetch, key, other, data, tmp_path):
    answer = deepetch("compare", key, other, "--on", data, "-o", tmp_path / "c", "--json", "--shown", 1, *FAST)
    (found,) = answer.objects
    assert (found["n"], found["baseline"], found["split"]) == (3, "key.onnx", "test")
    assert list(found["models"]) == ["key.onnx", "other.onnx"]
    ours = found["models"]["key.onnx"]
    assert ours["iou"] > 0.9
    assert (ours["n"], ours["ms_per_picture"], ours["file_bytes"]) == (3, None, key.stat().st_size)
    assert len(ours["distances"]) == 8
    difference = found["differences"]["other.onnx"]
    assert set(difference) == {*MEASURES, "kinds"}
    assert set(difference["kinds"]) == {"people", "cutouts"}
    assert difference["iou"]["mean"] == pytest.approx(found["models"]["other.onnx"]["iou"] - ours["iou"])
    assert difference["iou"]["verdict"] == "too few pictures"
    assert len(found["apart"]) == 1
    assert "NaN" not in json.dumps(found)


def test_figures_are_those_of_evaluate(deepetch, key, other, data, tmp_path):
    (alone,) = deepetch("evaluate", key, data, "--json").objects
    (found,) = deepetch("compare", other, key, "--on", data, "-o", tmp_path / "c", "--json", *FAST).objects
    for measure in MEASURES:
        assert found["models"]["key.onnx"][measure] == pytest.approx(alone[measure])


def test_weights_that_a_table_describes_take_part(deepetch, key, data, tmp_path):
    side_outputs(tmp_path / "peer.onnx", (1.0, 0.0, -1.0))
    (tmp_path / "peer.toml").write_text(
        'name = "peer"\ninput_size = 64\nfit = "stretch"\noutput = "d1"\nvalues = "minmax"\n'
    )
    answer = deepetch("compare", key, tmp_path / "peer.toml", "--on", data, "-o", tmp_path / "c", "--json", *FAST)
    assert answer.objects[0]["models"]["peer"]["iou"] > 0.9


def test_options_choose_pictures_and_baseline(deepetch, key, other, data, tmp_path):
    def call(*options):
        answer = deepetch(
            "compare", key, other, "--on", data, "-o", tmp_path / "c", "--json", "--overwrite", *FAST, *options
        )
        return answer.objects[0]

    assert call("--most", 2)["n"] == 2
    assert call("--kind", "people")["n"] == 2
    assert call("--split", "val")["n"] == 1
    assert list(call("--baseline", other)["differences"]) == ["key.onnx"]
    assert list(call("--baseline", "other.onnx")["differences"]) == ["key.onnx"]
    assert call("--shown", 0)["apart"] == []


def test_two_files_of_one_name_are_told_apart(deepetch, data, tmp_path):
    for run in ("a", "b"):
        (tmp_path / run).mkdir()
        colour_key(tmp_path / run / "model.onnx")
    models = [tmp_path / run / "model.onnx" for run in ("a", "b")]
    answer = deepetch("compare", *models, "--on", data, "-o", tmp_path / "c", "--json", *FAST)
    assert list(answer.objects[0]["models"]) == ["a/model.onnx", "b/model.onnx"]
    assert answer.objects[0]["differences"]["b/model.onnx"]["iou"]["mean"] == 0


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (["key.onnx", "--on", "data"], 2, "two models or more"),
        (["key.onnx", "key.onnx", "--on", "data"], 2, "given twice"),
        (["key.onnx", "nosuch", "--on", "data"], 2, "no model called 'nosuch'"),
        (["key.onnx", "other.onnx", "--on", "data", "--split", "all"], 2, "--split: expected one of"),
        (["key.onnx", "other.onnx", "--on", "data", "--baseline", "x"], 2, "--baseline: expected one of key.onnx"),
        (["key.onnx", "other.onnx", "--on", "data", "--kind", "backgrounds"], 1, "shows a subject to compare on"),
        (["key.onnx", "other.onnx", "--on", "none"], 1, "none: no such file or folder"),
        (["key.onnx", "nan.onnx", "--on", "data"], 1, "nan.onnx on test0: "),
        (["key.onnx", "other.onnx", "--on", "data", "-o", "data"], 1, "data: the folder holds files"),
    ],
)
def test_what_cannot_be_compared_is_one_line_and_leaves_nothing(
    deepetch, key, other, data, tmp_path, monkeypatch, arguments, status, said
):
    constant(tmp_path / "nan.onnx", float("nan"))
    monkeypatch.chdir(tmp_path)
    before = sorted(tmp_path.rglob("*"))
    answer = deepetch("compare", *arguments, *FAST)
    assert (answer.status, answer.out, answer.err.count("\n")) == (status, "", 1)
    assert said in answer.err
    assert sorted(tmp_path.rglob("*")) == before


def test_report_goes_to_a_folder_called_compare(deepetch, key, other, data, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    answer = deepetch("compare", key, other, "--on", data, *FAST)
    assert answer.out.splitlines()[-1] == "report: compare/index.html"
    again = deepetch("compare", key, other, "--on", data, *FAST)
    assert (again.status, again.err.count("\n")) == (1, 1)
    assert "--overwrite" in again.err
    assert deepetch("compare", key, other, "--on", data, "--overwrite", *FAST).status == 0


def test_networks_are_compared_themselves_without_refinement(deepetch, key, other, data, tmp_path):
    found = {}
    for refine in ("none", "guided"):
        folder = tmp_path / refine
        (one,) = deepetch(
            "compare", key, other, "--on", data, "-o", folder, "--json", "--shown", 0, "--refine", refine, *FAST
        ).objects
        found[refine] = one["models"]["key.onnx"]["mse"]
    assert found["none"] != found["guided"]
    wrong = deepetch("compare", key, other, "--on", data, "-o", tmp_path / "c", "--refine", "soft", *FAST)
    assert (wrong.status, wrong.err.count("\n")) == (2, 1)
