"""A trained model judged on labelled pictures, with all that a report shows of it."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from deepetch.arrays import Alpha
from deepetch.datasets.example import Example, read_example
from deepetch.datasets.pack import BACKGROUNDS, Pack
from deepetch.evaluate import (
    Score,
    by_kind,
    by_size,
    intervals,
    means,
    pixel_reliability,
    predict,
    score_prediction,
)
from deepetch.photo.photo import Photo
from deepetch.photo.view import working_view
from deepetch.report.gallery import Gallery, Picture, choose_pictures
from deepetch.report.report import Arm, Cost
from deepetch.segment.segment import Segmenter

SHOWN = ("iou", "boundary_f", "mae", "sad")  # measures beside each picture


class Labelled(NamedTuple):
    """A photo with its true alpha (h, w) float32 in [0, 1]."""

    photo: Photo
    true: Alpha
    name: str
    kind: str
    source: str


@dataclass(frozen=True, eq=False, kw_only=True)
class Assessment:
    """How a model did: the score of every picture, some of the pictures, and milliseconds a picture (the median)."""

    scores: Sequence[Score]
    gallery: Gallery
    milliseconds: float


def from_examples(examples: Iterable[Example]) -> Iterator[Labelled]:
    """The pictures of a data set that show a subject, at full size. Raises what `read_example` raises."""
    for example in examples:
        if example.has_subject:
            photo, true = read_example(example)
            yield Labelled(photo, true, example.name, example.kind, example.source)


def from_pack(pack: Pack, *, split: str) -> Iterator[Labelled]:
    """The pictures of a pack's split that show a subject, at the pack's size, without the reflection around them."""
    for index in pack.select(split=split):
        row = pack.rows[index]
        if row["kind"] == BACKGROUNDS:
            continue
        top, left, bottom, right = np.rint(pack.content[index] * pack.size).astype(int)
        inside = slice(top, bottom), slice(left, right)
        samples = np.ascontiguousarray(pack.images[index][inside])
        true = pack.alphas[index][inside].astype(np.float32) / np.float32(255)
        yield Labelled(Photo(samples=samples, space="rgb", format="png"), true, row["name"], row["kind"], row["source"])


def assess(model: Segmenter, pictures: Iterable[Labelled], *, shown: int = 4) -> Assessment:
    """Run a model on labelled pictures, one after the other.

    shown    so many of the worst, the median and the best pictures are kept for a report.
    Raises   ModelMismatch when the model cannot be used.
    """
    scores: list[Score] = []
    seconds: list[float] = []

    def judged() -> Iterator[Picture]:
        for photo, true, name, kind, source in pictures:
            began = time.perf_counter()
            prediction = predict(model, photo)
            seconds.append(time.perf_counter() - began)
            scores.append(score_prediction(prediction, true, name=name, kind=kind, source=source))
            yield Picture(
                name=name,
                kind=kind,
                view=working_view(photo),
                true=true,
                predicted=prediction.alpha,
                scores={measure: getattr(scores[-1], measure) for measure in SHOWN},
            )

    gallery = choose_pictures(judged(), count=shown)
    milliseconds = 1000 * float(np.median(seconds)) if seconds else 0.0
    return Assessment(scores=scores, gallery=gallery, milliseconds=milliseconds)


def assessed(arm: Arm, assessment: Assessment, *, model: Path, parameters: int | None, measured_on: str) -> Arm:
    """An arm of a report with what its model was judged to be; `model` is its ONNX file."""
    return replace(
        scored(arm, assessment.scores),
        gallery=assessment.gallery,
        cost=Cost(
            ms_per_picture=assessment.milliseconds,
            measured_on=measured_on,
            file_bytes=model.stat().st_size,
            parameters=parameters,
        ),
    )


def scored(arm: Arm, scores: Sequence[Score]) -> Arm:
    """An arm of a report with its scores by kind and size, its calibration and its confidence."""
    kinds, sizes = by_kind(scores), by_size(scores)
    groups: dict[str, Any] = {"kind": kinds | ({"all": list(scores)} if len(kinds) > 1 else {}), "size": sizes}
    return replace(
        arm,
        scores={word: [{word: name} | _row(group) for name, group in found.items()] for word, found in groups.items()},
        reliability=[point for point in pixel_reliability(scores).points if point[2]],
        confidence=[(score.confidence, score.iou) for score in scores],
    )


def _row(scores: Sequence[Score]) -> dict[str, Any]:
    """n, and of each measure the mean and its 95 % interval."""
    row: dict[str, Any] = dict(means(scores))
    for measure, (low, high) in intervals(scores).items():
        row |= {f"{measure}_low": low, f"{measure}_high": high}
    return row
