from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree

import matplotlib
import numpy as np
import pytest
from drawn_runs import save_run, short_curves

from deepetch.report.curves import Curves, read_curves
from deepetch.report.plots import COLOURS, calibration_error, calibration_plots, curve_plots, score_plot
from deepetch.report.report import Arm, Report

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def run(tmp_path):
    return read_curves(save_run(tmp_path / "run") / "metrics.csv")


def plots_of(*arms, monitor="val_iou"):
    return {plot.title: plot for plot in curve_plots(Report(title="t", arms=arms, monitor=monitor))}


def lines(plot, colour):
    """Points, (n, 2) in the picture's own units, of each unclosed line of a colour inside the axes."""
    found = []
    for path in ElementTree.fromstring(plot.svg).iter(f"{SVG}path"):
        if f"stroke: {colour}" in path.get("style", "") and path.get("clip-path"):
            numbers = [float(number) for number in re.findall(r"-?\d+\.?\d*", path.get("d"))]
            found.append(np.reshape(numbers, (-1, 2)))
    return found


def widths(plot, colour):
    """Of the same lines, in points."""
    styles = [
        path.get("style", "") for path in ElementTree.fromstring(plot.svg).iter(f"{SVG}path") if path.get("clip-path")
    ]
    found = [float(re.search(r"stroke-width: ([\d.]+)", style)[1]) for style in styles if f"stroke: {colour}" in style]
    return found


def texts(plot):
    return [text.text for text in ElementTree.fromstring(plot.svg).iter(f"{SVG}text")]


def residual(drawn, values):
    """How far drawn coordinates are from the best straight map of the values, in the picture's units."""
    map_, *_ = np.linalg.lstsq(np.column_stack([values, np.ones(len(values))]), drawn, rcond=None)
    return np.abs(np.column_stack([values, np.ones(len(values))]) @ map_ - drawn).max()


def test_one_run_has_its_curves_its_gap_its_kinds_and_its_learning_rate(run):
    assert list(plots_of(Arm(name="a", runs=[run]))) == [
        *("Loss", "IoU", "Accuracy", "Gap in IoU", "Validation IoU of each kind", "Learning rate"),
    ]


def test_drawn_points_lie_where_the_values_say(run):
    plot = plots_of(Arm(name="a", runs=[run]))["IoU"]
    for colour, column in ((COLOURS[0], "iou"), (COLOURS[1], "val_iou")):
        steps, values = run.points(column)
        (line,) = lines(plot, colour)
        assert len(line) == len(steps)
        assert residual(line[:, 0], steps) < 1e-3
        assert residual(line[:, 1], values) < 1e-3
        assert np.argmin(line[:, 1]) == np.argmax(values)  # up is more


def test_best_step_is_marked_by_a_line_in_its_place(run):
    plot = plots_of(Arm(name="a", runs=[run]))["IoU"]
    assert "best: epoch 6" in texts(plot)
    (mark,) = lines(plot, "#000000")
    _, values = run.points("val_iou")
    (line,) = lines(plot, COLOURS[1])
    assert mark[:, 0] == pytest.approx(line[np.argmax(values), 0], abs=1e-3)
    assert "Marked, best: epoch 6" in plot.alt


def test_seeds_are_thin_lines_and_their_mean_a_thick_one(tmp_path):
    runs = [read_curves(save_run(tmp_path / f"{seed}", seed=seed) / "metrics.csv") for seed in (0, 4)]
    plots = plots_of(Arm(name="a", runs=runs), Arm(name="b", runs=runs[:1]))
    assert {"Validation loss", "Training IoU", "Validation IoU", "Validation IoU, people"} <= set(plots)
    training = plots["Training loss"]
    thin, other, mean = lines(training, COLOURS[0])
    np.testing.assert_allclose(mean, (thin + other) / 2, atol=1e-3)
    assert widths(training, COLOURS[0]) == [0.8, 0.8, 1.9]
    assert widths(training, COLOURS[1]) == [1.9]
    assert "best of a run" in texts(plots["Validation IoU"])
    assert "best of a run" not in texts(plots["Training IoU"])


def test_run_without_validation_is_drawn_without_it(tmp_path):
    run = read_curves(save_run(tmp_path / "run", validated=False) / "metrics.csv")
    plots = plots_of(Arm(name="a", runs=[run]))
    assert list(plots) == ["Loss", "IoU", "Learning rate"]
    assert "validation" not in texts(plots["Loss"])


def test_one_row_is_drawn_as_a_point():
    run = Curves("r", {name: np.array([value]) for name, value in (("step", 50.0), ("loss", 0.5), ("val_loss", 0.6))})
    plots = plots_of(Arm(name="a", runs=[run]), monitor="val_loss")
    assert list(plots) == ["Loss", "Gap in loss"]
    assert "best: step 50" in texts(plots["Loss"])
    assert "training: 0.5000 at step 50." in plots["Loss"].alt


