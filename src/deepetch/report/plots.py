"""The plots of a report, drawn by matplotlib without its global state; the same data give the same bytes."""

from __future__ import annotations

import io
import math
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import numpy as np

from deepetch.errors import MissingExtra
from deepetch.report.curves import (
    VALIDATION,
    Curves,
    Values,
    best_row,
    gap_measure,
    gap_of,
    kinds_of,
    mean_points,
    measures_of,
)
from deepetch.report.report import Arm, Report
from deepetch.report.words import count_text, measure_name, plain_text, score_text, shortened

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WIDTH, HEIGHT = 4.1, 2.7  # inches: narrow, so that the text is still read on a telephone
ROW = 0.19  # inches that a row of the legend takes
SHORT = 22  # letters of which two columns fit into the legend
MOST_POINTS = 2000  # drawn of a scatter
# colours that the colour-blind tell apart (Okabe, Ito 2008), without the yellow that white swallows
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00", "#000000")
LINES, MARKERS = ("-", "--", ":", "-."), ("o", "s", "^", "D")  # for more arms than colours
GREY = "#666666"
STYLE: dict[str, Any] = {
    "font.size": 9.5,
    "axes.edgecolor": GREY,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#e4e4e4",
    "legend.frameon": False,
    "legend.fontsize": 9,
    "legend.handlelength": 2.6,
    "legend.columnspacing": 1.2,
    "text.parse_math": False,  # a name may hold a dollar sign
    "svg.fonttype": "none",  # text stays text, to be read aloud and searched
    "svg.hashsalt": "deepetch",
}


@dataclass(frozen=True, kw_only=True)
class Plot:
    """A drawn plot.

    name  of its file, without suffix; `sections` makes it one that no other plot has.
    alt   what it shows, for those who do not see it.
    note  what a reader must know to read it; "" if nothing.
    svg   a whole SVG document on white.
    """

    name: str
    title: str
    alt: str
    note: str = ""
    svg: str


@dataclass(frozen=True, kw_only=True)
class _Series:
    """Curves of one label: thin ones, with their mean thick; a single one is drawn as its own mean."""

    label: str
    curves: Sequence[tuple[Values, Values]]
    marks: Sequence[tuple[float, float]] = ()
    faint: bool = False


def require_plotting() -> None:
    """Raise MissingExtra unless what draws and lays out a report is installed; loads none of it."""
    missing = [name for name in ("matplotlib", "jinja2") if find_spec(name) is None]
    if missing:
        raise MissingExtra(f"a report needs {missing[0]}, which is not installed: pip install 'deepetch[report]'.")


def curve_plots(report: Report) -> list[Plot]:
    """Loss and scores of training and validation over the steps, the gap, the kinds, and the learning rate.

    One run: training and validation in one plot, the best step marked by a line. Several: one plot for each, arms as
    colours, the best step of each run marked on its curve. What no run has is not drawn.
    """
    runs = [run for arm in report.arms for run in arm.runs]
    if not runs:
        return []
    arms = [arm for arm in report.arms if arm.runs] if len(runs) == 1 else report.arms
    draw = _one_run_plots if len(runs) == 1 else _arms_plots
    plots = [plot for measure in measures_of(runs) for plot in draw(arms, measure, report.monitor)]
    measure = gap_measure(runs, report.monitor)
    if measure is not None:
        plots.append(_gap_plot(arms, measure, report.monitor))
    for measure in measures_of(runs):
        plots += _kind_plots(arms, measure)
    plots += _plain_plots(arms, "learning_rate", "Learning rate", "learning rate")
    return plots


def _one_run_plots(arms: Sequence[Arm], measure: str, monitor: str) -> list[Plot]:
    (run,) = arms[0].runs
    series = [
        _Series(label="training", curves=[run.points(measure)], faint=True),
        _Series(label="validation", curves=[run.points(VALIDATION + measure)]),
    ]
    name = measure_name(measure)
    title = f"{name[:1].upper()}{name[1:]}"
    return _line_plot(measure, title, name, series, best=_best_step(run, monitor))


def _arms_plots(arms: Sequence[Arm], measure: str, monitor: str) -> list[Plot]:
    plots = []
    for column, where in ((measure, "Training"), (VALIDATION + measure, "Validation")):
        series = [_arm_series(arm, column, monitor) for arm in arms]
        plots += _line_plot(column, f"{where} {measure_name(measure)}", measure_name(measure), series)
    return plots


