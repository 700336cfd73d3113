"""Any ONNX model on any labelled set: a row of measures for each picture, and their means."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass

import numpy as np

from deepetch.arrays import Alpha, full_scale
from deepetch.datasets.example import Example, read_example
from deepetch.inference.session import Model
from deepetch.matte.clean import clean_alpha
from deepetch.matte.upsample import upsample_alpha
from deepetch.measure.alpha import mean_absolute_error, mean_squared_error, sum_of_absolute_differences
from deepetch.measure.boundary import boundary_f
from deepetch.measure.confidence import calibrated, expected_iou
from deepetch.measure.region import dice, intersection_over_union
from deepetch.options import MatteOptions
from deepetch.photo.photo import Photo
from deepetch.photo.view import working_view
from deepetch.segment.unet import predict_alpha

MEASURES = ("iou", "dice", "mae", "boundary_f", "sad", "mse")


@dataclass(frozen=True, kw_only=True)
class Score:
    """The measures of one picture; binary ones at alpha >= 0.5, boundary tolerance 2/512 of the longer side.

    raw_confidence, confidence  before and after the model's calibration.
    """

    name: str
    kind: str
    source: str
    iou: float
    dice: float
    mae: float
    boundary_f: float
    sad: float
    mse: float
    raw_confidence: float
    confidence: float


def evaluate(
    model: Model,
    examples: Iterable[Example],
    options: MatteOptions = MatteOptions(),
) -> Iterator[Score]:
    """Score a model on labelled pictures, one by one, at the masks' full size.

    Raises  what `read_example` and `predict_alpha` raise.
    """
    for example in examples:
        photo, true = read_example(example)
        yield score(model, photo, true, options, name=example.name, kind=example.kind, source=example.source)


def score(
    model: Model, photo: Photo, true: Alpha, options: MatteOptions, *, name: str, kind: str, source: str = ""
) -> Score:
    """Score a model on one photo with its true alpha (h, w) float32 in [0, 1]."""
    coarse = clean_alpha(predict_alpha(model, working_view(photo, model.spec.input_size)), options)
    levels = upsample_alpha(photo.samples, coarse, options)
    predicted = levels.astype(np.float32) / np.float32(full_scale(levels))
    raw = expected_iou(coarse)
    mask, truth = predicted >= 0.5, true >= 0.5
    return Score(
        name=name,
        kind=kind,
        source=source,
        iou=intersection_over_union(mask, truth),
        dice=dice(mask, truth),
        mae=mean_absolute_error(predicted, true),
        boundary_f=boundary_f(mask, truth),
        sad=sum_of_absolute_differences(predicted, true),
        mse=mean_squared_error(predicted, true),
        raw_confidence=raw,
        confidence=calibrated(raw, model.spec.calibration),
    )


def means(scores: Sequence[Score]) -> dict[str, float]:
    """n and the mean of every measure over pictures; {"n": 0} when there is none."""
    if not scores:
        return {"n": 0}
    rows = [asdict(item) for item in scores]
    return {"n": len(rows)} | {measure: float(np.mean([row[measure] for row in rows])) for measure in MEASURES}


def bootstrap_interval(values: Sequence[float], *, draws: int = 2000, seed: int = 0) -> tuple[float, float]:
    """The 95 % percentile interval of the mean (Efron 1979): resample the pictures, take the 2.5 and 97.5 %.

    Raises  ValueError for no value.
    """
    if not values:
        raise ValueError("no value to resample")
    sample = np.random.default_rng(seed).choice(np.asarray(values, float), (draws, len(values)))
    low, high = np.percentile(sample.mean(axis=1), [2.5, 97.5])
    return float(low), float(high)
