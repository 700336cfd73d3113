"""How far two alphas are apart."""

from __future__ import annotations

import numpy as np

from deepetch.arrays import Alpha, Mask, require_alpha, require_mask
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


def require_alphas(predicted: Alpha, true: Alpha, within: Mask | None = None) -> None:
    """Raise InvalidArray unless both are alphas of one shape, and `within`, when given, is a mask of that shape."""
    require_alpha(predicted, "predicted")
    require_alpha(true, "true")
    if predicted.shape != true.shape:
        raise InvalidArray(f"expected two alphas of one shape; got {predicted.shape} and {true.shape}.")
    if within is not None:
        require_mask(within, "within")
        if within.shape != true.shape:
            raise InvalidArray(f"within: expected a mask of {true.shape} like the alphas; got {within.shape}.")


def _difference(predicted: Alpha, true: Alpha) -> Alpha:
    require_alphas(predicted, true)
    return predicted - true
