from __future__ import annotations

import numpy as np
import pytest
from drawn_runs import BEST_STEP, rows, save_run

from deepetch.errors import InvalidOptions, TrainingError
from deepetch.report.curves import (
    Curves,
    best_row,
    gap_measure,
    gap_of,
    kinds_of,
    mean_points,
    measures_of,
    read_curves,
)


def written(tmp_path, text):
    path = tmp_path / "run7" / "metrics.csv"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def curves(**columns):
    return Curves("run", {name: np.array(values, np.float64) for name, values in columns.items()})


def test_curves_are_the_numbers_that_were_written(tmp_path):
    found = read_curves(save_run(tmp_path / "run") / "metrics.csv")
    assert found.name == "run"
    for name, values in found.columns.items():
        expected = [row.get(name, np.nan) for row in rows()]
        np.testing.assert_allclose(values, expected, rtol=1e-12)


def test_blank_cells_and_cells_that_are_no_finite_number_are_no_value(tmp_path):
    path = written(tmp_path, "step,loss,val_iou\n50,0.5,\n100,nan, \n150,inf,0.7\n")
    found = read_curves(path)
    steps, losses = found.points("loss")
    assert (steps.tolist(), losses.tolist()) == ([50], [0.5])
    assert found.points("val_iou")[0].tolist() == [150]
    assert found.points("no such column")[0].tolist() == []
    assert found.name == "run7"


def test_one_row_is_enough_and_a_byte_order_mark_does_no_harm(tmp_path):
    found = read_curves(written(tmp_path, b"\xef\xbb\xbfstep,loss\r\n50,0.5\r\n\r\n"))
    assert found.columns["loss"].tolist() == [0.5]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "holds no row"),
        ("step,loss\n", "holds no row"),
        ("epoch,loss\n1,2\n", "line 1: expected names of columns, `step` among them"),
        ("step,loss\n50,0.5\n100\n", "line 3: expected 2 values; got 1"),
        ("step,loss\n50,0.5,7\n", "line 2: expected 2 values; got 3"),
        ("step,loss\n50,0.5\n100,0.x\n", "line 3: expected a number for loss; got '0.x'"),
        ("step,loss\n50,0.5\n,0.4\n", "line 3: expected a step; got none"),
        ("step,loss\n50,0.5\n50,0.4\n", "line 3: expected a step above 50; got 50"),
        ("step,loss\n100,0.5\n50,0.4\n", "line 3: expected a step above 100; got 50"),
        (b"step,loss\n50,0.5\n100,\xff\xfe\n", "line 3: expected a number for loss"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "line 1: expected names of columns"),
        ("step,loss\n50," + "1" * 200_000 + "\n", "line 2: no row of a table"),
    ],
)
def test_damaged_metrics_are_refused_and_the_line_is_named(tmp_path, text, said):
    path = written(tmp_path, text)
    with pytest.raises(TrainingError, match=said) as caught:
        read_curves(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_missing_metrics_are_said_to_be_missing(tmp_path):
    with pytest.raises(TrainingError, match=r"metrics\.csv: no metrics of a run can be read \(No such file"):
        read_curves(tmp_path / "metrics.csv")


def test_best_row_of_a_score_is_its_first_highest(tmp_path):
    best = best_row(read_curves(save_run(tmp_path / "run") / "metrics.csv"), "val_iou")
    assert (best.step, best.epoch, best.value) == (BEST_STEP, BEST_STEP // 100, pytest.approx(0.8))
    twice = curves(step=[1, 2, 3, 4], val_iou=[0.1, 0.7, np.nan, 0.7])
    assert best_row(twice, "val_iou").step == 2
    assert best_row(twice, "val_iou").epoch is None


@pytest.mark.parametrize(
    ("monitor", "step"), [("val_loss", 3), ("val_loss_people", 3), ("val_mae", 3), ("val_accuracy", 2), ("val_dice", 2)]
)
def test_losses_and_errors_are_best_where_they_are_lowest(monitor, step):
    run = curves(step=[1, 2, 3, 4], **{monitor: [0.5, 0.9, 0.2, np.nan]})
    assert best_row(run, monitor).step == step


def test_a_run_without_validation_has_no_best_row():
    assert best_row(curves(step=[1, 2], loss=[1, 2]), "val_iou") is None
    assert best_row(curves(step=[1, 2], loss=[1, 2], val_iou=[np.nan, np.nan]), "val_iou") is None


def test_monitor_that_a_validated_run_lacks_is_refused():
    run = curves(step=[1], val_loss=[1], val_iou=[np.nan], val_accuracy=[0.5])
    with pytest.raises(InvalidOptions, match=r"monitor: .* run has, val_loss, val_accuracy; got 'val_iou'"):
        best_row(run, "val_iou")


def test_gap_is_positive_where_training_is_better_for_scores_and_for_losses():
    run = curves(
        step=[1, 2, 3], iou=[0.5, 0.8, 0.9], val_iou=[np.nan, 0.7, 0.95], loss=[3, 2, 1], val_loss=[np.nan, 5, 0.5]
    )
    gap = gap_of(run, "iou")
    assert gap.steps.tolist() == [2, 3]
    np.testing.assert_allclose(gap.difference, [0.1, -0.05])
    np.testing.assert_allclose(gap_of(run, "loss").difference, [3, -0.5])
    assert gap_of(run, "accuracy").steps.size == 0


@pytest.mark.parametrize(
    ("monitor", "measure"),
    [("val_iou", "iou"), ("val_loss", "loss"), ("val_accuracy", "iou"), ("val_iou_people", "iou")],
)
def test_gap_is_told_in_the_monitors_measure_or_else_in_iou(monitor, measure):
    run = curves(step=[1], iou=[1], val_iou=[1], loss=[1], val_loss=[1], val_accuracy=[1], val_iou_people=[1])
    assert gap_measure([run], monitor) == measure


def test_no_gap_without_validation():
    assert gap_measure([curves(step=[1], iou=[1], loss=[1])], "val_iou") is None
    assert gap_measure([], "val_iou") is None


def test_measures_and_kinds_are_told_apart_whatever_their_columns():
    run = curves(
        step=[1], epoch=[1], seconds=[1], learning_rate=[1], val_boundary_f=[1], val_iou_red_boxes=[1],
        val_iou=[1], loss=[1], val_iou_people=[np.nan], iou=[1], val_loss=[1],
    )  # fmt: skip
    assert measures_of([run]) == ["loss", "iou", "boundary_f"]
    assert kinds_of([run], "iou") == ["red_boxes"]
    assert kinds_of([run], "loss") == []


def test_mean_of_runs_is_taken_at_the_steps_they_share():
    first = np.array([1.0, 2.0, 3.0]), np.array([10.0, 20.0, 30.0])
    second = np.array([2.0, 3.0, 4.0]), np.array([40.0, 50.0, 60.0])
    steps, values = mean_points([first, second])
    assert (steps.tolist(), values.tolist()) == ([2, 3], [30, 40])
    assert mean_points([first])[1].tolist() == [10, 20, 30]
    assert mean_points([])[0].size == 0
    assert mean_points([first, (np.array([9.0]), np.array([1.0]))])[1].size == 0