def _arm_series(arm: Arm, column: str, monitor: str) -> _Series:
    curves = [run.points(column) for run in arm.runs]
    marks = []
    for run, (steps, values) in zip(arm.runs, curves, strict=True):
        best = best_row(run, monitor)
        if best is not None and column.startswith(VALIDATION):
            marks += [(best.step, float(value)) for value in values[steps == best.step]]
    return _Series(label=plain_text(arm.name), curves=curves, marks=marks)


def _gap_plot(arms: Sequence[Arm], measure: str, monitor: str) -> Plot:
    gaps = {arm.name: [gap_of(run, measure) for run in arm.runs] for arm in arms}
    series = [
        _Series(label=plain_text(name), curves=[(gap.steps, gap.difference) for gap in found])
        for name, found in gaps.items()
    ]
    runs = [run for arm in arms for run in arm.runs]
    best = _best_step(runs[0], monitor) if len(runs) == 1 else None
    name = measure_name(measure)
    (plot,) = _line_plot(
        f"gap-{measure}",
        f"Gap in {name}",
        f"gap in {name}",
        [_Series(label="training ahead by", curves=series[0].curves)] if len(runs) == 1 else series,
        best=best,
        zero=True,
        note=(
            "Above zero, training is ahead of validation. Training values are means since the row before, of pictures "
            "as they were augmented; so the gap may begin below zero."
        ),
    )
    return plot


def _kind_plots(arms: Sequence[Arm], measure: str) -> list[Plot]:
    runs = [run for arm in arms for run in arm.runs]
    kinds, name = kinds_of(runs, measure), measure_name(measure)
    if len(arms) == 1:
        series = [
            _Series(
                label=plain_text(kind),
                curves=[run.points(f"{VALIDATION}{measure}_{kind}") for run in arms[0].runs],
            )
            for kind in kinds
        ]
        return _line_plot(f"kinds-{measure}", f"Validation {name} of each kind", name, series)
    plots = []
    for kind in kinds:
        column = f"{VALIDATION}{measure}_{kind}"
        plots += _plain_plots(arms, column, f"Validation {name}, {plain_text(kind)}", name)
    return plots


def _plain_plots(arms: Sequence[Arm], column: str, title: str, quantity: str) -> list[Plot]:
    series = [_Series(label=plain_text(arm.name), curves=[run.points(column) for run in arm.runs]) for arm in arms]
    return _line_plot(column, title, quantity, series, legend=len(arms) > 1)


def _best_step(run: Curves, monitor: str) -> tuple[float, str] | None:
    best = best_row(run, monitor)
    if best is None:
        return None
    return best.step, f"best: step {count_text(best.step)}" if best.epoch is None else f"best: epoch {best.epoch:g}"


def _line_plot(
    name: str,
    title: str,
    quantity: str,
    series: Sequence[_Series],
    *,
    best: tuple[float, str] | None = None,
    zero: bool = False,
    legend: bool = True,
    note: str = "",
) -> list[Plot]:
    """Curves over the steps; no plot when there is no value to draw."""
    # an arm keeps its colour where another one has nothing to draw
    numbered = [(number, one) for number, one in enumerate(series) if any(len(steps) for steps, _ in one.curves)]
    if not numbered:
        return []
    series = [one for _, one in numbered]

    def draw(axes: Axes) -> list[Any]:
        handles = [_draw_series(axes, one, number) for number, one in numbered]
        if zero:
            axes.axhline(0, color=GREY, linewidth=1)
        if best is not None:
            handles.append(axes.axvline(best[0], color="black", linewidth=1, linestyle=(0, (4, 2)), label=best[1]))
        if any(one.marks for one in series):
            marks: Any = [mark for one in series for mark in one.marks]
            (stars,) = axes.plot(
                *np.transpose(marks), "*", color="black", markersize=11, markeredgecolor="white", label="best of a run"
            )
            handles.append(stars)
        axes.set_xlabel("step")
        axes.set_ylabel(quantity)
        axes.xaxis.set_major_locator(_few_whole_numbers())
        axes.xaxis.set_major_formatter("{x:,.0f}")
        return handles if legend else []

    alt = f"{title} over the training steps. " + " ".join(_curve_in_words(one) for one in series)
    if best is not None:
        alt += f" Marked, {best[1]}."
    return [Plot(name=name, title=title, alt=alt, note=note, svg=_svg(draw))]