def test_validation_keeps_its_colour_where_no_training_stands_beside_it(run):
    plot = plots_of(Arm(name="a", runs=[run]))["Accuracy"]
    assert lines(plot, COLOURS[0]) == []
    assert len(lines(plot, COLOURS[1])) == 1


@pytest.mark.parametrize("name", ["_hidden", "$x$ and $", 'a<b>&"c"', "靴 \U0001f45f", "sch\udcf6n", "x" * 200, "#1"])
def test_any_name_of_an_arm_can_be_drawn(name):
    run = short_curves()
    plots = plots_of(Arm(name=name, runs=[run]), Arm(name="plain", runs=[run]))
    shown = texts(plots["Training loss"])
    assert "plain" in shown
    assert any(text[:2] == name.replace("\udcf6", "")[:2] for text in shown)


def test_more_arms_than_colours_are_told_apart_by_their_lines():
    arms = [Arm(name=f"arm{number}", runs=[short_curves()]) for number in range(9)]
    plot = plots_of(*arms)["Training loss"]
    assert {arm.name for arm in arms} <= set(texts(plot))
    assert len(lines(plot, COLOURS[0])) == len(lines(plot, COLOURS[1])) == 2
    for colour, dashed in ((COLOURS[0], True), (COLOURS[6], False)):
        assert (re.search(rf"stroke-dasharray[^\"]*stroke: {colour}", plot.svg) is not None) == dashed


def test_same_data_give_the_same_bytes_and_no_date(run):
    first, second = (plots_of(Arm(name="a", runs=[run])) for _ in range(2))
    assert first == second
    for plot in first.values():
        assert "<dc:date>" not in plot.svg
        assert "Matplotlib v" not in plot.svg


def test_drawing_leaves_no_trace_in_matplotlib_and_heeds_no_setting_of_it():
    run = short_curves()
    plain = plots_of(Arm(name="a", runs=[run]))
    with matplotlib.rc_context({"svg.fonttype": "path", "axes.grid": False, "font.size": 40}):
        before = dict(matplotlib.rcParams)
        assert plots_of(Arm(name="a", runs=[run])) == plain
        assert dict(matplotlib.rcParams) == before


def test_scores_have_their_group_and_interval():
    plot = score_plot(
        "IoU by kind", "scores", "IoU", {"a": [("people", 0.9, 0.8, 0.95), ("packs", 0.7, np.nan, np.nan)]}
    )
    assert {"people", "packs", "IoU"} <= set(texts(plot))
    assert "a, people: 0.9000." in plot.alt
    bars = [line for line in lines(plot, COLOURS[0]) if len(line) == 2]
    long, none = sorted((abs(bar[1, 0] - bar[0, 0]) for bar in bars), reverse=True)[:2]
    assert long > 50
    assert none == 0


def test_calibration_error_is_the_weighted_distance_from_the_diagonal():
    bins = np.array([(0.25, 0.2, 10), (0.5, 0.0, 0), (0.75, 0.85, 30)])
    assert calibration_error(bins) == pytest.approx((0.05 * 10 + 0.1 * 30) / 40)
    assert np.isnan(calibration_error(bins[1:2]))


def test_an_arm_keeps_its_colour_where_another_has_nothing_to_draw():
    bare = Arm(name="bare")
    arm = Arm(
        name="full", runs=[short_curves()] * 2, reliability=[(0.2, 0.3, 5), (0.8, 0.7, 5)], confidence=[(0.5, 0.4)]
    )
    found = plots_of(bare, arm)["Training loss"], calibration_plots([bare, arm])[0]
    rows = [("people", 0.9, 0.8, 0.95), ("packs", 0.7, 0.6, 0.8)]
    for plot in (*found, score_plot("IoU by kind", "scores", "IoU", {"bare": [], "full": rows})):
        assert lines(plot, COLOURS[0]) == []
        assert lines(plot, COLOURS[1])
        assert "full" in texts(plot)
        assert "bare" not in texts(plot)


def test_calibration_is_drawn_where_there_is_some():
    assert calibration_plots([Arm(name="a")]) == []
    arm = Arm(name="a", reliability=[(0.25, 0.2, 10), (0.5, 0.0, 0), (0.75, 0.85, 30)], confidence=[(0.5, 0.4)])
    reliability, confidence = calibration_plots([arm])
    assert "a: off by 0.0875 on average." in reliability.note
    (line,) = (line for line in lines(reliability, COLOURS[0]) if len(line) == 2)
    assert len(line) == 2  # the empty bin is none
    assert "1 pictures" in confidence.alt


def test_scatter_of_very_many_pictures_is_thinned_and_says_so():
    points = np.random.default_rng(0).random((50_000, 2))
    (plot,) = calibration_plots([Arm(name="a", confidence=points.tolist())])
    assert "2,000 of 50,000 pictures are drawn." in plot.note
    assert len(plot.svg) < 1_000_000
