from __future__ import annotations

import pytest

from deepetch.evaluate import MEASURES
from drawn_subjects import save_data_set


@pytest.fixture
def data(tmp_path):
    return save_data_set(tmp_path / "data", train=1, val=1, test=4)


def test_tables_have_a_row_a_kind_one_for_all_and_a_row_a_size(deepetch, key, data):
    answer = deepetch("evaluate", key, data)
    assert (answer.status, answer.err) == (0, "")
    kinds, sizes = (table.splitlines() for table in answer.out.split("\n\n"))
    columns = ["n", "iou", "dice", "boundary_f", "boundary_iou", "mae", "sad", "mse", "95", "%", "of", "iou"]
    assert [kinds[0].split(), sizes[0].split()] == [["kind", *columns], ["size", *columns]]
    assert [row.split()[:2] for row in kinds[1:]] == [["cutouts", "1"], ["people", "2"], ["all", "3"]]
    # discs of a third of the shorter side: 23 % of 64 x 96
    assert [row.split()[:2] for row in sizes[1:]] == [["medium", "3"]]
    low, _, high = kinds[-1].split()[-3:]
    assert 0.9 < float(low) <= float(kinds[-1].split()[2]) + 5e-4 <= float(high) + 1e-3 <= 1.001
    assert max(len(line) for line in answer.out.splitlines()) <= 120


def test_table_shows_the_measures_asked_for(deepetch, key, data):
    answer = deepetch("evaluate", key, data, "--kind", "people", "--measures", "s_measure, weighted_f")
    head, row = answer.out.split("\n\n")[0].splitlines()
    assert head.split() == ["kind", "n", "s_measure", "weighted_f", "95", "%", "of", "s_measure"]
    assert row.split()[:2] == ["people", "2"]
    assert 0.9 < float(row.split()[2]) <= 1


def test_more_measures_than_fit_go_into_further_tables(deepetch, key, data):
    answer = deepetch("evaluate", key, data, "--kind", "people", "--measures", "all")
    lines = answer.out.splitlines()
    assert max(map(len, lines)) <= 120
    heads = [line.split("   95 %")[0].split() for line in lines if line.startswith("kind")]
    assert len(heads) > 1
    assert {(head[0], head[1]) for head in heads} == {("kind", "n")}
    assert [name for head in heads for name in head[2:]] == list(MEASURES)
    assert sum("95 % of iou" in line for line in lines) == 2  # once for kinds, once for sizes


def test_json_has_the_fields_of_the_design_and_all_measures(deepetch, key, data):
    answer = deepetch("evaluate", key, data, "--kind", "people", "--json", "--measures", "iou")
    (result,) = answer.objects
    design = ["n", "iou", "dice", "mae", "boundary_f", "sad", "mse"]
    asked = ["model", "data", "split", "kind"]
    further = ["intervals", "kinds", "sizes", "calibration"]
    assert list(result)[:7] == design
    assert set(result) == {"n", *MEASURES, *asked, *further}
    assert (result["n"], result["model"], result["data"]) == (2, "key.onnx", str(data))
    assert (result["split"], result["kind"]) == ("test", "people")
    assert result["iou"] > 0.9
    assert set(result["intervals"]) == set(MEASURES)
    for measure, (low, high) in result["intervals"].items():
        assert low <= result[measure] <= high


def test_json_has_every_kind_and_size_with_intervals(deepetch, key, data):
    (result,) = deepetch("evaluate", key, data, "--json").objects
    assert {kind: group["n"] for kind, group in result["kinds"].items()} == {"cutouts": 1, "people": 2}
    assert {size: group["n"] for size, group in result["sizes"].items()} == {"medium": 3}
    for group in (*result["kinds"].values(), *result["sizes"].values()):
        assert set(group) == {"n", *MEASURES, "intervals"}
        assert group["intervals"]["iou"][0] <= group["iou"] <= group["intervals"]["iou"][1]
    assert result["iou"] == pytest.approx(
        (result["kinds"]["cutouts"]["iou"] + 2 * result["kinds"]["people"]["iou"]) / 3
    )


def test_json_has_the_calibration_of_all_pixels(deepetch, key, data):
    (result,) = deepetch("evaluate", key, data, "--json").objects
    calibration = result["calibration"]
    assert 0 <= calibration["error"] < 0.05
    assert sum(point["pixels"] for point in calibration["points"]) == 3 * 64 * 96
    first, *_, last = calibration["points"]
    assert first["alpha"] < 0.1
    assert first["true"] < 0.05
    assert last["alpha"] > 0.9
    assert last["true"] > 0.95


def test_other_split(deepetch, key, data):
    assert deepetch("evaluate", key, data, "--split", "val", "--json").objects[0]["n"] == 1


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (["--measures", "iou,beauty"], 2, "--measures: expected one of all, iou, dice"),
        (["--measures", ""], 2, "got ''"),
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