def _draw_series(axes: Axes, series: _Series, number: int) -> Any:
    colour, line, _ = _look(number)
    curves = [(steps, values) for steps, values in series.curves if len(steps)]
    if len(curves) > 1:
        for steps, values in curves:
            axes.plot(steps, values, color=colour, linewidth=0.8, alpha=0.55, linestyle=line)
    steps, values = mean_points(curves)
    few = len(steps) <= 40  # then each one may be a validation, and is seen
    (handle,) = axes.plot(
        steps,
        values,
        color=colour,
        linestyle=line,
        linewidth=1.2 if series.faint else 1.9,
        marker="o" if few and len(curves) == 1 else None,
        markersize=3,
        label=shortened(series.label),
    )
    return handle


def _curve_in_words(series: _Series) -> str:
    steps, values = mean_points([(steps, values) for steps, values in series.curves if len(steps)])
    if not len(steps):
        return f"{series.label}: runs with no step in common."
    ends = f"{series.label}: {score_text(values[0])} at step {count_text(steps[0])}"
    return f"{ends}, {score_text(values[-1])} at step {count_text(steps[-1])}." if len(steps) > 1 else f"{ends}."


def score_plot(
    title: str, name: str, quantity: str, rows: Mapping[str, Sequence[tuple[str, float, float, float]]]
) -> Plot:
    """Means with their 95 % intervals, one line a group.

    rows  an arm to its groups: name, mean, lower and upper end, NaN where there is no interval.
    """
    groups = list(dict.fromkeys(plain_text(row[0]) for found in rows.values() for row in found))

    def draw(axes: Axes) -> list[Any]:
        handles = []
        for number, (arm, found) in enumerate(rows.items()):
            if not found:
                continue
            offset = (number - (len(rows) - 1) / 2) * 0.7 / len(rows)
            colour, _, marker = _look(number)
            places = [groups.index(plain_text(row[0])) + offset for row in found]
            means, low, high = np.array([row[1:] for row in found], np.float64).T
            reach = np.nan_to_num(np.stack([means - low, high - means]).clip(0))
            handles.append(
                axes.errorbar(
                    means,
                    places,
                    xerr=reach,
                    fmt=marker,
                    markersize=4.5,
                    capsize=2.5,
                    color=colour,
                    label=shortened(plain_text(arm)),
                )
            )
        axes.set_yticks(range(len(groups)), [shortened(group, 18) for group in groups])
        axes.set_ylim(len(groups) - 0.5, -0.5)
        axes.set_xlabel(quantity)
        axes.locator_params(axis="x", nbins=5)
        return handles if len(rows) > 1 else []  # with several arms even one alone has to be named

    described = [
        f"{plain_text(arm)}, {plain_text(group)}: {score_text(mean)}." for arm in rows for group, mean, *_ in rows[arm]
    ]
    height = 0.8 + max(0.3, 0.16 * len(rows) + 0.1) * len(groups)
    return Plot(
        name=name,
        title=title,
        alt=f"{title}. {' '.join(described)}",
        svg=_svg(draw, height=height),
    )


def calibration_plots(arms: Sequence[Arm]) -> list[Plot]:
    """Observed against predicted, bin by bin, and the confidence of each picture against its IoU; what there is."""
    plots = []
    if any(len(arm.reliability) for arm in arms):
        plots.append(_reliability_plot({plain_text(arm.name): _table(arm.reliability, 3) for arm in arms}))
    if any(len(arm.confidence) for arm in arms):
        plots.append(_confidence_plot({plain_text(arm.name): _table(arm.confidence, 2) for arm in arms}))
    return plots


def _table(rows: Sequence[Sequence[float]], columns: int) -> Values:
    return np.array(rows, np.float64).reshape(-1, columns)


def calibration_error(bins: Values) -> float:
    """The mean distance of observed from predicted, weighted by the counts (Naeini et al. 2015); NaN for no count.

    bins  (n, 3): centre, observed share, count.
    """
    centre, observed, count = bins.T
    filled = count > 0
    if not filled.any():
        return float("nan")
    return float(np.average(np.abs(observed - centre)[filled], weights=count[filled]))


