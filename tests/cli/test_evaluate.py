from __future__ import annotations

import pytest

from drawn_subjects import save_data_set


@pytest.fixture
def data(tmp_path):
    return save_data_set(tmp_path / "data", train=1, val=1, test=4)


def test_table_has_a_row_a_kind_and_one_for_all(deepetch, key, data):
    answer = deepetch("evaluate", key, data)
    assert (answer.status, answer.err) == (0, "")
    head, *rows = answer.out.splitlines()
    assert head.split()[:8] == ["kind", "n", "iou", "dice", "mae", "boundary_f", "sad", "mse"]
    assert [row.split()[:2] for row in rows] == [["cutouts", "1"], ["people", "2"], ["all", "3"]]


def test_json_has_the_fields_of_the_design(deepetch, key, data):
    answer = deepetch("evaluate", key, data, "--kind", "people", "--json")
    (result,) = answer.objects
    fields = ["n", "iou", "dice", "mae", "boundary_f", "sad", "mse", "model", "data", "split", "kind"]
    assert list(result) == fields
    assert (result["n"], result["model"], result["data"]) == (2, "key.onnx", str(data))
    assert (result["split"], result["kind"]) == ("test", "people")
    assert result["iou"] > 0.9


def test_other_split(deepetch, key, data):
    assert deepetch("evaluate", key, data, "--split", "val", "--json").objects[0]["n"] == 1


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (["--split", "everything"], 2, "--split: expected one of train, val, test"),
        (["--kind", "shoes"], 1, "kinds: backgrounds, cutouts, people"),
        (["--kind", "backgrounds"], 1, "shows a subject"),
    ],
)
def test_nothing_to_measure_is_one_line(deepetch, key, data, arguments, status, said):
    answer = deepetch("evaluate", key, data, *arguments)
    assert (answer.status, answer.out, answer.err.count("\n")) == (status, "", 1)
    assert said in answer.err


def test_data_or_model_that_is_none_is_one_line(deepetch, key, data, tmp_path):
    for arguments, status in (
        ([key, tmp_path / "none"], 1),
        ([key, tmp_path], 1),
        (["nosuch", data], 2),
        ([data / "index.csv", data], 1),
    ):
        answer = deepetch("evaluate", *arguments)
        assert (answer.status, answer.err.count("\n")) == (status, 1)


def test_damaged_picture_is_one_line(deepetch, key, data):
    (data / "images" / "test3.png").write_bytes(b"no picture")
    answer = deepetch("evaluate", key, data)
    assert (answer.status, answer.err.count("\n")) == (1, 1)
    assert "test3.png" in answer.err


def test_mask_of_another_size_is_one_line(deepetch, key, data):
    (data / "masks" / "test0.png").write_bytes((data / "masks" / "test3.png").read_bytes())
    answer = deepetch("evaluate", key, data)
    assert (answer.status, answer.err.count("\n")) == (1, 1)
    assert "expected a mask of" in answer.err
