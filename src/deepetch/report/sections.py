"""What a report says, section by section, before it becomes HTML or Markdown."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from numbers import Real
from statistics import fmean
from typing import Any

from deepetch.datasets.place import Names
from deepetch.errors import InvalidOptions
from deepetch.report.curves import VALIDATION, Best, best_row, gap_measure, gap_of
from deepetch.report.gallery import Gallery
from deepetch.report.plots import Plot, calibration_plots, curve_plots, require_plotting, score_plot
from deepetch.report.report import Arm, Report
from deepetch.report.side_by_side import SideBySide
from deepetch.report.words import (
    NO_VALUE,
    count_text,
    measure_name,
    plain_text,
    score_text,
    size_text,
    time_text,
    value_text,
)

ENDS = ("_low", "_high")  # of the interval of the measure before it


@dataclass(frozen=True, kw_only=True)
class Table:
    """Rows of text under a head; the first column names the row."""

    title: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True, kw_only=True)
class Section:
    """A part of the report.

    galleries  pictures by the name of their arm.
    pairs      pictures as several models cut them.
    """

    title: str
    sentences: Sequence[str] = ()
    plots: Sequence[Plot] = ()
    tables: Sequence[Table] = ()
    galleries: Mapping[str, Gallery] | None = None
    pairs: Sequence[SideBySide] = ()


def sections_of(report: Report) -> list[Section]:
    """All sections that have something to say; the summary comes first and is always there.

    Raises  MissingExtra without the packages of the `report` extra; InvalidOptions for a monitor that a run lacks, and
            for rows of scores that are not as `Arm` says.
    """
    require_plotting()
    arms = report.arms
    galleries = {plain_text(arm.name): arm.gallery for arm in arms if arm.gallery is not None and arm.gallery.n}
    sections = [
        Section(title="Summary", sentences=_summary(report), tables=_run_tables(report)),
        Section(title="Curves", plots=curve_plots(report)),
        _scores(arms),
        Section(title="Calibration", plots=calibration_plots(arms)),
        Section(title="Pictures", galleries=galleries),
        Section(title="Speed and size", tables=_cost_tables(arms)),
        Section(title="Options", tables=_value_tables("Option", {arm.name: arm.options for arm in arms})),
        Section(title="Provenance", tables=_value_tables("Fact", {arm.name: _flat(arm.provenance) for arm in arms})),
    ]
    said = [part for part in sections if part.sentences or part.plots or part.tables or part.galleries]
    names = Names()
    return [
        replace(part, plots=[replace(plot, name=names.free(_file_name(plot.name))) for plot in part.plots])
        for part in said
    ]


def _file_name(name: str) -> str:
    """A name that a file may have on every system: small letters, digits and hyphens, not too many of them."""
    readable = name.replace(VALIDATION, "validation-").lower()
    return "".join(sign if sign.isascii() and sign.isalnum() else "-" for sign in readable)[:60]


@dataclass(frozen=True, kw_only=True)
class _Outcome:
    """What became of one run; `gap` and its two sides are None where the best row has not both."""

    arm: str
    run: str
    steps: float
    epoch: float | None
    seconds: float | None
    best: Best | None
    gap: float | None
    training: float | None
    validation: float | None


def _outcomes(report: Report) -> list[_Outcome]:
    measure = gap_measure([run for arm in report.arms for run in arm.runs], report.monitor)
    outcomes = []
    for arm in report.arms:
        for run in arm.runs:
            best = best_row(run, report.monitor)
            sides: tuple[float, float, float] | None = None
            if best is not None and measure is not None:
                gap = gap_of(run, measure)
                rows = zip(gap.steps, gap.difference, gap.training, gap.validation, strict=True)
                sides = next(((float(d), float(t), float(v)) for step, d, t, v in rows if step == best.step), None)
            difference, training, validation = sides or (None, None, None)
            outcomes.append(
                _Outcome(
                    arm=plain_text(arm.name),
                    run=plain_text(run.name),
                    steps=float(run.columns["step"][-1]),
                    epoch=_last(run.points("epoch")[1]),
                    seconds=_last(run.points("seconds")[1]),
                    best=best,
                    gap=difference,
                    training=training,
                    validation=validation,
                )
            )
    return outcomes


def _last(values: Any) -> float | None:
    return float(values[-1]) if len(values) else None


def _summary(report: Report) -> list[str]:
    outcomes = _outcomes(report)
    if not outcomes:
        return ["No curves of a training belong to this report."]
    monitor = measure_name(report.monitor)
    measure = gap_measure([run for arm in report.arms for run in arm.runs], report.monitor)
    if len(outcomes) == 1:
        return _run_in_words(outcomes[0], monitor, measure)
    sentences = []
    for arm in dict.fromkeys(outcome.arm for outcome in outcomes):
        mine = [outcome for outcome in outcomes if outcome.arm == arm]
        values = [outcome.best.value for outcome in mine if outcome.best is not None]
        if not values:
            sentences.append(f"{arm}: never validated, so without a best step and a gap.")
            continue
        text = f"{arm}: best {monitor} {score_text(fmean(values))}"
        if len(values) > 1:
            text += f", the mean of {len(values)} runs from {score_text(min(values))} to {score_text(max(values))}"
        gaps = [outcome.gap for outcome in mine if outcome.gap is not None]
        if gaps and measure is not None:
            text += f"; there, {_gap_in_words(fmean(gaps), measure)}"
        sentences.append(f"{text}.")
    return sentences


def _run_in_words(outcome: _Outcome, monitor: str, measure: str | None) -> list[str]:
    if outcome.best is None:
        return [f"{_length_in_words(outcome)} It was never validated, so there is no best step, and no gap to tell."]
    when = f"step {count_text(outcome.best.step)}"
    if outcome.best.epoch is not None:
        when = f"epoch {outcome.best.epoch:g}, {when}"
    sentences = [_length_in_words(outcome), f"The best {monitor} is {score_text(outcome.best.value)}, at {when}."]
    if outcome.gap is None or outcome.training is None or outcome.validation is None or measure is None:
        return [*sentences, "No value of training stands beside it, so there is no gap to tell."]
    return [
        *sentences,
        f"There, {_gap_in_words(outcome.gap, measure)}: {score_text(outcome.training)} in training, "
        f"{score_text(outcome.validation)} in validation.",
    ]


def _length_in_words(outcome: _Outcome) -> str:
    text = f"The run trained for {count_text(outcome.steps)} steps"
    return f"{text}, {time_text(outcome.seconds)}." if outcome.seconds is not None else f"{text}."


def _gap_in_words(gap: float, measure: str) -> str:
    name = measure_name(measure)
    if score_text(abs(gap)) == score_text(0):
        return f"training and validation have the same {name}"
    ahead, behind = ("training", "validation") if gap > 0 else ("validation", "training")
    return f"{ahead} is ahead of {behind} by {score_text(abs(gap))} in {name}"


def _run_tables(report: Report) -> list[Table]:
    """One row a run, where there are several."""
    outcomes = _outcomes(report)
    if len(outcomes) < 2:
        return []
    head = ("Arm", "Run", "Steps", "Time", "Best epoch", "Best step", f"Best {measure_name(report.monitor)}", "Gap")
    rows = [
        (
            outcome.arm,
            outcome.run,
            count_text(outcome.steps),
            NO_VALUE if outcome.seconds is None else time_text(outcome.seconds),
            NO_VALUE if outcome.best is None or outcome.best.epoch is None else f"{outcome.best.epoch:g}",
            NO_VALUE if outcome.best is None else count_text(outcome.best.step),
            NO_VALUE if outcome.best is None else score_text(outcome.best.value),
            NO_VALUE if outcome.gap is None else score_text(outcome.gap),
        )
        for outcome in outcomes
    ]
    return [Table(title="Runs", head=head, rows=rows)]


def _scores(arms: Sequence[Arm]) -> Section:
    tables: list[Table] = []
    plots: list[Plot] = []
    for by in dict.fromkeys(by for arm in arms for by in arm.scores):
        found = {arm.name: arm.scores[by] for arm in arms if by in arm.scores}
        for name, rows in found.items():
            _require_rows(rows, by, name)
        tables.append(_score_table(found, by, arms))
        if any("iou" in row for rows in found.values() for row in rows):
            with_iou = {name: _intervals(rows, by, "iou") for name, rows in found.items()}
            plots.append(score_plot(f"IoU by {measure_name(by)}", f"scores-{by}", "IoU", with_iou))
    intervals = any(name.endswith(ENDS) for arm in arms for rows in arm.scores.values() for row in rows for name in row)
    told = "In brackets, and as bars in the plots, the 95 % interval of the mean."
    return Section(title="Scores", sentences=[told] if intervals else [], plots=plots, tables=tables)


def _require_rows(rows: Sequence[Mapping[str, Any]], by: str, arm: str) -> None:
    for row in rows:
        if by not in row:
            raise InvalidOptions(f"scores of {arm} by {by}: expected a {by!r} in every row; got {list(row)}.")
        for name, value in row.items():
            if name != by and (isinstance(value, bool) or not isinstance(value, Real)):
                raise InvalidOptions(f"scores of {arm} by {by}: expected a number as {name}; got {value!r}.")


def _score_table(found: Mapping[str, Sequence[Mapping[str, Any]]], by: str, arms: Sequence[Arm]) -> Table:
    names = dict.fromkeys(name for rows in found.values() for row in rows for name in row if name not in (by, "n"))
    measures = [name for name in names if not name.endswith(ENDS)]
    several = len(arms) > 1
    rows = []
    for group in dict.fromkeys(str(row[by]) for group_rows in found.values() for row in group_rows):
        for arm, group_rows in found.items():
            for row in group_rows:
                if str(row[by]) == group:
                    cells = [_score_cell(row, measure) for measure in measures]
                    count = count_text(row["n"]) if "n" in row else NO_VALUE
                    rows.append([plain_text(group), *[plain_text(arm)] * several, count, *cells])
    head = [_capital(measure_name(by)), *["Arm"] * several, "Pictures", *map(measure_name, measures)]
    return Table(title=f"By {measure_name(by)}", head=head, rows=rows)


def _score_cell(row: Mapping[str, Any], measure: str) -> str:
    if measure not in row:
        return NO_VALUE
    low, high = (row.get(measure + end, math.nan) for end in ENDS)
    interval = f" ({score_text(low)} to {score_text(high)})" if math.isfinite(low) and math.isfinite(high) else ""
    return score_text(row[measure]) + interval


def _intervals(rows: Sequence[Mapping[str, Any]], by: str, measure: str) -> list[tuple[str, float, float, float]]:
    low, high = ENDS
    return [
        (str(row[by]), row[measure], row.get(measure + low, math.nan), row.get(measure + high, math.nan))
        for row in rows
        if measure in row
    ]


def _cost_tables(arms: Sequence[Arm]) -> list[Table]:
    """Memory and parameters are columns where they are known of a model."""
    costs = {arm.name: arm.cost for arm in arms if arm.cost is not None}
    if not costs:
        return []
    memory = any(cost.peak_bytes is not None for cost in costs.values())
    parameters = any(cost.parameters is not None for cost in costs.values())
    rows = []
    for name, cost in costs.items():
        speed = cost.ms_per_picture
        rows.append(
            [
                plain_text(name),
                NO_VALUE if speed is None else f"{speed:,.1f}",
                NO_VALUE if not speed else f"{1000 / speed:,.2f}",
                plain_text(cost.measured_on) or NO_VALUE,
                *[NO_VALUE if cost.peak_bytes is None else size_text(cost.peak_bytes)] * memory,
                NO_VALUE if cost.file_bytes is None else size_text(cost.file_bytes),
                *[NO_VALUE if cost.parameters is None else count_text(cost.parameters)] * parameters,
            ]
        )
    head = ["Model", "ms a picture", "Pictures a second", "Measured on", *["Peak memory"] * memory, "File"]
    return [Table(title="Speed and size", head=[*head, *["Parameters"] * parameters], rows=rows)]


def _value_tables(what: str, tables: Mapping[str, Mapping[str, Any]]) -> list[Table]:
    """One column an arm; with several arms first what differs between them, then what does not."""
    if not any(tables.values()):
        return []
    rows = [
        [plain_text(name), *(value_text(table.get(name)) for table in tables.values())]
        for name in dict.fromkeys(name for table in tables.values() for name in table)
    ]
    if len(tables) == 1:
        return [Table(title="", head=(what, "Value"), rows=rows)]
    head = (what, *map(plain_text, tables))
    different = [row for row in rows if len(set(row[1:])) > 1]
    same = [row[:2] for row in rows if len(set(row[1:])) == 1]
    return [
        table
        for table in (
            Table(title="Different between the arms", head=head, rows=different),
            Table(title="The same in all arms", head=(what, "Value"), rows=same),
        )
        if table.rows
    ]


def _flat(table: Mapping[str, Any], above: str = "") -> dict[str, Any]:
    """Tables in tables as one, with names such as `versions: numpy`."""
    flat: dict[str, Any] = {}
    for name, value in table.items():
        if isinstance(value, Mapping):
            flat |= _flat(value, f"{above}{name}: ")
        else:
            flat[f"{above}{name}"] = value
    return flat


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