def _reliability_plot(binned: Mapping[str, Values]) -> Plot:
    def draw(axes: Axes) -> list[Any]:
        handles = []
        for number, (name, bins) in enumerate(binned.items()):
            centre, observed, count = bins[bins[:, 2] > 0].T
            if not len(count):
                continue
            colour, line, marker = _look(number)
            (handle,) = axes.plot(centre, observed, line, color=colour, linewidth=1.4, label=shortened(name))
            axes.scatter(centre, observed, s=8 + 70 * count / count.max(), color=colour, marker=marker, zorder=3)
            handles.append(handle)
        (ideal,) = axes.plot([0, 1], [0, 1], color=GREY, linewidth=1, linestyle="--", label="perfect")
        axes.set_xlabel("predicted")
        axes.set_ylabel("observed")
        axes.set_xlim(-0.03, 1.03)
        axes.set_ylim(-0.03, 1.03)
        return [*handles, ideal]

    errors = {name: score_text(calibration_error(bins)) for name, bins in binned.items() if len(bins)}
    said = " ".join(f"{name}: off by {error} on average." for name, error in errors.items())
    return Plot(
        name="calibration",
        title="Calibration",
        alt=f"Observed against predicted, with the diagonal of a perfect calibration. {said}",
        note=f"The larger a dot, the more it stands for. {said}",
        svg=_svg(draw, height=3.3),
    )


def _confidence_plot(scattered: Mapping[str, Values]) -> Plot:
    most = max(1, MOST_POINTS // len(scattered))
    shown = {
        name: points[np.linspace(0, len(points) - 1, min(most, len(points))).astype(int)]
        for name, points in scattered.items()
    }

    def draw(axes: Axes) -> list[Any]:
        handles = []
        for number, (name, points) in enumerate(shown.items()):
            if not len(points):
                continue
            colour, _, marker = _look(number)
            dots = axes.scatter(
                points[:, 0], points[:, 1], s=9, alpha=0.6, color=colour, marker=marker, label=shortened(name)
            )
            handles.append(dots)
        axes.plot([0, 1], [0, 1], color=GREY, linewidth=1, linestyle="--")
        axes.set_xlabel("confidence")
        axes.set_ylabel("IoU")
        axes.set_xlim(-0.03, 1.03)
        axes.set_ylim(-0.03, 1.03)
        return handles if len(shown) > 1 else []

    total, drawn = (sum(map(len, points.values())) for points in (scattered, shown))
    return Plot(
        name="confidence",
        title="Confidence and IoU",
        alt=f"The confidence of {count_text(drawn)} pictures against the IoU each has, with the diagonal.",
        note="A dot is a picture; below the diagonal the model is too sure of itself."
        + (f" {count_text(drawn)} of {count_text(total)} pictures are drawn." if drawn < total else ""),
        svg=_svg(draw, height=3.3),
    )


def _look(number: int) -> tuple[str, str, str]:
    """Colour, line and marker of an arm."""
    turn = number // len(COLOURS)
    return COLOURS[number % len(COLOURS)], LINES[turn % len(LINES)], MARKERS[turn % len(MARKERS)]


def _few_whole_numbers() -> Any:
    from matplotlib.ticker import MaxNLocator

    return MaxNLocator(nbins=5, steps=[1, 2, 2.5, 5, 10], integer=True)


def _svg(draw: Callable[[Axes], list[Any]], *, height: float = HEIGHT) -> str:
    """The document that `draw` makes; it gives back what the legend, above the axes, explains."""
    import matplotlib.style
    from matplotlib.figure import Figure

    with matplotlib.style.context(STYLE, after_reset=True), warnings.catch_warnings():
        # of a script that matplotlib's own font lacks: the reader's fonts draw the text
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        figure = Figure(layout="constrained")
        handles = draw(figure.add_subplot())
        columns = 2 if all(len(handle.get_label()) <= SHORT for handle in handles) else 1
        figure.set_size_inches(WIDTH, height + ROW * math.ceil(len(handles) / columns))
        if handles:
            figure.legend(handles=handles, loc="outside upper left", ncols=columns)
        text = io.StringIO()
        # no date, no version: the same data, the same bytes
        figure.savefig(text, format="svg", metadata=dict.fromkeys(("Creator", "Date", "Format", "Type")))
    return text.getvalue()
