"""What was found, as Markdown and as a plot; no picture is in either."""

from __future__ import annotations

import io
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import matplotlib.style
import numpy as np
from judge import Auc
from matplotlib.figure import Figure
from numpy.typing import NDArray
from traits import TRAITS, distance, spread

from deepetch.report.plots import COLOURS, STYLE

COLUMNS = 4  # of plots
HEAVIEST = 6  # statistics named of the baseline's


@dataclass(frozen=True, kw_only=True)
class Figures:
    """One question of the classifier: which sides, how many pictures of each, and how well they are told apart.

    traits   the plain baseline's AUC and weights, where it was asked.
    """

    question: str
    counts: tuple[int, int]
    patches: Auc
    pictures: Auc
    traits: tuple[Auc, Mapping[str, float]] | None = None


def trait_lines(sides: Mapping[str, NDArray[np.float64]]) -> Iterator[str]:
    """A table of the statistics of two sides, each (pictures, TRAITS), the first being the renders."""
    first, second = sides.values()
    chance = by_chance(len(first), len(second))
    yield "Median (10th to 90th percentile) over pictures, and the Kolmogorov-Smirnov distance: 0 alike, 1 apart. Two"
    yield f"sets so large of the same sort of pictures are further than {chance:.2f} apart once in twenty times."
    yield ""
    yield "| statistic | " + " | ".join(f"{name} ({len(table)})" for name, table in sides.items()) + " | KS |"
    yield "|---|---|---|---:|"
    for index, trait in enumerate(TRAITS):
        cells = [_cell(table[:, index], trait.digits) for table in (first, second)]
        apart = distance(first[:, index], second[:, index])
        name = f"{trait.name}, {trait.unit}" if trait.unit else trait.name
        yield f"| {name} | {' | '.join(cells)} | {'' if math.isnan(apart) else f'{apart:.2f}'} |"


def by_chance(first: int, second: int) -> float:
    """The distance of two samples of one distribution that one pair in twenty exceeds (Smirnov 1948, for many)."""
    return 1.358 * math.sqrt((first + second) / (first * second))


def verdict_lines(figures: Sequence[Figures]) -> Iterator[str]:
    """A table of the classifier's questions, and what its plain baseline went by."""
    yield "AUC, with 95 % intervals over pictures: 0.5 is guessing, 1 is certain. Pictures are judged by the mean over"
    yield "their patches; the baseline is a logistic regression on the statistics above of how a picture was taken."
    yield ""
    yield "| told apart | pictures | patches | pictures, by patches | pictures, by statistics |"
    yield "|---|---|---|---|---|"
    for row in figures:
        plain = "" if row.traits is None else str(row.traits[0])
        yield f"| {row.question} | {row.counts[0]} and {row.counts[1]} | {row.patches} | {row.pictures} | {plain} |"
    for row in figures:
        if row.traits is not None:
            heaviest = [f"{name} {weight:+.1f}" for name, weight in list(row.traits[1].items())[:HEAVIEST]]
            yield ""
            yield f"Statistics go by, in {row.question}: {', '.join(heaviest)}; above 0 speaks for the first."


def trait_plot(sides: Mapping[str, NDArray[np.float64]]) -> str:
    """The shares of pictures below each value, a panel a statistic, a line a side: an SVG document."""
    rows = -(-len(TRAITS) // COLUMNS)
    with matplotlib.style.context(STYLE, after_reset=True):
        figure = Figure(figsize=(2.6 * COLUMNS, 2.1 * rows + 0.3), layout="constrained")
        panels = figure.subplots(rows, COLUMNS, squeeze=False).ravel()
        for index, (panel, trait) in enumerate(zip(panels, TRAITS, strict=False)):
            for (name, table), colour in zip(sides.items(), COLOURS, strict=False):
                known = np.sort(table[np.isfinite(table[:, index]), index])
                if known.size:
                    panel.ecdf(known, color=colour, label=name)
            panel.set_title(f"{trait.name}, {trait.unit}" if trait.unit else trait.name, fontsize=9.5)
            panel.set_ylim(0, 1)
        for panel in panels[len(TRAITS) :]:
            panel.set_axis_off()
        handles, names = panels[0].get_legend_handles_labels()
        figure.legend(handles, names, loc="outside upper left", ncols=len(names))
        text = io.StringIO()
        # no date, no version: the same data, the same bytes
        figure.savefig(text, format="svg", metadata=dict.fromkeys(("Creator", "Date", "Format", "Type")))
    return text.getvalue()


def _cell(values: NDArray[np.float64], digits: int) -> str:
    found = spread(values)
    if found is None:
        return ""
    low, middle, high = (f"{value:.{digits}f}" for value in found)
    return f"{middle} ({low} to {high})"
