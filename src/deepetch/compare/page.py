"""A comparison as `index.html`, which needs nothing else, and as `report.md` with its plots beside it."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from deepetch.assess import SHOWN, scored
from deepetch.compare.compare import RANKED_BY, Comparison
from deepetch.compare.difference import LEAST, Difference
from deepetch.datasets.place import make_folder
from deepetch.errors import OutputExists, OutputFailed
from deepetch.evaluate import MEASURES, bootstrap_interval, means
from deepetch.measure.distance import BANDS, BandError, band_name
from deepetch.photo.atomic import require_free
from deepetch.report.markdown import REPORT, write_sections
from deepetch.report.page import render_sections, write_page
from deepetch.report.plots import require_plotting, score_plot
from deepetch.report.report import Arm, Cost, Report
from deepetch.report.sections import Section, Table, sections_of
from deepetch.report.words import NO_VALUE, count_text, measure_name, plain_text, score_text

PAGE = "index.html"
COSTS = "Speed and size"  # the title of that section


def require_writable(folder: Path, *, overwrite: bool) -> None:
    """Say before any work is done that no comparison can be written into a folder.

    Raises  MissingExtra without what draws it; OutputExists for a folder that holds something, unless overwriting is
            allowed; OutputFailed for what is no folder.
    """
    require_plotting()
    for name in (PAGE, REPORT):
        require_free(folder / name, overwrite=overwrite)
    try:
        filled = folder.exists() and any(folder.iterdir())
    except OSError as error:
        raise OutputFailed(f"{folder}: no folder to write to ({error.strerror}). Choose another name.") from error
    if filled and not overwrite:
        raise OutputExists(f"{folder}: the folder holds files. Choose another or allow overwriting (--overwrite).")


def write_comparison(
    comparison: Comparison,
    folder: Path,
    *,
    title: str,
    costs: Mapping[str, Cost],
    timed: str = "",
    overwrite: bool = False,
) -> Path:
    """Write both pages into a folder, which is made; the HTML comes last.

    costs    by contestant.
    timed    in words, how its seconds and memory were measured; "" if they were not.
    Returns  the path of `index.html`.
    Raises   what `require_writable` raises; OutputFailed.
    """
    require_writable(folder, overwrite=overwrite)
    sections = sections_of_comparison(comparison, costs, timed=timed)
    html = render_sections(title, sections)
    make_folder(folder)
    write_sections(title, sections, folder, overwrite=overwrite)
    write_page(html, folder / PAGE, overwrite=overwrite)
    return folder / PAGE


def sections_of_comparison(comparison: Comparison, costs: Mapping[str, Cost], *, timed: str = "") -> list[Section]:
    """What the pages say. Raises MissingExtra without what draws the plots."""
    arms = [scored(Arm(name=name, cost=costs.get(name)), scores) for name, scores in comparison.scores.items()]
    _, *further = sections_of(
        Report(title="", arms=arms)
    )  # the first is a summary of trainings, of which there is none
    pictures = Section(
        title="Where they differ most",
        sentences=[
            f"The pictures with the most between the best and the worst {measure_name(RANKED_BY)}, those first."
        ],
        pairs=comparison.apart,
    )
    return [
        Section(title="Summary", sentences=_summary(comparison), tables=[_overview(comparison, costs)]),
        _differences(comparison),
        _by_distance(comparison),
        *([pictures] if comparison.apart else []),
        *(replace(part, sentences=[timed] if timed else []) if part.title == COSTS else part for part in further),
    ]


def _summary(comparison: Comparison) -> list[str]:
    n = comparison.n
    sentences = [
        f"{count_text(n)} {'picture' if n == 1 else 'pictures'}, the same for every model, at full size. "
        f"The others are compared with {plain_text(comparison.baseline)}, picture by picture."
    ]
    return sentences + [in_words(comparison, name) for name in comparison.others]


def in_words(comparison: Comparison, name: str) -> str:
    """A sentence on how a contestant stands against the baseline in IoU."""
    difference = comparison.differences(name).get(RANKED_BY)
    if difference is None:
        return f"{plain_text(name)}: no picture to judge it on."
    text = (
        f"{plain_text(name)} against {plain_text(comparison.baseline)}: {measure_name(RANKED_BY)} "
        f"{difference.mean:+.4f} on average, better on {_percent(difference.won)} of the pictures and worse "
        f"on {_percent(difference.lost)}; "
    )
    if difference.verdict == "too few pictures":
        return f"{text}fewer than {LEAST} pictures show nothing for sure."
    interval = f"95 % interval {difference.low:+.4f} to {difference.high:+.4f}"
    if difference.verdict == "no difference shown":
        return f"{text}the {interval} holds 0, so no difference is shown."
    return f"{text}the {interval} leaves 0 out: it is {difference.verdict}."


def _overview(comparison: Comparison, costs: Mapping[str, Cost]) -> Table:
    rows = []
    for name, scores in comparison.scores.items():
        found = means(scores)
        cost = costs.get(name, Cost())
        rows.append(
            [
                plain_text(name),
                *(score_text(found.get(measure, math.nan)) for measure in SHOWN),
                NO_VALUE if cost.ms_per_picture is None else f"{cost.ms_per_picture:,.0f}",
                NO_VALUE if cost.peak_bytes is None else f"{cost.peak_bytes / 1e6:,.0f}",
                NO_VALUE if cost.file_bytes is None else f"{cost.file_bytes / 1e6:,.1f}",
            ]
        )
    head = ["Model", *map(measure_name, SHOWN), "ms a picture", "Peak memory, MB", "File, MB"]
    return Table(title="Models", head=head, rows=rows)


def _differences(comparison: Comparison) -> Section:
    base = plain_text(comparison.baseline)
    tables = []
    for name in comparison.others:
        found = comparison.differences(name)
        means_of = {one: means(comparison.scores[one]) for one in (name, comparison.baseline)}
        rows = [
            [
                measure_name(measure),
                "less" if MEASURES[measure].best == 0 else "more",
                score_text(means_of[comparison.baseline][measure]),
                score_text(means_of[name][measure]),
                *_cells(difference),
            ]
            for measure, difference in found.items()
        ]
        head = ("Measure", "Better is", base, plain_text(name), "Difference", "Better on", "Worse on", "Verdict")
        tables.append(Table(title=f"{plain_text(name)} against {base}", head=head, rows=rows))
        kinds = comparison.differences_by_kind(name)
        if len(kinds) > 1:
            tables.append(_kind_table(f"{plain_text(name)} against {base}, by kind", comparison, name, kinds))
    return Section(
        title="Differences",
        sentences=[
            "In brackets the 95 % interval of the mean difference: pictures are drawn again and again, each with the "
            "values of both models. An interval with 0 in it shows no difference, which does not show that there is "
            "none. Of twenty rows without any difference one will seem to have one, by chance. Fewer than "
            f"{LEAST} pictures have no interval."
        ],
        tables=tables,
    )


def _kind_table(title: str, comparison: Comparison, name: str, kinds: Mapping[str, Mapping[str, Difference]]) -> Table:
    """A row a kind, the measures side by side; on how many pictures it is better, in IoU only."""
    rest = [measure for measure in SHOWN if measure != RANKED_BY]
    counts = Counter(score.kind for score in comparison.scores[name])
    rows = [
        [
            plain_text(kind),
            count_text(counts[kind]),
            _difference(found[RANKED_BY], verdict=True),
            _percent(found[RANKED_BY].won),
            *(_difference(found[measure], verdict=True) for measure in rest),
        ]
        for kind, found in kinds.items()
    ]
    head = ("Kind", "Pictures", measure_name(RANKED_BY), "Better on", *map(measure_name, rest))
    return Table(title=title, head=head, rows=rows)


def _cells(difference: Difference) -> list[str]:
    return [_difference(difference), _percent(difference.won), _percent(difference.lost), difference.verdict]


def _difference(difference: Difference, *, verdict: bool = False) -> str:
    """The mean and its interval; of too few pictures the mean alone."""
    if difference.verdict == "too few pictures":
        return _signed(difference.mean)
    text = f"{_signed(difference.mean)} ({_signed(difference.low)} to {_signed(difference.high)})"
    return f"{text}, {difference.verdict}" if verdict and difference.verdict != "no difference shown" else text


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def _signed(value: float) -> str:
    return f"{value:+.4f}" if abs(value) < 10 else f"{value:+,.1f}"


def _by_distance(comparison: Comparison) -> Section:
    """The mean over pictures of each band's error, of the pictures that have pixels there."""
    wrong = {name: _band_values(rows, "wrong") for name, rows in comparison.distances.items()}
    error = {name: _band_values(rows, "mae") for name, rows in comparison.distances.items()}
    names = [plain_text(name) for name in comparison.distances]
    told: dict[str, tuple[dict[str, list[list[float]]], Callable[[float], str]]] = {
        "Share of pixels on the wrong side": (wrong, lambda value: f"{100 * value:.2f} %"),
        "Mean error of alpha": (error, score_text),
    }
    tables = [
        Table(
            title=title,
            head=["Distance to the border", "Pictures", *names],
            rows=[
                [
                    band_name(band),
                    count_text(max(len(found[index]) for found in values.values())),
                    *(text(float(np.mean(found[index]))) if found[index] else NO_VALUE for found in values.values()),
                ]
                for index, band in enumerate(BANDS)
            ],
        )
        for title, (values, text) in told.items()
    ]
    drawn = {
        name: [
            (band_name(band), float(np.mean(values)), *bootstrap_interval(values))
            for band, values in zip(BANDS, found, strict=True)
            if values
        ]
        for name, found in wrong.items()
    }
    plots = (
        [score_plot("Pixels on the wrong side, by distance", "distance", "share of pixels", drawn)]
        if any(drawn.values())
        else []
    )
    return Section(
        title="By distance to the border",
        sentences=[
            "Whether a model draws the border badly, or misses whole parts: errors near the true border and far from "
            "it. Distances are shares of the picture's longer side, so that pictures of all sizes count alike; 0.4 % "
            "is 2 pixels of 512, as far as boundary F allows. A figure is the mean over the pictures with pixels there."
        ],
        plots=plots,
        tables=tables,
    )


def band_means(rows: Sequence[Sequence[BandError]]) -> list[dict[str, Any]]:
    """Each of BANDS with the means over the pictures that have pixels in it; None where none has."""
    wrong, error = _band_values(rows, "wrong"), _band_values(rows, "mae")
    return [
        {
            "band": band_name(band),
            "n": len(w),
            "wrong": float(np.mean(w)) if w else None,
            "mae": float(np.mean(e)) if e else None,
        }
        for band, w, e in zip(BANDS, wrong, error, strict=True)
    ]


def _band_values(rows: Sequence[Sequence[BandError]], what: str) -> list[list[float]]:
    """Of each of BANDS, the values of the pictures that have pixels in it."""
    return [[getattr(row[index], what) for row in rows if row[index].pixels] for index in range(len(BANDS))]
