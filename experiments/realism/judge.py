"""How well two sides of pictures are told apart, by folds, with intervals over pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import network
import numpy as np
from numpy.typing import NDArray
from patches import Patches
from pictures import Picture, fold_numbers
from traits import TRAITS

DRAWS = 1000
RIDGE = 1.0  # penalty of the baseline's weights, in standardised statistics


@dataclass(frozen=True)
class Auc:
    """The area under the receiver operating characteristic, and its 95 % interval."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.3f} ({self.low:.3f} to {self.high:.3f})"


@dataclass(frozen=True, eq=False)
class Verdict:
    """What telling patches apart came to; `scores` (pictures, patches), higher means rendered."""

    patches: Auc
    pictures: Auc
    scores: NDArray[np.float64]


def tell_patches(
    pictures: Sequence[Picture],
    patches: Patches,
    first: str,
    *,
    folds: int,
    steps: int,
    seed: int,
    widths: tuple[int, ...] = network.WIDTHS,
) -> Verdict:
    """Tell the pictures of side `first` from the others by their patches.

    There is a network for each fold, which never saw the pictures it judges. Both sides have at least `folds` pictures.
    """
    fold = fold_numbers(pictures, folds, seed=seed)
    rendered = np.array([picture.kind == first for picture in pictures])
    count = patches.levels.shape[1]
    scores = np.empty((len(pictures), count))
    for number in range(folds):
        seen, judged = fold != number, fold == number
        trained = network.fit(
            patches.levels[seen].reshape(-1, *patches.levels.shape[2:]),
            np.repeat(rendered[seen], count),
            steps=steps,
            seed=seed + number,
            widths=widths,
        )
        told = network.logits(trained, patches.levels[judged].reshape(-1, *patches.levels.shape[2:]))
        scores[judged] = told.reshape(-1, count)
    return Verdict(
        patches=auc(scores, rendered, fold, seed=seed),
        pictures=auc(scores.mean(1, keepdims=True), rendered, fold, seed=seed),
        scores=scores,
    )


def tell_traits(
    pictures: Sequence[Picture], table: NDArray[np.float64], first: str, *, folds: int, seed: int
) -> tuple[Auc, dict[str, float]]:
    """Tell them apart by a logistic regression on the statistics of style, on the same folds.

    table    (pictures, TRAITS).
    Returns  the AUC over pictures, and the weight of each statistic in its own deviations, mean over folds, the
             heaviest first: above 0 speaks for `first`. What is unknown of a picture counts as the median.
    """
    fold = fold_numbers(pictures, folds, seed=seed)
    rendered = np.array([picture.kind == first for picture in pictures])
    chosen = [index for index, trait in enumerate(TRAITS) if trait.style]
    values = table[:, chosen]
    scores, weights = np.empty((len(pictures), 1)), np.zeros(len(chosen))
    for number in range(folds):
        seen = fold != number
        middle = np.array([_median(column) for column in values[seen].T])
        known = np.where(np.isfinite(values), values, middle)
        deviation = known[seen].std(0)
        scaled = (known - known[seen].mean(0)) / np.where(deviation > 0, deviation, 1)
        fitted = fit_logistic(scaled[seen], rendered[seen])
        scores[~seen, 0] = scaled[~seen] @ fitted[1:] + fitted[0]
        weights += fitted[1:] / folds
    named = {TRAITS[index].name: float(weight) for index, weight in zip(chosen, weights, strict=True)}
    return auc(scores, rendered, fold, seed=seed), dict(sorted(named.items(), key=lambda item: -abs(item[1])))


def fit_logistic(values: NDArray[np.float64], rendered: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Intercept and weights of a logistic regression, both sides of equal weight, by Newton's method.

    values  (n, statistics), standardised; the weights are held small by a ridge, the intercept is not.
    """
    design = np.column_stack([np.ones(len(values)), values])
    share = np.where(rendered, 0.5 / rendered.mean(), 0.5 / (1 - rendered.mean()))
    penalty = np.diag([0.0] + [RIDGE] * values.shape[1])
    fitted = np.zeros(design.shape[1])
    for _ in range(30):
        chance = 1 / (1 + np.exp(-np.clip(design @ fitted, -30, 30)))
        gradient = design.T @ (share * (rendered - chance)) - penalty @ fitted
        curvature = (design.T * (share * chance * (1 - chance))) @ design + penalty
        step = np.linalg.solve(curvature + 1e-9 * np.eye(len(fitted)), gradient)
        fitted += step
        if np.abs(step).max() < 1e-8:
            break
    return fitted


def auc(scores: NDArray[np.float64], rendered: NDArray[np.bool_], fold: NDArray[np.intp], *, seed: int) -> Auc:
    """The share of pairs, one of each side, that scores put in the right order; equal scores count half.

    scores  (pictures, patches). Only pairs of one fold count, since two networks' scores are not on one scale; every
            fold has pictures of both sides.
    The interval is the bootstrap's, over pictures: of each fold and side as many are drawn anew.
    """
    draw = np.random.default_rng(seed)
    right, redrawn, pairs = 0.0, np.zeros(DRAWS), 0
    for number in np.unique(fold):
        ours, theirs = scores[(fold == number) & rendered], scores[(fold == number) & ~rendered]
        won = _won(ours, theirs)
        # how often each picture is drawn: all that a draw's sum over pairs depends on
        times = [draw.multinomial(len(side), np.full(len(side), 1 / len(side)), size=DRAWS) for side in (ours, theirs)]
        right += won.sum()
        redrawn += ((times[0] @ won) * times[1]).sum(1)
        pairs += won.size
    low, high = np.percentile(redrawn / pairs, (2.5, 97.5))
    return Auc(right / pairs, float(low), float(high))


def _won(ours: NDArray[np.float64], theirs: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n, m) shares of pairs of patches of two pictures in which ours is higher, of (n, patches) and (m, patches)."""
    won = [
        (np.searchsorted(row, ours, "left") + np.searchsorted(row, ours, "right")).mean(1) / (2 * row.size)
        for row in np.sort(theirs, axis=1)
    ]
    return np.stack(won, axis=1)


def _median(column: NDArray[np.float64]) -> float:
    known = column[np.isfinite(column)]
    return float(np.median(known)) if known.size else 0.0
