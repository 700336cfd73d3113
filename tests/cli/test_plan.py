from __future__ import annotations

import csv
import json
import shlex

import numpy as np
import pytest

from deepetch.cli import plan as command
from deepetch.photo.read import read_photo
from deepetch.plan.file import read_plan
from drawn_subjects import save_data_set, save_photo


@pytest.fixture
def data(tmp_path):
    return save_data_set(tmp_path / "my data", train=6, val=3, test=2)


def test_plan_shows_facts_choices_and_reasons_and_writes_them(deepetch, data, tmp_path):
    answer = deepetch("plan", data, "-o", tmp_path / "plan.toml")
    assert (answer.status, answer.err) == (0, "")
    plan = read_plan(tmp_path / "plan.toml")
    assert (plan.fingerprint.training, plan.fingerprint.measured) == (5, 9)
    lines = [line.split() for line in answer.out.splitlines()]
    assert ["train", "6", "backgrounds", "1,", "cutouts", "1,", "people", "4"] in lines
    assert ["size", str(plan.train.size)] in [line[:2] for line in lines]
    assert ["folds", "5"] in [line[:2] for line in lines]
    assert "half of the pictures are no longer than 96 px" in answer.out
    for name in command.FORMS:
        assert name.replace("_px", "") in [line[0] for line in lines if line]


def test_plan_says_the_next_command(deepetch, data, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    deepetch("data", "convert", data, "--to", "supervisely", "-o", "project")
    answer = deepetch("plan", "project", "--categories", "people", "--datasets", "train,val")
    last = answer.out.splitlines()[-1]
    assert last.startswith("plan.toml: ")
    assert shlex.split(last[last.index("deepetch ") :]) == [
        "deepetch", "train", "project", "--categories", "people", "--datasets", "train,val",
        "--plan", "plan.toml", "-o", "runs/mine",
    ]  # fmt: skip
    # pictures of other classes show nothing now
    assert read_plan(tmp_path / "plan.toml").fingerprint.empty == pytest.approx(4 / 9, rel=1e-3)


def test_as_json_everything_is_one_object(deepetch, data, tmp_path):
    (found,) = deepetch("plan", data, "-o", tmp_path / "p.toml", "--json", "--gpu-memory", 24).objects
    assert found["plan"] == str(tmp_path / "p.toml")
    assert found["machine"]["gpu_memory"] == 24
    assert found["fingerprint"]["pictures"]["train"]["people"] == 4
    assert found["train"]["size"] == read_plan(tmp_path / "p.toml").train.size
    assert found["reasons"].keys() >= {"size", "batch", "epochs", "folds", "init_from", "network"}
    assert json.loads(json.dumps(found)) == found


def test_so_many_pictures_are_measured_as_asked(deepetch, data, tmp_path):
    arguments = ("plan", data, "-o", tmp_path / "p.toml", "--overwrite", "--json", "--pictures", 4)
    assert deepetch(*arguments).objects[0]["fingerprint"]["measured"] == 4
    assert deepetch(*arguments, "--all").objects[0]["fingerprint"]["measured"] == 9


def test_pictures_that_cannot_be_read_are_said(deepetch, data, tmp_path):
    (data / "images" / "train0.png").write_bytes(b"no picture")
    answer = deepetch("plan", data, "-o", tmp_path / "p.toml")
    assert answer.status == 0
    assert "1 could not be read: see `deepetch data inspect`" in answer.out


def test_an_existing_plan_stays_and_nothing_is_measured(deepetch, data, tmp_path):
    (tmp_path / "plan.toml").write_text("mine")
    answer = deepetch("plan", data, "-o", tmp_path / "plan.toml")
    assert (answer.status, answer.out, answer.err.count("\n")) == (1, "", 1)
    assert (tmp_path / "plan.toml").read_text() == "mine"
    assert deepetch("plan", data, "-o", tmp_path / "plan.toml", "--overwrite").status == 0
    assert read_plan(tmp_path / "plan.toml").fingerprint is not None


def only(data, *, split=None, empty=False):
    """Give every row one split; or make every mask empty and drop what needs none."""
    with (data / "index.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        row["split"] = split or row["split"]
        if empty and row["mask"]:
            height, width = read_photo(data / row["mask"]).samples.shape[:2]
            save_photo(data / row["mask"], np.zeros((height, width, 1), np.uint8))
    with (data / "index.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(row for row in rows if not empty or row["kind"] == "people")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"split": "val"}, "no picture of the train split shows a subject"),
        ({"split": "test"}, "no picture of the train split shows a subject"),
        ({"empty": True}, "the mask is empty or full"),
    ],
)
def test_a_set_that_nothing_can_be_planned_from_is_one_line_and_no_file(deepetch, data, tmp_path, change, said):
    only(data, **change)
    answer = deepetch("plan", data, "-o", tmp_path / "plan.toml")
    assert (answer.status, answer.out, answer.err.count("\n")) == (1, "", 1)
    assert said in answer.err
    assert not (tmp_path / "plan.toml").exists()


@pytest.mark.parametrize(
    ("arguments", "status"),
    [(["none"], 1), (["."], 1), (["my data", "-o", "."], 1), (["my data", "-o", "none/plan.toml"], 1),
     (["my data", "--gpu-memory", "-1"], 2), (["my data", "--gpu-memory", "nan"], 2),
     (["my data", "--pictures", "0"], 2), ([], 2)],
)  # fmt: skip
def test_a_wrong_call_fails_without_a_file(deepetch, data, tmp_path, monkeypatch, arguments, status):
    monkeypatch.chdir(tmp_path)
    answer = deepetch("plan", *arguments)
    assert answer.status == status
    assert answer.err
    assert [path.name for path in tmp_path.iterdir()] == ["my data"]
