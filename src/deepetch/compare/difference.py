"""How far two contestants differ on the same pictures, and whether that is more than chance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from deepetch.evaluate import MEASURES, Score, bootstrap_intervals, score_table

Verdict = Literal["better", "worse", "no difference shown", "too few pictures"]

# of five pictures all can fall to one side by chance once in 16 times (2 / 2^5), which is no 95 %; of six once in 32
LEAST = 6
ROUNDING = 1e-5  # two values nearer than that, of the greater of 1 and the value, are equal: sums in another order


@dataclass(frozen=True, kw_only=True)
class Difference:
    """A contestant less the baseline in one measure, picture by picture.

    mean       of the differences.
    low, high  their 95 % bootstrap interval (Efron 1979): pictures are drawn, each with both contestants' values.
    won, lost  shares of pictures on which the contestant is better, and worse; the rest is equal.
    verdict    which of the two it speaks for: an interval with 0 in it for neither, nor fewer than LEAST pictures.
    """

    mean: float
    low: float
    high: float
    won: float
    lost: float
    verdict: Verdict


def differences(scores: Sequence[Score], baseline: Sequence[Score]) -> dict[str, Difference]:
    """The difference in each of MEASURES; {} without a picture.

    scores, baseline  of the same pictures in the same order, else ValueError.
    """
    if [one.name for one in scores] != [one.name for one in baseline]:
        raise ValueError("differences are paired: expected scores of the same pictures in the same order")
    if not scores:
        return {}
    ours, theirs = score_table(scores), score_table(baseline)
    values = ours - theirs
    values[np.abs(values) < ROUNDING * np.maximum(1, np.abs(theirs))] = 0
    low, high = bootstrap_intervals(values)
    found = {}
    for column, (measure, row) in enumerate(MEASURES.items()):
        towards_best = values[:, column] if row.best else -values[:, column]
        verdict: Verdict = "no difference shown"
        if len(scores) < LEAST:
            verdict = "too few pictures"
        elif low[column] > 0 or high[column] < 0:
            verdict = "better" if (low[column] > 0) == bool(row.best) else "worse"
        found[measure] = Difference(
            mean=float(values[:, column].mean()),
            low=float(low[column]),
            high=float(high[column]),
            won=float(np.mean(towards_best > 0)),
            lost=float(np.mean(towards_best < 0)),
            verdict=verdict,
        )
    return found
