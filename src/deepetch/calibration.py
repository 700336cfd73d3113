"""Teach an exported model what its confidence is worth: fit on labelled pictures, stored in the model's own file."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np

from deepetch.datasets.example import Example
from deepetch.evaluate import evaluate
from deepetch.inference.session import load_model
from deepetch.measure.confidence import calibrate
from deepetch.training.export import describe_file


def calibrate_model(path: Path, examples: Iterable[Example]) -> list[tuple[float, float]]:
    """Run the ONNX file on labelled pictures that it was not trained on, and write the knots into it.

    Returns  the knots, from raw confidence to the IoU observed; see `measure.confidence`.
    """
    scores = list(evaluate(load_model(str(path)), examples))
    knots = calibrate(np.array([s.raw_confidence for s in scores]), np.array([s.iou for s in scores]))
    describe_file(path, {"calibration": knots})
    return knots
