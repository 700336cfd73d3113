"""The arms side by side, with intervals over seeds as well as pictures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from deepetch.assess import Assessment
from deepetch.evaluate import Score

MEASURES = ("iou", "boundary_f", "accuracy", "mae")
DRAWS = 2000


@dataclass(frozen=True, eq=False)
class Outcome:
    """What an arm came to: the test scores of each seed, seconds of training of each, and the first seed's model."""

    name: str
    scores: Sequence[Sequence[Score]]
    seconds: Sequence[float]
    assessment: Assessment
    model: Path

    def table(self, measure: str) -> NDArray[np.float64]:
        """(seeds, pictures)."""
        return np.array([[getattr(score, measure) for score in scores] for scores in self.scores])


def summary_lines(outcomes: Sequence[Outcome]) -> Iterator[str]:
    """A table of the arms, and one of each arm's gain over the first."""
    yield "Means over seeds and test pictures; in brackets 95 % intervals over both, ± the deviation over seeds."
    yield ""
    yield "| arm | seeds | " + " | ".join(MEASURES) + " | minutes a run |"
    yield "|---" * (len(MEASURES) + 3) + "|"
    for outcome in outcomes:
        cells = [cell(outcome.table(measure)) for measure in MEASURES]
        minutes = np.mean(outcome.seconds) / 60
        yield f"| {outcome.name} | {len(outcome.scores)} | {' | '.join(cells)} | {minutes:.0f} |"
    for outcome in outcomes[1:]:
        yield ""
        gains = []
        for measure in MEASURES:
            low, high = two_level_interval(outcome.table(measure), outcomes[0].table(measure))
            gain = outcome.table(measure).mean() - outcomes[0].table(measure).mean()
            gains.append(f"{measure} {gain:+.4f} ({low:+.4f} to {high:+.4f})")
        yield f"{outcome.name} against {outcomes[0].name}, the same pictures: {', '.join(gains)}."


def cell(table: NDArray[np.float64]) -> str:
    low, high = two_level_interval(table)
    spread = f" ± {table.mean(1).std(ddof=1):.4f}" if len(table) > 1 else ""
    return f"{table.mean():.4f} ({low:.4f} to {high:.4f}){spread}"


def two_level_interval(table: NDArray[np.float64], against: NDArray[np.float64] | None = None) -> tuple[float, float]:
    """The 95 % bootstrap interval of the mean of (seeds, pictures), both drawn anew; or of the gain over another arm.

    The other arm gets the same pictures in every draw, and seeds of its own.
    """
    rng = np.random.default_rng(0)
    draws = np.empty(DRAWS)
    for index in range(DRAWS):
        pictures = rng.integers(table.shape[1], size=table.shape[1])
        draws[index] = table[rng.integers(len(table), size=len(table))][:, pictures].mean()
        if against is not None:
            draws[index] -= against[rng.integers(len(against), size=len(against))][:, pictures].mean()
    low, high = np.percentile(draws, [2.5, 97.5])
    return float(low), float(high)
