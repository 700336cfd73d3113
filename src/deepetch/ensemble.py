"""The weights with which a segmenter and a Mask R-CNN are one model, chosen on labelled pictures."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from deepetch.arrays import Alpha
from deepetch.datasets.example import Example, read_example
from deepetch.measure.region import intersection_over_union
from deepetch.photo.atomic import atomic_output
from deepetch.photo.view import working_view
from deepetch.segment.ensemble import Ensemble, EnsembleWeights, combined
from deepetch.segment.instances import find_instances, union
from deepetch.segment.segment import ensemble_text
from deepetch.segment.unet import segment_by_network, view_side

MASK_WEIGHTS = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0)
BEYOND_WEIGHTS = (0.0, 0.25, 0.5, 0.75, 1.0)
ALIKE = 0.001  # a gain in IoU that no choice is made by


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """The weights, their mean IoU, and that of each of the two models alone."""

    weights: EnsembleWeights
    iou: float
    segmenter: float
    instances: float


def choose_weights(
    model: Ensemble, examples: Sequence[Example], *, progress: Callable[[int], None] = lambda done: None
) -> Chosen:
    """Find the weights with the highest mean IoU over pictures, on the segmenter's own grid.

    Of those within 0.001 of the best the nearest to the segmenter alone is taken: the first, in the order of
    MASK_WEIGHTS and, falling, of BEYOND_WEIGHTS.
    Raises  ValueError without a picture; what `read_example` raises; ModelMismatch.
    """
    if not examples:
        raise ValueError("no picture to choose by")
    grid = [
        EnsembleWeights(mask=mask, beyond=beyond)
        for mask, beyond in itertools.product(MASK_WEIGHTS, reversed(BEYOND_WEIGHTS))
    ]
    rows = []
    for done, example in enumerate(examples, 1):
        photo, true = read_example(example)
        view = working_view(photo, view_side(model.spec, photo.height, photo.width))
        drawn = segment_by_network(model.drawer, view).alpha
        found = find_instances(model.proposer, view)
        truth = _reduced(true, drawn) >= 0.5
        scores = [intersection_over_union(combined(drawn, found, one) >= 0.5, truth) for one in grid]
        alone = intersection_over_union(union(found, drawn.shape[0], drawn.shape[1]) >= 0.5, truth)
        rows.append([*scores, alone])
        progress(done)
    *means, instances = np.mean(rows, axis=0).tolist()
    best = next(index for index, mean in enumerate(means) if mean >= max(means) - ALIKE)
    return Chosen(weights=grid[best], iou=means[best], segmenter=means[0], instances=instances)


def write_ensemble(
    path: Path, drawer: str, proposer: str, weights: EnsembleWeights, *, overwrite: bool = False
) -> None:
    """Write the TOML that `load_segmenter` reads; files are named by their whole paths.

    Raises  OutputExists, OutputFailed.
    """
    names = [str(Path(name).resolve()) if Path(name).is_file() else name for name in (drawer, proposer)]
    with atomic_output(path, overwrite=overwrite) as temporary:
        temporary.write_text(ensemble_text(names[0], names[1], weights), encoding="utf-8")


def _reduced(true: Alpha, like: Alpha) -> Alpha:
    return np.asarray(cv2.resize(true, (like.shape[1], like.shape[0]), interpolation=cv2.INTER_AREA), np.float32)
