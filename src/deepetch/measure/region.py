"""How much of two masks agrees."""

from __future__ import annotations

import numpy as np

from deepetch.arrays import Mask, require_mask
from deepetch.errors import InvalidArray


def intersection_over_union(predicted: Mask, true: Mask) -> float:
    """|P and T| / |P or T|, in [0, 1] (Jaccard 1912). Both empty: 1; one empty: 0.

    predicted, true  (h, w) bool, of one shape, else InvalidArray.
    """
    require_pair(predicted, true)
    either = np.count_nonzero(predicted | true)
    return np.count_nonzero(predicted & true) / either if either else 1.0


def dice(predicted: Mask, true: Mask) -> float:
    """2 |P and T| / (|P| + |T|), in [0, 1] (Dice 1945). Both empty: 1; one empty: 0.

    predicted, true  (h, w) bool, of one shape, else InvalidArray.
    """
    require_pair(predicted, true)
    total = np.count_nonzero(predicted) + np.count_nonzero(true)
    return 2 * np.count_nonzero(predicted & true) / total if total else 1.0


def accuracy(predicted: Mask, true: Mask) -> float:
    """Share of pixels on which the masks agree, in [0, 1]; 1 for arrays without pixels. No case for empty masks.

    predicted, true  (h, w) bool, of one shape, else InvalidArray.
    """
    require_pair(predicted, true)
    return np.count_nonzero(predicted == true) / true.size if true.size else 1.0


def precision(predicted: Mask, true: Mask) -> float:
    """|P and T| / |P|, in [0, 1]: how much of what was taken is subject. Both empty: 1; one empty: 0.

    predicted, true  (h, w) bool, of one shape, else InvalidArray.
    """
    require_pair(predicted, true)
    taken = np.count_nonzero(predicted)
    return np.count_nonzero(predicted & true) / taken if taken else float(not true.any())


def recall(predicted: Mask, true: Mask) -> float:
    """|P and T| / |T|, in [0, 1]: how much of the subject was taken. Both empty: 1; one empty: 0.

    predicted, true  (h, w) bool, of one shape, else InvalidArray.
    """
    return precision(true, predicted)


def require_pair(predicted: Mask, true: Mask) -> None:
    """Raise InvalidArray unless both are (h, w) bool of one shape."""
    require_mask(predicted, "predicted")
    require_mask(true, "true")
    if predicted.shape != true.shape:
        raise InvalidArray(f"expected two masks of one shape; got {predicted.shape} and {true.shape}.")
