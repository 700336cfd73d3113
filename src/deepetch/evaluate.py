"""Any ONNX model on any labelled set: a row of measures for each picture, their means, and how sure those are.

`MEASURES` is the one table of what is measured: everything that is compared is compared by it. To run a model once and
use its alpha for more than its score, call `predict` and give the answer to `score_prediction`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from deepetch.arrays import Alpha, Levels, Mask, full_scale, require_alpha
from deepetch.datasets.example import Example, read_example
from deepetch.matte.clean import clean_alpha
from deepetch.matte.refine import refine_alpha
from deepetch.measure.alpha import mean_absolute_error, mean_squared_error, sum_of_absolute_differences
from deepetch.measure.boundary import boundary_f, boundary_iou
from deepetch.measure.calibration import NO_PIXELS, Reliability, reliability
from deepetch.measure.confidence import calibrated, expected_iou
from deepetch.measure.connectivity import connectivity_error
from deepetch.measure.gradient import gradient_error
from deepetch.measure.region import accuracy, dice, intersection_over_union, precision, recall
from deepetch.measure.saliency import adaptive_e_measure, e_measure, s_measure, weighted_f
from deepetch.options import MatteOptions
from deepetch.photo.photo import Photo
from deepetch.photo.view import working_view
from deepetch.segment.segment import Segmenter, segment
from deepetch.segment.unet import view_side

Size = Literal["none", "small", "medium", "large"]
SMALL, LARGE = 0.05, 0.25  # of the frame: a smaller subject is small, a larger one large
BLOCK = 4_000_000  # drawn indices of a bootstrap held at a time


@dataclass(frozen=True, eq=False)
class Pair:
    """What a model predicted and what is true: alphas (h, w) float32 in [0, 1] and their masks, alpha >= 0.5."""

    predicted: Alpha
    true: Alpha
    mask: Mask
    truth: Mask
    reliability: Reliability


@dataclass(frozen=True)
class Measure:
    """A row of the table of measures.

    of         the measure of a pair.
    best       its value when all is right: 1 or 0.
    one_empty  its value when just one of the masks is empty; None: no special case, the formula as it stands.
    """

    of: Callable[[Pair], float]
    best: float
    one_empty: float | None


MEASURES: dict[str, Measure] = {
    "iou": Measure(lambda pair: intersection_over_union(pair.mask, pair.truth), 1, 0),
    "dice": Measure(lambda pair: dice(pair.mask, pair.truth), 1, 0),
    "mae": Measure(lambda pair: mean_absolute_error(pair.predicted, pair.true), 0, None),
    "boundary_f": Measure(lambda pair: boundary_f(pair.mask, pair.truth), 1, 0),
    "sad": Measure(lambda pair: sum_of_absolute_differences(pair.predicted, pair.true), 0, None),
    "mse": Measure(lambda pair: mean_squared_error(pair.predicted, pair.true), 0, None),
    "accuracy": Measure(lambda pair: accuracy(pair.mask, pair.truth), 1, None),
    "precision": Measure(lambda pair: precision(pair.mask, pair.truth), 1, 0),
    "recall": Measure(lambda pair: recall(pair.mask, pair.truth), 1, 0),
    "boundary_iou": Measure(lambda pair: boundary_iou(pair.mask, pair.truth), 1, 0),
    "gradient_error": Measure(lambda pair: gradient_error(pair.predicted, pair.true), 0, None),
    "connectivity_error": Measure(lambda pair: connectivity_error(pair.predicted, pair.true), 0, None),
    "s_measure": Measure(lambda pair: s_measure(pair.predicted, pair.truth), 1, 0),
    "e_measure": Measure(lambda pair: e_measure(pair.predicted, pair.truth), 1, 0),
    "adaptive_e_measure": Measure(lambda pair: adaptive_e_measure(pair.predicted, pair.truth), 1, 0),
    "weighted_f": Measure(lambda pair: weighted_f(pair.predicted, pair.truth), 1, 0),
    "calibration_error": Measure(lambda pair: pair.reliability.error, 0, None),
}


@dataclass(frozen=True, kw_only=True)
class Score:
    """The measures of one picture, each as its function in `measure` defines it.

    Binary ones at alpha >= 0.5; boundary F within 2/512 of the longer side; boundary IoU in a band of 2 % of the
    diagonal; sums in thousands. Both masks empty is perfect; one empty is the worst there is, where there is a worst.
    raw_confidence, confidence  before and after the model's calibration.
    presence     as the model says it.
    subject      the true mask's share of the frame, in [0, 1].
    reliability  the picture's pixels in bins of alpha; add them up over pictures for the curve of a whole set.
    """

    name: str
    kind: str
    source: str
    subject: float
    iou: float
    dice: float
    mae: float
    boundary_f: float
    sad: float
    mse: float
    accuracy: float
    precision: float
    recall: float
    boundary_iou: float
    gradient_error: float
    connectivity_error: float
    s_measure: float
    e_measure: float
    adaptive_e_measure: float
    weighted_f: float
    calibration_error: float
    reliability: Reliability
    raw_confidence: float
    confidence: float
    presence: float

    @property
    def size(self) -> Size:
        return size_of(self.subject)


@dataclass(frozen=True, eq=False, kw_only=True)
class Prediction:
    """What a contestant says of one photo.

    levels  (h, w) uint8 or uint16, the alpha at the photo's full size.
    coarse  (h, w) float32 in [0, 1], the alpha that it was enlarged from.
    raw_confidence, confidence  the IoU that the contestant expects, before and after its calibration.
    presence  probability in [0, 1] that the photo shows a subject; 1 from one that does not tell.
    """

    levels: Levels
    coarse: Alpha
    raw_confidence: float
    confidence: float
    presence: float = 1.0

    @property
    def alpha(self) -> Alpha:
        """(h, w) float32 in [0, 1], at the photo's full size; made anew at each call."""
        return self.levels.astype(np.float32) / np.float32(full_scale(self.levels))


