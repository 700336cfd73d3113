"""Whether what an alpha shows hangs together with the subject: loose specks and holes that a sum hardly sees."""

from __future__ import annotations

import cv2
import numpy as np

from deepetch.arrays import Alpha, Mask
from deepetch.measure.alpha import require_alphas

STEPS = 10  # levels of alpha looked at, 0.1 apart (Rhemann et al. 2009)
THETA = 0.15  # a lack of connection smaller than this does not count


def connectivity_error(predicted: Alpha, true: Alpha, *, within: Mask | None = None) -> float:
    """Sum of |phi(p) - phi(t)|, in thousands (Rhemann et al. 2009, with theta 0.15 and steps of 0.1).

    predicted, true  (h, w) float32 in [0, 1], of one shape, else InvalidArray.
    within           (h, w) bool, the pixels that count, such as a trimap's unknown ones; None: all.
    phi(a) = 1 - d where d = a - l is at least 0.15, else 1; l is the highest level at which the pixel belongs to the
    source: the largest 4-connected part of what both alphas hold at that level (of two equally large, one is taken).
    Without pixels: 0. An empty alpha is no special case: both empty is 0, one empty is the other's lack of connection.
    """
    require_alphas(predicted, true, within)
    if not true.size:
        return 0.0
    level = _connected_level(np.minimum(predicted, true))
    difference = np.abs(_lack(predicted, level) - _lack(true, level))
    return float(difference.sum(dtype=np.float64, where=True if within is None else within) / 1000)


def _lack(alpha: Alpha, level: Alpha) -> Alpha:
    """1 - phi."""
    lack = alpha - level
    lack[lack < np.float32(THETA)] = 0
    return lack


def _connected_level(shared: Alpha) -> Alpha:
    """The highest level up to which each pixel belongs, without a gap, to the source; 0 where it never does."""
    level = np.ones_like(shared)
    for step in range(STEPS, 0, -1):  # downwards: the lowest level that a pixel lacks has the last word
        level[~_largest_part(shared >= np.float32(step / STEPS))] = np.float32((step - 1) / STEPS)
    return level


def _largest_part(mask: Mask) -> Mask:
    _, labels, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=4, ltype=cv2.CV_32S)
    if len(stats) < 2:
        return np.zeros_like(mask)
    part: Mask = labels == 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA]))
    return part
