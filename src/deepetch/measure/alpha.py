"""How far two alphas are apart."""

from __future__ import annotations

import numpy as np

from deepetch.arrays import Alpha, require_alpha
from deepetch.errors import InvalidArray


def mean_absolute_error(predicted: Alpha, true: Alpha) -> float:
    """Mean of |p - t|, in [0, 1]; 0 for empty arrays. Both (h, w) float32 in [0, 1], else InvalidArray."""
    difference = _difference(predicted, true)
    return float(np.abs(difference).mean()) if difference.size else 0.0


def mean_squared_error(predicted: Alpha, true: Alpha) -> float:
    """Mean of (p - t)^2, in [0, 1]; 0 for empty arrays. Both (h, w) float32 in [0, 1], else InvalidArray."""
    difference = _difference(predicted, true)
    return float(np.square(difference).mean()) if difference.size else 0.0


def sum_of_absolute_differences(predicted: Alpha, true: Alpha) -> float:
    """Sum of |p - t| over all pixels, in thousands (Rhemann et al. 2009). Both (h, w) float32 in [0, 1]."""
    return float(np.abs(_difference(predicted, true)).sum(dtype=np.float64) / 1000)


def _difference(predicted: Alpha, true: Alpha) -> Alpha:
    require_alpha(predicted, "predicted")
    require_alpha(true, "true")
    if predicted.shape != true.shape:
        raise InvalidArray(f"expected two alphas of one shape; got {predicted.shape} and {true.shape}.")
    return predicted - true