def evaluate(
    model: Segmenter,
    examples: Iterable[Example],
    options: MatteOptions = MatteOptions(),
) -> Iterator[Score]:
    """Score a model on labelled pictures, one by one, at the masks' full size.

    Raises  what `read_example` and `segment` raise.
    """
    for example in examples:
        photo, true = read_example(example)
        yield score(model, photo, true, options, name=example.name, kind=example.kind, source=example.source)


def score(
    model: Segmenter, photo: Photo, true: Alpha, options: MatteOptions, *, name: str, kind: str, source: str = ""
) -> Score:
    """Score a model on one photo with its true alpha (h, w) float32 in [0, 1]."""
    return score_prediction(predict(model, photo, options), true, name=name, kind=kind, source=source)


def predict(model: Segmenter, photo: Photo, options: MatteOptions = MatteOptions()) -> Prediction:
    """Run a model on one photo: what `score` measures, and what a report shows.

    Raises  ModelMismatch when the model cannot be used.
    """
    found = segment(model, working_view(photo, view_side(model.spec, *photo.samples.shape[:2])))
    coarse = clean_alpha(found.alpha, options)
    raw = expected_iou(coarse)
    return Prediction(
        levels=refine_alpha(photo.samples, coarse, options),
        coarse=coarse,
        raw_confidence=raw,
        confidence=calibrated(raw, model.spec.calibration),
        presence=found.presence,
    )


def score_prediction(prediction: Prediction, true: Alpha, *, name: str, kind: str, source: str = "") -> Score:
    """Score a prediction, whoever made it, against the true alpha (h, w) float32 in [0, 1] of the same size.

    Raises  InvalidArray when sizes differ or `true` is no alpha.
    """
    pair = paired(prediction.alpha, true)
    return Score(
        name=name,
        kind=kind,
        source=source,
        subject=np.count_nonzero(pair.truth) / max(1, true.size),
        reliability=pair.reliability,
        raw_confidence=prediction.raw_confidence,
        confidence=prediction.confidence,
        presence=prediction.presence,
        **{measure: row.of(pair) for measure, row in MEASURES.items()},
    )


def paired(predicted: Alpha, true: Alpha) -> Pair:
    """What the measures take, from two alphas (h, w) float32 in [0, 1] of one shape, else InvalidArray."""
    require_alpha(predicted, "predicted")
    require_alpha(true, "true")
    return Pair(predicted, true, predicted >= 0.5, true >= 0.5, reliability(predicted, true))


def size_of(subject: float) -> Size:
    """A subject's size by its share of the frame: below 5 % small, to 25 % medium, above large; 0 is none."""
    if subject == 0:
        return "none"
    if subject < SMALL:
        return "small"
    return "medium" if subject <= LARGE else "large"


def by_kind(scores: Sequence[Score]) -> dict[str, list[Score]]:
    """The scores of each kind of picture, kinds in the order of the alphabet."""
    return {kind: [item for item in scores if item.kind == kind] for kind in sorted({item.kind for item in scores})}


def by_size(scores: Sequence[Score]) -> dict[Size, list[Score]]:
    """The scores of each size of subject that there is, small to large."""
    sizes: tuple[Size, ...] = ("none", "small", "medium", "large")
    return {size: found for size in sizes if (found := [item for item in scores if item.size == size])}


def means(scores: Sequence[Score]) -> dict[str, float]:
    """n and the mean of every measure over pictures, in the order of MEASURES; {"n": 0} when there is none."""
    if not scores:
        return {"n": 0}
    return {"n": len(scores)} | dict(zip(MEASURES, score_table(scores).mean(axis=0).tolist(), strict=True))


def intervals(scores: Sequence[Score], *, draws: int = 2000, seed: int = 0) -> dict[str, tuple[float, float]]:
    """The `bootstrap_interval` of every measure, all by the same drawn pictures; {} when there is no score."""
    if not scores:
        return {}
    low, high = bootstrap_intervals(score_table(scores), draws=draws, seed=seed)
    return dict(zip(MEASURES, zip(low.tolist(), high.tolist(), strict=True), strict=True))


def pixel_reliability(scores: Iterable[Score]) -> Reliability:
    """The pixels of all the pictures together: their calibration curve, and the error of it."""
    return sum((item.reliability for item in scores), start=NO_PIXELS)


def bootstrap_interval(values: Sequence[float], *, draws: int = 2000, seed: int = 0) -> tuple[float, float]:
    """The 95 % percentile interval of the mean (Efron 1979): resample the pictures, take the 2.5 and 97.5 %.

    Raises  ValueError for no value.
    """
    if not values:
        raise ValueError("no value to resample")
    low, high = bootstrap_intervals(np.asarray(values, float)[:, None], draws=draws, seed=seed)
    return float(low[0]), float(high[0])


def score_table(scores: Sequence[Score]) -> NDArray[np.float64]:
    """(pictures, measures) float64, the measures in the order of MEASURES."""
    return np.array([[getattr(item, measure) for measure in MEASURES] for item in scores], np.float64).reshape(
        len(scores), len(MEASURES)
    )


def bootstrap_intervals(
    values: NDArray[np.float64], *, draws: int = 2000, seed: int = 0
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The `bootstrap_interval` of each column of (n, m), all by the same drawn rows: (m,) low, (m,) high; n >= 1."""
    generator = np.random.default_rng(seed)
    n = len(values)
    means = []
    for start in range(0, draws, block := max(1, BLOCK // n)):
        index = generator.integers(0, n, (min(block, draws - start), n))
        # how often each row was drawn, times the rows: one product serves every column
        times = np.stack([np.bincount(row, minlength=n) for row in index])
        means.append(times @ values / n)
    low, high = np.percentile(np.concatenate(means), [2.5, 97.5], axis=0)
    # a mean of drawn values lies among them; sums round
    least, most = values.min(axis=0), values.max(axis=0)
    return np.clip(low, least, most), np.clip(high, least, most)
